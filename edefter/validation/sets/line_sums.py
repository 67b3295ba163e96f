"""Lines as hashes, so that two ledgers can be compared without keeping their lines.

Each line becomes a 128-bit hash that is added to the sum of its bucket, by line number. Only lines
of buckets whose sums differ need to be read again.
"""

from __future__ import annotations

import zlib
from array import array
from hashlib import blake2b

from edefter.validation.records import Detail
from edefter.validation.xpath import each

BUCKETS = 1 << 14
_MASK = (1 << 64) - 1
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
    """Sums of line hashes by bucket, as two columns of 64 bits (256 kB)."""

    def __init__(self) -> None:
        self._low = array("Q", bytes(8 * BUCKETS))
        self._high = array("Q", bytes(8 * BUCKETS))

    def add(self, detail: Detail) -> None:
        """Take over one line."""
        number, rest = line_of(detail)
        digest = blake2b("\x1f".join((number, *rest)).encode(errors="replace"), digest_size=16)
        value = digest.digest()
        bucket = bucket_of(number)
        low, high = int.from_bytes(value[:8]), int.from_bytes(value[8:])
        self._low[bucket] = (self._low[bucket] + low) & _MASK
        self._high[bucket] = (self._high[bucket] + high) & _MASK

    def differing(self, other: LineSums) -> set[int]:
        """The buckets whose lines are not the same."""
        return {
            bucket
            for bucket in range(BUCKETS)
            if self._low[bucket] != other._low[bucket] or self._high[bucket] != other._high[bucket]
        }


def text_of_value(value: object) -> str:
    """A field as one text, however often its element stands there."""
    texts = each(value) if isinstance(value, str | tuple) else ()
    return "\x1e".join(text.strip() for text in texts)


def line_of(detail: Detail) -> tuple[str, Line]:
    """Line number and the fields that are compared."""
    rest = tuple(text_of_value(getattr(detail, name)) for name, _, _ in FIELDS)
    return text_of_value(detail.line_number), rest


def bucket_of(number: str) -> int:
    """The bucket of a line number."""
    return zlib.crc32(number.encode(errors="replace")) % BUCKETS
