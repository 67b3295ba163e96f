"""The trial balance of a company, read from its accounting source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from edefter.engine.job import Job
from edefter.engine.reading import read_source
from edefter.ledger.mizan import Mizan, mizan
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch


def trial_balance(job: Job, *, month_only: bool = False) -> tuple[Mizan, date, FindingLog]:
    """Add up the source from the beginning of the fiscal year to the last day of the job.

    Args:
        job: company, branch and last day.
        month_only: only the days of the month.

    Returns:
        The trial balance, its first day, and what the source said of unreadable rows (they are not
        in the sums).

    Raises:
        ConfigError, DataError: the source cannot be read at all.
    """
    first_day = job.period.first_day if month_only else job.company.fiscal_year(job.last_day).start

    def added(
        batches: Iterator[JournalBatch], findings: FindingLog
    ) -> tuple[Mizan, date, FindingLog]:
        return mizan(batches), first_day, findings

    return read_source(job, first_day, job.last_day, added)
