"""The trial balance of a company, read from its accounting source."""

from __future__ import annotations

from datetime import date

from edefter.engine.job import Job
from edefter.ledger.mizan import Mizan, mizan
from edefter.model.finding import FindingLog
from edefter.source.port import OutOfOrder, ReadRequest


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
    # Sums do not depend on the order, but what is no voucher in one place shows only when sorted.
    for as_they_come in (True, False):
        findings = FindingLog()
        request = ReadRequest(
            company=job.company.source_company,
            branch=job.branch_number,
            first_day=first_day,
            last_day=job.last_day,
            spill_folder=job.folder(),
            on_rows=lambda rows: job.services.progress.advance("source.read", rows),
            as_they_come=as_they_come,
        )
        try:
            return mizan(job.source.read(request, findings)), first_day, findings
        except OutOfOrder:
            continue
    raise AssertionError("rows that were kept are sorted")
