"""Months of a fiscal year: none missing, the same head data in all (format.md §3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from edefter.model.documents import Kind
from edefter.model.finding import Finding, Severity
from edefter.validation.report import Facts
from edefter.validation.sets.group import Document, book, day, difference

MISSING_MONTH = "SET-07"
HEAD = "SET-08"
_BOOK_CURRENCY = "iso4217:TRY"  # unless another is permitted and then written (format.md §2.3)


def _head_data(facts: Facts) -> tuple[tuple[str, str, bool], ...]:
    """What stays the same through a fiscal year: element, text, and whether it still may change."""
    return (
        ("xbrli:identifier", facts.tax_id, False),
        ("gl-bus:organizationIdentifier", facts.title, True),  # by the trade register
        ("gl-bus:organizationIdentifier", facts.branch, False),
        ("gl-muc:defaultCurrency", facts.currency or _BOOK_CURRENCY, False),
    )


def check(documents: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """Look at the months of each book (SET-07) and at the head data of all documents (SET-08)."""
    for kind in (Kind.Y, Kind.K):
        yield from _missing_months(book(documents, kind))
    yield from _heads(documents, severity)


def _missing_months(files: list[Document]) -> Iterator[Finding]:
    for before, after in pairwise(files):
        if before.period < after.period and after.period != before.period.next():
            yield difference(
                MISSING_MONTH,
                "set_month_missing",
                after,
                Severity.WARNING,
                before=before.file,
                expected=str(before.period.next()),
            )


def _heads(documents: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """All documents of a fiscal year name the same year, taxpayer and currency."""
    first: dict[tuple[str, str], Document] = {}
    for document in documents:
        facts = document.facts
        year = (facts.fiscal_start, facts.fiscal_end)
        if None in map(day, year):
            continue  # the document's own rules say so
        other = first.setdefault(year, document)
        for (field, value, may_change), (_, expected, _) in zip(
            _head_data(facts), _head_data(other.facts), strict=True
        ):
            if value and expected and value != expected:
                told = Severity.WARNING if may_change else severity
                yield _head(document, told, field, value, expected, other)
    years = sorted(first)
    for (start, end), (next_start, next_end) in pairwise(years):
        if next_start <= end:
            yield _head(
                first[next_start, next_end],
                severity,
                "gl-bus:fiscalYearStart",
                f"{next_start} – {next_end}",
                f"{start} – {end}",
                first[start, end],
            )


def _head(
    document: Document, severity: Severity, field: str, value: str, expected: str, other: Document
) -> Finding:
    return difference(
        HEAD,
        "set_head",
        document,
        severity,
        field=field,
        value=value,
        expected=expected,
        other=other.file,
    )
