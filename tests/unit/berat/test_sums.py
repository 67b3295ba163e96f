"""Source, yevmiye, kebir, berats and defter raporu add up alike, whatever the company and month."""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edefter.berat.build import build_berat
from edefter.berat.report import build_report
from edefter.ledger.build import build_parts
from edefter.ledger.head_xml import END, prologue
from edefter.ledger.parts import SIGNATURE_BYTES
from edefter.model.company import Branch, Company
from edefter.model.documents import Kind
from edefter.model.files import Counters, LedgerPart, SignedFile, StoredFile
from edefter.model.finding import FindingLog
from edefter.model.identity import TaxId
from edefter.model.journal import JournalBatch, Voucher
from edefter.model.money import to_kurus
from edefter.model.turnover import Movements
from edefter.sandbox.pki import SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file
from edefter.validation import validate
from edefter.validation.sets import Judged, check_set
from tests.support.random_books import months
from tests.support.signed_documents import NOW, seal_of
from tests.unit.ledger.factory import company, head
from tests.unit.ledger.reading import texts, tree

CODES = ("100", "120.01", "191.20", "391.18", "391.20", "600.1", "601", "602.01", "770.1")
TAX = ("391", "191", "600", "601", "602")
Sums = Counter[tuple[str, str]]  # kuruş by main account and side


@pytest.fixture(scope="module")
def seal(pki: SandboxPki) -> Pkcs12Seal:
    return seal_of(pki)


@st.composite
def owners(draw: st.DrawFn) -> tuple[Company, Branch | None]:
    changes: dict[str, object] = {
        "title": draw(st.sampled_from(["Iğdır & Oğulları A.Ş.", "ŞİŞE <CAM> LTD. ŞTİ.", "Öz Ege"])),
        "fiscal_year_start_month": draw(st.sampled_from([1, 7])),
        "book_currency": draw(st.sampled_from(["TRY", "EUR"])),
    }
    if draw(st.booleans()):
        changes |= {"tax_id": TaxId("10000000146"), "title": "Işıl Öğüt"}
    branch = Branch(number="0042", name="Kadıköy & Şişli") if draw(st.booleans()) else None
    return company(**changes), branch


def of_source(vouchers: list[Voucher]) -> Sums:
    sums: Sums = Counter()
    for each in vouchers:
        for line in each.lines:
            sums[line.main_account, line.dc] += to_kurus(line.amount)
    return sums


def of_document(path: Path) -> Sums:
    """Read by lxml, without a word of ours."""
    root, sums = tree(path), Counter()
    for detail in root.iter("{http://www.xbrl.org/int/gl/cor/2006-10-25}entryDetail"):
        (main,) = texts(detail, "c:account/c:accountMainID")
        (amount,), (side,) = texts(detail, "c:amount"), texts(detail, "c:debitCreditCode")
        sums[main, side] += to_kurus(Decimal(amount))
    return sums


def counted(part: LedgerPart, kind: Kind) -> Movements:
    totals = part.yevmiye_totals if kind is Kind.Y else part.kebir_totals
    return Movements(entries=totals.entries, turnovers=part.turnovers)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(books=months(CODES), owner=owners(), entries_bytes=st.integers(16_000, 80_000))
def test_all_say_the_same(
    seal: Pkcs12Seal, books: list[Voucher], owner: tuple[Company, Branch | None], entries_bytes: int
) -> None:
    of = head(owner=owner[0], branch=owner[1])
    longest = max(len(prologue(of, k, 1, multi_currency=True).encode()) for k in (Kind.Y, Kind.K))
    with tempfile.TemporaryDirectory() as name:
        folder, findings = Path(name), FindingLog()
        for place in ("signed", "berat", "berat-signed"):
            (folder / place).mkdir()
        parts = build_parts(
            [JournalBatch.from_vouchers(books)], of, before=Counters(), numbering="source",
            folder=folder, findings=findings,
            most_bytes=SIGNATURE_BYTES + len(END) + longest + entries_bytes,
        )  # fmt: skip
        assert parts is not None and not findings.has_errors

        def signed(file: StoredFile, place: str) -> SignedFile:
            return sign_file(file, folder / place, seal, signing_time=NOW)

        source = of_source(books)
        judged: list[Judged] = []
        kebirs = []
        for kind in (Kind.Y, Kind.K):
            together: Sums = Counter()
            of_berats: Sums = Counter()
            for part in parts:
                ledger = signed(part.yevmiye if kind is Kind.Y else part.kebir, "signed")
                kebirs += [ledger] if kind is Kind.K else []
                berat = build_berat(
                    ledger, folder / "berat", ettn=uuid.uuid4(), known=counted(part, kind)
                )
                again = build_berat(ledger, folder / "berat", ettn=_ettn(berat.path))
                assert again == berat, "what was counted is what stands in the file"
                made = signed(berat, "berat-signed")
                together += of_document(ledger.file.path)
                of_berats += of_document(made.file.path)
                judged += [_judge(ledger.file.path), _judge(made.file.path)]
            assert together == source
            assert +of_berats == Counter({key: n for key, n in source.items() if key[0] in TAX})
        report = build_report(kebirs, folder, ettn=uuid.uuid4(), creation_date=date(2026, 2, 3))
        final = signed(report, "signed").file.path
        assert +of_document(final) == source
        judged.append(_judge(final))
        assert [list(each.findings) for each in check_set(judged, own=True)] == [[]]


def _ettn(berat: Path) -> uuid.UUID:
    path = "x:xbrl/x:context/x:entity/x:segment/c:uniqueID"
    names = {
        "x": "http://www.xbrl.org/2003/instance",
        "c": "http://www.xbrl.org/int/gl/cor/2006-10-25",
    }
    return uuid.UUID(tree(berat).findtext(path, namespaces=names))


def _judge(path: Path) -> Judged:
    with path.open("rb") as stream:
        report = validate(stream, path.name, own=True)
    assert not report.findings.total, [finding.message_en for finding in report.findings]
    return Judged(path, report)
