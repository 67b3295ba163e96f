"""Canonical forms of a whole document while it is read: any size, whatever its spelling.

Expat reads, a writer puts out canonical bytes, nothing is kept but the names in scope. It serves
documents that are not canonical as they lie (`scan`): of other programs, edited, in other
encodings. The enveloped signature is left out of the form and handed over apart.

Source: Canonical XML 1.0 (W3C 2001) §2.3; Exclusive XML Canonicalization 1.0 (W3C 2002) §3.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from edefter.xmlsig.names import DS, Canonicalization
from edefter.xmlsig.problem import Problem, Unreadable, Verdict

_BLOCK_BYTES = 1 << 18
_MOST_PIECES = 4000
_MOST_KNOWN = 4000
_MOST_KNOWN_CHARACTERS = 1000
_SEPARATOR = "\n"  # no namespace name has one; expat refuses it if it comes by a reference
_SIGNATURE = (DS, "Signature")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


@dataclass(frozen=True, slots=True)
class _Name:
    uri: str
    local: str
    prefix: str

    @classmethod
    def of(cls, triplet: str) -> _Name:
        """From expat's `uri local prefix`, or less where there is no prefix or namespace."""
        parts = triplet.split(_SEPARATOR)
        if len(parts) == 1:
            return cls("", parts[0], "")
        return cls(parts[0], parts[1], parts[2] if len(parts) > 2 else "")

    @property
    def qualified(self) -> str:
        """As it is written."""
        return f"{self.prefix}:{self.local}" if self.prefix else self.local


@dataclass(frozen=True, slots=True)
class _Start:
    """A start tag.

    Args:
        name: of the element.
        bound: prefixes and namespaces that it declares; the empty namespace unbinds.
        attributes: names and values.
    """

    name: _Name
    bound: dict[str, str]
    attributes: list[tuple[_Name, str]]


class _Writer:
    """Puts out the canonical form of what it is told.

    Args:
        method: of the form.
        put: takes the bytes.
    """

    def __init__(self, method: Canonicalization, put: Callable[[bytes], object]) -> None:
        self._method = method
        self._put = put
        self._listed = set(method.prefixes)
        # Of each open element: what is bound, what the output has bound, its end tag.
        self._open: list[tuple[dict[str, str], dict[str, str], str]] = [({}, {}, "")]
        self._pieces: list[str] = []

    def start(self, tag: _Start) -> tuple[str, str] | None:
        """Put out a start tag.

        Returns:
            It and its end tag, for `repeat`; None if what it looks like depends on its place.
        """
        scope, written, _ = self._open[-1]
        if tag.bound:
            scope = {**scope, **tag.bound}
        fresh = {
            prefix: scope.get(prefix, "")
            for prefix in self._shown(tag, scope)
            if written.get(prefix, "") != scope.get(prefix, "")
        }
        pieces = ["<", tag.name.qualified]
        for prefix in sorted(fresh):
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            pieces += (" ", name, '="', fresh[prefix].translate(_VALUE), '"')
        for attribute, value in sorted(tag.attributes, key=lambda a: (a[0].uri, a[0].local)):
            pieces += (" ", attribute.qualified, '="', value.translate(_VALUE), '"')
        text, end = "".join(pieces) + ">", f"</{tag.name.qualified}>"
        self._open.append((scope, {**written, **fresh} if fresh else written, end))
        self._write(text)
        return None if tag.bound or self._method.exclusive else (text, end)

    def repeat(self, text: str, end: str) -> None:
        """Put out a start tag that binds nothing and was put out before."""
        scope, written, _ = self._open[-1]
        self._open.append((scope, written, end))
        self._write(text)

    def _shown(self, tag: _Start, scope: dict[str, str]) -> Iterable[str]:
        """Prefixes whose binding has to be in the output from here on."""
        if not self._method.exclusive:
            return tag.bound
        used = {tag.name.prefix, *(name.prefix for name, _ in tag.attributes if name.prefix)}
        return (used | (self._listed & (scope.keys() | {""}))) - {"xml"}

    def end(self) -> None:
        self._write(self._open.pop()[2])

    def text(self, data: str) -> None:
        self._write(data.translate(_TEXT))

    def instruction(self, target: str, data: str, *, before: str = "", after: str = "") -> None:
        self._write(f"{before}<?{target}{' ' if data else ''}{data}?>{after}")

    def comment(self, data: str, *, before: str = "", after: str = "") -> None:
        if self._method.with_comments:
            self._write(f"{before}<!--{data}-->{after}")

    def _write(self, piece: str) -> None:
        self._pieces.append(piece)
        if len(self._pieces) > _MOST_PIECES:
            self.flush()

    def flush(self) -> None:
        """Hand over what is waiting."""
        if self._pieces:
            self._put("".join(self._pieces).encode())
        self._pieces.clear()


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
        self._form = _Writer(plain, self._hash.update)
        self._buffer = _Buffer(most_bytes)
        self._skeleton = _Writer(Canonicalization(with_comments=True), self._buffer.put)
        self._into = self._form  # where content goes
        self._depth = 0
        self._after_root = False
        self._bound: dict[str, str] = {}
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}  # tags that were put out before
        self.parser = self._make_parser()

    def _make_parser(self) -> Any:
        parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
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
            raise _not_well_formed(f"relative namespace {uri!r}")
        self._bound[prefix or ""] = uri or ""

    def _start(self, triplet: str, attributes: list[str]) -> None:
        self._depth += 1
        written = (triplet, *attributes)
        known = self._known.get(written)
        if known is not None and not self._bound:
            self._into.repeat(*known)
            return
        names = [_Name.of(name) for name in attributes[::2]]
        tag = _Start(
            _Name.of(triplet), self._bound, list(zip(names, attributes[1::2], strict=True))
        )
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

    def _note_ids(self, tag: _Start) -> bool:
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
        raise _not_well_formed(str(error)) from None
    except (LookupError, ValueError) as error:  # of an encoding that nobody knows
        raise _not_well_formed(str(error)) from None
    return reader.close()


def _not_well_formed(detail: str) -> Unreadable:
    return Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.not_well_formed", {"detail": detail}))
