"""Whether the bytes that the lane passes are their own canonical form.

What the parser gets is scanned token by token, as when a signature is verified. What is proven
fits the document's pattern already: of such bytes only that has to be looked at which the pattern
leaves open (spelling of tags, line ends, references, a raw `>`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from edefter.xmlsig.scan import CanonicalScanner, NotCanonical

_TAKE_BYTES = 1 << 16
_VALUE = rb'"[^"&<\t\r\n]*"'
_TAG = re.compile(
    rb"<[^\s<>/=\"'&]+(?: contextRef=" + _VALUE + rb")?(?: decimals=" + _VALUE
    + rb")?(?: unitRef=" + _VALUE + rb")?>"
)  # fmt: skip


class CanonicalWatch:
    """Sees every byte of a document once, in order."""

    def __init__(self) -> None:
        self._scanner = CanonicalScanner()
        self._rest = b""
        self._holds = True

    def parsed(self, segment: bytes) -> None:
        """See what the parser got; it is well-formed without what is proven."""
        if not self._holds:
            return
        self._rest += segment
        if len(self._rest) >= _TAKE_BYTES:
            self._take(last=False)

    def _take(self, *, last: bool) -> None:
        try:
            self._rest = self._rest[self._scanner.take(self._rest, last=last) :]
        except NotCanonical:
            self._holds = False

    def spelled(self, tags: Iterable[bytes]) -> None:
        """See the start tags that a pattern accepts."""
        self._holds = self._holds and all(_TAG.fullmatch(tag) for tag in tags)

    def proven(self, buffer: bytes, start: int, until: int, *, texts: bool) -> None:
        """See whole elements that fit the pattern.

        Args:
            buffer, start, until: where they are.
            texts: whether their texts are known to be written as canonical XML writes them.
        """
        # Outside of texts a pattern leaves nothing open but blanks.
        if self._holds and not (texts and buffer.find(b"\r", start, until) < 0):
            self.fail()

    def fail(self) -> None:
        """Something was passed over unseen."""
        self._holds = False

    def ends(self) -> bool:
        """Whether all of it is canonical."""
        if self._holds:
            self._take(last=True)
        if self._holds:
            try:
                self._scanner.finish()
            except NotCanonical:
                self._holds = False
        return self._holds
