"""Numbers that still wait to occur, with how often: few in a good ledger, all in a misnumbered one.

The last ones stand in a dictionary. When that grows, they move into sorted arrays (12 bytes each
instead of some 150), so that a ledger of a million misnumbered lines stays below 20 MB.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import compress

from edefter.validation.records import Record

_KEPT_RECORDS = 200  # of the first ones, so that findings have a place
_RECENT = 100_000  # in the dictionary


class Waiting:
    """A multiset of doubles."""

    def __init__(self) -> None:
        self._recent: dict[float, int] = {}
        self._numbers = array("d")  # sorted
        self._counts = array("I")  # 0 = does not wait any more
        self._records: dict[float, Record] = {}
        self._size = 0  # distinct numbers

    def __bool__(self) -> bool:
        return self._size > 0

    def add(self, number: float, record: Record) -> None:
        """Let a number wait once more; `record` is who waits for it."""
        place = self._place(number)
        if place is not None:
            self._counts[place] += 1
            return
        count = self._recent.get(number, 0)
        self._recent[number] = count + 1
        if not count:
            if self._size < _KEPT_RECORDS:
                self._records[number] = record
            self._size += 1
            if len(self._recent) > _RECENT:
                self._settle()

    def discard(self, number: float) -> None:
        """The number has occurred."""
        if not self._size:
            return
        if self._recent.pop(number, None) is None:
            place = self._place(number)
            if place is None:
                return
            self._counts[place] = 0
        self._size -= 1
        self._records.pop(number, None)

    def discard_range(self, first: int, last: int) -> None:
        """All whole numbers from first to last have occurred."""
        if not self._size:
            return
        if len(self._recent) <= last - first:
            for number in [item for item in self._recent if first <= item <= last]:
                if number == int(number):
                    self.discard(number)
        else:
            for whole in range(first, last + 1):
                self.discard(float(whole))
        low, high = bisect_left(self._numbers, first), bisect_right(self._numbers, last)
        for place in range(low, high):
            if self._counts[place] and self._numbers[place] == int(self._numbers[place]):
                self.discard(self._numbers[place])

    def items(self) -> Iterator[tuple[float, int, Record | None]]:
        """What still waits: number, how often, and who waited first, when that was kept."""
        kept = dict(self._records)
        for number, record in kept.items():
            place = self._place(number)
            count = self._recent[number] if place is None else self._counts[place]
            yield number, count, record
        for number, count in zip(self._numbers, self._counts, strict=True):
            if count and number not in kept:
                yield number, count, None
        for number, count in self._recent.items():
            if number not in kept:
                yield number, count, None

    def _place(self, number: float) -> int | None:
        numbers = self._numbers
        if not numbers:
            return None
        place = bisect_left(numbers, number)
        if place < len(numbers) and numbers[place] == number and self._counts[place]:
            return place
        return None

    def _settle(self) -> None:
        """Move the dictionary's numbers into the arrays."""
        alive = list(compress(self._numbers, self._counts))
        counts = dict(zip(alive, compress(self._counts, self._counts), strict=True))
        counts.update(self._recent)
        numbers = sorted(counts)
        self._numbers = array("d", numbers)
        self._counts = array("I", map(counts.__getitem__, numbers))
        self._recent = {}
