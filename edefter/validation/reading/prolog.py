"""What stands before the root element: finds DTDs, names the root, refuses what hides either."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from lxml import etree

from edefter.validation.names import EDEFTER, clark
from edefter.validation.reading.malformed import LIMIT_ERRORS, code_of, explain
from edefter.validation.reading.trouble import Trouble

LIMIT_BYTES = 1 << 20
"""Bytes that may stand before the root element; a real prolog has a few hundred."""

_STEP_BYTES = 1024
_ENTRIES_TYPE = clark("gl-cor:entriesType")
_DECLARED = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]{0,1000}?encoding\s*=\s*["']([A-Za-z0-9._:-]+)"""
)
_DISGUISES = re.compile(r"(?:unicode-1-1-|csunicode11)?utf-?7.*|java|c99", re.IGNORECASE)
"""Encodings that spell `<` without its byte; no XML engine needs them, attackers do."""


@dataclass(slots=True)
class Prolog:
    """Answers of the first look.

    Args:
        head: the bytes that were read for it; the real parser gets them first.
        has_dtd: whether a document type declaration stands there.
        root: tag of the root element, or empty when none was reached.
        entries_type: text of entriesType, when it was asked for and found.
        encoding: name of the declared encoding, when it is one that is never read.
        limit: what is too large before the root: all of it, or a name.
    """

    head: bytes = b""
    has_dtd: bool = False
    root: str = ""
    entries_type: str = ""
    encoding: str = ""
    limit: Trouble | None = None

    @property
    def trouble(self) -> Trouble | None:
        """Why the document must not be parsed, or None."""
        if self.has_dtd:
            return Trouble("dtd", "XML-DTD")
        if self.encoding:
            return Trouble("xml_encoding", "XML", {"encoding": self.encoding})
        return self.limit


class _Seen(Exception):
    """Stops the parser at a DTD, before it reads what the DTD declares."""


@dataclass(slots=True)
class _Target:
    found: Prolog
    inside: bool = False
    done: bool = False
    text: list[str] = field(default_factory=list)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        self.found.has_dtd = True
        raise _Seen

    def start(self, tag: str, _attributes: object) -> None:
        self.found.root = self.found.root or tag
        self.inside = tag == _ENTRIES_TYPE and not self.done  # of several, the first

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
    """Read as little as answers the questions, and never past `LIMIT_BYTES`.

    The document's own parser runs here too, so whatever encoding hides a DTD from the eye is
    undone before it is looked for.

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
        while not target.done:
            if found.root and not (need_type and found.root.startswith(f"{{{EDEFTER}}}")):
                break
            if len(head) >= LIMIT_BYTES:
                if not found.root:
                    facts = {"limit": LIMIT_BYTES >> 20}
                    found.limit = Trouble("limit_prolog", "XML-LIMIT", facts)
                break
            chunk = stream.read(_STEP_BYTES)
            if not chunk:
                parser.close()  # what is left of a document of a few bytes is parsed only now
                break
            head += chunk
            parser.feed(chunk)
    except _Seen:
        pass
    except etree.XMLSyntaxError as problem:
        # A parser with other limits might read on here, so a limit is an answer; of all else the
        # real parser says what is wrong and where.
        if not found.root and code_of(problem) in LIMIT_ERRORS:
            found.limit = explain(problem, bytes(head))
    except LookupError:
        pass
    found.head = bytes(head)
    found.encoding = _disguise(found.head)
    return found


def _disguise(start: bytes) -> str:
    declared = _DECLARED.match(start)
    name = declared[1].decode("ascii") if declared is not None else ""
    return name if _DISGUISES.fullmatch(name) else ""


_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^>]*?\?>", re.DOTALL)


def is_plain_utf8(head: bytes) -> bool:
    """Whether a document says that it is XML 1.0 in UTF-8, or says nothing, which means the same.

    Args:
        head: its first bytes.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")):
        return False
    if not head.removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        return False
    found = _DECLARATION.match(head)
    if found is None:
        return b"<?xml" not in head[:8]
    said = dict(re.findall(rb"(version|encoding)\s*=\s*[\"']([^\"']*)[\"']", found[0]))
    return said.get(b"version") == b"1.0" and said.get(b"encoding", b"UTF-8").upper() == b"UTF-8"
