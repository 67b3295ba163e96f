"""The month end of one company: the order of all steps, safe to repeat at any time."""

from __future__ import annotations

from collections.abc import Iterator

from edefter.engine.archiving import ensure_in_tree
from edefter.engine.building import ensure_built, needs_building
from edefter.engine.closing import is_closed, next_part, open_books
from edefter.engine.copying import ensure_copied
from edefter.engine.correcting import require_corrections_finished
from edefter.engine.job import Job
from edefter.engine.joining import require_numbers_fit
from edefter.engine.ledger_report import ensure_report, report_is_done, report_job
from edefter.engine.prior import PriorCheck, check_prior_month
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal, reported
from edefter.engine.sealing import ensure_ledgers_signed, ensure_packaged
from edefter.engine.spans import reaches, require_later_day
from edefter.engine.spreading import get_ready_early
from edefter.engine.stamping import note_outage
from edefter.engine.submitting import DECIDED, ensure_submitted, stop_if_decided
from edefter.engine.uploading import ensure_uploaded
from edefter.engine.worklist import warn_of_deadline
from edefter.errors import ConfigError, EdefterError, OperatorNeeded
from edefter.model.documents import DocumentName
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES, AT_GIB, NOT_SENT


def run_month(job: Job, goal: Goal = Goal.ARCHIVE, *, outage: bool = False) -> MonthReport:
    """Do all steps of a month that are not done yet.

    Args:
        job: the month.
        goal: the last step to take.
        outage: sign with time stamps because GİB is down; ends before anything is sent.

    Returns:
        The closing report; its `error` and `exit_code` tell what stopped the run. Only defects of
        ours are raised.
    """
    return reported(job, lambda: _sign_with_stamps(job) if outage else _run(job, goal))


def _report(job: Job, goal: Goal) -> EdefterError | None:
    """The defter raporu of a month that is closed now; the archive does not wait for it.

    Returns:
        What stopped it, to be told when everything else is done.
    """
    wanted = job.settings.gib.report != "off" and goal >= Goal.SUBMIT
    if not wanted or not is_closed(job.period, job.documents()):
        return None
    try:
        ensure_report(job)
    except EdefterError as error:
        return error
    return None


def _run(job: Job, goal: Goal) -> None:
    require_corrections_finished(job)
    warn_of_deadline(job)
    for stretch in _stretches(job):
        documents = stretch.documents()
        require_later_day(stretch, documents)
        if not is_closed(job.period, documents, stretch.last_day):
            _close(stretch, goal, documents)
        if not is_closed(job.period, job.documents(), stretch.last_day):
            break
    stopped = _report(job, goal)
    if goal >= Goal.ARCHIVE:
        ensure_in_tree(job)
        ensure_uploaded(job)
        reports = report_job(job)
        ensure_in_tree(reports, *report_is_done(job))
        ensure_uploaded(reports)
        ensure_copied(job)
    if stopped is not None:
        raise stopped
    if stretch.last_day < job.last_day or not job.whole_month:
        job.warn("engine.month_stays_open", **job.facts, day=stretch.last_day.isoformat())


def _stretches(job: Job) -> Iterator[Job]:
    """The days of this run up to each end of a fiscal year in them, and up to its last.

    What lies behind such a day is made when the days before it are approved: no file reaches over
    it, and numbers begin anew there (lifecycle.md §3, tasfiye). Days that GİB has are left out.
    """
    known = max((d.last_day for d in job.documents() if d.state not in NOT_SENT), default="")
    for day in job.company.year_ends(job.period, job.last_day):
        if day.isoformat() >= known:
            yield job.up_to(day)
    yield job


def _sign_with_stamps(job: Job) -> None:
    """GİB is down at the deadline: ledgers and berats with time stamps, to be sent later."""
    if job.settings.timestamp.use == "never":
        raise ConfigError("engine.stamps_off", **job.facts)
    for stretch in _stretches(job):
        if not is_closed(job.period, job.documents(), stretch.last_day):
            break
    else:
        return
    job = stretch
    require_corrections_finished(job)
    require_later_day(job, job.documents())
    if any(document.state in (*AT_GIB, *APPROVED_STATES) for document in job.documents()):
        raise OperatorNeeded("engine.stamp_too_late", **job.facts)
    stop_if_decided(job)
    _check_seal_early(job, Goal.SIGN)
    check_prior_month(job)
    ensure_built(job)
    require_numbers_fit(job)
    ensure_ledgers_signed(job)
    note_outage(job)
    ensure_packaged(job, outage=True)


def _close(job: Job, goal: Goal, documents: list[Document]) -> None:
    """Everything up to the approved berats."""
    if any(d.adopted for d in documents) and all(d.state in APPROVED_STATES for d in documents):
        _refuse_half_adopted(job, documents)
    if any(d.state in DECIDED for d in documents):
        settle(job, goal)
        documents = job.documents()
    given = all(d.state in (*AT_GIB, *APPROVED_STATES) for d in documents)
    if not given or not reaches(job, documents):
        # Something of the month is still to be made or sent here.
        if needs_building(job, documents):
            get_ready_early(job)
        _check_seal_early(job, goal)
        prior = check_prior_month(job)
        _build_and_sign(job, goal, prior)
        if goal >= Goal.SUBMIT and prior.unreachable is not None:
            raise prior.unreachable
    if goal >= Goal.SUBMIT:
        ensure_submitted(job)


def settle(job: Job, goal: Goal) -> None:
    """A book that GİB refused, or that needs a person, stops the month, but not blindly.

    Its sibling at GİB is asked for to the end (else neither could ever be made again), and what
    needed a person is asked for once more: the person may have acted. Nothing is sent here.
    """
    if goal >= Goal.SUBMIT:
        ensure_submitted(job, send=False)
    stop_if_decided(job)


def _refuse_half_adopted(job: Job, documents: list[Document]) -> None:
    missing = [
        DocumentName(
            job.company.tax_id.number, job.period, kind.berat, next_part(documents, kind),
            job.branch_number,
        ).as_approved().xml
        for kind in open_books(job.period, documents)
    ]  # fmt: skip
    raise OperatorNeeded("engine.half_adopted", **{**job.facts, "names": ", ".join(missing)})


def _check_seal_early(job: Job, goal: Goal) -> None:
    """A seal that does not fit is told before anything is built or GİB is asked with it."""
    asks_gib = job.period != job.company.first_period(job.branch_number)
    if goal >= Goal.SIGN or asks_gib:
        job.check_seal(job.measured_time("seal"))


def _build_and_sign(job: Job, goal: Goal, prior: PriorCheck) -> None:
    if prior.unreachable is not None:
        job.warn("engine.prior_unreachable", **{**job.facts, "before": job.period.previous()})
    ensure_built(job)
    require_numbers_fit(job)
    if goal < Goal.SIGN:
        return
    ensure_ledgers_signed(job)
    ensure_packaged(job)
