"""Hands bytes of the document to the parser, or lets them pass without it."""

from __future__ import annotations

from edefter.validation.proof.matching import Spot
from edefter.validation.proof.witness import Witness
from edefter.validation.reading.reader import Reader

_COMMENT_LINES = 32_000
_COMMENT_END = b"-->"
_BLANK = b" \t\r\n"
_LONG_TEXT = 32 * 1024
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Feed:
    """The bytes at hand, how far they are used up, and what the parser has not seen of them.

    Args:
        reader: gets what is not passed over.
        witness: sees all.
    """

    def __init__(self, reader: Reader, witness: Witness) -> None:
        self._reader = reader
        self._witness = witness
        self.buffer = b""
        self.at = 0  # position in the buffer
        self.spot = Spot(0, 1)  # of that position in the file
        self._owed = 0  # line feeds of passed bytes that the parser has not seen
        self._unseen = (0, 0)  # line, and how many of its bytes the parser has not seen

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the document."""
        self.buffer = self.buffer[self.at :] + chunk
        self.at = 0

    def give(self, until: int) -> bytes:
        """Feed the parser up to a position of the buffer; returns what it got."""
        segment = self.buffer[self.at : until]
        while self._owed:
            lines = min(self._owed, _COMMENT_LINES)
            self._reader.feed(b"<!--" + b"\n" * lines + _COMMENT_END)
            self._owed -= lines
        if segment:
            self._reader.feed(segment, self.spot.offset)
            self._witness.parsed(segment)
        self._move(until)
        return segment

    def _move(self, until: int, spot: Spot | None = None) -> None:
        if spot is None:
            lines = self.buffer.count(b"\n", self.at, until)
            spot = Spot(self.spot.offset + until - self.at, self.spot.line + lines)
        self._witness.passed(self.buffer, self.at, until)
        self.spot, self.at = spot, until

    def pass_over(self, until: int, spot: Spot | None = None) -> None:
        """Leave proven bytes out; `spot` is the place behind them, when it is known."""
        before = self.spot.line
        feed = self.buffer.rfind(b"\n", self.at, until) + 1
        columns = len(self.buffer[max(feed, self.at) : until].decode(errors="ignore"))
        self._move(until, spot)
        line = self.spot.line
        self._owed += line - before
        if feed:
            self._unseen = (line, columns - len(_COMMENT_END))
        else:
            self._unseen = (line, columns + self.unseen_columns(line))

    def unseen_columns(self, line: int) -> int:
        """How many bytes of a line the parser has not seen, for its error's column."""
        return self._unseen[1] if self._unseen[0] == line else 0

    def behind_blank(self) -> tuple[int, Spot]:
        """Where the next tag may begin, in the buffer and in the file."""
        buffer, at = self.buffer, self.at
        while at < len(buffer) and buffer[at] in _BLANK:
            at += 1
        lines = buffer.count(b"\n", self.at, at)
        return at, Spot(self.spot.offset + at - self.at, self.spot.line + lines)

    def pass_attachment(self) -> None:
        """Leave the base64 text of a large attachment out; it may be longer than memory."""
        begin, end = self.at, self.buffer.find(b"<", self.at)
        text = self.buffer[begin : end if end >= 0 else len(self.buffer)]
        if len(text) < _LONG_TEXT or text.translate(None, _BASE64 + _BLANK):
            return
        # Some text stays for the rule that asks whether there is any, and base64 comes in fours.
        digits = len(text.translate(None, _BLANK))
        self._reader.feed(b"A" * (4 + digits % 4 if digits else 0))
        self._witness.unseen()
        self.pass_over(begin + len(text))

    def put_in(self, data: bytes) -> None:
        """Give the parser something that does not stand in the document."""
        line = self.spot.line
        self._unseen = (line, self.unseen_columns(line) - len(data))
        self._reader.feed(data)
