"""Reading a document's records without judging them, for checks between documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from edefter.model.documents import Kind
from edefter.validation.reading.extract import Element
from edefter.validation.reading.handler import Piece
from edefter.validation.reading.prolog import look
from edefter.validation.reading.reader import Reader
from edefter.validation.reading.trouble import TooLarge
from edefter.validation.records import Detail, Header, Stray


class Unreadable(Exception):
    """The file is missing, no XML, or holds a DTD; validating it alone says why."""


@dataclass(slots=True)
class _LineHandler:
    take: Callable[[Detail], None]
    entries: int = 0

    def begin(self, root: Element) -> None:
        """Nothing to prepare."""

    def lines(self, header: Header, details: list[Detail]) -> None:  # noqa: ARG002
        """Hand every line on."""
        for detail in details:
            self.take(detail)

    def header(self, header: Header, entries: Element) -> None:  # noqa: ARG002
        """Count the entry."""
        self.entries += 1

    def stray(self, stray: Stray, header: Header | None) -> None:
        """Not a line."""

    def piece(self, piece: Piece) -> None:
        """No schema here."""


def scan(path: Path, take: Callable[[Detail], None]) -> tuple[int, Element]:
    """Give every line of a document to `take`, in constant memory.

    Returns:
        number of entries, and the root without its entries.

    Raises:
        Unreadable: missing, no regular file, not well-formed, with a DTD, or beyond the limits.
    """
    handler = _LineHandler(take)
    try:
        if not path.is_file():  # a pipe would be waited for, a device never ends
            raise Unreadable(path.name)
        with path.open("rb") as stream:
            prolog = look(stream, need_type=False)
            if prolog.trouble is not None:
                raise Unreadable(path.name)
            stream.seek(0)
            root = Reader(handler).run(stream.read)
    except (OSError, etree.XMLSyntaxError, TooLarge) as problem:
        raise Unreadable(path.name) from problem
    return handler.entries, root


BERAT_KINDS = {"journal": Kind.YB, "ledger": Kind.KB, "assets": Kind.EB}
