"""Which ids a document has used so far, in eight bytes each: ids must be unique over all pieces."""

from __future__ import annotations

import os
from array import array
from hashlib import blake2b

from edefter.validation.reading.trouble import TooLarge

LIMIT = 4_000_000
"""Ids that are compared with each other (64 MB at the most)."""

_FIRST_SLOTS = 1 << 12


class IdRegister:
    """A set of ids that keeps 64 bits of each: an open table in one array.

    The bits come from a keyed hash with a key of this process, so that nobody can write two ids
    that look equal; by chance it happens once in two million documents full of ids.
    """

    def __init__(self) -> None:
        self._key = os.urandom(16)
        self._slots = array("Q", [0]) * _FIRST_SLOTS
        self._count = 0

    def __contains__(self, name: str) -> bool:
        return self._slots[self._slot(self._bits(name))] != 0

    def add(self, name: str) -> None:
        """Take over one id.

        Raises:
            TooLarge: the document has more than `LIMIT` different ids.
        """
        bits = self._bits(name)
        slot = self._slot(bits)
        if self._slots[slot]:
            return
        if self._count >= LIMIT:
            raise TooLarge("limit_ids", limit=LIMIT // 1_000_000)
        self._slots[slot] = bits
        self._count += 1
        if 2 * self._count > len(self._slots):
            self._grow()

    def _bits(self, name: str) -> int:
        data = name.encode(errors="surrogatepass")
        digest = blake2b(data, digest_size=8, key=self._key).digest()
        return int.from_bytes(digest) or 1  # 0 marks a free slot

    def _slot(self, bits: int) -> int:
        slots = self._slots
        mask = len(slots) - 1
        slot = bits & mask
        while (found := slots[slot]) and found != bits:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", [0]) * (2 * len(old))
        for bits in old:
            if bits:
                self._slots[self._slot(bits)] = bits
