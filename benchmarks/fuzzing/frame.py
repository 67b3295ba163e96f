"""One fuzz input: what is done with it, and one or two documents."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edefter.model.documents import Kind

KINDS = (Kind.Y, Kind.K, Kind.YB, Kind.KB, Kind.DR, Kind.E, Kind.EB)
TARGETS = (*(f"validate {kind}" for kind in KINDS), "prolog", "pair", "berat", "zip")

SMALL_CHUNKS = 1
SLOW_PATH = 2
UNSIGNED = 4
NAMELESS = 8
OWN = 16

_SEPARATOR = b"\n\x00second\x00\n"
_HEAD_BYTES = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """What the bytes of a fuzzer mean.

    Args:
        target: index into `TARGETS`.
        options: bits above; they choose what is compared and how the document is read.
        document: the bytes to judge.
        second: the other document of a pair; empty = the same.
    """

    target: int
    options: int
    document: bytes
    second: bytes = b""

    @property
    def name(self) -> str:
        """The target in words."""
        return TARGETS[self.target]

    @property
    def kind(self) -> Kind | None:
        """Whose rules are applied, for the targets that validate."""
        return KINDS[self.target] if self.target < len(KINDS) else None

    def with_document(self, document: bytes) -> Frame:
        """The same with another document."""
        return replace(self, document=document)

    def pack(self) -> bytes:
        """As the fuzzer keeps it."""
        second = _SEPARATOR + self.second if self.second else b""
        return bytes((self.target, self.options)) + self.document + second

    @classmethod
    def unpack(cls, data: bytes) -> Frame:
        """Any bytes are an input."""
        head = data[:_HEAD_BYTES].ljust(_HEAD_BYTES, b"\x00")
        document, _, second = data[_HEAD_BYTES:].partition(_SEPARATOR)
        return cls(head[0] % len(TARGETS), head[1], document, second)
