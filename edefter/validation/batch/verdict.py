"""What came out for one input: the report, and how the user knows the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog
from edefter.validation.inputs.model import OUR_FAULTS, Input, document_name
from edefter.validation.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One row of a report over several files.

    Args:
        report: what validation answers; of a zip itself, what is wrong with it.
        shown: the path as the user gave it, members of zips as `paket.zip/ay/ad.xml`; empty when
            unknown.
        file: where the document can be read again while the inputs are open; None = nowhere.
        is_document: False for a zip, a link, a folder.
        is_cross: whether several documents were compared with each other.
        failed: whether the document could not be judged by a fault of ours.
    """

    report: Report
    shown: str = ""
    file: Path | None = None
    is_document: bool = True
    is_cross: bool = False
    failed: bool = False

    @property
    def folder(self) -> str:
        """The folder or zip that the file is in; empty when it was named itself."""
        head = self.shown.removesuffix(self.report.name)
        return head if head != self.shown else ""


def not_judged(item: Input, findings: Iterable[Finding]) -> Verdict:
    """The verdict on an input that was not looked into.

    A zip or link with nothing but warnings is no failure; a document that was not read is one.
    """
    log = FindingLog()
    log.extend(findings)
    failed = any(rule in OUR_FAULTS for rule in log.counts)
    fine = not item.is_document and not log.has_errors
    report = Report(
        name=item.name,
        kind=kind_of(item.name) if item.is_document else None,
        findings=log,
        evaluated=fine,
        well_formed=fine,
        schema_valid=fine,
    )
    return Verdict(report=report, shown=item.shown, is_document=item.is_document, failed=failed)


def kind_of(name: str) -> Kind | None:
    """The kind that a file name tells."""
    found = document_name(name)
    return found.kind if found is not None else None
