"""Canonical forms of a whole document while it is read: any size, whatever its spelling.

Expat reads, `canonical_form` puts out bytes, nothing is kept but the names in scope. It serves
documents that are not canonical as they lie (`scan`): of other programs, edited, in other
encodings. The enveloped signature is left out of the form and handed over apart.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from edefter.xmlsig.canonical_form import SEPARATOR, Name, Start, Writer
from edefter.xmlsig.names import DS, Canonicalization
from edefter.xmlsig.problem import Problem, Unreadable, Verdict, not_well_formed

_BLOCK_BYTES = 1 << 18
_MOST_KNOWN = 4000
_MOST_KNOWN_CHARACTERS = 1000
_SIGNATURE = (DS, "Signature")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(slots=True)
class Streamed:
    """A document that was read through.

    Args:
        digest: of its canonical form without comments and without its signature.
        enveloped: the root has a ds:Signature child.
        skeleton: the root with nothing but the first of them.
        signatures: number of ds:Signature elements, those within that child apart.
        ids: how often each value of an attribute `Id`, `ID`, `id` or `xml:id` occurs.
    """

    digest: bytes = b""
    enveloped: bool = False
    skeleton: bytes = b""
    signatures: int = 0
    ids: Counter[str] = field(default_factory=Counter)


class _Buffer:
    """Holds the skeleton, up to some size."""

    def __init__(self, most_bytes: int) -> None:
        self.data = bytearray()
        self._most_bytes = most_bytes

    def put(self, data: bytes) -> None:
        self.data += data
        if len(self.data) > self._most_bytes:
            facts = {"size_bytes": len(self.data)}
            raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.signature_too_large", facts))


class _Reader:
    """Turns expat's events into the form and the skeleton."""

    def __init__(self, digest: str, method: Canonicalization, most_bytes: int) -> None:
        self.found = Streamed()
        self._hash = hashlib.new(digest)
        plain = Canonicalization(method.exclusive, False, method.prefixes)
        self._form = Writer(plain, self._hash.update)
        self._buffer = _Buffer(most_bytes)
        self._skeleton = Writer(Canonicalization(with_comments=True), self._buffer.put)
        self._into = self._form  # where content goes
        self._depth = 0
        self._after_root = False
        self._bound: dict[str, str] = {}
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}  # tags that were put out before
        self.parser = self._make_parser()

    def _make_parser(self) -> Any:
        parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.buffer_size = _BLOCK_BYTES
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._bind
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ProcessingInstructionHandler = self._instruction
        parser.CommentHandler = self._comment
        return parser

    def close(self) -> Streamed:
        """The outcome, after the last event."""
        self._form.flush()
        self._skeleton.flush()
        self.found.digest = self._hash.digest()
        self.found.skeleton = bytes(self._buffer.data)
        return self.found

    def _doctype(self, *_: object) -> None:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.doctype"))

    def _bind(self, prefix: str | None, uri: str | None) -> None:
        if prefix == "xml":
            return  # bound everywhere, and never written
        if uri and not _ABSOLUTE.match(uri):
            # Canonical XML has no form for relative names of namespaces.
            raise not_well_formed(f"relative namespace {uri!r}")
        self._bound[prefix or ""] = uri or ""

    def _start(self, triplet: str, attributes: list[str]) -> None:
        self._depth += 1
        written = (triplet, *attributes)
        known = self._known.get(written)
        if known is not None and not self._bound:
            self._into.repeat(*known)
            return
        names = [Name.of(name) for name in attributes[::2]]
        tag = Start(Name.of(triplet), self._bound, list(zip(names, attributes[1::2], strict=True)))
        self._bound = {}
        named = self._note_ids(tag)
        signature = (tag.name.uri, tag.name.local) == _SIGNATURE
        if signature and self._into is self._form:
            self.found.signatures += 1
            if self._depth == 2 and not self.found.enveloped:
                self.found.enveloped = True
                self._into = self._skeleton
        if self._depth == 1:
            self._skeleton.start(tag)
        repeatable = self._into.start(tag)
        usual = self._into is self._form and not named and not signature
        if repeatable and usual and len(repeatable[0]) < _MOST_KNOWN_CHARACTERS:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[written] = repeatable

    def _note_ids(self, tag: Start) -> bool:
        values = [
            value
            for name, value in tag.attributes
            if name.local.lower() == "id" and (not name.uri or name.qualified == "xml:id")
        ]
        self.found.ids.update(values)
        return bool(values)

    def _end(self, _: str) -> None:
        self._into.end()
        if self._depth == 2 and self._into is self._skeleton:
            self._into = self._form
        self._depth -= 1
        if self._depth == 0:
            self._skeleton.end()
            self._after_root = True

    def _text(self, data: str) -> None:
        self._into.text(data)

    def _borders(self) -> dict[str, str]:
        """Line breaks that keep what stands outside of the root apart."""
        if self._depth:
            return {}
        return {"before": "\n"} if self._after_root else {"after": "\n"}

    def _instruction(self, target: str, data: str) -> None:
        self._into.instruction(target, data, **self._borders())

    def _comment(self, data: str) -> None:
        self._into.comment(data, **self._borders())


def read_through(
    stream: BinaryIO, digest: str, method: Canonicalization, *, most_signature_bytes: int
) -> Streamed:
    """Read a document once, and digest its canonical form without its signature.

    Args:
        stream: stands at the start of the document.
        digest: hashlib's name.
        method: of the form; comments are left out, whatever it says, as in each `URI=""`.
        most_signature_bytes: larger signatures are refused.

    Raises:
        Unreadable: not well-formed, a document type declaration, a namespace without a canonical
            form, or a signature that is too large.
        OSError: the document cannot be read.
    """
    reader = _Reader(digest, method, most_signature_bytes)
    try:
        while block := stream.read(_BLOCK_BYTES):
            reader.parser.Parse(block, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise not_well_formed(error) from None
    except (LookupError, ValueError) as error:  # of an encoding that nobody knows
        raise not_well_formed(error) from None
    return reader.close()
