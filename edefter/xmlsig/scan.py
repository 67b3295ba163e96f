"""A streaming proof that a file's bytes are already its canonical form.

If they are, the SHA-256 of the bytes is the digest of the `URI=""` reference, and a 200 MB ledger
needs no tree. The proof must be sound, not complete: whatever it does not recognise is "not
proven" and goes the long way through a real canonicaliser. Were raw bytes hashed without it, a
signer who did the same would pass here and fail everywhere else (design.md §2).

Two readers share the work: our token scan looks at spelling (order and quoting of attributes,
escapes, no empty-element tags, no comments, CDATA, DTD), expat at well-formedness, UTF-8, names
and namespace bindings. The bulk of a ledger (`gl-…` elements with the usual attributes) is
consumed by one regular expression per chunk; every other tag is looked at singly.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from edefter.xmlsig.names import DS

CHUNK_BYTES = 1 << 20
_TOKEN_LIMIT_BYTES = 1 << 20

_NAME = rb"[A-Za-z_][A-Za-z0-9._-]*"
_QNAME = rb"(?:%b:)?%b" % (_NAME, _NAME)
_TEXT = rb"[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f]++|&(?:amp|lt|gt|#xD);"
_PLAIN = rb'"[^<"&\x00-\x1f]*+"'
_VALUE = rb'"(?:[^<"&\x00-\x1f]++|&(?:amp|lt|quot|#x9|#xA|#xD);)*+"'
_BULK = re.compile(
    rb"(?:%b|</?gl-[a-z]++:[A-Za-z]++>"
    rb"|<gl-[a-z]++:[A-Za-z]++(?: contextRef=%b)?(?: decimals=%b)?(?: unitRef=%b)?>)*+"
    % (_TEXT, _PLAIN, _PLAIN, _PLAIN)
)
_END = re.compile(rb"</(%b)>" % _QNAME)
_START = re.compile(rb"<(%b)((?: %b=%b)*+)>" % (_QNAME, _QNAME, _VALUE))
_ATTRIBUTE = re.compile(rb" (%b)=(%b)" % (_QNAME, _VALUE))
_PROLOG = re.compile(
    rb"(?P<declaration><\?xml version=([\"'])1\.0\2 encoding=([\"'])(?i:utf-8)\3"
    rb"(?: standalone=([\"'])(?:yes|no)\4)?[ ]?\?>)?[ \t\r\n]*+"
    rb"(?P<instructions>(?:<\?(?![Xx][Mm][Ll][ ?])%b"
    rb"(?: [^?\x00-\x20][^?\x00-\x1f]*+)?\?>\n)*+)(?=<[A-Za-z_])" % _NAME
)


class NotCanonical(Exception):
    """The bytes are not proven canonical; `reason` and `offset` (bytes) say where it ended."""

    def __init__(self, reason: str, offset: int) -> None:
        self.reason = reason
        self.offset = offset
        super().__init__(f"{reason} at byte {offset}")


@dataclass(slots=True)
class Scan:
    """What the scan saw; offsets are bytes from the start of the file.

    Args:
        content_start: first byte of the canonical form (after the XML declaration).
        root_start: the root's start tag as written.
        root_end: offset of the root's end tag.
        content_end: end of the canonical form (after the root's end tag).
        signatures: spans of the ds:Signature children of the root.
        stray_signatures: number of ds:Signature elsewhere than in those.
        ids: values of Id attributes.
    """

    content_start: int = 0
    root_start: bytes = b""
    root_end: int = 0
    content_end: int = 0
    signatures: list[tuple[int, int]] = field(default_factory=list)
    stray_signatures: int = 0
    ids: Counter[str] = field(default_factory=Counter)

    @property
    def root_end_tag(self) -> bytes:
        """The root's end tag."""
        match = _START.match(self.root_start)
        assert match is not None
        return b"</%b>" % match[1]


class CanonicalScanner:
    """Feed it a file in chunks, then call `finish`; it raises NotCanonical as soon as it knows."""

    def __init__(self) -> None:
        self.scan = Scan()
        self._expat = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self._rest = b""
        self._base = 0  # file offset of _rest[0]
        self._depth = 0
        self._begun = False
        self._scope: list[tuple[int, bytes, str]] = []  # depth, prefix, namespace
        self._signature_at = -1

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes.

        Raises:
            NotCanonical: the proof failed.
        """
        data = self._rest + chunk if self._rest else chunk
        done = self._consume(data)
        # Only what the token scan accepted reaches expat: no DTD, no entity ever does.
        try:
            self._expat.Parse(data[:done], False)
        except expat.ExpatError as error:
            raise NotCanonical(str(error), self._base + error.offset) from None
        self._rest = data[done:]
        self._base += done

    def finish(self) -> Scan:
        """Conclude after the last byte.

        Raises:
            NotCanonical: the proof failed.
        """
        if self._rest:
            raise NotCanonical("unreadable markup", self._base)
        try:
            self._expat.Parse(b"", True)
        except expat.ExpatError as error:
            raise NotCanonical(str(error), self._base) from None
        return self.scan

    def _consume(self, data: bytes) -> int:
        position = 0
        if not self._begun:
            match = _PROLOG.match(data)
            if match is None:
                if len(data) > _TOKEN_LIMIT_BYTES:
                    raise NotCanonical("prolog", self._base)
                return 0
            self._begun = True
            self.scan.content_start = self._base + match.start("instructions")
            position = match.end()
        while position < len(data):
            if self._depth == 0 and self.scan.root_start:
                return self._after_root(data, position)
            bulk = _BULK.match(data, position)
            assert bulk is not None
            end = bulk.end()
            if end > position:
                if self._depth == 0:
                    raise NotCanonical("content outside the root", self._base + position)
                opens, closes = data.count(b"<", position, end), data.count(b"</", position, end)
                self._depth += opens - 2 * closes
                position = end
                if self._depth < 1:
                    raise NotCanonical("unbalanced tags", self._base + position)
                continue
            step = self._single(data, position)
            if step == position:
                break
            position = step
        return position

    def _after_root(self, data: bytes, position: int) -> int:
        if data[position:].strip(b" \t\r\n"):
            raise NotCanonical("content after the root", self._base + position)
        return len(data)

    def _single(self, data: bytes, position: int) -> int:
        """Take one token that the bulk expression left; returns its end, or `position`."""
        end_tag = _END.match(data, position)
        if end_tag is not None:
            self._close(end_tag, self._base + position)
            return end_tag.end()
        start_tag = _START.match(data, position)
        if start_tag is not None:
            self._open(start_tag, self._base + position)
            return start_tag.end()
        # Perhaps cut by the end of the chunk. What can never become good fails at once.
        tail = data[position : position + 2]
        if len(tail) == 2 and (tail[:1] not in b"<&" or tail in (b"<!", b"<?")):
            raise NotCanonical("comment, CDATA, instruction or raw character", self._at(position))
        if len(data) - position > _TOKEN_LIMIT_BYTES:
            raise NotCanonical("markup", self._at(position))
        complete = data.find(b";" if tail[:1] == b"&" else b">", position)
        if complete >= 0 and data.count(b'"', position, complete) % 2 == 0:
            raise NotCanonical("spelling of a tag or reference", self._at(position))
        return position

    def _at(self, position: int) -> int:
        return self._base + position

    def _open(self, tag: re.Match[bytes], offset: int) -> None:
        name = tag[1]
        if not self.scan.root_start:
            self.scan.root_start = tag[0]
        elif self._depth == 0:
            raise NotCanonical("second root", offset)
        self._depth += 1
        if tag[2]:
            self._attributes(name, tag[2], offset)
        if self._is_signature(name):
            if self._depth == 2:
                self._signature_at = offset
            elif self._signature_at < 0:
                self.scan.stray_signatures += 1

    def _close(self, tag: re.Match[bytes], offset: int) -> None:
        if self._depth < 1:
            raise NotCanonical("unbalanced tags", offset)
        if self._depth == 2 and self._signature_at >= 0:
            self.scan.signatures.append((self._signature_at, offset + len(tag[0])))
            self._signature_at = -1
        while self._scope and self._scope[-1][0] == self._depth:
            self._scope.pop()
        self._depth -= 1
        if self._depth == 0:
            self.scan.root_end = offset
            self.scan.content_end = offset + len(tag[0])

    def _attributes(self, element: bytes, text: bytes, offset: int) -> None:
        declared: list[bytes] = []
        plain: list[tuple[bytes, bytes]] = []
        for name, value in _ATTRIBUTE.findall(text):
            if name == b"xmlns" or name.startswith(b"xmlns:"):
                if plain:
                    raise NotCanonical("namespace after attribute", offset)
                prefix = name[6:]
                if element.startswith(b"gl-") or not value[1:-1] or prefix == b"xml":
                    raise NotCanonical("unusual namespace declaration", offset)
                if any(known == prefix for _, known, _ in self._scope):
                    raise NotCanonical("namespace declared again", offset)
                declared.append(prefix)
                self._scope.append((self._depth, prefix, value[1:-1].decode()))
                continue
            plain.append((name, value))
        if declared != sorted(declared):
            raise NotCanonical("order of namespaces", offset)
        keys = [self._attribute_key(name, value, offset) for name, value in plain]
        if keys != sorted(keys):
            raise NotCanonical("order of attributes", offset)

    def _attribute_key(self, name: bytes, value: bytes, offset: int) -> tuple[bytes, bytes]:
        prefix, colon, local = name.rpartition(b":")
        if not colon:
            if local.lower() == b"id":
                self.scan.ids[value[1:-1].decode()] += 1
            return b"", local
        if prefix == b"xml":
            raise NotCanonical("xml: attribute", offset)
        return self._namespace(prefix).encode(), local

    def _namespace(self, prefix: bytes) -> str:
        return next((uri for _, known, uri in self._scope if known == prefix), "")

    def _is_signature(self, name: bytes) -> bool:
        prefix, _, local = name.rpartition(b":")
        return local == b"Signature" and self._namespace(prefix) == DS


def scan_stream(source: BinaryIO) -> Scan:
    """Prove that `source` is canonical and find its parts; memory is a few megabytes.

    Raises:
        NotCanonical: not proven.
    """
    scanner = CanonicalScanner()
    while chunk := source.read(CHUNK_BYTES):
        scanner.feed(chunk)
    return scanner.finish()
