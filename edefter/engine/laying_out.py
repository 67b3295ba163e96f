"""The parts that a build gave become the documents of the month; what GİB has stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple
from typing import Any

from edefter.engine.job import Job
from edefter.engine.movements import TURNOVERS
from edefter.engine.spans import Span
from edefter.engine.start import STILL_OPEN, Start
from edefter.errors import OperatorNeeded
from edefter.model.files import BuiltPart, Counters, StoredFile
from edefter.state.parts import PartPlan, misfits
from edefter.state.records import Document
from edefter.state.states import NOT_SENT, State


def number_of(part: BuiltPart) -> str:
    """Six digits of its files' names."""
    return next(iter(part.books.values())).name.part


def lay_out(job: Job, span: Span, start: Start, parts: Sequence[BuiltPart]) -> list[Document]:
    """Make the documents of the month those of the parts before and of these.

    Raises:
        OperatorNeeded: GİB has a part that does not come out again.
    """
    plans = [
        PartPlan(
            part=number_of(part),
            first_day=part.first_day.isoformat(),
            last_day=part.last_day.isoformat(),
            counters_before=asdict(part.before),
        )
        for part in parts
    ]
    for document in misfits(span.documents, plans):
        raise OperatorNeeded("engine.sibling_differs", **job.facts, document=document.label)
    numbers = {plan.part for plan in plans}
    stale = [
        record.path
        for document in span.documents
        if document.part not in numbers
        for record in job.store.files(document.id).values()
    ]
    kept = {document.part: document for document in span.before}
    job.store.lay_out(
        company=job.company.code,
        branch=job.branch_number,
        period=job.period,
        kinds=job.kinds,
        parts=[*(_as_it_is(document) for document in kept.values()), *plans],
        creation_date=start.creation_date,
        source_application=start.source_application,
    )
    for path in stale:
        path.unlink(missing_ok=True)
    return [document for document in job.documents() if document.part in numbers]


def _as_it_is(document: Document) -> PartPlan:
    return PartPlan(
        part=document.part,
        first_day=document.first_day,
        last_day=document.last_day,
        counters_before=asdict(document.counters_before or Counters()),
    )


def record(job: Job, part: BuiltPart, documents: Sequence[Document]) -> None:
    """Take the files of a part into state, where its documents may still be built."""
    totals: dict[str, Any] = {name: asdict(each) for name, each in part.sums.items()}
    if part.turnovers:
        turnovers = {account: astuple(each) for account, each in part.turnovers.items()}
        totals[TURNOVERS] = turnovers
    for document in documents:
        if document.state in (State.BUILT, State.PRECHECKED):
            job.store.transition(document.id, State.DRAFT, cause="build.again")
        elif document.state is not State.DRAFT:
            continue
        job.store.transition(
            document.id,
            State.BUILT,
            cause="built",
            files={"unsigned": part.books[document.kind]},
            counters_after=asdict(part.after),
            totals=totals,
        )


def other_books_now(job: Job, documents: Sequence[Document], fresh: dict[str, StoredFile]) -> bool:
    """What is past rebuilding must come out again equal, or nothing of it was sent.

    Returns:
        True when something differs and was not sent: it is DRAFT now, and all is built anew.

    Raises:
        OperatorNeeded: it differs, and may be at GİB or is approved.
    """
    differing = []
    for document in documents:
        record = job.store.files(document.id).get("unsigned")
        name = document.name(job.company.tax_id.number).stem
        if document.state in STILL_OPEN or (record and record.sha256 == fresh[name].sha256):
            continue
        if document.state not in NOT_SENT:
            raise OperatorNeeded("engine.sibling_differs", **job.facts, document=document.label)
        differing.append(document)
    for document in differing:
        job.store.transition(
            document.id, State.DRAFT, cause="books changed before sending", ettn=None, intent=None
        )
    return bool(differing)
