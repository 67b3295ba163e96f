"""From the accounting source to written and judged books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from edefter.engine.bookmaking import JudgedBooks
from edefter.engine.checks import validate_file
from edefter.engine.job import Job
from edefter.engine.reading import read_source
from edefter.engine.spans import Span
from edefter.engine.start import Start
from edefter.ledger.build import build_parts
from edefter.ledger.head import LedgerHead
from edefter.ledger.inventory import build_inventory
from edefter.ledger.soundness import undisturbed
from edefter.model.files import BuiltPart
from edefter.model.finding import Finding, FindingLog
from edefter.model.journal import JournalBatch

Made = tuple[tuple[BuiltPart, ...] | None, FindingLog]


def make_books(job: Job, span: Span, start: Start, *, may_be_empty: bool) -> Made:
    """Read the source, write yevmiye and kebir and judge them.

    Args:
        job: the month.
        span: days to build.
        start: what is fixed.
        may_be_empty: days without an entry are no finding.

    Returns:
        The parts, or None when the rows hold an error; and all findings.
    """
    folder = job.folder("unsigned")
    books = JudgedBooks(job, folder)
    head = _head(job, span, start)

    def written(batches: Iterator[JournalBatch], findings: FindingLog) -> Made:
        books.begin(findings)
        parts = build_parts(
            batches,
            head,
            before=start.before,
            numbering=job.source_settings.numbering,
            folder=folder,
            findings=findings,
            source_name=job.source_name,
            progress=job.services.progress,
            examine=_Examined(job, findings).add,
            most_bytes=job.settings.ledger.part_bytes,
            may_be_empty=may_be_empty,
            maker=books,
        )
        if findings.has_errors:
            return None, findings
        findings.merge(books.verdict)
        return parts, findings

    return read_source(job, span.first_day, job.last_day, written, on_rows=books.expect)


def make_inventory(job: Job, span: Span, start: Start) -> Made:
    """Read the source, write the envanter and judge it.

    Returns:
        The parts, or None when the rows hold an error; and all findings.
    """
    folder = job.folder("unsigned")
    head = _head(job, span, start)

    def written(batches: Iterator[JournalBatch], findings: FindingLog) -> Made:
        parts = build_inventory(
            batches,
            head,
            before=start.before,
            numbering=job.source_settings.numbering,
            folder=folder,
            findings=findings,
            source_name=job.source_name,
            progress=job.services.progress,
            examine=_Examined(job, findings).add,
            most_bytes=job.settings.ledger.part_bytes,
        )
        for part in parts or ():
            findings.merge(validate_file(job, part.inventory.path, signed=False))
        return parts, findings

    return read_source(job, span.first_day, job.last_day, written)


def _head(job: Job, span: Span, start: Start) -> LedgerHead:
    return LedgerHead(
        company=job.company,
        branch=job.branch,
        period=job.period,
        part=span.part,
        first_day=span.first_day,
        last_day=job.last_day,
        creation_date=date.fromisoformat(start.creation_date),
        source_application=start.source_application,
        attachments=() if span.before else _attachments(job),
    )


def _attachments(job: Job) -> tuple[Path, ...]:
    """PDF files for the first part of these books; whoever made them sees to it that they stay."""
    base = job.settings.ledger.attachments
    if base is None:
        return ()
    name = f"{job.last_day:%Y%m%d}" if job.is_inventory else job.period.compact
    if job.branch_number:
        name = f"{name}-{job.branch_number}"
    folder = base / job.company.code / name
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if not path.name.startswith(".")))


class _Examined:
    """What the rules say of the vouchers without an error, so that users see all at once."""

    def __init__(self, job: Job, findings: FindingLog) -> None:
        self._job = job
        self._findings = findings
        self._heads: set[tuple[str, str, str]] = set()

    def add(self, *paths: Path) -> None:
        """Look at the files of one part."""
        reports = [validate_file(self._job, path, signed=False) for path in paths]
        for report in reports:
            known = undisturbed(report, self._findings)
            self._findings.extend(finding for finding in known if self._is_new(finding))

    def _is_new(self, finding: Finding) -> bool:
        """All parts have the same head: what is wrong with it is told once."""
        place = finding.place
        if place.entry_no or place.line_no or place.voucher:
            return True
        told = (finding.rule, place.field, finding.value)
        if told in self._heads:
            return False
        self._heads.add(told)
        return True
