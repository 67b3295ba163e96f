"""What the ledger step writes, judged by the validation step."""

from __future__ import annotations

from pathlib import Path

import pytest

from edefter.config.settings import SourceSettings
from edefter.ledger.head import LedgerHead
from edefter.model.company import Branch
from edefter.model.files import Counters, LedgerPart
from edefter.model.finding import FindingLog
from edefter.model.identity import TaxId
from edefter.model.journal import JournalBatch, Voucher
from edefter.model.period import Period
from edefter.source.open import open_source
from edefter.source.port import ReadRequest
from edefter.validation import validate
from tests.support.building import build_part
from tests.unit.ledger.factory import company, head, line, two_vouchers, voucher

SAMPLES = Path(__file__).resolve().parents[3] / "samples"


def rules(part: LedgerPart) -> list[tuple[str, str, str]]:
    found = []
    for stored in (part.yevmiye, part.kebir):
        with stored.path.open("rb") as stream:
            report = validate(stream, stored.path.name, signed=False, own=True)
        found += [(f.rule, f.place.voucher, f.value) for f in report.findings]
    return found


def built(folder: Path, of: LedgerHead, vouchers: list[Voucher]) -> LedgerPart:
    part = build_part(
        [JournalBatch.from_vouchers(vouchers)] if vouchers else [],
        of,
        before=Counters(),
        numbering="source",
        folder=folder,
        findings=FindingLog(),
        may_be_empty=not vouchers,
    )
    assert part is not None
    return part


HEADS = {
    "full company": head(),
    "branch": head(branch=Branch(number="0042", name="Kadıköy Şubesi")),
    "books in euro": head(owner=company(book_currency="EUR")),
    "natural person": head(
        owner=company(tax_id=TaxId("10000000146"), title="Işıl Öğüt", website="", fax="")
    ),
    "special fiscal year": head(owner=company(fiscal_year_start_month=7)),
}


@pytest.mark.parametrize("of", HEADS.values(), ids=HEADS.keys())
def test_every_kind_of_head_is_valid(of: LedgerHead, tmp_path: Path) -> None:
    assert rules(built(tmp_path, of, two_vouchers())) == []


def test_an_empty_part_of_a_divided_month_is_valid(tmp_path: Path) -> None:
    of = head(part="000002")
    assert rules(built(tmp_path, of, [])) == []


def test_an_unbalanced_entry_is_named_with_its_voucher(tmp_path: Path) -> None:
    entry = voucher(1, line(1, "100", "10.00", "D"), line(2, "600", "9.99", "C"))
    found = rules(built(tmp_path, head(), [entry]))
    assert [(rule, number) for rule, number, _ in found] == [("Y-HDR-11", "F00001")]


def test_a_line_without_an_amount_above_zero_is_named(tmp_path: Path) -> None:
    entry = voucher(1, line(1, "100", "0.00", "D"), line(2, "600", "0.00", "C"))
    found = {rule for rule, _, _ in rules(built(tmp_path, head(), [entry]))}
    assert {"Y-DET-12", "K-DET-12"} <= found


@pytest.mark.parametrize("number", [1, 2])
def test_the_sample_company_is_valid(number: int, tmp_path: Path) -> None:
    period = Period(2026, number)
    settings = SourceSettings(kind="sql", url=f"sqlite:///{SAMPLES / 'ornek.sqlite'}")
    of = head(
        period=period,
        first_day=period.first_day,
        last_day=period.last_day,
        creation_date=period.next().first_day,
    )
    request = ReadRequest(company="001", branch="", first_day=of.first_day, last_day=of.last_day)
    findings = FindingLog()
    part = build_part(
        open_source("ornek", settings, lambda ref: "").read(request, findings),
        of,
        before=Counters(),
        numbering="rebase",
        folder=tmp_path,
        findings=findings,
    )
    assert part is not None
    assert rules(part) == []
