"""How far a run goes, and what every run is wrapped in: the company's lock, and its report."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from sqlalchemy.exc import SQLAlchemyError

from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.report import MonthReport, month_report
from edefter.errors import ConfigError, EdefterError, WaitingError


class Goal(IntEnum):
    """How far a run goes."""

    BUILD = 1  # yevmiye and kebir built and prechecked
    SIGN = 2  # signed, validated, berats signed, packaged
    SUBMIT = 3  # approved berats held and verified
    ARCHIVE = 4  # in the local tree and on the portal


def reported(job: Job, work: Callable[[], None]) -> MonthReport:
    """Do some work with the company's lock held.

    Args:
        job: whose.
        work: safe to repeat.

    Returns:
        The closing report; its `error` and `exit_code` tell what stopped the run. Only defects of
        ours are raised.
    """
    try:
        with company_lock(job.services.data_dir / "locks", job.store, job.company):
            job.clean_garbage()
            try:
                work()
            finally:
                job.judged.drop_deflated()  # while no other run may write there
            return month_report(job)
    except EdefterError as error:
        return month_report(job, error.with_facts(**job.facts))
    except OSError as error:
        return month_report(job, _computer_trouble(job, error))
    except SQLAlchemyError as error:
        # The state database itself cannot be read: only the facts of the job are certain.
        return MonthReport(
            company=job.company.code,
            branch=job.branch_number,
            period=str(job.period),
            error=WaitingError(
                "engine.state_unavailable", **job.facts, problem=type(error).__name__
            ),
        )
    finally:
        job.end_crew()


def _computer_trouble(job: Job, error: OSError) -> EdefterError:
    """Disk full, no permission, file gone: every state stands as it was before the step."""
    return ConfigError(
        "engine.computer_trouble",
        **job.facts,
        problem=error.strerror or type(error).__name__,
        path=str(error.filename or "-"),
    )
