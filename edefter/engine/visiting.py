"""One visit of a night to one month: worked at once, with no patience, whatever happens in it.

The night of one process and the workers of a bureau make the same visits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edefter.engine.job import Job
from edefter.engine.month import run_month
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Services
from edefter.engine.submitting import next_question
from edefter.engine.worklist import MonthDue
from edefter.errors import EdefterError, ExitCode, InternalError
from edefter.messages import LANGS, Lang
from edefter.observe.events import event

RunMonth = Callable[[Job, Goal], MonthReport]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a month stands after a visit, in plain values that may travel between processes.

    Args:
        exit_code: as of a run of this month alone.
        told: its report by language, as `MonthReport.as_json` gives it.
    """

    exit_code: ExitCode
    told: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, report: MonthReport) -> Outcome:
        """That of a report."""
        return cls(report.exit_code, {lang: report.as_json(lang) for lang in LANGS})

    def report(self, lang: Lang) -> Mapping[str, Any]:
        """The report as JSON."""
        return self.told[lang]

    def text(self, lang: Lang) -> str:
        """What stopped it, in one sentence; empty = nothing."""
        return str(self.told[lang].get("error", {}).get("text", ""))

    def remedy(self, lang: Lang) -> str:
        """What to do next; empty = nothing."""
        return str(self.told[lang].get("error", {}).get("remedy", ""))


def visit(
    services: Services,
    month: MonthDue,
    goal: Goal,
    *,
    run: RunMonth = run_month,
    waits: int = 0,
) -> tuple[Outcome, float | None]:
    """Work once at a month: everything that is due is done and asked once.

    Args:
        services: settings, state and time.
        month: which.
        goal: the last step to take.
        run: works at it.
        waits: visits before this one that ended with waiting.

    Returns:
        How it came out, and after how many seconds it (or, when it is done, the month after it)
        is worth another visit; None = never without a person.
    """
    outcome = Outcome.of(_run_one(services, month, goal, run))
    event(
        "night.visited", "month of the night", company=month.company.code, branch=month.branch,
        period=str(month.period), exit_code=int(outcome.exit_code),
    )  # fmt: skip
    if outcome.exit_code is ExitCode.OK:
        return outcome, 0.0
    if outcome.exit_code is not ExitCode.WAITING:
        return outcome, None
    schedule = services.settings.gib.poll_schedule_s
    wait_s = seconds_until_due(services, month, schedule[min(waits, len(schedule) - 1)])
    return outcome, max(wait_s, schedule[0])


def seconds_until_due(services: Services, month: MonthDue, otherwise_s: float) -> float:
    """Until GİB is to be asked again about a month, also when a run before this night asked last.

    Args:
        services: settings, state and time.
        month: which.
        otherwise_s: when nothing of it is at GİB, or something of it can be done now.
    """
    documents = services.store.documents(month.company.code, month.branch, month.period)
    due = next_question(services.settings.gib, documents)
    if due is None:
        return otherwise_s
    return max(0.0, (due - services.wall()).total_seconds())


def _run_one(services: Services, month: MonthDue, goal: Goal, run: RunMonth) -> MonthReport:
    """One month, whatever happens in it."""
    try:
        job = Job(services, month.company, month.branch, month.period, patience_s=0.0)
        return run(job, goal)
    except EdefterError as error:
        problem = error
    except Exception as error:
        problem = InternalError("engine.night_defect", problem=type(error).__name__)
        event("night.defect", "a month ended with a defect", problem=repr(type(error)))
    return MonthReport(
        company=month.company.code,
        branch=month.branch,
        period=str(month.period),
        error=problem.with_facts(company=month.company.code, period=month.period),
    )
