"""A streaming proof that a file's bytes are already its canonical form.

If they are, the SHA-256 of the bytes is the digest of the `URI=""` reference, and a 200 MB ledger
needs no tree. The proof must be sound, not complete: whatever it does not recognise is "not
proven" and goes the long way through a real canonicaliser. Were raw bytes hashed without it, a
signer who did the same would pass here and fail everywhere else (design.md §2).

The bulk of a ledger is taken in whole elements: what is written as some of it before was
(`habit`), by one expression; else what has the usual attributes, by two (`bulk`). Every other token
is looked at singly: our expressions see to its spelling (order and quoting of attributes, escapes,
no empty-element tags, no comments, CDATA, DTD), expat to names, UTF-8, namespace bindings and that
tags belong together. Expat sees the document without what was taken in whole elements; they stand
within one element and bind no prefix, so the document is well-formed if and only if the rest is.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from os import SEEK_CUR
from typing import BinaryIO
from xml.parsers import expat

from edefter.xmlsig.bulk import Spelling, balanced_end, spelling_for
from edefter.xmlsig.habit import Habit
from edefter.xmlsig.names import DS

BLOCK_BYTES = 1 << 20
SPECULATED_DIGEST = "sha256"
"""What nearly every document is hashed with; the scan does it on the way."""

_WINDOW_BYTES = 256 << 10
_SAMPLE_BYTES = 96 << 10  # less teaches nothing that would pay
_LESSONS = 8  # for one set of namespaces
_LEAST_BYTES = 1 << 16  # from here on a token that we cannot take is not just cut by a border
_TOKEN_LIMIT_BYTES = 1 << 20

_NAME = rb"[A-Za-z_][A-Za-z0-9._-]*"
_QNAME = rb"(?:%b:)?%b" % (_NAME, _NAME)
_VALUE = rb'"(?:[^<"&\x00-\x1f]++|&(?:amp|lt|quot|#x9|#xA|#xD);)*+"'
_TEXT = re.compile(rb"(?:[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f]++|&(?:amp|lt|gt|#xD);)++")
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
        digest: by SPECULATED_DIGEST, of the canonical form without the first of `signatures`.
    """

    content_start: int = 0
    root_start: bytes = b""
    root_end: int = 0
    content_end: int = 0
    signatures: list[tuple[int, int]] = field(default_factory=list)
    stray_signatures: int = 0
    ids: Counter[str] = field(default_factory=Counter)
    digest: bytes = b""

    @property
    def root_end_tag(self) -> bytes:
        """The root's end tag."""
        match = _START.match(self.root_start)
        assert match is not None
        return b"</%b>" % match[1]


class CanonicalScanner:
    """Takes a file in blocks, then call `finish`; it raises NotCanonical as soon as it knows.

    Args:
        other_core: hashes meanwhile, one block after the other; None = hash between the blocks.
    """

    def __init__(self, other_core: Executor | None = None) -> None:
        self.scan = Scan()
        self._expat = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self._singly: list[bytes] = []  # tokens that expat has to see
        self._base = 0  # file offset of what comes next
        self._depth = 0
        self._begun = False
        self._scope: list[tuple[int, bytes, str]] = []  # depth, prefix, namespace
        self._spelling: Spelling | None = None
        self._habit = Habit()
        self._lessons = 0
        self._signature_at = -1
        self._hash = hashlib.new(SPECULATED_DIGEST)
        self._hashed_to = 0
        self._other_core = other_core
        self._hashing: Future[None] | None = None

    def take(self, data: bytes, *, last: bool) -> int:
        """Look at the next bytes.

        Args:
            data: from where the last call ended.
            last: nothing comes after them.

        Returns:
            How many were taken; the rest has to come again, with more.

        Raises:
            NotCanonical: the proof failed.
        """
        done = self._consume(data, last=last)
        # Only what the token scan accepted reaches expat: no DTD, no entity ever does.
        try:
            self._expat.Parse(b"".join(self._singly), False)
        except expat.ExpatError as error:
            raise NotCanonical(str(error), self._base) from None
        self._singly.clear()
        self._hash_to(data, self._base + done)
        self._base += done
        if last and done < len(data):
            raise NotCanonical("unreadable markup", self._base)
        return done

    def finish(self) -> Scan:
        """Conclude after the last byte.

        Raises:
            NotCanonical: the proof failed.
        """
        try:
            self._expat.Parse(b"", True)
        except expat.ExpatError as error:
            raise NotCanonical(str(error), self._base) from None
        if self._hashing is not None:
            self._hashing.result()
        self.scan.digest = self._hash.digest()
        return self.scan

    def _consume(self, data: bytes, *, last: bool) -> int:
        position = 0
        if not self._begun:
            position = self._prolog(data)
            if not self._begun:
                return 0
        while position < len(data):
            if self._depth == 0 and self.scan.root_start:
                return self._after_root(data, position)
            end = self._habitual(data, position)
            if end == position:
                if not last and len(data) - position < _LEAST_BYTES:
                    break  # most likely cut by the border
                end = self._elements(data, position) or self._single(data, position)
            if end == position:
                break
            position = end
        return position

    def _prolog(self, data: bytes) -> int:
        match = _PROLOG.match(data)
        if match is None:
            if len(data) > _TOKEN_LIMIT_BYTES:
                raise NotCanonical("prolog", self._base)
            return 0
        self._begun = True
        # The declaration is checked; expat is told the encoding.
        self._singly.append(data[match.start("instructions") : match.end()])
        self.scan.content_start = self._hashed_to = self._base + match.start("instructions")
        return match.end()

    def _after_root(self, data: bytes, position: int) -> int:
        if data[position:].strip(b" \t\r\n"):
            raise NotCanonical("content after the root", self._base + position)
        return len(data)

    def _habitual(self, data: bytes, position: int) -> int:
        """End of the elements at `position` that are written as others before."""
        return self._habit.end(data, position) if self._depth > 1 else position

    def _elements(self, data: bytes, position: int) -> int:
        """End of the elements and text at `position` that can be taken as a whole; 0 = none."""
        if self._spelling is None or self._depth < 2:
            return 0
        # A small window lets what is written in the usual way go on soon; a larger one is for an
        # element that does not fit.
        for window in (_WINDOW_BYTES, len(data)):
            stop = min(position + window, len(data))
            clear = self._spelling.end(data, position, stop)
            end = balanced_end(data, position, clear)
            if end > position:
                if end - position > _SAMPLE_BYTES and self._lessons < _LESSONS:
                    self._habit.learn(data[position:end])
                    self._lessons += 1
                return end
            if clear < stop or stop == len(data):
                break
        return 0

    def _single(self, data: bytes, position: int) -> int:
        """Take one token that was not taken in bulk; returns its end, or `position`."""
        found = _TEXT.match(data, position)
        if found is not None:
            if self._depth == 0:
                raise NotCanonical("content outside the root", self._base + position)
        elif (found := _END.match(data, position)) is not None:
            self._close(found, self._base + position)
        elif (found := _START.match(data, position)) is not None:
            self._open(found, self._base + position)
        else:
            self._refuse_unreadable(data, position)
            return position
        self._singly.append(found[0])
        return found.end()

    def _refuse_unreadable(self, data: bytes, position: int) -> None:
        """Raise, unless this can be a token that the end of the data cuts."""
        tail = data[position : position + 2]
        if len(tail) == 2 and (tail[:1] not in b"<&" or tail in (b"<!", b"<?")):
            raise NotCanonical("comment, CDATA, instruction or raw character", self._at(position))
        if len(data) - position > _TOKEN_LIMIT_BYTES:
            raise NotCanonical("markup", self._at(position))
        complete = data.find(b";" if tail[:1] == b"&" else b">", position)
        if complete >= 0 and data.count(b'"', position, complete) % 2 == 0:
            raise NotCanonical("spelling of a tag or reference", self._at(position))

    def _at(self, position: int) -> int:
        return self._base + position

    def _hash_to(self, data: bytes, offset: int) -> None:
        """Hash what was taken, without the first signature below the root."""
        stop = min(offset, self.scan.content_end or offset)
        parts = [
            memoryview(data)[start - self._base : end - self._base]
            for start, end in self._without_signature(self._hashed_to, stop)
        ]
        self._hashed_to = max(stop, self._hashed_to)
        if self._other_core is None:
            self._hash_parts(parts)
            return
        if self._hashing is not None:
            self._hashing.result()
        self._hashing = self._other_core.submit(self._hash_parts, parts)

    def _hash_parts(self, parts: list[memoryview]) -> None:
        for part in parts:
            self._hash.update(part)

    def _without_signature(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        begin, end = stop, stop
        if self.scan.signatures:
            begin, end = self.scan.signatures[0]
        elif self._signature_at >= 0:
            begin = self._signature_at
        yield start, max(start, min(begin, stop))
        yield max(start, min(end, stop)), stop

    def _open(self, tag: re.Match[bytes], offset: int) -> None:
        name = tag[1]
        if not self.scan.root_start:
            self.scan.root_start = tag[0]
        elif self._depth == 0:
            raise NotCanonical("second root", offset)
        self._depth += 1
        if tag[2]:
            self._attributes(tag[2], offset)
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
        if self._scope and self._scope[-1][0] == self._depth:
            self._scope = [bound for bound in self._scope if bound[0] != self._depth]
            self._choose_spelling()
        self._depth -= 1
        if self._depth == 0:
            self.scan.root_end = offset
            self.scan.content_end = offset + len(tag[0])

    def _attributes(self, text: bytes, offset: int) -> None:
        declared: list[bytes] = []
        plain: list[tuple[bytes, bytes]] = []
        for name, value in _ATTRIBUTE.findall(text):
            if name == b"xmlns" or name.startswith(b"xmlns:"):
                if plain:
                    raise NotCanonical("namespace after attribute", offset)
                prefix = name[6:]
                if not value[1:-1] or prefix == b"xml":
                    raise NotCanonical("unusual namespace declaration", offset)
                if any(known == prefix for _, known, _ in self._scope):
                    raise NotCanonical("namespace declared again", offset)
                declared.append(prefix)
                self._scope.append((self._depth, prefix, value[1:-1].decode()))
                continue
            plain.append((name, value))
        if declared != sorted(declared):
            raise NotCanonical("order of namespaces", offset)
        if declared:
            self._choose_spelling()
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

    def _choose_spelling(self) -> None:
        """The bulk may have elements of the namespaces in scope, signatures apart."""
        usual = frozenset(prefix for _, prefix, uri in self._scope if prefix and uri != DS)
        self._spelling = spelling_for(usual) if usual else None
        self._habit, self._lessons = Habit(), 0

    def _is_signature(self, name: bytes) -> bool:
        prefix, _, local = name.rpartition(b":")
        return local == b"Signature" and self._namespace(prefix) == DS


def scan_stream(source: BinaryIO, *, block_bytes: int = BLOCK_BYTES) -> Scan:
    """Prove that `source` is canonical and find its parts; memory is a few blocks.

    Args:
        source: seekable, at its start.
        block_bytes: how much is looked at together, at least 1.

    Raises:
        NotCanonical: not proven.
    """
    block = source.read(block_bytes)
    if len(block) < block_bytes:  # the whole document: not worth a second core
        scanner = CanonicalScanner()
        scanner.take(block, last=True)
        return scanner.finish()
    with ThreadPoolExecutor(max_workers=1) as other_core:
        scanner = CanonicalScanner(other_core)
        size = block_bytes
        while block:
            done = scanner.take(block, last=len(block) < size)
            source.seek(done - len(block), SEEK_CUR)
            size = block_bytes if done else 2 * size  # a token may be longer
            block = source.read(size)
        return scanner.finish()
