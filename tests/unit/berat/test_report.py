"""The defter raporu says of a month what its kebir parts add up to (lifecycle.md §7)."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from edefter.berat.report import build_report
from edefter.errors import DataError, InternalError
from edefter.model.company import Branch
from edefter.model.documents import Kind
from edefter.model.files import Counters, SignedFile, StoredFile
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch, Voucher
from edefter.sandbox.pki import SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file
from edefter.validation import validate
from edefter.validation.sets import Judged, check_set
from tests.support.building import build_part
from tests.support.signed_documents import NOW, VKN, seal_of
from tests.unit.ledger.factory import company, head, line, two_vouchers, voucher
from tests.unit.ledger.reading import canonical, texts, tree, without_declaration

NS = {"c": "http://www.xbrl.org/int/gl/cor/2006-10-25"}
ETTN = uuid.UUID("0a3cc0e4-687f-48b5-a313-4cb74d7cfbeb")
MADE = date(2026, 2, 3)
ACCOUNTS = ["100.01", "120.01", "120.02", "191", "320", "391", "600", "7701.5"]


@pytest.fixture(scope="module")
def seal(pki: SandboxPki) -> Pkcs12Seal:
    return seal_of(pki)


def books(seed: int, count: int) -> list[Voucher]:
    """Balanced vouchers over the whole of January."""
    chosen = random.Random(seed)
    made, number = [], 0
    for entry in range(1, count + 1):
        kurus = [chosen.randint(1, 10**9) for _ in range(chosen.randint(1, 4))]
        sides = [*(Decimal(k).scaleb(-2) for k in kurus)]
        lines = [line(None, chosen.choice(ACCOUNTS), str(amount), "D") for amount in sides]
        lines.append(line(None, chosen.choice(ACCOUNTS), str(sum(sides)), "C"))
        lines = [replace(each, line_no=number + i) for i, each in enumerate(lines, start=1)]
        number += len(lines)
        made.append(voucher(entry, *lines, day=1 + 30 * entry // count))
    return made


def kebirs(
    folder: Path,
    seal: Pkcs12Seal,
    vouchers: list[Voucher],
    cuts: tuple[int, ...] = (),
    **more: object,
) -> list[SignedFile]:
    """Signed kebir of each part; `cuts` are the first days of the parts after the first."""
    starts, before, signed = [1, *cuts], Counters(), []
    for index, (first, after) in enumerate(pairwise([*starts, 32])):
        mine = [v for v in vouchers if v.entered_date and first <= v.entered_date.day < after]
        part = build_part(
            [JournalBatch.from_vouchers(mine)] if mine else [],
            head(
                part=f"{index + 1:06d}" if cuts else "000000",
                first_day=date(2026, 1, first),
                last_day=date(2026, 1, after - 1),
                **more,
            ),
            before=before,
            numbering="source",
            folder=folder,
            findings=FindingLog(),
        )
        assert part is not None
        before = part.after
        (folder / "signed").mkdir(exist_ok=True)
        signed.append(sign_file(part.kebir, folder / "signed", seal, signing_time=NOW))
    return signed


def report_of(parts: list[SignedFile], folder: Path, **changes: object) -> StoredFile:
    return build_report(parts, folder, **{"ettn": ETTN, "creation_date": MADE, **changes})


def said(report: StoredFile) -> list[tuple[str, ...]]:
    fields = (
        "lineNumber", "account/c:accountMainID", "account/c:accountMainDescription", "amount",
        "debitCreditCode", "documentApplyToNumber", "xbrlInfo/c:xbrlInclude",
    )  # fmt: skip
    return [
        tuple(detail.findtext(f"c:{field}", "", NS) for field in fields)
        for detail in tree(report.path).findall(".//c:entryDetail", NS)
    ]


def test_gross_turnovers_and_how_many_lines(seal: Pkcs12Seal, tmp_path: Path) -> None:
    report = report_of(kebirs(tmp_path, seal, two_vouchers()), tmp_path)
    assert report.name.stem == f"{VKN}-202601-DR-000000"
    assert said(report) == [
        ("1", "100", "HESAP 100", "100.10", "D", "1", "period_change"),
        ("2", "100", "HESAP 100", "0.00", "C", "0", "period_change"),
        ("3", "102", "HESAP 102", "17.90", "D", "1", "period_change"),
        ("4", "102", "HESAP 102", "0.00", "C", "0", "period_change"),
        ("5", "120", "HESAP 120", "118.00", "D", "1", "period_change"),
        ("6", "120", "HESAP 120", "118.00", "C", "1", "period_change"),
        ("7", "600", "HESAP 600", "0.00", "D", "0", "period_change"),
        ("8", "600", "HESAP 600", "118.00", "C", "1", "period_change"),
    ]


def test_the_head_is_the_kebirs_but_for_what_a_report_says_itself(
    seal: Pkcs12Seal, tmp_path: Path
) -> None:
    (kebir,) = kebirs(tmp_path, seal, two_vouchers())
    report = tree(report_of([kebir], tmp_path, creation_date=date(2026, 2, 20)).path)
    ledger = tree(kebir.file.path)

    def leaves(document: etree._ElementTree, group: str) -> list[tuple[str, str]]:
        found = document.find(f".//c:{group}", NS)
        assert found is not None
        return [(str(e.tag), e.text or "") for e in found.iter() if not len(e)]

    assert leaves(report, "entityInformation") == leaves(ledger, "entityInformation")
    pairs = zip(leaves(report, "documentInfo"), leaves(ledger, "documentInfo"), strict=True)
    comment = f"1 Ocak 2026 - 31 Ocak 2026 arası {company().title}'ye ait Defter Raporu"
    changed = [own[1] for own, theirs in pairs if own != theirs]
    assert changed == ["trialbalance", "2026-02-20", comment]
    assert {e.get("contextRef", "now") for e in report.iter()} == {"now"}
    assert texts(report, ".//x:instant") == ["2026-02-20"]
    assert texts(report, ".//x:segment/c:uniqueID") == [str(ETTN)]


def judged(path: Path, *, signed: bool) -> Judged:
    with path.open("rb") as stream:
        return Judged(path, validate(stream, path.name, own=True, signed=signed))


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_with_the_kebirs_however_the_month_is_cut(
    seal: Pkcs12Seal, tmp_path: Path, seed: int
) -> None:
    """The validator, which counts by itself, has nothing to say; the cut makes no difference."""
    vouchers = books(seed, count=25)
    days = sorted(random.Random(seed).sample(range(2, 31), k=seed % 4))
    parts = kebirs(tmp_path, seal, vouchers, tuple(days))
    report = sign_file(
        report_of(parts[::-1], tmp_path), tmp_path / "signed", seal, signing_time=NOW
    )
    files = [judged(report.file.path, signed=True)]
    files += [judged(part.file.path, signed=True) for part in parts]
    for file in files:
        assert file.report.ok, [f.message_tr for f in file.report.findings]
    (together,) = check_set(files, own=True)
    assert not [f for f in together.findings if f.rule.startswith("R-")]
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for each in vouchers:
        for item in each.lines:
            sums[item.main_account, item.dc].append(item.amount)
    mains = sorted({main for main, _ in sums})
    assert [row[1:2] + row[3:6] for row in said(report.file)] == [
        (main, f"{sum(sums[main, side], Decimal(0)):.2f}", side, str(len(sums[main, side])))
        for main in mains
        for side in "DC"
    ]


def test_its_bytes_are_canonical(seal: Pkcs12Seal, tmp_path: Path) -> None:
    path = report_of(kebirs(tmp_path, seal, two_vouchers()), tmp_path).path
    assert canonical(path) == without_declaration(path)


def test_of_a_branch(seal: Pkcs12Seal, tmp_path: Path) -> None:
    branch = Branch(number="0001", name="Kadıköy Şubesi")
    (kebir,) = kebirs(tmp_path, seal, two_vouchers(), branch=branch)
    report = report_of([kebir], tmp_path)
    assert report.name.stem == f"{VKN}-202601-DR-000000-0001"
    (comment,) = texts(tree(report.path), ".//c:entriesComment")
    assert comment.endswith("'nin Kadıköy şubesine ait Defter Raporu")


def test_the_default_currency_of_any_part_is_the_reports(seal: Pkcs12Seal, tmp_path: Path) -> None:
    foreign = line(
        3, "102.05", "100.10", "D", amount_currency="TRY", original_amount="10",
        original_rate="10.01", original_currency="USD", original_rate_date=date(2026, 1, 20),
    )  # fmt: skip
    vouchers = [
        voucher(1, line(1, "100", "5.00", "D"), line(2, "600", "5.00", "C"), day=2),
        voucher(2, foreign, line(4, "100", "100.10", "C"), day=20),
    ]
    parts = kebirs(tmp_path, seal, vouchers, (10,))
    report = tree(report_of(parts, tmp_path).path)
    muc = "{http://www.xbrl.org/int/gl/muc/2006-10-25}defaultCurrency"
    assert [e.text for e in report.iter(muc)] == ["iso4217:TRY"]
    assert texts(report, ".//c:documentInfo/c:uniqueID") == ["KEB202601000001"]
    assert texts(report, ".//c:periodCoveredStart") == ["2026-01-01"]
    assert texts(report, ".//c:periodCoveredEnd") == ["2026-01-31"]


@pytest.mark.parametrize(
    ("left_out", "day"), [(0, "2026-01-01"), (1, "2026-01-10"), (2, "2026-01-20")]
)
def test_a_part_is_missing(seal: Pkcs12Seal, tmp_path: Path, left_out: int, day: str) -> None:
    parts = kebirs(tmp_path, seal, books(1, 20), (10, 20))
    del parts[left_out]
    with pytest.raises(DataError, match="report_gap") as refused:
        report_of(parts, tmp_path)
    assert day in refused.value.text("tr")
    assert not list(tmp_path.glob("*-DR-*"))


@pytest.mark.parametrize(
    "days", [((15, 31), (1, 15)), ((1, 31), (5, 6)), ((1, 20), (5, 6), (21, 31))]
)
def test_parts_out_of_order(
    seal: Pkcs12Seal, tmp_path: Path, days: tuple[tuple[int, int], ...]
) -> None:
    """They cover the month, but no month is divided like this."""
    signed = []
    for number, (first, last) in enumerate(days, start=1):
        part = build_part(
            [], head(part=f"{number:06d}", first_day=date(2026, 1, first),
                     last_day=date(2026, 1, last)),
            before=Counters(), numbering="source", folder=tmp_path, findings=FindingLog(),
            may_be_empty=True,
        )  # fmt: skip
        assert part is not None
        (tmp_path / "signed").mkdir(exist_ok=True)
        signed.append(sign_file(part.kebir, tmp_path / "signed", seal, signing_time=NOW))
    with pytest.raises(DataError, match="report_gap"):
        report_of(signed, tmp_path)


def test_what_it_is_not_made_from(seal: Pkcs12Seal, tmp_path: Path) -> None:
    (kebir,) = kebirs(tmp_path, seal, two_vouchers())
    other_kind = replace(kebir, file=replace(kebir.file, name=kebir.file.name.with_kind(Kind.Y)))
    for wrong in ([], [other_kind], [kebir, other_kind]):
        with pytest.raises(ValueError):
            report_of(wrong, tmp_path)
    kebir.file.path.write_bytes(kebir.file.path.read_bytes().replace(b"118.00", b"119.00", 1))
    with pytest.raises(InternalError, match="ledger_changed"):
        report_of([kebir], tmp_path)


def test_a_side_that_is_none_is_refused(seal: Pkcs12Seal, tmp_path: Path) -> None:
    (kebir,) = kebirs(tmp_path, seal, two_vouchers())
    data = kebir.file.path.read_bytes()
    for right, wrong in (
        (b">D</gl-cor:debit", b">X</gl-cor:debit"),
        (b">102</gl-cor:accountMainID", b"></gl-cor:accountMainID"),
    ):
        assert right in data
        kebir.file.path.write_bytes(data.replace(right, wrong, 1))
        with pytest.raises(DataError, match="ledger_unusable"):
            report_of([kebir], tmp_path)
