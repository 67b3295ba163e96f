"""Matched lines of a block, and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edefter.validation.proof.pattern import Patterns
from edefter.validation.proof.rows import Row
from edefter.validation.records import Record

MANY = 1 << 20
"""More lines than a block has."""
_BLANK = re.compile(rb"[ \t\r\n]*+")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the file: offset in bytes, and line counted from 1."""

    offset: int
    line: int

    def mark(self, record: Record) -> None:
        """Say of a record that it stands here."""
        record.xml_line, record.byte_offset = self.line, self.offset

    def moved(self, size_bytes: int) -> Spot:
        """The place behind so many bytes of the same line."""
        return Spot(self.offset + size_bytes, self.line)


@dataclass(frozen=True, slots=True)
class AccountSpan:
    """A whole entry of a kebir inside a block.

    Args:
        head: what the pattern of the head has captured.
        start: offset in the block.
        first, last: its rows are those from `first` to before `last`.
        end: offset in the block behind its end tag.
    """

    head: Row
    start: int
    first: int
    last: int
    end: int


class Block:
    """Bytes that begin where an entry or a line may begin, and the lines matched in them.

    Args:
        data: the bytes.
        spot: where they begin in the file.
    """

    def __init__(self, data: bytes, spot: Spot) -> None:
        self.data = data
        self._spot = spot
        self._counted = Spot(0, spot.line)
        self.rows: list[Row] = []
        self.ends: list[int] = []
        self._starts: dict[int, int] = {}  # of rows that do not begin where the last one ends
        self.tried = 0  # lines that fit the pattern
        self.canonical = False  # whether all texts of these are written as canonical XML does

    def match(self, pattern: re.Pattern[bytes], most: int) -> None:
        """Match lines one after the other, at most so many; the first that does not fit ends it."""
        data, rows, ends = self.data, self.rows, self.ends
        match, position = pattern.match, 0
        for _ in range(most):
            found = match(data, position)
            if found is None:
                break
            rows.append(found.groups(b""))
            position = found.end()
            ends.append(position)
        self.tried = len(rows)

    def match_accounts(self, patterns: Patterns, most: int) -> list[AccountSpan]:
        """Match whole entries of a kebir until one does not fit, or there are so many lines."""
        data, rows, ends = self.data, self.rows, self.ends
        match, spans, position = patterns.line.match, list[AccountSpan](), 0
        while len(rows) < most:
            head = patterns.head.match(data, position)
            if head is None:
                break
            first, place = len(rows), head.end()
            while (found := match(data, place)) is not None:
                rows.append(found.groups(b""))
                place = found.end()
                ends.append(place)
            if len(rows) == first or not data.startswith(patterns.entry_end, place):
                self.cut(first)
                break
            self._starts[first] = head.end()
            end = place + len(patterns.entry_end)
            spans.append(AccountSpan(head.groups(b""), position, first, len(rows), end))
            position = _skip_blank(data, end)
        self.tried = len(rows)
        return spans

    def cut(self, rows: int) -> None:
        """Keep so many leading lines."""
        del self.rows[rows:]
        del self.ends[rows:]

    def end_of(self, rows: int) -> int:
        """Offset in the block behind the first `rows` lines."""
        return self.ends[rows - 1] if rows else 0

    def spot(self, row: int, inside: bytes = b"") -> Spot:
        """Where a row stands in the file, or a tag inside it. Rows are asked in ascending order."""
        place = self._starts.get(row, self.end_of(row))
        if inside:
            place = max(self.data.find(inside, place), place)
        return self.spot_at(place)

    def spot_at(self, place: int) -> Spot:
        """Where a byte of the block stands in the file. They are asked in ascending order."""
        counted = self._counted
        line = counted.line + self.data.count(b"\n", counted.offset, place)
        self._counted = Spot(place, line)
        return Spot(self._spot.offset + place, line)


def _skip_blank(data: bytes, place: int) -> int:
    found = _BLANK.match(data, place)
    return found.end() if found else place
