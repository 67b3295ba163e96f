"""Parts, months and numbers between documents: what their names and facts tell."""

from dataclasses import replace
from pathlib import Path

import pytest

from edefter.messages import catalogue
from edefter.model.documents import DocumentName, Kind
from edefter.model.finding import FindingLog, Layer, Severity
from edefter.validation.report import Facts, Report
from edefter.validation.sets import MESSAGES, Judged, check_set, check_start

TAX = "1234567808"
_PREFIX = {"Y": "YEV", "K": "KEB", "E": "ENV"}


def made(
    kind: str, month: int, part: str = "000000", days: tuple[int, int] = (1, 31), **facts
) -> Judged:
    """A document as far as its name and facts go."""
    end = {1: 31, 2: 28, 3: 31}[month] if days[1] == 31 else days[1]
    known = Facts(
        unique_id=f"{_PREFIX[kind]}2026{month:02d}{facts.pop('serial', month):06d}",
        period_start=f"2026-{month:02d}-{days[0]:02d}",
        period_end=f"2026-{month:02d}-{end:02d}",
        fiscal_start="2026-01-01",
        fiscal_end="2026-12-31",
        tax_id=TAX,
        title="Iğdır Şişe & Cam A.Ş.",
    )
    name = f"{TAX}-2026{month:02d}-{kind}-{part}.xml"
    report = Report(
        name=name,
        kind=Kind(kind),
        findings=FindingLog(),
        evaluated=True,
        well_formed=True,
        schema_valid=True,
        facts=replace(known, **facts),
    )
    return Judged(Path("/yok") / name, report)


def numbered(month: int, entries: tuple[int, int], lines: tuple[int, int], **more) -> Judged:
    return made(
        "Y",
        month,
        first_entry=str(entries[0]),
        last_entry=str(entries[1]),
        first_line=str(lines[0]),
        last_line=str(lines[1]),
        **more,
    )


JANUARY = numbered(1, (1, 10), (1, 30))
FEBRUARY = numbered(2, (11, 20), (31, 60))
PARTS = [
    made("Y", 1, "000001", (1, 10), serial=1),
    made("Y", 1, "000002", (11, 20), serial=2),
    made("Y", 1, "000003", (20, 31), serial=3),
]
GOOD = {
    "months": [JANUARY, FEBRUARY],
    "parts": PARTS,
    "an empty part between": [
        numbered(1, (1, 10), (1, 30), part="000001", days=(1, 10), serial=1),
        made("Y", 1, "000002", (11, 20), serial=2),
        numbered(1, (11, 12), (31, 40), part="000003", days=(21, 31), serial=3),
    ],
    "begins in the middle of the year": [
        numbered(2, (11, 20), (31, 60)),
        numbered(3, (21, 30), (61, 90)),
    ],
    "a new fiscal year begins": [
        replace(
            JANUARY,
            report=replace(
                JANUARY.report,
                facts=replace(
                    JANUARY.report.facts, fiscal_start="2025-02-01", fiscal_end="2026-01-31"
                ),
            ),
        ),
        numbered(2, (1, 5), (1, 9), fiscal_start="2026-02-01", fiscal_end="2027-01-31", serial=1),
    ],
}
BAD = {
    "Y-STR-04": [JANUARY, numbered(2, (12, 20), (31, 60))],
    "Y-STR-04 lines": [JANUARY, numbered(2, (11, 20), (32, 60))],
    "Y-STR-04 first file": [numbered(1, (2, 10), (1, 30)), FEBRUARY],
    "SET-03": [made("Y", 1), made("Y", 1, "000001", (1, 10), serial=2)],
    "SET-04": [PARTS[0], PARTS[2]],
    "SET-04 first": [PARTS[1], PARTS[2]],
    "SET-05": [PARTS[0], made("Y", 1, "000002", (12, 20), serial=2)],
    "SET-05 overlap": [PARTS[0], made("Y", 1, "000002", (9, 20), serial=2)],
    "SET-05 first day": [made("Y", 2, days=(3, 31)), made("Y", 3)],
    "SET-06": [PARTS[0], PARTS[1], made("K", 1, "000003", (20, 31))],
    "SET-06 days": [PARTS[0], made("K", 1, "000001", (1, 11), serial=1)],
    "SET-07": [made("Y", 1), made("Y", 3)],
    "SET-08": [JANUARY, numbered(2, (11, 20), (31, 60), title="Başka A.Ş.")],
    "SET-08 currency": [
        numbered(1, (1, 10), (1, 30), currency="iso4217:TRY"),
        numbered(2, (11, 20), (31, 60), currency="iso4217:EUR"),
    ],
    "SET-08 year": [
        JANUARY,
        numbered(2, (1, 20), (1, 60), fiscal_start="2026-02-01", fiscal_end="2026-12-31", serial=1),
    ],
    "SET-09": [JANUARY, numbered(2, (11, 20), (31, 60), serial=3)],
    "SET-09 same": [JANUARY, numbered(2, (11, 20), (31, 60), serial=1)],
}


def rules(judged: list[Judged], *, own: bool = True) -> set[str]:
    reports = check_set(judged, own=own)
    return {rule for report in reports for rule in report.findings.counts}


@pytest.mark.parametrize("name", GOOD)
def test_documents_that_fit_together(name):
    assert rules(GOOD[name]) - {"SET-01"} == set()


@pytest.mark.parametrize("name", BAD)
def test_documents_that_do_not(name):
    rule = name.split()[0]
    for own, severity in ((True, Severity.ERROR), (False, Severity.WARNING)):
        (report,) = check_set(BAD[name], own=own)
        found = [finding for finding in report.findings if finding.rule == rule]
        assert found, dict(report.findings.counts)
        finding = found[0]
        wanted = Severity.WARNING if rule == "SET-07" else severity
        assert finding.severity is wanted and finding.layer is Layer.CROSS
        DocumentName.parse(finding.place.file)
        for text in (finding.message_tr, finding.message_en, finding.remedy_tr, finding.remedy_en):
            assert text and "{" not in text
        assert report.ok is not own or rule == "SET-07"


def test_order_of_the_files_does_not_matter():
    assert rules([FEBRUARY, JANUARY]) == rules([JANUARY, FEBRUARY])


def test_other_taxpayers_and_branches_are_other_books():
    other = numbered(2, (1, 9), (1, 30), serial=1)
    other = Judged(
        other.path, replace(other.report, name=other.report.name.replace(TAX, "1111111111"))
    )
    branch = Judged(
        FEBRUARY.path,
        replace(FEBRUARY.report, name=FEBRUARY.report.name.replace(".xml", "-0001.xml")),
    )
    assert check_set([JANUARY, other, branch], own=True) == []


def test_a_name_that_is_none_takes_no_part():
    stranger = Judged(Path("x.xml"), replace(FEBRUARY.report, name="defter.xml"))
    assert check_set([JANUARY, stranger], own=True) == []


def test_a_limit_below_one_is_a_defect():
    with pytest.raises(ValueError, match="at least one"):
        check_set([JANUARY, FEBRUARY], limit_per_rule=0)


def test_findings_beyond_the_limit_are_counted():
    many = [numbered(month, (5, 9), (5, 9), title=f"Ad {month}") for month in (1, 2, 3)]
    (report,) = check_set(many, own=True, limit_per_rule=1)
    assert report.findings.counts["Y-STR-04"] > 1
    assert sum(finding.rule == "Y-STR-04" for finding in report.findings) == 1


@pytest.mark.parametrize(("entry", "line", "count"), [(0, 0, 0), (1, 0, 1), (0, 4, 1), (3, 4, 2)])
def test_start_of_our_own_ledger(entry, line, count):
    found = list(check_start(JANUARY.report, entry, line))
    assert len(found) == count
    assert all(item.rule == "Y-STR-04" and item.severity is Severity.ERROR for item in found)


def test_every_text_between_documents_belongs_to_an_id():
    listed = {key for _, keys in MESSAGES for key in keys}
    known = {
        key.removeprefix("validation.") for key in catalogue() if key.startswith("validation.")
    }
    assert listed <= known
    assert {key for key in known if key.startswith(("set_", "pair_", "berat_"))} == listed
