"""One job of a worker: the next month of each branch of a company is visited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy.engine import Connection

from edefter.engine.month import run_month
from edefter.engine.opening import registered_company
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Services
from edefter.engine.visiting import Outcome, RunMonth, visit
from edefter.engine.worklist import MonthDue, months_of
from edefter.errors import EdefterError, ExitCode
from edefter.model.company import Company
from edefter.state.nights import MonthOfNight
from edefter.workers.queue import VisitQueue

AT_ONCE = datetime.min.replace(tzinfo=UTC)


def visit_company(
    services: Services,
    queue: VisitQueue,
    night_id: int,
    code: str,
    *,
    run: RunMonth = run_month,
) -> None:
    """Visit what is due of a company in a night, and queue what follows with what came out.

    Args:
        services: settings, state and time.
        queue: where the next visit goes.
        night_id: in which night; nothing is done when it is over.
        code: of the company.
        run: works at one month.

    Raises:
        SQLAlchemyError: the state database does not answer; the job is taken up again.
    """
    night = services.store.night(night_id)
    if night is None:
        return
    months = services.store.months_of_night(night_id, code)
    now = services.wall()
    due = [m for m in next_months(months) if m.again_at is None or m.again_at <= now]
    try:
        company = registered_company(services.store, code)
    except EdefterError as error:
        visited = [_refused(month, error) for month in due]
        services.store.record_visits(night_id, visited, lambda _: None)
        return
    visited = [_visited(services, company, month, Goal(night.goal), run) for month in due]
    after = {(m.branch, m.period): m for m in [*months, *visited]}
    due_at = next_visit(after.values())

    def also(connection: Connection) -> None:
        if due_at is not None:
            at = None if due_at == AT_ONCE else due_at
            queue.add(connection, night_id, [(code, company.tax_id.number, at)])

    services.store.record_visits(night_id, visited, also)


def next_months(months: Iterable[MonthOfNight]) -> Iterator[MonthOfNight]:
    """The month that each branch stands at; none of a branch that is done or stopped.

    Args:
        months: of one company in a night.
    """
    by_branch = sorted(months, key=lambda month: (month.branch, month.period))
    for _, line in groupby(by_branch, key=lambda month: month.branch):
        left = (m for m in line if not (m.over and m.exit_code == ExitCode.OK))
        month = next(left, None)
        if month is not None and not month.over:
            yield month


def next_visit(months: Iterable[MonthOfNight]) -> datetime | None:
    """When a company is to be visited again.

    Args:
        months: of one company in a night.

    Returns:
        UTC, or `AT_ONCE`; None = not in this night.
    """
    return min((month.again_at or AT_ONCE for month in next_months(months)), default=None)


def _visited(
    services: Services, company: Company, month: MonthOfNight, goal: Goal, run: RunMonth
) -> MonthOfNight:
    """Visit one month; how it stands then."""
    waits = month.visits if month.exit_code == ExitCode.WAITING else 0
    due = due_month(services, company, month)
    outcome, wait_s = visit(services, due, goal, run=run, waits=waits)
    return replace(
        month,
        exit_code=int(outcome.exit_code),
        again_at=services.wall() + timedelta(seconds=wait_s) if wait_s else None,
        over=wait_s is None or outcome.exit_code is ExitCode.OK,
        told=outcome.told,
    )


def _refused(month: MonthOfNight, error: EdefterError) -> MonthOfNight:
    """A month that cannot even be begun."""
    report = MonthReport(
        company=month.company, branch=month.branch, period=str(month.period), error=error
    )
    outcome = Outcome.of(report)
    return replace(month, exit_code=int(outcome.exit_code), over=True, told=outcome.told)


def due_month(services: Services, company: Company, month: MonthOfNight) -> MonthDue:
    """A month of a night with its legal date, as it stands in state now."""
    *_, due = months_of(services, company, month.branch, through=month.period)
    return due
