"""A package inside a SOAP message without holding it in memory.

zeep builds the envelope around a short mark; the file's base64 text takes the mark's place twice,
once while the Body is hashed and once while the message goes out. Base64 text needs no escaping, so
the canonical form and the sent form differ from the marked ones only at the mark.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path

_CHUNK_BYTES = 3 * (1 << 16)  # a multiple of three: chunks encode without padding in between


class FilePayload:
    """The file that stands for the mark.

    Args:
        path: the file to send.
        size_bytes: its length.

    Attributes:
        placeholder: bytes to hand to zeep instead of the file.
        mark: what zeep makes of them.
    """

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.path = path
        self.size_bytes = size_bytes
        self.placeholder = secrets.token_bytes(24)
        self.mark = base64.b64encode(self.placeholder)

    @property
    def encoded_bytes(self) -> int:
        """Length of the base64 text."""
        return 4 * ((self.size_bytes + 2) // 3)

    def chunks(self) -> Iterator[bytes]:
        """The file as base64 text, piece by piece.

        Raises:
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as source:
            while piece := source.read(_CHUNK_BYTES):
                yield base64.b64encode(piece)

    def spliced(self, marked: bytes) -> Iterator[bytes]:
        """`marked` with the file in place of the mark.

        Raises:
            ValueError: the mark does not stand in it exactly once (a defect of ours).
            OSError: the file cannot be read.
        """
        if marked.count(self.mark) != 1:
            raise ValueError("the payload's mark must stand in the message exactly once")
        before, after = marked.split(self.mark)
        yield before
        yield from self.chunks()
        yield after


class OutgoingMessage:
    """What is posted: knows its length, and whether a single byte of it was asked for.

    `started` is the line between "nothing was sent" and "the outcome is unknown": the HTTP layer
    asks for the first piece only after the connection stands and the headers are out.
    """

    def __init__(self, envelope: bytes, payload: FilePayload | None) -> None:
        self._envelope = envelope
        self._payload = payload
        self.started = False

    def __len__(self) -> int:
        if self._payload is None:
            return len(self._envelope)
        return len(self._envelope) - len(self._payload.mark) + self._payload.encoded_bytes

    def __iter__(self) -> Iterator[bytes]:
        pieces = (
            iter((self._envelope,))
            if self._payload is None
            else self._payload.spliced(self._envelope)
        )
        for piece in pieces:
            self.started = True
            yield piece
