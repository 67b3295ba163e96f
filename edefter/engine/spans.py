"""Which days of a month are to be built now: those behind the parts that GİB has already.

Parts that were made in one build may share a day; such a chain is only built together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from edefter.engine.job import Job
from edefter.errors import RefusedError
from edefter.model.documents import UNDIVIDED
from edefter.state.records import Document
from edefter.state.states import NOT_SENT


@dataclass(frozen=True, slots=True)
class Span:
    """Days that one build covers.

    Args:
        part: number of its first part; `000000` when it begins the month.
        first_day: its first day.
        documents: what there is of it already, ordered by part.
        before: documents of the parts before it; they are not touched.
    """

    part: str
    first_day: date
    documents: tuple[Document, ...]
    before: tuple[Document, ...]


def span_to_build(job: Job, documents: Sequence[Document]) -> Span:
    """The days from the first that GİB does not have of both books to the last of this run.

    An envanter is of one day, and always built as a whole.
    """
    if job.is_inventory:
        return Span(UNDIVIDED, job.last_day, tuple(documents), ())
    parts = sorted({document.part for document in documents})
    by_part = [[d for d in documents if d.part == part] for part in parts]
    kept = 0
    while kept < len(parts) and _is_given(by_part[kept]):
        kept += 1
    while 0 < kept < len(parts) and by_part[kept][0].first_day == by_part[kept - 1][0].last_day:
        kept -= 1
    before = tuple(document for part in by_part[:kept] for document in part)
    rest = tuple(document for part in by_part[kept:] for document in part)
    if not kept:
        return Span(UNDIVIDED, job.period.first_day, rest, ())
    first_day = date.fromisoformat(before[-1].last_day) + timedelta(days=1)
    return Span(f"{int(parts[kept - 1]) + 1:06d}", first_day, rest, before)


def _is_given(part: Sequence[Document]) -> bool:
    """Both books of a part may be at GİB."""
    return len(part) > 1 and all(document.state not in NOT_SENT for document in part)


def reaches(job: Job, documents: Sequence[Document]) -> bool:
    """Whether the documents end with the last day of this run."""
    return max((d.last_day for d in documents), default="") == job.last_day.isoformat()


def require_later_day(job: Job, documents: Sequence[Document]) -> None:
    """No day that GİB has a part of is covered once more, and no part is left half given.

    Raises:
        RefusedError: the last day of this run lies within a part that GİB has, or behind a part of
            which GİB has one book only.

    Source: lifecycle.md §3.
    """
    given = [document for document in documents if document.state not in NOT_SENT]
    covered = max((document.last_day for document in given), default="")
    if covered > job.last_day.isoformat():
        raise RefusedError(
            "engine.day_covered", **job.facts, day=job.last_day.isoformat(), covered=covered
        )
    half = {d.part for d in given} & {d.part for d in documents if d.state in NOT_SENT}
    if half and not reaches(job, documents):
        last_day = max(document.last_day for document in documents)
        raise RefusedError("engine.part_unfinished", **job.facts, part=min(half), last_day=last_day)
