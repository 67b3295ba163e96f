"""When is a month closed? When approved berats of both books cover all of its days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from edefter.model.documents import BOOKS, UNDIVIDED, Kind
from edefter.model.period import Period
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES


def open_books(
    period: Period, documents: Sequence[Document], until: date | None = None
) -> list[Kind]:
    """The books of a month whose approved parts do not cover it yet; empty = closed.

    A document that is not approved keeps its book open, whatever the others cover.

    Args:
        period: the month.
        documents: all of it that are known.
        until: the last day that must be covered; None = of the month.
    """
    books = {kind: [d for d in documents if d.kind is kind] for kind in BOOKS}
    return [kind for kind, parts in books.items() if not _covered(period, parts, until)]


def _covered(period: Period, parts: list[Document], until: date | None) -> bool:
    if any(part.state not in APPROVED_STATES for part in parts):
        return False
    spans = [(date.fromisoformat(d.first_day), date.fromisoformat(d.last_day)) for d in parts]
    return period.first_uncovered(spans, until) is None


def is_closed(period: Period, documents: Sequence[Document], until: date | None = None) -> bool:
    """Whether every approved berat is held: both books, from the first to the last day."""
    return not open_books(period, documents, until)


def all_approved(documents: Sequence[Document]) -> bool:
    """Whether there are documents, and the approved berat of each is held."""
    return bool(documents) and all(d.state in APPROVED_STATES for d in documents)


def next_part(documents: Sequence[Document], kind: Kind) -> str:
    """Number of the part that would follow those of a book; `000000` when there is none."""
    numbers = [int(document.part) for document in documents if document.kind is kind]
    return f"{max(numbers) + 1:06d}" if numbers else UNDIVIDED
