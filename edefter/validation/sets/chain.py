"""Numbers that run through the files of a fiscal year (lifecycle.md §4): Y-STR-04 and SET-09."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edefter.model.documents import Kind
from edefter.model.files import Counters
from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.telling import told
from edefter.validation.report import Report
from edefter.validation.sets.group import (
    Document,
    book,
    day,
    difference,
    ends_month,
    names_of,
)

NUMBERS = "Y-STR-04"
SERIAL = "SET-09"
_SERIAL_DIGITS = 6
_ENTRY, _LINE = "gl-cor:entryNumberCounter", "gl-cor:lineNumber"


def check(documents: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """Follow the numbers of each book from file to file."""
    for kind in (Kind.Y, Kind.K, Kind.E):
        years: dict[tuple[str, str], list[Document]] = {}
        for document in book(documents, kind):
            year = (document.facts.fiscal_start, document.facts.fiscal_end)
            years.setdefault(year, []).append(document)
        for files in years.values():
            if kind is Kind.Y:
                yield from _numbers(files, severity)
            yield from _serials(files, severity)


def check_counters(
    report: Report, before: Counters, after: Counters | None = None
) -> Iterator[Finding]:
    """Whether a yevmiye of ours goes on with the numbers of the fiscal year (Y-STR-04).

    Args:
        report: what validating it said.
        before: last numbers used before it; all 0 at the beginning of the year.
        after: what is kept as the last numbers used in it; None = not compared.

    Yields:
        errors.
    """
    facts = report.facts
    kept = after or Counters()
    for field, first, end, used, expected in (
        (_ENTRY, facts.first_entry, facts.last_entry, before.entry_no, kept.entry_no),
        (_LINE, facts.first_line, facts.last_line, before.line_no, kept.line_no),
    ):
        if first and _whole(first) != used + 1:
            yield _own("set_own_number", report, field, first, used + 1)
        last = end or str(used)  # a part without entries uses none
        if after is not None and _whole(last) != expected:
            yield _own("set_last_number", report, field, last, expected)


def _own(key: str, report: Report, field: str, value: str, expected: int) -> Finding:
    facts = {"file": report.name, "value": value, "expected": expected, "last": expected - 1}
    return told(
        f"validation.{key}",
        facts | names_of(field),
        rule=NUMBERS,
        layer=Layer.CROSS,
        place=Place(file=report.name, field=field),
        kind=Kind.Y,
        value=value,
    )


@dataclass(frozen=True, slots=True)
class _Last:
    """The last numbers before a file.

    Args:
        entry, line: None = no file before it says.
        file: that says so.
        is_next: False when files between may not have been given.
    """

    entry: int | None = None
    line: int | None = None
    file: str = ""
    is_next: bool = False


def _numbers(files: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    last = _Last()
    for before, document in zip([None, *files], files, strict=False):
        if before is not None and not _follows(before, document):
            last = replace(last, is_next=False)
        elif before is None and _is_first_of_year(document):
            last = _Last(0, 0, is_next=True)
        facts = document.facts
        if document.kind is not Kind.Y:
            last = replace(last, is_next=False)  # a berat does not say its ledger's numbers
            continue
        for field, first, number in (
            (_ENTRY, facts.first_entry, last.entry),
            (_LINE, facts.first_line, last.line),
        ):
            if first and number is not None:
                yield from _number(document, field, first, number, last, severity)
        if facts.last_entry:  # else it has no entry, and the numbers before it stay
            numbers = _whole(facts.last_entry), _whole(facts.last_line)
            last = _Last(*numbers, document.file, is_next=True)


def _number(
    document: Document, field: str, first: str, number: int, last: _Last, severity: Severity
) -> Iterator[Finding]:
    value = _whole(first)
    if value == number + 1 or (value is not None and value > number and not last.is_next):
        return
    key = "set_numbers" if last.is_next else "set_numbers_back"
    if not last.file:
        key = "set_first_numbers"
    yield difference(
        NUMBERS,
        key,
        document,
        severity,
        field=field,
        value=first,
        last=number,
        expected=number + 1,
        before=last.file,
    )


def _serials(files: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """The serial of the control number grows by one with every file of the book, from 1."""
    for before, document in zip([None, *files], files, strict=False):
        serial = _serial(document)
        if serial is None:
            continue
        value = document.facts.unique_id
        if before is None:
            if serial != 1 and _is_first_of_year(document):
                yield difference(
                    SERIAL,
                    "set_first_serial",
                    document,
                    severity,
                    field="gl-cor:uniqueID",
                    value=value,
                )
            continue
        last = _serial(before)
        if last is None or serial == last + 1:
            continue
        if serial <= last or _follows(before, document):
            yield difference(
                SERIAL,
                "set_serial",
                document,
                severity,
                field="gl-cor:uniqueID",
                value=value,
                before=before.facts.unique_id,
                other=before.file,
            )


def _serial(document: Document) -> int | None:
    return _whole(document.facts.unique_id[-_SERIAL_DIGITS:])


def _is_first_of_year(document: Document) -> bool:
    first_day = day(document.facts.fiscal_start)
    return first_day is not None and document.start == first_day and int(document.name.part) <= 1


def _follows(before: Document, after: Document) -> bool:
    """Whether no file can lie between the two."""
    if before.period == after.period:
        return int(after.name.part) == int(before.name.part) + 1
    starts_month = int(after.name.part) <= 1
    return before.period.next() == after.period and starts_month and ends_month(before)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
