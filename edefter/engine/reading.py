"""The one way in which the engine reads an accounting source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import TypeVar

from edefter.engine.job import Job
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch
from edefter.source.ahead import batches_ahead
from edefter.source.port import OutOfOrder, ReadRequest

_T = TypeVar("_T")


def read_source(
    job: Job,
    first_day: date,
    last_day: date,
    use: Callable[[Iterator[JournalBatch], FindingLog], _T],
    *,
    on_rows: Callable[[int], None] | None = None,
) -> _T:
    """Have the vouchers of some days used while they are read.

    Args:
        job: company and branch.
        first_day, last_day: dates of entries, inclusive.
        use: gets the batches and the log that takes what is wrong with their rows. It is called a
            second time, with a log of its own, when the rows turn out not to come in ledger
            order: what it made of the first is worth nothing.
        on_rows: told how many rows were read so far; None = progress hears it.

    Returns:
        What `use` gave.

    Raises:
        ConfigError, DataError: the source cannot be read at all.
    """

    def attempt(*, as_they_come: bool) -> _T:
        findings = FindingLog()
        request = ReadRequest(
            company=job.company.source_company,
            branch=job.branch_number,
            first_day=first_day,
            last_day=last_day,
            spill_folder=job.folder("unsigned"),
            on_rows=on_rows or (lambda rows: job.services.progress.advance("source.read", rows)),
            as_they_come=as_they_come,
            layout=job.layout,
        )
        with closing(batches_ahead(job.source, request, findings)) as batches:
            return use(batches, findings)

    try:
        return attempt(as_they_come=True)
    except OutOfOrder:
        return attempt(as_they_come=False)
