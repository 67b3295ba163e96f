"""Bytes before the parser: proven entries never reach it, all others do.

The lane reads the document in blocks. While it does not know where it stands, everything goes to
the parser. When the parser has just closed an entry at the very end of what it was given, and no
comment, CDATA section or processing instruction can hide anything, the lane knows that it stands
between entries, and tries to prove what follows. In place of proven bytes the parser gets a comment
with as many line feeds, so that its line numbers stay those of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edefter.model.files import Beginning
from edefter.validation.judging.engine import Engine
from edefter.validation.judging.entries_proof import EntriesProof, Insertion
from edefter.validation.proof.feed import Feed
from edefter.validation.proof.journal import JournalProof
from edefter.validation.proof.kebir import KebirProof
from edefter.validation.proof.lessons import Lessons
from edefter.validation.proof.line_proof import LineProof
from edefter.validation.proof.loose import LooseProof
from edefter.validation.proof.matching import MANY, Block, Spot
from edefter.validation.proof.pattern import Patterns
from edefter.validation.proof.witness import NotProven, Witness
from edefter.validation.reading.extract import Element
from edefter.validation.reading.reader import Reader
from edefter.validation.records import Header
from edefter.validation.rule import Context

BLOCK_BYTES = 256 * 1024
_STEP_BYTES = 2048  # until the entries begin, so that the first of them is not swallowed
_LONGEST_ENTRY = 1 << 20  # a longer one is read by the parser
_LONG_ACCOUNT = 1 << 20  # of a kebir; more of its lines are judged while it is read
_MOST_LOOSE = 64
_FEW = 16  # lines tried after a failure; all of them when all goes well


class Lane:
    """Drives a reader and its engine over one document.

    Args:
        reader: of the document, not fed yet.
        engine: its handler.
        enabled: False = everything goes to the parser.
        proving: whether the witness will be asked.
        proof: of the entries, from an earlier look at the same ledger.
        insertion: what was put into the file after that look.
        written: as of `Witness`.
    """

    def __init__(
        self,
        reader: Reader,
        engine: Engine,
        *,
        enabled: bool = True,
        proving: bool = False,
        proof: EntriesProof | None = None,
        insertion: Insertion | None = None,
        written: Beginning | None = None,
    ) -> None:
        self._reader = reader
        self._engine = engine
        self._enabled = enabled
        self._known = False  # between two entries
        self._header: Header | None = None  # open kebir entry, between two lines
        self._elided = False  # lines of the open kebir entry
        self._end = b""  # of an entry; empty = no entries
        self._line_end = b""  # of a line, with the prefix of the entries
        self._before = b""  # what the parser got last before the entries
        self._prefixes: Mapping[str | None, str] = {}
        self._entries: Element | None = None  # a second one may declare other prefixes
        self._lessons: Lessons | None = None  # none before the head was read
        self._loose_most = 1  # entries or lines to judge loosely before the next strict try
        self._journal: JournalProof | None = None
        self._kebir: KebirProof | None = None
        self._most = MANY
        self._proof = proof
        awake = enabled and (proving or proof is not None)
        self.witness = Witness(engine, awake=awake, insertion=insertion, written=written)
        self._feed = Feed(reader, self.witness)

    def run(self, read: Callable[[int], bytes]) -> Element:
        """Read to the end.

        Args:
            read: gives the next bytes, empty at the end.

        Returns:
            the root without its entries.

        Raises:
            lxml.etree.XMLSyntaxError: the document is not well-formed.
            NotProven: there is a proof, and the file does not begin with its bytes.
            OSError: the stream cannot be read.
        """
        if self._enabled:
            self._find_entries(read)
        if not self._end:
            self._feed.give(len(self._feed.buffer))
            return self._reader.run(read)
        while True:
            self._work()
            chunk = read(BLOCK_BYTES)
            if not chunk:
                break
            self._feed.add(chunk)
        if self._proof is not None:
            raise NotProven  # the file ends before the proof does, or no safe place came
        self._feed.give(len(self._feed.buffer))
        return self._reader.close()

    # the parser's share ---------------------------------------------------------------------
    def _find_entries(self, read: Callable[[int], bytes]) -> None:
        """Feed the head in small steps until the parser is inside accountingEntries."""
        while self._reader.entries is None:
            chunk = read(_STEP_BYTES)
            if not chunk:
                return
            for start in range(0, len(chunk), _STEP_BYTES):
                if self._reader.entries is not None:
                    self._feed.add(chunk[start:])
                    break
                self._before = chunk[start : start + _STEP_BYTES]
                self._feed.add(self._before)
                self._feed.give(len(self._before))
        entries = self._reader.entries
        prefix = entries.prefix
        spelled = prefix + ":" if prefix else ""
        self._end = f"</{spelled}entryHeader>".encode()
        self._line_end = f"</{spelled}entryDetail>".encode()
        self._prefixes = entries.nsmap
        self._entries = entries

    def unseen_columns(self, line: int) -> int:
        """How many bytes of a line the parser has not seen, for its error's column."""
        return self._feed.unseen_columns(line)

    # the lane's share -----------------------------------------------------------------------
    def _work(self) -> None:
        """Use up the buffer as far as it can be judged."""
        while True:
            if self._header is not None:
                go_on = self._judge_lines(self._header)
            elif self._known:
                go_on = self._judge_entries()
            elif self._lessons is None and self._engine.family == "K":
                go_on = self._parse_first_line()
            else:
                go_on = self._parse_entry()
            if not go_on:
                return

    def _parse_entry(self) -> bool:
        """Let the parser read up to the end of the next entry."""
        if self._reader.in_attachment:
            self._feed.pass_attachment()
        found = self._feed.buffer.find(self._end, self._feed.at)
        if found < 0:
            keep = len(self._end) - 1  # the tag may be cut by the end of the buffer
            if len(self._feed.buffer) - self._feed.at > keep:
                self._feed.give(len(self._feed.buffer) - keep)
                self._known = False  # the parser stands anywhere now, perhaps inside a tag
            return False
        was_known = self._known
        segment = self._feed.give(found + len(self._end))
        if self._reader.entry_ended and not _may_hide(segment):
            is_usual = was_known and self._lessons is not None and self._lessons.is_usual(segment)
            self._reader.flush(is_usual=is_usual)
            self._known = self._engine.may_prove and self._reader.entries is self._entries
            if self._known:
                self._learn(segment)
        else:
            self._known = False
        return True

    def _parse_first_line(self) -> bool:
        """Let the parser read one line of a kebir, so that a first account of any size is not."""
        line = self._feed.buffer.find(self._line_end, self._feed.at)
        entry = self._feed.buffer.find(self._end, self._feed.at)
        if line < 0 or 0 <= entry < line:
            return self._parse_entry()
        segment = self._before + self._feed.give(line + len(self._line_end))
        hidden = _may_hide(segment) or self._reader.entries is not self._entries
        if hidden or not self._reader.line_ended or self._reader.open_entry is None:
            return self._parse_entry()
        self._reader.flush_lines()
        if not self._engine.may_prove:
            return self._parse_entry()
        self._learn(segment + self._end)
        if self._current() is None:
            return self._parse_entry()
        self._header, self._elided = self._reader.begin_lines(), False
        return True

    def _learn(self, segment: bytes) -> None:
        document = self._engine.document
        if self._lessons is None:
            self._lessons = Lessons(self._prefixes, document, yevmiye=self._engine.family == "Y")
            lines = LineProof(self._engine.rules_of(Context.DETAIL), document, self._prefixes)
            self._journal = JournalProof(self._engine, lines)
            self._kebir = KebirProof(self._engine, lines)
        self._lessons.take(segment)

    def _current(self) -> Patterns | None:
        """The patterns, compiled anew when something was learned."""
        if self._lessons is None:
            return None
        if self._lessons.compile():
            self.witness.spelled(self._lessons.start_tags)
        return self._lessons.patterns

    def _judge_entries(self) -> bool:
        """Stand between two entries."""
        if self._proof is not None:
            return self._pass_proven(self._proof)
        self.witness.stands(self._feed.spot)
        patterns = self._current()
        if patterns is None:
            return self._parse_entry()
        if self._engine.family == "K":
            return self._open_account(patterns)
        last = self._feed.buffer.rfind(self._end, self._feed.at)
        if last < 0:
            return self._wait_or(self._parse_entry)
        entries = self._reader.entries
        assert entries is not None and self._journal is not None
        start, spot = self._feed.behind_blank()
        if self._most == _FEW:  # most likely this one will not do either: copy no more than it
            last = self._feed.buffer.find(self._end, start)
        block = Block(self._feed.buffer[start : last + len(self._end)], spot)
        judged, rows = self._journal.take(block, patterns, entries, self._most)
        if judged:
            self._reader.skip(judged)
            self.witness.proven(self._feed.buffer, self._feed.at, start + block.end_of(rows), block)
            self._feed.pass_over(start + block.end_of(rows), block.spot(rows))
        return self._after(block, rows, self._judge_entries_loosely)

    def _pass_proven(self, proof: EntriesProof) -> bool:
        """Read on to where the proof ends, and believe it if these are its bytes.

        Raises:
            NotProven: they are not.
        """
        feed = self._feed
        left = proof.size_bytes - feed.spot.offset
        until = feed.at + max(min(left, len(feed.buffer) - feed.at), 0)
        offset = feed.spot.offset + until - feed.at
        # Lines were counted by the first look; that these are its bytes shows at their end.
        feed.pass_over(
            until, Spot(offset, proof.line if offset >= proof.size_bytes else feed.spot.line)
        )
        if left > 0 and feed.spot.offset < proof.size_bytes:
            return False
        if left < 0:
            raise NotProven
        self.witness.believe(proof)
        assert self._entries is not None
        self._engine.take_all(self._entries, proof)
        self._proof = None
        return True

    def _judge_entries_loosely(self) -> bool:
        """The next entry has a text that does not fit; perhaps all else does."""
        entries = self._reader.entries
        assert entries is not None
        start, spot = self._feed.behind_blank()
        last = self._feed.buffer.rfind(self._end, start) + len(self._end)
        if self._loose_most == 1:
            last = self._feed.buffer.find(self._end, start) + len(self._end)
        block = Block(self._feed.buffer[start:last], spot)
        judged, size = self._loosely(entries).entries(block, self._loose_most)
        if not judged:
            self._loose_most = 1
            return self._parse_entry()
        self._loose_most = min(self._loose_most * 2, _MOST_LOOSE)
        self._reader.skip(judged)
        self.witness.proven(self._feed.buffer, self._feed.at, start + size, block)
        self._feed.pass_over(start + size)
        return True

    def _loosely(self, entries: Element) -> LooseProof:
        self._reader.flush_batch()
        assert self._lessons is not None
        return self._lessons.loose(self._engine, entries)

    def _after(self, block: Block, rows: int, otherwise: Callable[[], bool]) -> bool:
        """Go on behind what was judged; what was not is the parser's, unless it was not tried."""
        if rows:
            self._loose_most = 1
        if block.end_of(rows) == len(block.data):
            self._most = MANY
            return True
        if block.tried == self._most:
            self._most *= 4
            return True
        self._most = _FEW
        return otherwise()

    def _wait_or(self, otherwise: Callable[[], bool]) -> bool:
        """Wait for more bytes, but not for ever."""
        if len(self._feed.buffer) - self._feed.at > _LONGEST_ENTRY:
            self._known, self._header = False, None
            return otherwise()
        return False

    # kebir ------------------------------------------------------------------------------------
    def _open_account(self, patterns: Patterns) -> bool:
        """Judge whole accounts, or let the parser read the head of one, and stand in it then."""
        start, spot = self._feed.behind_blank()
        if self._judge_accounts(patterns, start, spot):
            return True
        is_whole = self._feed.buffer.find(self._end, self._feed.at) >= 0
        head = patterns.head.match(self._feed.buffer, start)
        if head is None or not self._feed.buffer.startswith(patterns.line_start, head.end()):
            return self._parse_entry() if is_whole else self._wait_or(self._parse_entry)
        if not is_whole and len(self._feed.buffer) - start < _LONG_ACCOUNT:
            return False
        self._feed.give(head.end())
        if self._reader.open_entry is None:
            self._known = False
            return True
        self._header = self._reader.begin_lines()
        self._header.byte_offset = spot.offset
        self._elided = False
        return True

    def _judge_accounts(self, patterns: Patterns, start: int, spot: Spot) -> bool:
        entries, last = self._reader.entries, self._feed.buffer.rfind(self._end, start)
        if last < 0:
            return False
        if self._most == _FEW:  # most likely this one will not do either: copy no more than it
            last = self._feed.buffer.find(self._end, start)
        assert entries is not None and self._kebir is not None
        block = Block(self._feed.buffer[start : last + len(self._end)], spot)
        judged, end = self._kebir.take_accounts(block, patterns, entries, self._most)
        self._most = MANY if end == len(block.data) else self._most * 4 if judged else _FEW
        if not judged:
            return False
        self._reader.skip(judged)
        self.witness.proven(self._feed.buffer, self._feed.at, start + end, block)
        self._feed.pass_over(start + end, block.spot_at(end))
        return True

    def _judge_lines(self, header: Header) -> bool:
        """Stand between two lines of an account."""
        patterns = self._current()
        assert patterns is not None and self._kebir is not None
        start, spot = self._feed.behind_blank()
        if self._feed.buffer.startswith(self._end, start):
            self._feed.give(start + len(self._end))
            self._header = None
            self._known = self._reader.entry_ended and self._reader.entries is self._entries
            if self._known:
                self._reader.flush()
            return True
        end = self._feed.buffer.find(self._end, self._feed.at)
        until = self._feed.buffer.rfind(patterns.line_end, self._feed.at, end if end >= 0 else None)
        if until < 0:
            return self._parse_line(patterns) if end >= 0 else self._wait_or(self._parse_entry)
        block = Block(self._feed.buffer[start : until + len(patterns.line_end)], spot)
        rows = self._kebir.take(block, patterns, header, self._most)
        if rows:
            if not self._elided:
                self._leave_a_line(patterns.line_start + patterns.line_end)
            self.witness.proven(self._feed.buffer, self._feed.at, start + block.end_of(rows), block)
            self._feed.pass_over(start + block.end_of(rows), block.spot(rows))
        end = until + len(patterns.line_end)
        return self._after(block, rows, lambda: self._judge_lines_loosely(header, patterns, end))

    def _judge_lines_loosely(self, header: Header, patterns: Patterns, until: int) -> bool:
        """The next line has a text that does not fit; perhaps all else does."""
        entries = self._reader.entries
        assert entries is not None
        start, spot = self._feed.behind_blank()
        block = Block(self._feed.buffer[start:until], spot)
        judged, size = self._loosely(entries).lines(block, header, self._loose_most)
        if not judged:
            self._loose_most = 1
            return self._parse_line(patterns)
        self._loose_most = min(self._loose_most * 2, _MOST_LOOSE)
        if not self._elided:
            self._leave_a_line(patterns.line_start + patterns.line_end)
        self.witness.proven(self._feed.buffer, self._feed.at, start + size, block)
        self._feed.pass_over(start + size)
        return True

    def _leave_a_line(self, empty: bytes) -> None:
        """For the schema to see that lines stood there."""
        self._feed.put_in(empty)
        self._reader.keep_last_line()
        self._elided = True

    def _parse_line(self, patterns: Patterns) -> bool:
        """Let the parser read up to the end of the next line, or of the entry."""
        line = self._feed.buffer.find(patterns.line_end, self._feed.at)
        entry = self._feed.buffer.find(self._end, self._feed.at)
        if line < 0 or 0 <= entry < line:
            self._header, self._known = None, False
            return True
        segment = self._feed.give(line + len(patterns.line_end))
        if self._reader.line_ended and not _may_hide(segment):
            self._reader.flush_lines()
            self._learn(segment)
        else:
            self._header, self._known = None, False
        return True


def _may_hide(segment: bytes) -> bool:
    """Whether a comment, CDATA section or processing instruction begins here."""
    # Single bytes are found much faster than pairs, and these are rare.
    return (b"!" in segment and b"<!" in segment) or (b"?" in segment and b"<?" in segment)
