"""Rules that look at all later entries or lines, answered in one pass (rules.md §5).

Each tracker keeps only what is still waiting for its successor: one item in a good ledger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from edefter.validation.judging.waiting import Waiting
from edefter.validation.records import Record
from edefter.validation.xpath import Abort, Several, Value, double, each, lenient_number

_KEPT_RECORDS = 200  # a misnumbered ledger must not keep all its records alive


class Step(Record):
    """A break in a sequence: `value` has no successor `next`; `record` is where, when known."""

    def __init__(self, value: str, following: str, record: Record | None, count: int) -> None:
        self.value = value
        self.next = following
        self.record = record
        self.count = count
        if record is not None:
            self.xml_line, self.byte_offset = record.xml_line, record.byte_offset


class Successors:
    """HDR-01, DET-02: some later item must be this + 1, unless no later element carries a number.

    Args:
        lenient: a text that is no number never matches (DET-02) instead of aborting (HDR-01).
    """

    def __init__(self, *, lenient: bool) -> None:
        self._lenient = lenient
        self._waiting = Waiting()
        self.count = 0  # items so far
        self._followed = 0  # so many of them have a carrier of a number behind them
        self._last = math.nan
        self._unmatchable = 0
        self._unmatchable_record: Record | None = None
        self._doubt: Abort | None = None  # of the last item: it counts when a carrier follows
        self._broken: Abort | None = None

    def add(self, value: Value, record: Record) -> None:
        """Take over the next item in document order."""
        if value is None:
            return
        self.pass_by(value)
        self.count += 1
        self._last, self._doubt = math.nan, None
        try:
            number = self._read(value)
        except Abort as stop:
            self._doubt = stop
            return
        if math.isnan(number):
            self._unmatchable += 1
            self._unmatchable_record = self._unmatchable_record or record
            return
        self._last = number
        self._waiting.add(number + 1, record)

    def pass_by(self, value: Value) -> None:
        """Take over a later element that items are followed by, without being an item itself."""
        if value is None:
            return
        self.block()
        try:
            for text in (value,) if self._lenient else each(value):
                # The engine looks only as long as it has not found what it is looking for.
                if not self._waiting and not self._unmatchable:
                    return
                number = self._read(text)
                if self._lenient or number != 0 or math.copysign(1, number) > 0:
                    self._waiting.discard(number)
        except Abort as stop:
            self._broken = self._broken or stop

    def block(self, before: int | None = None) -> None:
        """Take over a later element that carries a number, but is no successor to any item.

        Args:
            before: how many items stand before it; None = all so far.
        """
        followed = self.count if before is None else before
        self._followed = max(self._followed, followed)
        if followed == self.count and self._doubt is not None:
            self._broken = self._broken or self._doubt

    def add_run(self, first: int, last: int, record: Record) -> None:
        """Take over the numbers first, first + 1, …, last; `record` is the last one's."""
        self.block()
        self.count += last - first + 1
        self._followed = self.count - 1
        self._waiting.discard_range(first, last)
        self._last, self._doubt = float(last), None
        self._waiting.add(last + 1.0, record)

    def _read(self, value: Value) -> float:
        if isinstance(value, tuple):
            raise Several(len(value))
        return lenient_number(value) if self._lenient else double(value or "")

    def finish(self) -> Iterator[Step]:
        """The items that no later one follows.

        Raises:
            Abort: one of several items is no number.
        """
        if self._broken:
            raise self._broken
        last_is_free = self.count > self._followed
        last_key = self._last + 1 if last_is_free else math.nan
        for key, waiting, record in self._waiting.items():
            count = waiting - (1 if key == last_key else 0)
            if count:
                yield Step(_plain(key - 1), _plain(key), record, count)
        count = self._unmatchable
        if last_is_free and math.isnan(self._last) and self._doubt is None:
            count -= 1
        if count > 0:
            yield Step("?", "?", self._unmatchable_record, count)


def _plain(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


class LaterDates:
    """HDR-02: some later date must be this or greater, unless no later entry has a date."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, Record | None]] = []  # strictly decreasing dates
        self._last_is_free = False

    def add(self, value: Value, record: Record) -> None:
        """Take over the next entry's date."""
        texts = each(value)
        if texts:
            self.pass_by(value)
            kept = record if len(self._stack) < _KEPT_RECORDS else None
            self._stack.append((min(texts), kept))
            self._last_is_free = True

    def pass_by(self, value: Value) -> None:
        """Take over the date of a later element that is not judged itself."""
        texts = each(value)
        if not texts:
            return
        stack, highest = self._stack, max(texts)
        while stack and stack[-1][0] <= highest:
            stack.pop()
        self._last_is_free = False

    def finish(self) -> Iterator[Step]:
        """The entries whose date is above all later ones."""
        for date, record in self._stack[:-1] if self._last_is_free else self._stack:
            yield Step(date, "", record, 1)
