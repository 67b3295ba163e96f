"""The nightly batch: all companies, each month as far as it comes, nobody waiting for another.

Months of one company or branch follow each other; companies do not. While GİB works on one month
the run goes on with the next company and comes back when the first is due to be asked for again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count

from edefter.engine.month import run_month
from edefter.engine.running import Goal
from edefter.engine.services import Services
from edefter.engine.visiting import Outcome, RunMonth, seconds_until_due, visit
from edefter.engine.worklist import MonthDue, books_of, months_of
from edefter.errors import ExitCode, worst
from edefter.model.company import Company
from edefter.model.period import Period

Told = Callable[[Outcome], None]


class Group(StrEnum):
    """How a month stands when the night is over."""

    CLOSED = "closed"  # approved berats held and archived
    WAITING = "waiting"  # GİB, the portal or another run; the next night goes on
    NEEDS_DATA = "needs_data"  # findings in the books
    NEEDS_OPERATOR = "needs_operator"  # a person must decide, or the set-up is wrong
    REFUSED = "refused"  # clock, seal, prior month


_GROUP_OF = {
    ExitCode.OK: Group.CLOSED,
    ExitCode.WAITING: Group.WAITING,
    ExitCode.FINDINGS: Group.NEEDS_DATA,
    ExitCode.REFUSED: Group.REFUSED,
    ExitCode.CONFIG: Group.NEEDS_OPERATOR,
    ExitCode.OPERATOR: Group.NEEDS_OPERATOR,
    ExitCode.INTERNAL: Group.NEEDS_OPERATOR,
}


@dataclass(frozen=True, slots=True)
class NightMonth:
    """One month of the closing report.

    Args:
        due: which, with its legal date.
        outcome: of its last visit; None = its turn did not come.
        visits: how often it was worked at.
    """

    due: MonthDue
    outcome: Outcome | None
    visits: int

    @property
    def group(self) -> Group:
        """How it stands."""
        return _GROUP_OF[self.exit_code]

    @property
    def exit_code(self) -> ExitCode:
        """As of a run of this month alone; not reached = waiting."""
        return ExitCode.WAITING if self.outcome is None else self.outcome.exit_code


@dataclass(frozen=True, slots=True)
class NightReport:
    """What a night came to.

    Args:
        begun_at, ended_at: UTC.
        months: in the order of the work list.
    """

    begun_at: datetime
    ended_at: datetime
    months: tuple[NightMonth, ...]

    def of_group(self, group: Group) -> list[NightMonth]:
        """The months that stand so."""
        return [month for month in self.months if month.group is group]

    @property
    def exit_code(self) -> ExitCode:
        """That of the worst month."""
        return worst(month.exit_code for month in self.months)


def work_list(
    services: Services, companies: Iterable[Company], *, until: Period | None = None
) -> list[MonthDue]:
    """What a night works at: companies by their nearest legal date, months one after the other.

    A month is worked at when it was begun, when its legal date is near (`night.days_before`), or
    when a person named it or a later one (`until`). All months before such a one come too: none
    may be sent before the one before it is closed.

    Args:
        services: settings, state and time.
        companies: whose.
        until: the last month that was asked for by name.
    """
    lines = []
    for company in companies:
        for branch in books_of(company):
            months = [m for m in months_of(services, company, branch) if not m.archived]
            wanted = [at for at, month in enumerate(months) if _is_wanted(services, month, until)]
            if wanted:
                lines.append(months[: wanted[-1] + 1])
    lines.sort(key=lambda line: (min(m.deadline.day for m in line), line[0].company.code))
    return [month for line in lines for month in line]


def _is_wanted(services: Services, month: MonthDue, until: Period | None) -> bool:
    if until is not None:
        return month.period <= until
    return month.begun or month.days_left <= services.settings.night.days_before


@dataclass
class _Line:
    """The months of one company or branch, which follow each other."""

    months: list[MonthDue]
    outcomes: dict[Period, Outcome] = field(default_factory=dict)
    visits: dict[Period, int] = field(default_factory=dict)
    waits: int = 0

    @property
    def next_month(self) -> MonthDue | None:
        return next((m for m in self.months if not self._is_done(m)), None)

    def _is_done(self, month: MonthDue) -> bool:
        outcome = self.outcomes.get(month.period)
        return outcome is not None and outcome.exit_code is ExitCode.OK


def run_night(
    services: Services,
    months: list[MonthDue],
    *,
    goal: Goal = Goal.ARCHIVE,
    run: RunMonth = run_month,
    told: Told | None = None,
) -> NightReport:
    """Work at all months until each is done, stopped, or the night's time is over.

    Args:
        services: settings, state and time.
        months: the work list.
        goal: the last step to take.
        run: works at one month; `run_month`.
        told: hears how each visit came out; None = nobody.

    Returns:
        The closing report; one month's failure never stops the others.
    """
    begun_at, begun = services.wall(), services.monotonic()
    end = begun + services.settings.night.budget_s
    lines: dict[tuple[str, str], _Line] = {}
    for month in months:
        lines.setdefault((month.company.code, month.branch), _Line([])).months.append(month)
    for line in lines.values():
        line.months.sort(key=lambda month: month.period)
    order = count()
    queue = [
        (begun + seconds_until_due(services, line.months[0], 0.0), next(order), line)
        for line in lines.values()
    ]
    heapq.heapify(queue)
    while queue:
        due, _, line = heapq.heappop(queue)
        if due > end or services.monotonic() > end:
            continue  # what is left in the queue waits for the next night
        services.sleep(max(0.0, due - services.monotonic()))
        at = _visit(services, line, goal, run, told)
        if at is not None:
            heapq.heappush(queue, (at, next(order), line))
    return NightReport(begun_at, services.wall(), tuple(_told_of(lines, months)))


def _visit(
    services: Services, line: _Line, goal: Goal, run: RunMonth, told: Told | None
) -> float | None:
    """Work once at the next month of a line.

    Returns:
        When it is worth another visit, monotonic seconds; None = never in this night.
    """
    month = line.next_month
    if month is None:
        return None
    outcome, wait_s = visit(services, month, goal, run=run, waits=line.waits)
    line.outcomes[month.period] = outcome
    line.visits[month.period] = line.visits.get(month.period, 0) + 1
    line.waits = line.waits + 1 if wait_s else 0
    if told is not None:
        told(outcome)
    return None if wait_s is None else services.monotonic() + wait_s


def _told_of(
    lines: dict[tuple[str, str], _Line], months: Iterable[MonthDue]
) -> Iterator[NightMonth]:
    for month in months:
        line = lines[month.company.code, month.branch]
        yield NightMonth(month, line.outcomes.get(month.period), line.visits.get(month.period, 0))
