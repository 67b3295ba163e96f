"""Sees every byte that a lane passes, so that the entries can be known again by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from edefter.model.files import Beginning
from edefter.validation.judging.engine import Engine
from edefter.validation.judging.entries_proof import Counted, EntriesProof, Insertion
from edefter.validation.proof.canonical import CanonicalWatch
from edefter.validation.proof.matching import Block, Spot


class NotProven(Exception):
    """The file does not begin with the bytes that a proof speaks of."""


class Witness:
    """Hashes, and watches over the canonical form; or does nothing.

    Args:
        engine: of the document.
        awake: False = nobody will ask.
        insertion: what was put into the file after an earlier look.
        written: whoever has just written this file says that its entries end there, each with a
            line feed, and has hashed them; then nothing is hashed here.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        awake: bool,
        insertion: Insertion | None = None,
        written: Beginning | None = None,
    ) -> None:
        self._engine = engine
        self._awake = awake
        self._insertion = insertion
        self._written = written
        self._passed_bytes = 0
        self._follows = b""  # the byte behind the place where the lane stood last
        self._without = ""
        self._watch = CanonicalWatch()
        self._digest = hashlib.sha256()  # of all bytes that were passed
        self._behind: tuple[Spot, hashlib._Hash, Counted] | None = None

    def passed(self, buffer: bytes, start: int, until: int) -> None:
        """These bytes are behind the lane now."""
        if not self._awake:
            return
        if (
            self._behind is not None
            and self._behind[0].offset == self._passed_bytes
            and until > start
        ):
            self._follows = buffer[start : start + 1]
        if self._written is not None:
            self._passed_bytes += until - start
            return
        data = memoryview(buffer)[start:until]
        insertion = self._insertion
        if insertion is not None and insertion.offset <= self._passed_bytes + len(data):
            left = insertion.offset - self._passed_bytes
            self._digest.update(data[:left])
            before = self._digest.copy()
            before.update(insertion.rest)
            self._without = before.hexdigest()
            self._insertion = None
            data = data[left:]
            self._passed_bytes += left
        self._digest.update(data)
        self._passed_bytes += len(data)

    def parsed(self, segment: bytes) -> None:
        """The parser got these bytes of the file."""
        if self._awake:
            self._watch.parsed(segment)

    def spelled(self, tags: Iterable[bytes]) -> None:
        """A pattern accepts these start tags."""
        self._watch.spelled(tags)

    def proven(self, buffer: bytes, start: int, until: int, block: Block) -> None:
        """These bytes fit the pattern and were judged; the parser does not get them."""
        if self._awake:
            self._watch.proven(buffer, start, until, texts=block.canonical)

    def unseen(self) -> None:
        """Something was passed that neither the parser nor a pattern has seen."""
        self._watch.fail()

    def stands(self, spot: Spot) -> None:
        """The lane stands between two entries, at this place of the file."""
        if self._awake:
            self._behind = spot, self._digest.copy(), self._engine.counted()

    def believe(self, proof: EntriesProof) -> None:
        """All bytes passed so far must be those of the proof.

        Raises:
            NotProven: they are not.
        """
        if self._digest.hexdigest() != proof.sha256:
            raise NotProven
        if not proof.canonical:
            self.unseen()

    def prove(self) -> EntriesProof | None:
        """At the end: what an engine without any finding knows of the entries.

        Returns:
            None when the lane did not stand behind the last entry at its end.
        """
        if self._behind is None or self._behind[2] != self._engine.counted():
            return None
        spot, digest, counted = self._behind
        entries, line = Beginning(spot.offset, digest.hexdigest()), spot.line
        if self._written is not None:
            entries, line = self._written, line + 1
            if (entries.size_bytes, self._follows) != (spot.offset + 1, b"\n"):
                return None
        engine = self._engine
        return EntriesProof(
            name=engine.name,
            kind=engine.kind,
            size_bytes=entries.size_bytes,
            sha256=entries.sha256,
            line=line,
            canonical=self._watch.ends(),
            counted=counted,
            reading=engine.reading,
        )

    def hashes(self, size_bytes: int) -> tuple[str, str]:
        """SHA-256 of the file, and of the file without its insertion; lower-case hex.

        Args:
            size_bytes: of the file; when not so many bytes were passed, both are empty.
        """
        if not self._awake or self._written or self._passed_bytes != size_bytes:
            return "", ""
        return self._digest.hexdigest(), self._without
