"""Where start tags stand in the file, in bytes: libxml2 tells lines only.

The parser says which elements began in the bytes it was given; a pattern finds the start tags of
the same names in these bytes. As many of the one as of the other means that each belongs to each:
a comment or CDATA section that holds such a tag would make one too many.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from edefter.validation import names
from edefter.validation.names import clark
from edefter.validation.reading.extract import Element

TRACKED = tuple(
    clark(name)
    for name in (
        "edefter:defter",
        "edefter:berat",
        "edefter:defterraporu",
        "defterek:binaryObject",
        "xbrli:xbrl",
        "xbrli:entity",
        "xbrli:measure",
        "gl-cor:accountingEntries",
        "gl-cor:documentInfo",
        "gl-cor:entityInformation",
        "gl-bus:entityPhoneNumber",
        "gl-bus:entityEmailAddressStructure",
        "gl-bus:entityWebSite",
        "gl-bus:organizationAddress",
        "gl-bus:accountantInformation",
        "gl-bus:organizationIdentifiers",
        "gl-cor:entryHeader",
        "gl-cor:entryDetail",
        "ds:Signature",
        "ds:X509Data",
    )
)
"""Elements whose places are told; all else is told by the one around it."""
_LOCALS = "|".join(sorted({tag.rpartition("}")[2] for tag in TRACKED}))
_TAG = re.compile(rf"<(?:[^\s<>/:=\"']+:)?(?:{_LOCALS})(?=[\s/>])".encode())


class Offsets:
    """Offsets of the elements that are still in memory."""

    def __init__(self) -> None:
        self._of: dict[Element, int] = {}
        self._lines: dict[Element, int] = {}  # of elements that stand for others

    def note(self, started: list[Element], data: bytes, offset: int) -> None:
        """Take over the places of elements that began in these bytes.

        Args:
            started: elements of `TRACKED`, in document order.
            data: what the parser was given.
            offset: of its first byte in the file.
        """
        if not started:
            return
        tags = _TAG
        if started[0].tag in _LINES and all(element.tag in _LINES for element in started):
            tags = _lines_of(started[0].prefix)
        places = [match.start() for match in tags.finditer(data)]
        if len(places) == len(started):
            for element, place in zip(started, places, strict=True):
                self._of[element] = offset + place

    def of(self, element: Element | None) -> int | None:
        """Offset of an element's start tag, or of the tracked one around it; None = not known."""
        while element is not None:
            if element.tag in _TRACKED:
                return self._of.get(element)
            element = element.getparent()
        return None

    def line_of(self, element: Element) -> int | None:
        """Line of an element in the file, counted from 1."""
        # lxml can tell lines beyond 65,535, but cannot set them on what stands for an element.
        known: Any = self._lines.get(element) or element.sourceline
        return cast(int | None, known)

    def same(self, source: Element, other: Element) -> None:
        """An element that stands for another stands where that does."""
        place, line = self._of.get(source), self.line_of(source)
        if place is not None:
            self._of[other] = place
        if line is not None:  # what was put in, as placeholders are, has none
            self._lines[other] = line

    def copy(self, source: Element, copy: Element) -> None:
        """The elements of a copy stand where those of its source do."""
        for ours, theirs in zip(source.iter(_ANY), copy.iter(_ANY), strict=False):
            self.same(ours, theirs)

    def forget(self, root: Element) -> None:
        """An element that is no part of the document any more is done with."""
        self._of.pop(root, None)
        self._lines.pop(root, None)
        for element in root.iter(*_LINES):
            self._of.pop(element, None)
        if self._lines:
            for element in root.iter(_ANY):
                self._lines.pop(element, None)


@lru_cache(maxsize=8)
def _lines_of(prefix: str | None) -> re.Pattern[bytes]:
    """Entries and lines with one prefix: a pattern that begins with a literal is found fast."""
    name = f"{prefix}:entry" if prefix else "entry"
    return re.compile(b"<" + re.escape(name.encode()) + rb"(?:Header|Detail)(?=[\s/>])")


_TRACKED = frozenset(TRACKED)
_LINES = (names.HEADER, names.DETAIL)
_ANY: Any = etree.Element
