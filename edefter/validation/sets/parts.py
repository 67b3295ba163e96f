"""Parts of one month: their numbers, the days they cover, and that yevmiye and kebir agree on them.

Source: lifecycle.md §3; format.md §1.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise

from edefter.model.documents import UNDIVIDED, Kind
from edefter.model.finding import Finding, Severity
from edefter.validation.sets.group import (
    Document,
    book,
    day,
    difference,
    ends_month,
    is_whole,
)

WHOLE_AND_PARTS = "SET-03"
PART_NUMBERS = "SET-04"
DAYS = "SET-05"
OTHER_CUT = "SET-06"


def check(documents: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """Look at the parts of every month and kind (SET-03 … SET-06)."""
    books = {
        kind: {
            period: list(month)
            for period, month in groupby(book(documents, kind), key=lambda item: item.period)
        }
        for kind in (Kind.Y, Kind.K, Kind.E)
    }
    for kind, months in books.items():
        for period, month in months.items():
            yield from _numbers(month, severity)
            if kind is not Kind.E:  # parts of an inventory book lie on one day
                yield from _days(month, severity, is_last=period == max(months))
            if kind is Kind.K:
                yield from _same_cut(books[Kind.Y].get(period, []), month, severity)


def _numbers(parts: list[Document], severity: Severity) -> Iterator[Finding]:
    if len(parts) > 1 and parts[0].name.part == UNDIVIDED:
        yield difference(
            WHOLE_AND_PARTS, "set_whole_and_parts", parts[0], severity, other=parts[1].file
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


def _days(parts: list[Document], severity: Severity, *, is_last: bool) -> Iterator[Finding]:
    """No day is left out: between parts, at the beginning, and at the end of a month that is over.

    Args:
        parts: of one month.
        is_last: whether no later month is here; its rest may still be open.
    """
    for before, after in pairwise(parts):
        if UNDIVIDED in (before.name.part, after.name.part):
            continue
        if int(after.name.part) != int(before.name.part) + 1 or None in (before.end, after.start):
            continue
        if after.start.toordinal() - before.end.toordinal() not in (0, 1):  # type: ignore[union-attr]
            yield difference(
                DAYS,
                "set_days",
                after,
                severity,
                field="gl-cor:periodCoveredStart",
                value=after.facts.period_start,
                before=before.file,
                end=before.facts.period_end,
            )
    first, last = parts[0], parts[-1]
    if first.name.part in (UNDIVIDED, "000001") and first.start is not None:
        month_start = first.period.first_day
        if first.start not in (month_start, day(first.facts.fiscal_start)):
            yield _boundary("set_first_day", first, first.facts.period_start, month_start, severity)
    month_end = last.period.last_day
    if last.name.part == UNDIVIDED:  # never a file that ends in mid-month, whatever the reason
        is_short = last.end != month_end
    else:
        is_short = not is_last and not ends_month(last)
    if is_short and last.end is not None:
        yield _boundary("set_last_day", last, last.facts.period_end, month_end, severity)


def _boundary(
    key: str, document: Document, value: str, expected: date, severity: Severity
) -> Finding:
    field = "gl-cor:periodCoveredStart" if key == "set_first_day" else "gl-cor:periodCoveredEnd"
    facts = {"value": value, "expected": expected.isoformat()}
    return difference(DAYS, key, document, severity, field=field, **facts)


def _same_cut(
    yevmiye: list[Document], kebir: list[Document], severity: Severity
) -> Iterator[Finding]:
    """Both books are cut at the same entries: same parts, same days.

    A part without its partner counts only where the other book is there as a whole; else the
    partner may just not have been given (SET-01).
    """
    for ours, theirs in ((yevmiye, kebir), (kebir, yevmiye)):
        if not is_whole(theirs):
            continue
        numbers = {item.name.part for item in theirs}
        for item in ours:
            if item.name.part not in numbers:
                yield difference(OTHER_CUT, "set_part_alone", item, severity, value=item.name.part)
    journal = {item.name.part: item for item in yevmiye}
    for item in kebir:
        partner = journal.get(item.name.part)
        if partner is not None and _days_of(partner) != _days_of(item):
            yield difference(
                OTHER_CUT,
                "set_other_days",
                item,
                severity,
                field="gl-cor:periodCoveredEnd",
                value=_days_of(item),
                expected=_days_of(partner),
            )


def _days_of(document: Document) -> str:
    return f"{document.facts.period_start} – {document.facts.period_end}"
