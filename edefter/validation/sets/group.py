"""Documents by taxpayer, branch, month, kind and part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edefter import messages
from edefter.model.documents import UNDIVIDED, DocumentName, Kind
from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.model.period import Period
from edefter.telling import told
from edefter.validation.report import Facts, Report
from edefter.validation.rules.strict import is_plain_date


@dataclass(frozen=True, slots=True)
class Judged:
    """A document and what validating it said.

    Args:
        path: where it can be read again; need not have the document's name.
        report: what validating it said; its name is the document's. The findings may be thinned
            out, only their counts are looked at.
    """

    path: Path
    report: Report


@dataclass(frozen=True, slots=True)
class Document:
    """A document that takes part in comparisons.

    Args:
        path: where it can be read.
        name: its parsed file name.
        facts: what was counted in it.
    """

    path: Path
    name: DocumentName
    facts: Facts

    @property
    def file(self) -> str:
        """File name, for messages."""
        return self.name.xml

    @property
    def kind(self) -> Kind:
        """Kind by file name."""
        return self.name.kind

    @property
    def period(self) -> Period:
        """Month by file name."""
        return self.name.period

    @property
    def start(self) -> date | None:
        """First day it covers."""
        return day(self.facts.period_start)

    @property
    def end(self) -> date | None:
        """Last day it covers."""
        return day(self.facts.period_end)


def day(text: str) -> date | None:
    """A date as written, or None when it is no plain date."""
    return date.fromisoformat(text) if is_plain_date(text) else None


def grouped(judged: Sequence[Judged]) -> dict[tuple[str, str], list[Judged]]:
    """What was validated, by tax number and branch; what is no e-Defter document is left out."""
    books: dict[tuple[str, str], list[Judged]] = {}
    for item in judged:
        try:
            name = DocumentName.parse(item.report.name)
        except ValueError:
            continue
        if name.approved and not name.kind.is_berat:  # GİB gives back berats, never a ledger
            continue
        if item.report.well_formed:
            books.setdefault((name.tax_number, name.branch), []).append(item)
    return books


def in_order(judged: Iterable[Judged]) -> list[Document]:
    """Documents by month, part and kind."""
    documents = [
        Document(item.path, DocumentName.parse(item.report.name), item.report.facts)
        for item in judged
    ]
    return sorted(documents, key=lambda item: (item.period, item.name.part, item.kind))


def ledgers(documents: Iterable[Document], kind: Kind) -> list[Document]:
    """Those of one kind, copies approved by GİB left out."""
    return [item for item in documents if item.kind is kind and not item.name.approved]


def book(documents: Iterable[Document], kind: Kind) -> list[Document]:
    """One document for each file of a book: the ledger, else its berat, else the approved one.

    A berat says of its ledger the same days, fiscal year and control number.

    Args:
        documents: in order.
        kind: Y, K or E.
    """
    found: dict[tuple[Period, str], Document] = {}
    for document in documents:
        if document.kind not in (kind, kind.berat):
            continue
        key = document.period, document.name.part
        other = found.get(key)
        if other is None or _rank(document) < _rank(other):
            found[key] = document
    return [found[key] for key in sorted(found)]


def _rank(document: Document) -> tuple[bool, bool]:
    return document.kind.is_berat, document.name.approved


def ends_month(document: Document) -> bool:
    """Whether no day of its month is left for another part; the fiscal year may end before."""
    return document.end is not None and document.end in (
        document.period.last_day,
        day(document.facts.fiscal_end),
    )


def is_whole(month: Sequence[Document]) -> bool:
    """Whether documents of one month and kind, in order, are all that there can be."""
    numbers = [item.name.part for item in month]
    if numbers == [UNDIVIDED]:
        return True
    return (
        bool(month)
        and ends_month(month[-1])
        and numbers == [f"{number:06d}" for number in range(1, len(numbers) + 1)]
    )


def difference(
    rule: str, key: str, document: Document, severity: Severity, *, field: str = "", **facts: object
) -> Finding:
    """A finding about a document that does not fit the others."""
    return told(
        f"validation.{key}",
        {"file": document.file, **names_of(field), **facts},
        rule=rule,
        layer=Layer.CROSS,
        place=Place(file=document.file, field=field),
        severity=severity,
        kind=document.kind,
        value=str(facts.get("value", "")),
    )


def unreadable(rule: str, document: Document, problem: OSError, severity: Severity) -> Finding:
    """A finding about a file that could be validated but not be read again to compare it."""
    reason = problem.strerror or type(problem).__name__
    return difference(rule, "set_unreadable", document, severity, reason=reason)


def names_of(field: str) -> dict[str, str]:
    """What an element is called in both languages, for sentences."""
    entry = messages.catalogue().get(f"fields.{field}")
    return {f"name_{lang}": entry[lang] if entry else field for lang in ("tr", "en")}
