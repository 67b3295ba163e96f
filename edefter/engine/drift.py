"""Does the accounting source still say what the approved ledgers say?

The signed yevmiye is what was declared, so it is what the source is compared with: nothing has to
be kept beside it, and months that were closed long ago are compared just as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from edefter.atomic import sha256_file
from edefter.engine.job import Job
from edefter.engine.reading import read_source
from edefter.errors import ConfigError, InternalError, OperatorNeeded
from edefter.ledger.fingerprints import ChangedVoucher, Fingerprints, fingerprints_of
from edefter.model.documents import Kind
from edefter.model.finding import FindingLog
from edefter.model.journal import JOURNAL, JournalBatch
from edefter.source.convert import Converter
from edefter.source.ledger_xml import read_entries
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES


@dataclass(frozen=True, slots=True)
class Drift:
    """How the source differs from a closed month's ledgers.

    Args:
        company, branch, period: which month.
        vouchers: those that differ.
        unreadable: what the source says of rows that cannot be read.
    """

    company: str
    branch: str
    period: str
    vouchers: tuple[ChangedVoucher, ...]
    unreadable: FindingLog

    @property
    def is_none(self) -> bool:
        """Whether nothing changed."""
        return not self.vouchers and not self.unreadable.has_errors


def drift_of(job: Job) -> Drift:
    """Compare a month's source with its approved yevmiye.

    Args:
        job: the month; parts that are not approved yet are left out.

    Raises:
        ConfigError: nothing of the month is approved, or its ledger is not held here.
        OperatorNeeded: a ledger on disk is not the one that was approved.
        DataError: source or ledger cannot be read at all.
    """
    parts = [d for d in job.documents() if d.kind is Kind.Y and d.state in APPROVED_STATES]
    if not parts:
        raise ConfigError("engine.drift_not_closed", **job.facts)
    paths = [_ledger(job, part) for part in parts]
    before = _fingerprints(job, _written(paths))
    first_day = date.fromisoformat(min(part.first_day for part in parts))
    last_day = date.fromisoformat(max(part.last_day for part in parts))

    def seen(
        batches: Iterator[JournalBatch], findings: FindingLog
    ) -> tuple[Fingerprints, FindingLog]:
        return _fingerprints(job, (batch.frame for batch in batches)), findings

    now, findings = read_source(job, first_day, last_day, seen)
    return Drift(
        company=job.company.code,
        branch=job.branch_number,
        period=str(job.period),
        vouchers=tuple(before.changes(now)),
        unreadable=findings,
    )


def _fingerprints(job: Job, frames: Iterable[pl.DataFrame]) -> Fingerprints:
    return fingerprints_of(
        frames,
        numbered=job.source_settings.numbering == "source",
        branch_books=job.branch is not None,
    )


def _ledger(job: Job, part: Document) -> Path:
    """The approved ledger of a part, where it was made or in the archive."""
    record = job.store.files(part.id).get("ledger")
    if record is None:
        raise ConfigError("engine.drift_no_ledger", **job.facts, part=part.part)
    folder = job.archive_folder_of(date.fromisoformat(part.first_day))
    places = (record.path, folder / record.stored.name.xml)
    for path in places:
        if path.is_file() and sha256_file(path) == record.sha256:
            return path
    raise OperatorNeeded("engine.file_changed", **job.facts, file=record.name, path=str(places[-1]))


def _written(paths: Iterable[Path]) -> Iterator[pl.DataFrame]:
    """What the ledgers say, as canonical rows; we wrote them, so rows can hold all of it."""
    findings = FindingLog()
    converter = Converter("edefter", findings)
    row = 0
    for path in paths:
        for raw in read_entries(path, JOURNAL, findings, source="edefter", row=row):
            row += raw.height
            yield converter.convert(raw)
    if findings.has_errors:
        first = next(iter(findings))
        raise InternalError("engine.drift_ledger_unread", rule=first.rule, field=first.place.field)
