"""Where every month stands in the archive: the tree, the portal, the second places.

Counts by what is recorded; `proving` is who looks at contents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from edefter.archive.retention import keep_until
from edefter.engine.job import Job
from edefter.engine.services import Services
from edefter.engine.uploading import uploads_of
from edefter.engine.worklist import MonthDue, books_of, months_of
from edefter.model.company import Company
from edefter.model.documents import BOOKS
from edefter.state.records import Document
from edefter.state.states import State


@dataclass(frozen=True, slots=True)
class MonthKept:
    """A month in the archive.

    Args:
        month: which, with its legal date and how far it is.
        in_tree: every document that the month has lies in the local tree.
        receipts, uploads: portal receipts held, of how many that there must be.
        at_portal: whether the portal calls the month complete; None = it was not asked.
        copies: by second place, how many of the month's files are there.
        files: how many files the month's folder must hold.
        keep_until: last day of keeping.
    """

    month: MonthDue
    in_tree: bool
    receipts: int
    uploads: int
    at_portal: bool | None
    copies: dict[str, int]
    files: int
    keep_until: date


def months_kept(services: Services, company: Company, *, ask: bool) -> Iterator[MonthKept]:
    """Every month of a company of which something was made, the oldest first.

    Args:
        services: the world.
        company: whose.
        ask: whether the portal is asked what it expects and holds.

    Raises:
        PortalUnreachable, PortalWaiting, PortalSetupRefused: the portal was to be asked.
    """
    for branch in books_of(company):
        job = Job(services, company, branch, company.first_period(branch))
        places = {
            name: {record.sha256 for record in services.store.copies(company.code, name).values()}
            for name in services.settings.places
        }
        for month in months_of(services, company, branch):
            if month.begun:
                yield _kept(job, month, places, ask=ask)


def _kept(job: Job, month: MonthDue, places: dict[str, set[str]], *, ask: bool) -> MonthKept:
    documents = job.store.documents(job.company.code, month.branch, month.period, kinds=BOOKS)
    uploads = [(d, role) for d in documents for role in uploads_of(d.kind)]
    records = [job.store.upload(document.id, role) for document, role in uploads]
    contents = _contents(job, documents)
    year = job.company.fiscal_year(month.period.first_day)
    asked = ask and job.settings.portal.enabled and month.archived
    return MonthKept(
        month=month,
        in_tree=all(d.state in (State.ARCHIVING, State.ARCHIVED) for d in documents),
        receipts=sum(record is not None and record.state == "stored" for record in records),
        uploads=len(uploads),
        at_portal=_complete(job, month) if asked else None,
        copies={name: len(contents & there) for name, there in places.items()},
        files=len(contents),
        keep_until=keep_until(year, job.settings.archive.retention_years),
    )


def _contents(job: Job, documents: list[Document]) -> set[str]:
    folders = {job.archive_folder_of(date.fromisoformat(d.first_day)) for d in documents}
    return {row.sha256 for folder in folders for row in job.vault.rows(folder).values()}


def _complete(job: Job, month: MonthDue) -> bool:
    return bool(job.portal.period_state(month.period.compact, month.branch)["complete"])
