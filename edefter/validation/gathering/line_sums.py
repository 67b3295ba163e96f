"""Lines as hashes, so that two ledgers can be compared without keeping their lines.

Each line becomes a 128-bit hash that is added to the sum of its bucket, by line number. Only lines
of buckets whose sums differ need to be read again.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from edefter.validation.proof.rows import text
from edefter.validation.records import Detail
from edefter.validation.xpath import each

BUCKETS = 1 << 14
_BYTES = 16
_MASK = (1 << 8 * _BYTES) - 1
_MOST_KEPT = 100_000  # account codes as written → as compared
FIELDS = (
    ("line_counter", "madde numarası", "entry number"),
    ("main", "ana hesap", "main account"),
    ("sub", "alt hesap", "sub-account"),
    ("dc", "borç/alacak", "side"),
    ("amount", "tutar", "amount"),
    ("posting_date", "tarih", "date"),
)
"""What is compared besides the line number: field, and its name in both languages."""
Line = tuple[str, ...]


class LineSums:
    """Sums of line hashes by bucket: some 600 kB while lines come, 256 kB when they are closed."""

    def __init__(self) -> None:
        self._sums = [0] * BUCKETS
        self._bare: dict[bytes, bytes] = {}
        self._closed = b""

    def close(self) -> None:
        """No line comes any more."""
        if not self._closed:
            parts = ((each & _MASK).to_bytes(_BYTES) for each in self._sums)
            self._closed = b"".join(parts)
            self._sums, self._bare = [], {}

    def add(self, detail: Detail) -> None:
        """Take over one line."""
        number, rest = line_of(detail)
        line = "\x1f".join((number, *rest)).encode(errors="replace")
        self._sums[bucket_of(number)] += _hash(line)

    def add_rows(self, columns: Mapping[str, Sequence[bytes]], first: int, last: int) -> None:
        """Take over lines as they are written, by field; the same as `add` for each.

        Args:
            columns: matched texts of line_number and `FIELDS`, in UTF-8 with entities.
            first, last: rows from first to before last.
        """
        # Only codes can hold anything but plain ASCII: all else was matched so.
        main, sub = (self._as_compared(columns[name][first:last]) for name in ("main", "sub"))
        plain = (
            columns[name][first:last]
            for name in ("line_number", "line_counter", "dc", "amount", "posting_date")
        )
        numbers, counters, sides, amounts, days = plain
        sums = self._sums
        for row in zip(numbers, counters, main, sub, sides, amounts, days, strict=True):
            value = int.from_bytes(blake2b(b"\x1f".join(row), digest_size=_BYTES).digest())
            sums[zlib.crc32(row[0]) % BUCKETS] += value

    def _as_compared(self, codes: Sequence[bytes]) -> list[bytes]:
        known = self._bare
        try:
            return [known[code] for code in codes]
        except KeyError:
            if len(known) > _MOST_KEPT:
                known.clear()
            for code in set(codes) - known.keys():
                known[code] = text(code).strip().encode()
        return [known[code] for code in codes]

    def differing(self, other: LineSums) -> set[int]:
        """The buckets whose lines are not the same; both are closed by it."""
        self.close()
        other.close()
        own, its = self._closed, other._closed
        if own == its:
            return set()
        starts = range(0, len(own), _BYTES)
        return {at // _BYTES for at in starts if own[at : at + _BYTES] != its[at : at + _BYTES]}


def _hash(line: bytes) -> int:
    return int.from_bytes(blake2b(line, digest_size=_BYTES).digest())


def text_of_value(value: object) -> str:
    """A field as one text, however often its element stands there."""
    texts = each(value) if isinstance(value, str | tuple) else ()
    return "\x1e".join(item.strip() for item in texts)


def line_of(detail: Detail) -> tuple[str, Line]:
    """Line number and the fields that are compared."""
    rest = tuple(text_of_value(getattr(detail, name)) for name, _, _ in FIELDS)
    return text_of_value(detail.line_number), rest


def bucket_of(number: str) -> int:
    """The bucket of a line number."""
    return zlib.crc32(number.encode(errors="replace")) % BUCKETS
