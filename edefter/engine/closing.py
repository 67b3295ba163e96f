"""When is a month closed? When approved berats of both books cover all of its days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from edefter.model.documents import Kind
from edefter.model.period import Period
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES

BOOKS = (Kind.Y, Kind.K)


def open_books(period: Period, documents: Sequence[Document]) -> list[Kind]:
    """The books of a month whose approved parts do not cover it yet; empty = closed.

    A document that is not approved keeps its book open, whatever the others cover.
    """
    return [kind for kind in BOOKS if not _closed(period, [d for d in documents if d.kind is kind])]


def _closed(period: Period, parts: list[Document]) -> bool:
    if any(part.state not in APPROVED_STATES for part in parts):
        return False
    spans = [(date.fromisoformat(d.first_day), date.fromisoformat(d.last_day)) for d in parts]
    return period.first_uncovered(spans) is None


def is_closed(period: Period, documents: Sequence[Document]) -> bool:
    """Whether every approved berat of the month is held: both books, from first to last day."""
    return not open_books(period, documents)
