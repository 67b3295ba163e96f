"""Parts of one month: their numbers, the days they cover, and that yevmiye and kebir agree on them.

Source: lifecycle.md §3; format.md §1.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from edefter.model.documents import UNDIVIDED, Kind
from edefter.model.finding import Finding, Severity
from edefter.model.period import Period
from edefter.validation.sets.group import Document, day, difference, ledgers

WHOLE_AND_PARTS = "SET-03"
PART_NUMBERS = "SET-04"
DAYS = "SET-05"
OTHER_CUT = "SET-06"


def check(documents: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """Look at the parts of every month and kind (SET-03 … SET-06)."""
    months: dict[tuple[Period, Kind], list[Document]] = {}
    for kind in (Kind.Y, Kind.K, Kind.E):
        for document in ledgers(documents, kind):
            months.setdefault((document.period, kind), []).append(document)
    for (period, kind), found in months.items():
        found.sort(key=lambda item: item.name.part)
        yield from _numbers(found, severity)
        if kind is not Kind.E:  # parts of an inventory book lie on one day
            yield from _days(found, severity)
        if kind is Kind.K:
            yield from _same_cut(months.get((period, Kind.Y), []), found, severity)


def _numbers(parts: list[Document], severity: Severity) -> Iterator[Finding]:
    if len(parts) > 1 and parts[0].name.part == UNDIVIDED:
        yield difference(
            WHOLE_AND_PARTS, "set_whole_and_parts", parts[0], severity, other=parts[1].path.name
        )
    divided = [item for item in parts if item.name.part != UNDIVIDED]
    for expected, item in enumerate(divided, start=1):
        if int(item.name.part) != expected:
            yield difference(
                PART_NUMBERS,
                "set_part_missing",
                item,
                severity,
                value=item.name.part,
                expected=f"{expected:06d}",
            )
            return  # the others follow from it


def _days(parts: list[Document], severity: Severity) -> Iterator[Finding]:
    for before, after in pairwise(parts):
        if UNDIVIDED in (before.name.part, after.name.part):
            continue
        if int(after.name.part) != int(before.name.part) + 1 or None in (before.end, after.start):
            continue
        if after.start not in (before.end, before.end + timedelta(days=1)):  # type: ignore[operator]
            yield difference(
                DAYS,
                "set_days",
                after,
                severity,
                field="gl-cor:periodCoveredStart",
                value=after.facts.period_start,
                before=before.path.name,
                end=before.facts.period_end,
            )
    first = parts[0]
    month_start = first.period.first_day
    if first.name.part in (UNDIVIDED, "000001") and first.start is not None:
        year_start = day(first.facts.fiscal_start)
        if first.start not in (month_start, year_start):
            yield difference(
                DAYS,
                "set_first_day",
                first,
                severity,
                field="gl-cor:periodCoveredStart",
                value=first.facts.period_start,
                expected=month_start.isoformat(),
            )


def _same_cut(
    yevmiye: list[Document], kebir: list[Document], severity: Severity
) -> Iterator[Finding]:
    """Both books are cut at the same entries: same parts, same days."""
    if not yevmiye:
        return
    journal = {item.name.part: item for item in yevmiye}
    for item in kebir:
        partner = journal.get(item.name.part)
        if partner is None:
            yield difference(OTHER_CUT, "set_part_alone", item, severity, value=item.name.part)
        elif (partner.facts.period_start, partner.facts.period_end) != (
            item.facts.period_start,
            item.facts.period_end,
        ):
            yield difference(
                OTHER_CUT,
                "set_other_days",
                item,
                severity,
                field="gl-cor:periodCoveredEnd",
                value=f"{item.facts.period_start} – {item.facts.period_end}",
                expected=f"{partner.facts.period_start} – {partner.facts.period_end}",
            )
