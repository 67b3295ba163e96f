"""The envanter defteri of one day, from the accounting source to the archive.

It takes the steps of a month's books, as a document of its own (kind E, berat EB, both sent); no
month waits for it, and it waits for none (lifecycle.md §6, §8).
"""

from __future__ import annotations

from datetime import date

from edefter.engine.archiving import ensure_in_tree
from edefter.engine.building import ensure_built
from edefter.engine.closing import all_approved
from edefter.engine.copying import ensure_copied
from edefter.engine.job import Job
from edefter.engine.month import settle
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal, reported
from edefter.engine.sealing import ensure_ledgers_signed, ensure_packaged
from edefter.engine.services import Services
from edefter.engine.submitting import DECIDED, ensure_submitted
from edefter.engine.uploading import ensure_uploaded
from edefter.errors import RefusedError
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.model.period import Period
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES, AT_GIB


def inventory_job(services: Services, company: Company, branch_number: str, day: date) -> Job:
    """The job of an envanter.

    Args:
        services: the world.
        company: the registered company.
        branch_number: four digits, or empty.
        day: of the inventory: the first of the fiscal year (opening) or its last (year-end).

    Raises:
        ConfigError: unknown branch, or a day before the company's start.
    """
    return Job(services, company, branch_number, Period.of(day), until=day, kinds=(Kind.E,))


def run_inventory(job: Job, goal: Goal = Goal.ARCHIVE) -> MonthReport:
    """Do all steps of an envanter that are not done yet.

    Args:
        job: from `inventory_job`.
        goal: the last step to take.

    Returns:
        The closing report; its `error` and `exit_code` tell what stopped the run.
    """
    return reported(job, lambda: _run(job, goal))


def _run(job: Job, goal: Goal) -> None:
    documents = job.documents()
    _require_this_day(job, documents)
    if not all_approved(documents):
        _make(job, goal, documents)
    if goal >= Goal.ARCHIVE:
        ensure_in_tree(job)
        ensure_uploaded(job)
        ensure_copied(job)


def _make(job: Job, goal: Goal, documents: list[Document]) -> None:
    if any(document.state in DECIDED for document in documents):
        settle(job, goal)
        documents = job.documents()
    if not documents or any(d.state not in (*AT_GIB, *APPROVED_STATES) for d in documents):
        if goal >= Goal.SIGN:
            job.check_seal(job.measured_time("seal"))
        ensure_built(job)
        if goal >= Goal.SIGN:
            ensure_ledgers_signed(job)
            ensure_packaged(job)
    if goal >= Goal.SUBMIT:
        ensure_submitted(job)


def _require_this_day(job: Job, documents: list[Document]) -> None:
    """File names tell envanters apart by their month only."""
    for document in documents:
        if document.first_day != job.last_day.isoformat():
            raise RefusedError(
                "engine.other_inventory_day",
                **job.facts, day=job.last_day.isoformat(), known=document.first_day,
            )  # fmt: skip
    year = job.company.fiscal_year(job.last_day)
    if job.last_day not in (year.start, year.end):
        job.warn(
            "engine.inventory_within_year",
            **job.facts, day=job.last_day.isoformat(),
            start=year.start.isoformat(), end=year.end.isoformat(),
        )  # fmt: skip
