"""What is fixed when a build starts, and kept through restarts: its day, program and numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from edefter.engine.job import Job
from edefter.engine.spans import Span, reaches
from edefter.errors import OperatorNeeded, RefusedError
from edefter.model.files import Counters
from edefter.state.states import NOT_SENT, State

REBUILDABLE = (State.DRAFT, State.BUILT)
STILL_OPEN = (*REBUILDABLE, State.PRECHECKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is fixed when a build starts, and kept through restarts."""

    creation_date: str
    source_application: str
    before: Counters


def start_of(job: Job, span: Span) -> Start:
    """Creation day, program and first numbers; what is open is DRAFT afterwards.

    When a document of these days is past rebuilding (signed, sent, approved), the others take
    over its values: only then do the same books give the same files.
    """
    lead = next((d.counters_before for d in span.documents if d.counters_before), None)
    same_days = reaches(job, span.documents)
    anew = not same_days or any(d.state is State.DRAFT for d in span.documents)
    open_states = STILL_OPEN if same_days else NOT_SENT
    past = (d for d in span.documents if d.state not in open_states and d.counters_before)
    model = next(past, None)
    if model is None and anew:
        return _open(job, span, _start_now(job, span))
    model = model or span.documents[0]
    start = Start(
        creation_date=model.creation_date,
        source_application=model.source_application,
        before=lead or Counters(),
    )
    return _open(job, span, start) if anew else start


def _start_now(job: Job, span: Span) -> Start:
    today = job.today()
    if today <= job.last_day:
        key = "engine.month_not_over" if job.whole_month else "engine.days_not_over"
        if job.is_inventory:
            key = "engine.inventory_day_not_over"
        raise RefusedError(key, **job.facts, day=job.last_day.isoformat(), today=today.isoformat())
    counters, known = job.counters_before(span.first_day)
    if not known or counters is None:
        unknown = "counters_unknown"
        if job.is_inventory:
            unknown = f"inventory_{unknown}"
        raise OperatorNeeded(f"engine.{unknown}", **{**job.facts, "before": job.period.previous()})
    return Start(
        creation_date=today.isoformat(),
        source_application=job.source_application,
        before=counters,
    )


def _open(job: Job, span: Span, start: Start) -> Start:
    """Record what is fixed before anything is built; how many parts come of it is not known yet."""
    fixed: dict[str, Any] = {
        "creation_date": start.creation_date,
        "source_application": start.source_application,
    }
    opened = list(span.documents)
    if not opened:
        for kind in job.kinds:
            opened.append(
                job.store.open_document(
                    company=job.company.code,
                    branch=job.branch_number,
                    period=job.period,
                    kind=kind,
                    part=span.part,
                    first_day=span.first_day.isoformat(),
                    last_day=job.last_day.isoformat(),
                    counters_before=asdict(start.before),
                    **fixed,
                )
            )
    for document in opened:
        if document.state in STILL_OPEN:
            job.store.transition(document.id, State.DRAFT, cause="build.start", **fixed)
    return start
