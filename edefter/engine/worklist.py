"""What is to be done: every month that is over and not closed and archived, with its legal date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from edefter.deadlines import Deadline, Extension, LegalCalendar
from edefter.engine.closing import is_closed
from edefter.engine.job import Job
from edefter.engine.services import Services
from edefter.model.company import Company
from edefter.model.documents import BOOKS
from edefter.model.period import ISTANBUL, Period
from edefter.state.records import Document
from edefter.state.states import State


@dataclass(frozen=True, slots=True)
class MonthDue:
    """A month of one company or branch.

    Args:
        company, branch, period: which.
        deadline: its legal date.
        begun: something of it was built here.
        closed: every approved berat is held and verified.
        archived: every receipt is held.
        days_left: until the last day on which it may be loaded; negative = over.
    """

    company: Company
    branch: str
    period: Period
    deadline: Deadline
    begun: bool
    closed: bool
    archived: bool
    days_left: int

    @property
    def standing(self) -> str:
        """How far it is: `new`, `begun`, `closed` or `archived`."""
        if self.archived:
            return "archived"
        if self.closed:
            return "closed"
        return "begun" if self.begun else "new"


def legal_calendar(services: Services) -> LegalCalendar:
    """The calendar with the operator's own extensions and holidays."""
    settings = services.settings
    extensions = [
        Extension(item.original, item.until, item.source) for item in settings.extensions.values()
    ]
    return LegalCalendar(extensions, settings.calendar.holidays)


def warn_of_deadline(job: Job) -> None:
    """Say how many days are left for a month that is not closed, from some days before on."""
    if job.is_inventory or is_closed(job.period, job.documents()):
        return
    deadline = legal_calendar(job.services).deadline(job.company, job.period)
    left = deadline.days_left(job.services.wall())
    if left <= job.settings.calendar.warn_days:
        key = "engine.deadline_near" if left >= 0 else "engine.deadline_over"
        job.warn(key, **job.facts, day=deadline.day.isoformat(), left=abs(left))


def books_of(company: Company) -> list[str]:
    """Numbers of the branches that keep books; one empty number where the company does itself."""
    return [branch.number for branch in company.branches] or [""]


def months_of(
    services: Services, company: Company, branch: str, *, through: Period | None = None
) -> Iterator[MonthDue]:
    """Every month of a company or branch that is over, the oldest first.

    Args:
        services: settings, state and time.
        company, branch: whose.
        through: the last month; None = the one before today's.
    """
    now = services.wall()
    calendar = legal_calendar(services)
    last = through or Period.of(now.astimezone(ISTANBUL).date()).previous()
    documents = services.store.documents(company.code, branch)
    period = company.first_period(branch)
    while period <= last:
        own = [d for d in documents if d.period == period and d.kind in BOOKS]
        yield _month(company, branch, period, own, calendar, now)
        period = period.next()


def _month(
    company: Company,
    branch: str,
    period: Period,
    documents: Iterable[Document],
    calendar: LegalCalendar,
    now: datetime,
) -> MonthDue:
    own = list(documents)
    deadline = calendar.deadline(company, period)
    closed = is_closed(period, own)
    return MonthDue(
        company=company,
        branch=branch,
        period=period,
        deadline=deadline,
        begun=any(d.state is not State.DRAFT for d in own),
        closed=closed,
        archived=closed and all(d.state is State.ARCHIVED or d.adopted for d in own),
        days_left=deadline.days_left(now),
    )
