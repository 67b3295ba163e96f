"""Documents by taxpayer, branch, month, kind and part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edefter.model.documents import DocumentName, Kind
from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.model.period import Period
from edefter.telling import told
from edefter.validation.report import Facts, Report
from edefter.validation.rules.strict import is_plain_date


@dataclass(frozen=True, slots=True)
class Judged:
    """A document and what validating it said; the findings are not needed."""

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


def grouped(judged: Sequence[Judged]) -> dict[tuple[str, str], list[Document]]:
    """Documents by tax number and branch, in the order of their names."""
    books: dict[tuple[str, str], list[Document]] = {}
    seen: set[tuple[str, Path]] = set()
    for item in judged:
        report = item.report
        try:
            name = DocumentName.parse(report.name)
        except ValueError:
            continue
        if not report.well_formed or (name.stem, item.path) in seen:
            continue
        seen.add((name.stem, item.path))
        book = books.setdefault((name.tax_number, name.branch), [])
        book.append(Document(item.path, name, report.facts))
    for documents in books.values():
        documents.sort(key=lambda item: (item.period.compact, item.kind, item.name.part))
    return books


def ledgers(documents: Iterable[Document], kind: Kind) -> list[Document]:
    """Those of one kind, copies approved by GİB left out."""
    return [item for item in documents if item.kind is kind and not item.name.approved]


def difference(
    rule: str, key: str, document: Document, severity: Severity, *, field: str = "", **facts: object
) -> Finding:
    """A finding about a document that does not fit the others."""
    return told(
        f"validation.{key}",
        {"file": document.path.name, **facts},
        rule=rule,
        layer=Layer.CROSS,
        place=Place(file=document.path.name, field=field),
        severity=severity,
        kind=document.kind,
        value=str(facts.get("value", "")),
    )
