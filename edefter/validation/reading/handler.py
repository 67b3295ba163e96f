"""What a reader hands out, and who takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edefter.validation.reading.extract import Element
from edefter.validation.records import Detail, Header, Stray


@dataclass(frozen=True, slots=True)
class Piece:
    """Complete entries (or lines of one long entry) under a root of their own.

    Args:
        root: accountingEntries that holds them, or the entry itself.
        header: the entry whose lines these are, when its fields are not in the piece.
        is_usual: its attributes are known to hold nothing that a rule could object to.
    """

    root: Element
    header: Header | None = None
    is_usual: bool = False


class Handler(Protocol):
    """Takes what the reader hands out, in document order."""

    def begin(self, root: Element) -> None:
        """Before the first entry: `root` holds all that came before it."""

    def lines(self, header: Header, details: list[Detail]) -> None:
        """Lines of one entry; of a long entry several times."""

    def header(self, header: Header, entries: Element) -> None:
        """The entry is complete."""

    def stray(self, stray: Stray, header: Header | None) -> None:
        """An element that lines and entries before it are followed by; `header` = around it."""

    def piece(self, piece: Piece) -> None:
        """A piece for schema and attribute checks."""
