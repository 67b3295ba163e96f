"""What stands before the root element: finds DTDs and names the root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, BinaryIO

from lxml import etree

from edefter.validation.names import EDEFTER, clark

_STEP_BYTES = 1024
_LIMIT_BYTES = 1 << 20
_ENTRIES_TYPE = clark("gl-cor:entriesType")


@dataclass(slots=True)
class Prolog:
    """Answers of the first look.

    Args:
        head: the bytes that were read for it; the real parser gets them first.
        has_dtd: whether a document type declaration stands there.
        root: tag of the root element, or empty when none was reached.
        entries_type: text of entriesType, when it was asked for and found.
    """

    head: bytes = b""
    has_dtd: bool = False
    root: str = ""
    entries_type: str = ""


@dataclass(slots=True)
class _Target:
    found: Prolog
    inside: bool = False
    done: bool = False
    text: list[str] = field(default_factory=list)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        self.found.has_dtd = self.done = True

    def start(self, tag: str, _attributes: object) -> None:
        self.found.root = self.found.root or tag
        self.inside = tag == _ENTRIES_TYPE

    def data(self, text: str) -> None:
        if self.inside:
            self.text.append(text)

    def end(self, tag: str) -> None:
        if tag == _ENTRIES_TYPE and self.inside:
            self.found.entries_type = "".join(self.text).strip()
            self.inside, self.done = False, True

    def close(self) -> None:
        pass


def look(stream: BinaryIO, *, need_type: bool) -> Prolog:
    """Read as little as answers the questions.

    Args:
        stream: positioned at the start of the document.
        need_type: read on until entriesType (at most 1 MiB), because the file name tells no kind.

    Raises:
        OSError: the stream cannot be read.
    """
    found = Prolog()
    target = _Target(found)
    untyped: Any = target  # the type stubs know targets for bytes and text at once only
    parser = etree.XMLParser(
        target=untyped, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    head = bytearray()
    try:
        while len(head) < _LIMIT_BYTES and not target.done:
            if found.root and not (need_type and found.root.startswith(f"{{{EDEFTER}}}")):
                break
            chunk = stream.read(_STEP_BYTES)
            if not chunk:
                break
            head += chunk
            parser.feed(chunk)
    except (etree.XMLSyntaxError, LookupError):
        pass  # the real parser says what is wrong and where
    found.head = bytes(head)
    return found
