"""From the shipped samples and the public İzibiz file to ledgers, on the real parts."""

from __future__ import annotations

import sqlite3
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from edefter.config.settings import SourceSettings
from edefter.ledger.head import LedgerHead
from edefter.model.company import Company
from edefter.model.files import Counters, LedgerPart, StoredFile
from edefter.model.finding import FindingLog
from edefter.model.period import Period
from edefter.model.registration import read_registration
from edefter.sandbox.company import COMPANY_NUMBER, create_sample_database, main
from edefter.source.open import open_source
from edefter.source.port import ReadRequest
from tests.support.building import build_part
from tests.unit.ledger.reading import canonical, headers, texts, tree, without_declaration

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
APPLICATION = "1234567808##Örnek Yazılım##edefter##0.1.0"


@pytest.fixture(scope="module")
def company() -> Company:
    raw = tomllib.loads((SAMPLES / "company.toml").read_text("utf-8"))
    found, findings = read_registration(raw)
    assert found is not None, findings
    assert not findings
    return found


def month(
    settings: SourceSettings,
    company: Company,
    period: Period,
    folder: Path,
    before: Counters,
    *,
    selector: str = "",
) -> LedgerPart:
    findings = FindingLog()
    head = LedgerHead(
        company=company,
        branch=None,
        period=period,
        part="000000",
        first_day=period.first_day,
        last_day=period.last_day,
        creation_date=period.next().first_day,
        source_application=APPLICATION,
    )
    request = ReadRequest(
        company=selector, branch="", first_day=head.first_day, last_day=head.last_day
    )
    source = open_source("ornek", settings, lambda ref: "")
    part = build_part(
        source.read(request, findings),
        head,
        before=before,
        numbering=settings.numbering,
        folder=folder,
        findings=findings,
        source_name="ornek",
    )
    assert list(findings) == []
    assert part is not None
    return part


def check_file(stored: StoredFile, lines: int, debit: Decimal, credit: Decimal) -> None:
    content = stored.path.read_bytes()
    assert canonical(content) == without_declaration(content)
    sums = {"D": Decimal(0), "C": Decimal(0)}
    count = 0
    for header in headers(stored.path):
        amounts = texts(header, "c:entryDetail/c:amount")
        sides = texts(header, "c:entryDetail/c:debitCreditCode")
        for amount, side in zip(amounts, sides, strict=True):
            sums[side] += Decimal(amount)
            count += 1
    assert (count, sums["D"], sums["C"]) == (lines, debit, credit)


def test_the_committed_database_is_what_the_function_makes(tmp_path: Path) -> None:
    made = tmp_path / "ornek.sqlite"
    assert main([str(made)]) == 0
    dumps = []
    for path in (made, SAMPLES / "ornek.sqlite"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            dumps.append(list(connection.iterdump()))
        connection.close()
    assert dumps[0] == dumps[1]


def test_another_seed_and_start_make_other_books(tmp_path: Path) -> None:
    path = tmp_path / "b.sqlite"
    create_sample_database(path, start=Period(2025, 11), months=3, seed=7)
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT substr(entered_date, 1, 7), min(entry_no),"
        " max(line_no) - min(line_no) + 1, count(*)"
        " FROM edefter_journal GROUP BY 1 ORDER BY 1"
    ).fetchall()
    connection.close()
    assert [row[0] for row in rows] == ["2025-11", "2025-12", "2026-01"]
    assert rows[0][1] == 1
    assert all(row[2] == row[3] for row in rows)
    with pytest.raises(ValueError, match="month"):
        create_sample_database(path, months=0)
    assert main([]) == 2


def test_the_sample_company_is_varied_enough() -> None:
    with sqlite3.connect(f"file:{SAMPLES / 'ornek.sqlite'}?mode=ro", uri=True) as connection:

        def ask(query: str) -> list[tuple[object, ...]]:
            return connection.execute(query).fetchall()

        months = ask(
            "SELECT substr(entered_date, 1, 7), count(DISTINCT entry_key) FROM edefter_journal"
            " GROUP BY 1"
        )
        assert [name for name, _ in months] == ["2026-01", "2026-02"]
        assert all(int(str(count)) >= 170 for _, count in months)
        ((mains, with_subs),) = ask(
            "SELECT count(DISTINCT main_account), count(DISTINCT"
            " CASE WHEN sub_account IS NOT NULL THEN main_account END) FROM edefter_journal"
        )
        assert int(str(mains)) >= 15
        assert int(str(with_subs)) >= 15
        types = {row[0] for row in ask("SELECT DISTINCT document_type FROM edefter_journal")}
        assert types == {
            None, "check", "invoice", "order-customer", "order-vendor", "voucher", "shipment",
            "receipt", "other",
        }  # fmt: skip
        assert ask("SELECT DISTINCT original_currency FROM edefter_journal ORDER BY 1") == [
            (None,),
            ("USD",),
        ]
        ((low, high),) = ask(
            "SELECT min(c), max(c) FROM (SELECT count(*) c FROM edefter_journal GROUP BY entry_key)"
        )
        assert (low, int(str(high)) >= 10) == (2, True)
        unbalanced = ask(
            "SELECT voucher_id FROM voucher_lines GROUP BY 1"
            " HAVING sum(debit_kurus) <> sum(credit_kurus)"
        )
        assert unbalanced == []
    connection.close()


def test_two_months_of_the_sample_company(company: Company, tmp_path: Path) -> None:
    settings = SourceSettings(
        kind="sql", url=f"sqlite:///{SAMPLES / 'ornek.sqlite'}", batch_lines=100
    )
    before = Counters()
    entries = 0
    for period in (Period(2026, 1), Period(2026, 2)):
        part = month(settings, company, period, tmp_path, before, selector=COMPANY_NUMBER)
        totals = part.source_totals
        assert totals.debit_kurus == totals.credit_kurus > 0
        sums = (totals.lines, Decimal(totals.debit_kurus) / 100, Decimal(totals.credit_kurus) / 100)
        check_file(part.yevmiye, *sums)
        check_file(part.kebir, *sums)
        assert headers(part.yevmiye.path)[0][6].text == str(before.entry_no + 1)
        entries += totals.entries
        before = part.after
    assert entries >= 300
    assert (before.entry_no, before.yevmiye_serial, before.kebir_serial) == (entries, 2, 2)
    assert texts(tree(part.kebir.path), ".//c:uniqueID") == ["KEB202602000002"]


def test_the_public_izibiz_sample(company: Company, shared: Path, tmp_path: Path) -> None:
    settings = SourceSettings(kind="izibiz", path=shared / "data" / "izibiz-sample.csv")
    period = Period(2013, 1)
    part = month(settings, company, period, tmp_path, Counters(), selector="00101")
    totals = part.source_totals
    assert (totals.entries, totals.lines) == (750, 2000)
    assert totals == part.yevmiye_totals
    assert part.after == Counters(entry_no=750, line_no=2000, yevmiye_serial=1, kebir_serial=1)
    # Sums by hand over the raw file, by a path of our own.
    raw = settings.path.read_bytes().decode("cp1254").split("\r")[1:] if settings.path else []
    fields = [line.split(";") for line in raw if line]
    sums = [sum(int(f[8]) for f in fields if f[9] == side) for side in "DC"]
    check_file(part.yevmiye, 2000, Decimal(sums[0]), Decimal(sums[1]))
    check_file(part.kebir, 2000, Decimal(sums[0]), Decimal(sums[1]))
    assert part.kebir_totals.entries == 7


def test_one_bad_row_in_the_real_file_stops_it_with_the_voucher(
    company: Company, shared: Path, tmp_path: Path
) -> None:
    content = (shared / "data" / "izibiz-sample.csv").read_bytes()
    lines = content.split(b"\r")
    lines[10] = lines[10].replace(b";1000;", b";1000,5;")
    broken = tmp_path / "bozuk.csv"
    broken.write_bytes(b"\r".join(lines))
    findings = FindingLog()
    period = Period(2013, 1)
    head = LedgerHead(
        company=company,
        branch=None,
        period=period,
        part="000000",
        first_day=period.first_day,
        last_day=period.last_day,
        creation_date=period.next().first_day,
        source_application=APPLICATION,
    )
    source = open_source("izibiz", SourceSettings(kind="izibiz", path=broken), lambda ref: "")
    request = ReadRequest(company="", branch="", first_day=head.first_day, last_day=head.last_day)
    folder = tmp_path / "out"
    folder.mkdir()
    part = build_part(
        source.read(request, findings),
        head,
        before=Counters(),
        numbering="source",
        folder=folder,
        findings=findings,
        source_name="izibiz",
    )
    assert part is None
    assert [(f.rule, f.place.row) for f in findings] == [("SRC-06", 11)]
    assert "00000000000000000000000000000166" in next(iter(findings)).message_tr
    assert list(folder.iterdir()) == []
