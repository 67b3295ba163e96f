"""A fiscal year that ends amid a month, as when a liquidation (tasfiye) is registered."""

from __future__ import annotations

from edefter.config.settings import SourceSettings
from tests.acceptance.test_parts import closed, documents, field, ledgers
from tests.support.archives import rebuilt_alike
from tests.support.office import Office

YEARS = '[{start = "2026-01-01", end = "2026-01-14"}, {start = "2026-01-15", end = "2026-12-31"}]'


def in_liquidation(office: Office, years: str = YEARS) -> None:
    source = SourceSettings(kind="sql", url=f"sqlite:///{office.database}", numbering="assign")
    office.write_config(source=source)
    answer = office.edefter("company", "edit", "ornek", "--set", f"fiscal_years={years}")
    assert answer.code == 0, answer.err


def spans(office: Office) -> list[tuple[str, str, str]]:
    return [
        tuple(field(path, name)[0] for name in
              ("periodCoveredStart", "periodCoveredEnd", "fiscalYearStart"))
        for path in ledgers(office, "Y")
    ]  # fmt: skip


def test_the_month_is_cut_where_the_year_ends(office: Office) -> None:
    in_liquidation(office)
    closed(office.run("2026-01", "--json"))
    assert spans(office) == [
        ("2026-01-01", "2026-01-14", "2026-01-01"),
        ("2026-01-15", "2026-01-31", "2026-01-15"),
    ]
    first, second = ledgers(office, "Y")
    assert first.parent.parent.name != second.parent.parent.name, "each year has its own folder"
    for path in (first, second):
        numbers = field(path, "entryNumberCounter")
        assert numbers == [str(n + 1) for n in range(len(numbers))]
    # Control numbers name the month: the second year's files are counted on.
    assert [field(path, "uniqueID")[0][-6:] for path in (first, second)] == ["000001", "000002"]
    assert office.edefter("validate", str(office.archive), "--own").code == 0
    verified = office.edefter("archive", "verify")
    assert verified.code == 0
    assert str(first.parent) in verified.out and str(second.parent) in verified.out
    # February goes on in the second year.
    closed(office.run("2026-02", "--json"))
    (february,) = ledgers(office, "Y", "202602")
    last = int(field(second, "entryNumberCounter")[-1])
    assert field(february, "entryNumberCounter")[0] == str(last + 1)
    assert field(february, "uniqueID") == ["YEV202602000003"]


def test_what_lies_behind_waits_for_the_approval(office: Office) -> None:
    in_liquidation(office)
    built = office.edefter("build", "2026-01", "--json")
    assert built.code == 0, built.err
    (report,) = built.json
    keys = {w["key"] for w in report["warnings"]}
    assert keys == {"engine.deadline_over", "engine.month_stays_open"}
    assert documents(office) == {"Y-000001": "prechecked", "K-000001": "prechecked"}
    closed(office.run("2026-01", "--json"))


def test_numbers_may_go_on_over_the_end(office: Office) -> None:
    in_liquidation(office, YEARS.replace('"2026-12-31"', '"2026-12-31", continues = true'))
    closed(office.run("2026-01", "--json"))
    rebuilt_alike(office)
    first, second = ledgers(office, "Y")
    last = int(field(first, "entryNumberCounter")[-1])
    assert field(second, "entryNumberCounter")[0] == str(last + 1)
