"""Parts, months and numbers between documents: what their names and facts tell."""

import calendar
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from edefter.messages import catalogue
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import Counters
from edefter.model.finding import FindingLog, Layer, Severity
from edefter.validation.report import Facts, Report
from edefter.validation.sets import MESSAGES, Judged, check_counters, check_set

TAX = "1234567808"
_PREFIX = {"Y": "YEV", "K": "KEB", "E": "ENV", "YB": "YEV", "KB": "KEB", "EB": "ENV", "DR": "KEB"}


def made(
    kind: str, month: int, part: str = "000000", days: tuple[int, int] = (1, 31), **facts
) -> Judged:
    """A document as far as its name and facts go."""
    end = calendar.monthrange(2026, month)[1] if days[1] == 31 else days[1]
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


def numbered(month: int, entries: tuple, lines: tuple, **more) -> Judged:
    return made(
        "Y",
        month,
        first_entry=str(entries[0]),
        last_entry=str(entries[1]),
        first_line=str(lines[0]),
        last_line=str(lines[1]),
        **more,
    )


def replace_branch(judged: Judged, branch: str) -> Judged:
    return replace(
        judged, report=replace(judged.report, facts=replace(judged.report.facts, branch=branch))
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
    "shared day and a day after": PARTS,
    "the rest of the month is still open": PARTS[:2],
    "liquidation begins in mid-month": [
        numbered(
            1, (1, 9), (1, 30), part="000001", days=(1, 15), serial=1, fiscal_end="2026-01-15"
        ),
        numbered(
            1, (1, 4), (1, 9), part="000002", days=(16, 31), serial=1, fiscal_start="2026-01-16"
        ),
        numbered(2, (5, 6), (10, 13), fiscal_start="2026-01-16"),
    ],
    "kebir of the same parts": [
        *PARTS[:2],
        made("K", 1, "000001", (1, 10), serial=1),
        made("K", 1, "000002", (11, 20), serial=2),
    ],
    "a kebir part that was not given": [*PARTS, made("K", 1, "000001", (1, 10), serial=1)],
    "berats in place of ledgers": [
        made("YB", 1, first_line="1", last_line="10"),
        numbered(2, (11, 20), (31, 60)),
        made("YB", 3, first_line="1", last_line="10"),
    ],
    "opening and closing inventory": [
        made("E", 1, days=(1, 1), serial=1),
        made("E", 12, days=(31, 31), serial=2),
    ],
    "no currency is TRY": [
        JANUARY,
        numbered(2, (11, 20), (31, 60), currency="iso4217:TRY"),
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
    "Y-STR-04 going back": [JANUARY, numbered(3, (10, 20), (31, 60))],
    "Y-STR-04 the same lines again": [JANUARY, numbered(3, (11, 20), (30, 60))],
    "Y-STR-04 between parts": [
        numbered(1, (1, 10), (1, 30), part="000001", days=(1, 10), serial=1),
        numbered(1, (10, 12), (31, 40), part="000002", days=(11, 31), serial=2),
    ],
    "Y-STR-04 no number": [JANUARY, numbered(2, ("on bir", 20), (31, 60))],
    "SET-03": [made("Y", 1), made("Y", 1, "000001", (1, 10), serial=2)],
    "SET-03 among berats": [made("KB", 1), made("KB", 1, "000001", (1, 10), serial=2)],
    "SET-04": [PARTS[0], PARTS[2]],
    "SET-04 first": [PARTS[1], PARTS[2]],
    "SET-05": [PARTS[0], made("Y", 1, "000002", (12, 20), serial=2)],
    "SET-05 overlap": [PARTS[0], made("Y", 1, "000002", (9, 20), serial=2)],
    "SET-05 first day": [made("Y", 2, days=(3, 31)), made("Y", 3)],
    "SET-05 whole month ends early": [made("Y", 1, days=(1, 16)), made("K", 1, days=(1, 16))],
    "SET-05 whole year ends early": [
        numbered(1, (1, 9), (1, 30), days=(1, 15), fiscal_end="2026-01-15"),
        made("K", 1),
    ],
    "SET-05 last days": [*PARTS[:2], made("Y", 2, serial=3)],
    "SET-06": [made("Y", 1), made("K", 1, "000001", (1, 10)), made("K", 1, "000002", (11, 31))],
    "SET-06 kebir whole": [*PARTS, made("K", 1)],
    "SET-06 a part more": [
        PARTS[0],
        made("Y", 1, "000002", (11, 31), serial=2),
        made("K", 1, "000001", (1, 10), serial=1),
        made("K", 1, "000002", (11, 31), serial=2),
        made("K", 1, "000003", (31, 31), serial=3),
    ],
    "SET-06 days": [PARTS[0], made("K", 1, "000001", (1, 11), serial=1)],
    "SET-07": [made("Y", 1), made("Y", 3)],
    "SET-08 currency": [
        numbered(1, (1, 10), (1, 30), currency="iso4217:TRY"),
        numbered(2, (11, 20), (31, 60), currency="iso4217:EUR"),
    ],
    "SET-08 currency written later": [
        JANUARY,
        numbered(2, (11, 20), (31, 60), currency="iso4217:EUR"),
    ],
    "SET-08 branch": [
        replace_branch(JANUARY, "0001"),
        replace_branch(numbered(2, (11, 20), (31, 60)), "0002"),
    ],
    "SET-08 tax number": [JANUARY, numbered(2, (11, 20), (31, 60), tax_id="9876543217")],
    "SET-08 year": [
        JANUARY,
        numbered(2, (1, 20), (1, 60), fiscal_start="2026-02-01", fiscal_end="2026-12-31", serial=1),
    ],
    "SET-09": [JANUARY, numbered(2, (11, 20), (31, 60), serial=3)],
    "SET-09 same": [JANUARY, numbered(2, (11, 20), (31, 60), serial=1)],
    "SET-09 first": [made("K", 1, serial=2), made("K", 2, serial=3)],
    "SET-09 inventory": [
        made("E", 1, days=(1, 1), serial=1),
        made("E", 12, days=(31, 31), serial=1),
    ],
}
WARNINGS = {"SET-01", "SET-07", "SET-10"}


def rules(judged: list[Judged], *, own: bool = True) -> set[str]:
    reports = check_set(judged, own=own)
    return {rule for report in reports for rule in report.findings.counts}


@pytest.mark.parametrize("name", GOOD)
def test_documents_that_fit_together(name):
    assert rules(GOOD[name]) - {"SET-01", "K-STR-14"} == set()  # there are no files to read


def test_numbers_may_go_on_after_a_month_that_was_not_given():
    assert rules([JANUARY, numbered(3, (15, 20), (40, 60))]) == {"SET-07"}


@pytest.mark.parametrize("name", BAD)
def test_documents_that_do_not(name):
    rule = name.split()[0]
    for own, severity in ((True, Severity.ERROR), (False, Severity.WARNING)):
        (report,) = check_set(BAD[name], own=own)
        found = [finding for finding in report.findings if finding.rule == rule]
        assert found, dict(report.findings.counts)
        finding = found[0]
        wanted = Severity.WARNING if rule in WARNINGS else severity
        assert finding.severity is wanted and finding.layer is Layer.CROSS
        DocumentName.parse(finding.place.file)
        for text in (finding.message_tr, finding.message_en, finding.remedy_tr, finding.remedy_en):
            assert text and "{" not in text
        assert report.ok is not own or rule in WARNINGS


def test_a_title_may_really_change_so_it_is_a_warning():
    (report,) = check_set([JANUARY, numbered(2, (11, 20), (31, 60), title="Başka A.Ş.")], own=True)
    assert dict(report.findings.counts) == {"SET-08": 1} and report.ok
    assert "“Başka A.Ş.”" in next(iter(report.findings)).message_tr


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


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        ((0, 0), (10, 30), []),
        ((0, 0), None, []),
        ((1, 0), (10, 30), ["set_own_number"]),
        ((3, 4), None, ["set_own_number", "set_own_number"]),
        ((0, 0), (9, 30), ["set_last_number"]),
        ((0, 0), (10, 31), ["set_last_number"]),
        ((0, 0), (0, 0), ["set_last_number", "set_last_number"]),
    ],
)
def test_numbers_of_our_own_ledger(before, after, keys):
    found = list(check_counters(JANUARY.report, counters(before), counters(after)))
    assert [item.key.partition(".")[2] for item in found] == keys
    for item in found:
        assert item.rule == "Y-STR-04" and item.severity is Severity.ERROR
        assert "{" not in item.message_tr + item.message_en
        assert "madde numarası" in item.message_tr or "satır numarası" in item.message_tr


def counters(numbers: tuple[int, int] | None) -> Counters | None:
    return None if numbers is None else Counters(entry_no=numbers[0], line_no=numbers[1])


@pytest.mark.parametrize(("after", "count"), [((7, 9), 0), ((8, 9), 1)])
def test_an_empty_part_of_ours_uses_no_number(after, count):
    empty = made("Y", 1, "000001", (1, 10)).report
    assert len(list(check_counters(empty, counters((7, 9)), counters(after)))) == count


def test_what_is_given_can_travel_between_processes():
    assert pickle.loads(pickle.dumps(JANUARY)).report.facts == JANUARY.report.facts


def test_every_id_between_documents_has_good_and_bad_ones():
    here = {name.split()[0] for name in BAD}
    elsewhere = {"K-STR-14", "B-STR-17", "B-STR-18", "R-STR-19", "SET-01", "SET-02", "SET-10"}
    assert here | elsewhere == {rule for rule, _ in MESSAGES}  # elsewhere: test_partners.py


def test_every_text_between_documents_belongs_to_an_id():
    listed = {key for _, keys in MESSAGES for key in keys}
    known = {
        key.removeprefix("validation.") for key in catalogue() if key.startswith("validation.")
    }
    assert listed <= known
    assert {key for key in known if key.startswith(("set_", "pair_", "berat_"))} == listed


@pytest.mark.parametrize("days", [("9999-12-01", "9999-12-02"), ("9999-12-31", "0001-01-01")])
def test_the_last_day_that_a_date_can_have(days):
    """Nothing is looked for after it, or before the first."""
    parts = []
    for part, day in zip(("000001", "000002"), days, strict=True):
        report = made("Y", 12, part).report
        name = report.name.replace("202612", "999912")
        facts = replace(report.facts, period_start=day, period_end=day, fiscal_end="9999-12-31")
        parts.append(Judged(Path("/yok") / name, replace(report, name=name, facts=facts)))
    (checked,) = check_set(parts)
    assert ("SET-05" in checked.findings.counts) == (days[0] == "9999-12-31")
