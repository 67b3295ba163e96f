"""The month end of one company: the order of all steps, safe to repeat at any time."""

from __future__ import annotations

from enum import IntEnum

from edefter.engine.archiving import ensure_in_tree, ensure_uploaded
from edefter.engine.building import ensure_built
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.prior import PriorCheck, check_prior_month
from edefter.engine.report import MonthReport, month_report
from edefter.engine.sealing import ensure_ledgers_signed, ensure_packaged
from edefter.engine.submitting import ensure_submitted
from edefter.errors import EdefterError, OperatorNeeded
from edefter.state.states import APPROVED_STATES, AT_GIB, State


class Goal(IntEnum):
    """How far a run goes."""

    BUILD = 1  # yevmiye and kebir built and prechecked
    SIGN = 2  # signed, validated, berats signed, packaged
    SUBMIT = 3  # approved berats held and verified
    ARCHIVE = 4  # in the local tree and on the portal


def run_month(job: Job, goal: Goal = Goal.ARCHIVE) -> MonthReport:
    """Do all steps of a month that are not done yet.

    Args:
        job: the month.
        goal: the last step to take.

    Returns:
        The closing report; its `error` and `exit_code` tell what stopped the run. Errors of ours
        and of the outside world that are not `EdefterError` are raised.
    """
    try:
        with company_lock(job.services.data_dir / "locks", job.company.code, job.branch_number):
            job.clean_garbage()
            _run(job, goal)
            return month_report(job)
    except EdefterError as error:
        return month_report(job, error.with_facts(**job.facts))


def _run(job: Job, goal: Goal) -> None:
    documents = job.documents()
    unfinished = not documents or any(d.state not in APPROVED_STATES for d in documents)
    if unfinished:
        _refuse_if_decided(job)
        if not documents or any(d.state not in (*AT_GIB, *APPROVED_STATES) for d in documents):
            # Something of the month is still to be made or sent here.
            _check_seal_early(job, goal)
            prior = check_prior_month(job)
            _build_and_sign(job, goal, prior)
            if goal >= Goal.SUBMIT and prior.unreachable is not None:
                raise prior.unreachable
        if goal < Goal.SUBMIT:
            return
        ensure_submitted(job)
    if goal < Goal.ARCHIVE:
        return
    ensure_in_tree(job)
    ensure_uploaded(job)


def _check_seal_early(job: Job, goal: Goal) -> None:
    """A seal that does not fit is told before anything is built or GİB is asked with it."""
    asks_gib = job.period != job.company.first_period(job.branch_number)
    if goal >= Goal.SIGN or asks_gib:
        job.check_seal(job.measured_time("seal"))


def _refuse_if_decided(job: Job) -> None:
    """A rejected month is rebuilt only on the operator's word (`build --again`)."""
    for document in job.in_state(State.REJECTED, State.OPERATOR_NEEDED):
        raise OperatorNeeded(
            "engine.rejected" if document.state is State.REJECTED else "engine.operator_needed",
            **{
                **job.facts,
                "names": document.name(job.company.tax_id.number, document.kind.berat).package_id,
                "text": document.gib_text or "",
            },
        )


def _build_and_sign(job: Job, goal: Goal, prior: PriorCheck) -> None:
    if prior.unreachable is not None:
        job.services.listener.warn(
            "engine.prior_unreachable", **{**job.facts, "before": job.period.previous()}
        )
    ensure_built(job)
    if goal < Goal.SIGN:
        return
    ensure_ledgers_signed(job)
    ensure_packaged(job)


def start_again(job: Job, reason: str) -> None:
    """Take a month that GİB refused (or that was never sent) back to draft, same counters.

    Args:
        job: the month.
        reason: the operator's words, kept in the audit chain.

    Raises:
        OperatorNeeded: something of it may be at GİB, or is approved.
        WaitingError: another run holds the company.
    """
    with company_lock(job.services.data_dir / "locks", job.company.code, job.branch_number):
        for document in job.documents():
            if document.state in AT_GIB:
                raise OperatorNeeded("engine.again_at_gib", **job.facts, document=document.label)
        for document in job.documents():
            if document.state is State.DRAFT or document.state in APPROVED_STATES:
                continue
            job.store.transition(
                document.id,
                State.DRAFT,
                cause="operator: build again",
                evidence={"reason": reason},
                revision=document.revision + 1,
                ettn=None,
                accepted_at=None,
                gib_code=None,
                gib_text=None,
                not_found_at=None,
                unknown_since=None,
                intent=None,
            )
