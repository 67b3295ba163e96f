"""A night shared by workers: begun, watched and told about by one process, worked at by others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import count

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from edefter.engine.night import NightMonth, NightReport, Told
from edefter.engine.opening import registered_company
from edefter.engine.running import Goal
from edefter.engine.services import Services
from edefter.engine.visiting import Outcome
from edefter.engine.worklist import MonthDue
from edefter.errors import ExitCode, WaitingError
from edefter.model.period import Period
from edefter.state.nights import MonthOfNight, Night
from edefter.workers.queue import VisitQueue
from edefter.workers.visits import AT_ONCE, due_month, next_visit

LOOK_S = 2.0
"""Seconds between two looks at a night."""
_LOOKS_TO_REFILL = 15
_MOST_MISSES = 60
"""Looks in a row that the database may not answer: two minutes, as long as its restart takes."""


def share_night(
    services: Services,
    queue: VisitQueue,
    months: list[MonthDue],
    *,
    goal: Goal = Goal.ARCHIVE,
    told: Told | None = None,
) -> NightReport:
    """Have workers do a night, and watch it to its end or to that of its budget.

    A night that is going on already is joined: its months are watched too.

    Args:
        services: settings, state and time.
        queue: of the state database.
        months: the work list.
        goal: the last step to take.
        told: hears how visits came out; None = nobody.

    Returns:
        The closing report.

    Raises:
        WaitingError: the state database has not answered for a while. The night goes on without
            us; the same command watches it again.
    """
    night = begin_night(services, queue, months, goal=goal)
    _watch(services, queue, night, told)
    services.store.end_night(night.id)
    queue.drop_waiting(night.id)
    return night_report(services, night, months)


def _watch(services: Services, queue: VisitQueue, night: Night, told: Told | None) -> None:
    """Look on until no company is to be visited any more, or the night's budget is over."""
    seen: dict[tuple[str, str, Period], int] = {}
    misses, told_alone = 0, False
    alive_s = 3 * services.settings.workers.heartbeat_s
    for look in count():
        try:
            found = services.store.months_of_night(night.id)
            if look % _LOOKS_TO_REFILL == 0:
                refill(services, queue, night, found)
                # Not at the first look: workers are often started with the night.
                if look and not told_alone and not queue.workers(alive_s):
                    services.listener.warn("workers.nobody")
                    told_alone = True
        except OperationalError as error:
            misses += 1
            if misses == _MOST_MISSES:
                raise WaitingError(
                    "workers.night_unwatched", problem=type(error.orig).__name__
                ) from None
        else:
            misses = 0
            for month in found:
                key = (month.company, month.branch, month.period)
                if month.told and seen.get(key) != month.visits and told is not None:
                    told(_outcome(month))
                seen[key] = month.visits
            if not _open_companies(found):
                return
        if services.wall() >= night.until_at:
            return
        services.sleep(LOOK_S)


def begin_night(
    services: Services, queue: VisitQueue, months: Iterable[MonthDue], *, goal: Goal = Goal.ARCHIVE
) -> Night:
    """Begin a night and queue its companies, in one transaction; or join the one that goes on.

    Args:
        services: settings, state and time.
        queue: of the state database.
        months: the work list, companies in the order in which they are visited first.
        goal: the last step to take.
    """
    planned = list(months)
    companies = {month.company.code: month.company.tax_id.number for month in planned}
    until_at = services.wall() + timedelta(seconds=services.settings.night.budget_s)
    listed = [MonthOfNight(m.company.code, m.branch, m.period) for m in planned]

    def also(connection: Connection, night_id: int) -> None:
        visits = [(code, number, None) for code, number in companies.items()]
        queue.add(connection, night_id, visits)

    return services.store.begin_night(until_at, int(goal), listed, also)


def refill(
    services: Services, queue: VisitQueue, night: Night, months: Iterable[MonthOfNight]
) -> int:
    """Queue companies that have months left and no job: one was lost, or failed.

    Args:
        services: settings, state and time.
        queue: of the state database.
        night: that goes on.
        months: of the night, as they stand.

    Returns:
        How many were missing.
    """
    there = {v.company for v in queue.visits() if v.status != "failed" and v.night == night.id}
    missing = []
    for code, own in _open_companies(months).items():
        if code not in there:
            number = services.store.tax_number(code)
            due_at = next_visit(own)
            missing.append((code, number, None if due_at == AT_ONCE else due_at))
    if missing:
        with services.store.engine.begin() as connection:
            queue.add(connection, night.id, missing)
    return len(missing)


def _open_companies(months: Iterable[MonthOfNight]) -> dict[str, list[MonthOfNight]]:
    """The companies that are to be visited again, with all their months."""
    by_company: dict[str, list[MonthOfNight]] = {}
    for month in months:
        by_company.setdefault(month.company, []).append(month)
    return {code: own for code, own in by_company.items() if next_visit(own) is not None}


def night_report(services: Services, night: Night, planned: Iterable[MonthDue]) -> NightReport:
    """What a night came to so far.

    Args:
        services: settings, state and time.
        night: which.
        planned: the work list of whoever asks; months that others added are looked up.
    """
    known = {(due.company.code, due.branch, due.period): due for due in planned}
    told = []
    for month in services.store.months_of_night(night.id):
        due = known.get((month.company, month.branch, month.period))
        if due is None:
            due = due_month(services, registered_company(services.store, month.company), month)
        told.append(NightMonth(due, _outcome(month) if month.told else None, month.visits))
    return NightReport(night.begun_at, services.wall(), tuple(told))


def _outcome(month: MonthOfNight) -> Outcome:
    return Outcome(ExitCode(month.exit_code or 0), month.told or {})
