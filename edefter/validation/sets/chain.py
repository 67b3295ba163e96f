"""Numbers that run through the files of a fiscal year (lifecycle.md §4): Y-STR-04 and SET-09."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edefter.model.documents import Kind
from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.telling import told
from edefter.validation.report import Facts, Report
from edefter.validation.sets.group import Document, difference, ledgers

NUMBERS = "Y-STR-04"
SERIAL = "SET-09"
_SERIAL_DIGITS = 6


def check(documents: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """Follow the numbers of each book from file to file."""
    for kind in (Kind.Y, Kind.K, Kind.E):
        years: dict[tuple[str, str], list[Document]] = {}
        for document in ledgers(documents, kind):
            year = (document.facts.fiscal_start, document.facts.fiscal_end)
            years.setdefault(year, []).append(document)
        for book in years.values():
            if kind is Kind.Y:
                yield from _numbers(book, severity)
            yield from _serials(book, severity)


def check_start(report: Report, last_entry: int, last_line: int) -> Iterator[Finding]:
    """Whether a yevmiye of ours goes on with the numbers of the fiscal year (Y-STR-04).

    Args:
        report: what validating it said.
        last_entry, last_line: last numbers used before it; 0 at the beginning of the year.

    Yields:
        errors.
    """
    for field, value, expected in breaks(report.facts, last_entry, last_line):
        facts = {"file": report.name, "name": field, "value": value, "expected": expected}
        yield told(
            "validation.set_numbers",
            facts | {"before": str(expected - 1)},
            rule=NUMBERS,
            layer=Layer.CROSS,
            place=Place(file=report.name, field=field),
            kind=Kind.Y,
            value=value,
        )


def breaks(
    facts: Facts, last_entry: int | None, last_line: int | None
) -> list[tuple[str, str, int]]:
    """Where a yevmiye does not go on with the numbers of the one before.

    Args:
        facts: of the yevmiye.
        last_entry, last_line: last numbers before it; 0 at the beginning of the fiscal year; None =
            not known.

    Returns:
        element, first number as written, and the number it should be, for each break.
    """
    found = []
    for field, first, last in (
        ("gl-cor:entryNumberCounter", facts.first_entry, last_entry),
        ("gl-cor:lineNumber", facts.first_line, last_line),
    ):
        if first and last is not None and _whole(first) != last + 1:
            found.append((field, first, last + 1))
    return found


def _numbers(book: list[Document], severity: Severity) -> Iterator[Finding]:
    before: Document | None = None
    entry: int | None = None
    line: int | None = None
    for document in book:
        facts = document.facts
        if before is None and facts.period_start == facts.fiscal_start:
            entry = line = 0  # the first file of the fiscal year
        elif before is not None and not _follows(before, document):
            entry = line = None  # a file between them is not here
        for field, value, expected in breaks(facts, entry, line):
            yield difference(
                NUMBERS,
                "set_numbers",
                document,
                severity,
                field=field,
                name=field,
                value=value,
                expected=expected,
                before=before.path.name if before is not None else "–",
            )
        if facts.last_entry:
            entry, line = _whole(facts.last_entry), _whole(facts.last_line)
        before = document


def _serials(book: list[Document], severity: Severity) -> Iterator[Finding]:
    """The serial of the control number grows by one with every file of the book."""
    before: Document | None = None
    for document in book:
        serial = _whole(document.facts.unique_id[-_SERIAL_DIGITS:])
        last = _whole(before.facts.unique_id[-_SERIAL_DIGITS:]) if before is not None else None
        if before is not None and serial is not None and last is not None:
            adjacent = _follows(before, document)
            if (adjacent and serial != last + 1) or serial <= last:
                yield difference(
                    SERIAL,
                    "set_serial",
                    document,
                    severity,
                    field="gl-cor:uniqueID",
                    value=document.facts.unique_id,
                    before=before.facts.unique_id,
                    other=before.path.name,
                )
        before = document


def _follows(before: Document, after: Document) -> bool:
    """Whether no file can lie between the two."""
    if before.period == after.period:
        return int(after.name.part) == int(before.name.part) + 1
    starts_month = int(after.name.part) <= 1
    return (
        before.period.next() == after.period
        and starts_month
        and before.end == (before.period.last_day)
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
