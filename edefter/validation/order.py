"""Rules that look at all later entries or lines, answered in one pass (rules.md §5).

Each tracker keeps only what is still waiting for its successor: one item in a good ledger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from edefter.validation.records import Record
from edefter.validation.xpath import Abort, Value, double, each, lenient_number, several

_KEPT_RECORDS = 200  # a misnumbered ledger must not keep all its records alive


class Step(Record):
    """A break in a sequence: `value` has no successor `next`; `record` is where, when known."""

    def __init__(self, value: str, following: str, record: Record | None, count: int) -> None:
        self.value = value
        self.next = following
        self.record = record
        self.count = count
        self.xml_line = record.xml_line if record is not None else None


@dataclass(slots=True)
class _Waiting:
    count: int
    record: Record | None


class Successors:
    """HDR-01, DET-02: some later item must be this + 1, unless no later one carries a number.

    Args:
        lenient: a text that is no number never matches (DET-02) instead of aborting (HDR-01).
    """

    def __init__(self, *, lenient: bool) -> None:
        self._lenient = lenient
        self._waiting: dict[float, _Waiting] = {}
        self._carriers = 0
        self._last = math.nan
        self._unmatchable = _Waiting(0, None)
        self._broken: Abort | None = None

    def add(self, value: Value, record: Record) -> None:
        """Take over the next item in document order."""
        if value is None:
            return
        self._carriers += 1
        try:
            self._last = number = self._read(value)
        except Abort as stop:
            self._broken = self._broken or stop
            self._last = math.nan
            return
        if math.isnan(number):
            self._unmatchable.count += 1
            self._unmatchable.record = self._unmatchable.record or record
            return
        self._waiting.pop(number, None)
        self._wait(number + 1, record)

    def add_run(self, first: int, last: int, record: Record) -> None:
        """Take over the numbers first, first + 1, …, last; `record` is the last one's."""
        self._carriers += last - first + 1
        waiting = self._waiting
        if len(waiting) <= last - first:
            for number in [item for item in waiting if first <= item <= last]:
                del waiting[number]
        else:
            for item in range(first, last + 1):
                waiting.pop(float(item), None)
        self._last = float(last)
        self._wait(last + 1.0, record)

    def _wait(self, number: float, record: Record) -> None:
        waiting = self._waiting
        found = waiting.get(number)
        if found is None:
            kept = record if len(waiting) < _KEPT_RECORDS else None
            waiting[number] = _Waiting(1, kept)
        else:
            found.count += 1

    def _read(self, value: Value) -> float:
        if isinstance(value, tuple):
            raise several(len(value))
        return lenient_number(value) if self._lenient else double(value or "")

    def finish(self) -> Iterator[Step]:
        """The items that no later one follows.

        Raises:
            Abort: one of several items is no number.
        """
        if self._broken and self._carriers > 1:
            raise self._broken
        last_key = self._last + 1
        for key, waiting in self._waiting.items():
            count = waiting.count - (1 if key == last_key else 0)
            if count:
                yield Step(_plain(key - 1), _plain(key), waiting.record, count)
        count = self._unmatchable.count - (1 if math.isnan(self._last) and not self._broken else 0)
        if count > 0:
            yield Step("?", "?", self._unmatchable.record, count)


def _plain(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


class LaterDates:
    """HDR-02: some later date must be this or greater, unless no later one has a date."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, Record | None]] = []  # strictly decreasing dates

    def add(self, value: Value, record: Record) -> None:
        """Take over the next entry's date."""
        texts = each(value)
        if not texts:
            return
        stack, highest = self._stack, max(texts)
        while stack and stack[-1][0] <= highest:
            stack.pop()
        stack.append((min(texts), record if len(stack) < _KEPT_RECORDS else None))

    def finish(self) -> Iterator[Step]:
        """The entries whose date is above all later ones."""
        for date, record in self._stack[:-1]:
            yield Step(date, "", record, 1)
