"""Entries whose structure fits although some texts do not, judged without building their tree.

A wrong text seldom comes alone: a program that writes a comma into an amount does so in every line.
Such a line still has the right elements in the right order. The rules judge it from the match; and
since every element of a line is optional for the schema, the schema is asked about the doubtful
elements alone, in a small document of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from edefter.validation import names
from edefter.validation.judging.engine import Engine
from edefter.validation.proof.columns import look_over
from edefter.validation.proof.fields import (
    DOCUMENT_TYPES,
    LINE,
    MAIN_ACCOUNT,
    SUB_ACCOUNT,
    YEVMIYE_HEAD,
    Content,
    Leaf,
)
from edefter.validation.proof.layout import Layout
from edefter.validation.proof.matching import Block
from edefter.validation.proof.pattern import compile_loose, matcher
from edefter.validation.proof.rows import detail_of, header_of
from edefter.validation.reading.extract import Element
from edefter.validation.records import Detail, Header
from edefter.validation.rules.strict import is_plain_date

_MAIN = {leaf.name for leaf in MAIN_ACCOUNT}
_SUB = {leaf.name for leaf in SUB_ACCOUNT}
_TYPES = frozenset(item.encode() for item in DOCUMENT_TYPES)
_MAX_DATES = 10_000

Match = re.Match[bytes]


class Doubt:
    """One element whose text the schema is asked about.

    Args:
        record: the entry or line it belongs to.
        begin: where that begins in the bytes.
        leaf: which element.
        match: the line.
        group: of the match that holds its text.
    """

    __slots__ = ("_begin", "_match", "group", "leaf", "record")

    def __init__(
        self, record: Header | Detail, begin: int, leaf: Leaf, match: Match, group: int
    ) -> None:
        self.record = record
        self.leaf = leaf
        self.group = group
        self._begin = begin
        self._match = match

    @property
    def raw(self) -> bytes:
        """Its text as written."""
        return self._match[self.group]

    @property
    def line(self) -> int:
        """Its line in the file; counted only when a finding needs it."""
        feeds = self._match.string.count(b"\n", self._begin, self._match.start(self.group))
        return int(self.record.xml_line) + feeds


class LooseProof:
    """Judges entries of a yevmiye, or lines of a kebir, whose structure alone fits.

    Args:
        engine: told what was found, in document order.
        layout: spellings of this document.
        line_start: how a line begins.
        entries: the accountingEntries they stand in.
    """

    def __init__(self, engine: Engine, layout: Layout, line_start: bytes, entries: Element) -> None:
        self._engine = engine
        self._layout = layout
        self._line_start = line_start
        self._entries = entries
        is_yevmiye = engine.family == "Y"
        self._pattern = compile_loose(layout, yevmiye=is_yevmiye)
        self._dates: set[bytes] = set()
        self._canonical = True  # all texts of the block so far are
        # Group 1 marks the beginning of an entry, the last one its end.
        self._head = self._acceptors(YEVMIYE_HEAD, 2)
        self._first = len(YEVMIYE_HEAD) + 1 if is_yevmiye else 0
        self._line = self._acceptors(LINE, self._first + 1)
        scope: Any = entries.nsmap
        empty = etree.tostring(etree.Element(names.ENTRIES, nsmap=scope), encoding="utf-8")
        self._around = empty[:-2] + b">", b"</" + empty[1 : empty.index(b" ")] + b">"

    def entries(self, block: Block, most: int) -> tuple[int, int]:
        """Judge leading entries.

        Args:
            block: begins at the border of an entry.
            most: entries to look at, at the most.

        Returns:
            How many entries were judged, and how many bytes they have.
        """
        done = 0
        self._canonical = True
        doubts: list[Doubt] = []
        while done < most and (found := self._entry(block, block.end_of(len(block.ends)))):
            header = header_of(found[0].groups()[1:], None)
            begin = found[0].start()
            block.spot_at(begin).mark(header)
            self._doubt(doubts, header, begin, found[0], self._head)
            details = [self._detail(block, match, header, doubts) for match in found]
            self._engine.lines(header, details)
            self._engine.header(header, self._entries)
            block.ends.append(found[-1].end())
            done += 1
        self._ask_schema(doubts)
        block.canonical = self._canonical
        return done, block.end_of(done)

    def lines(self, block: Block, header: Header, most: int) -> tuple[int, int]:
        """Judge leading lines of a kebir account; arguments and answer as of `entries`."""
        done = 0
        self._canonical = True
        doubts: list[Doubt] = []
        while done < most:
            match = self._pattern.match(block.data, block.end_of(done))
            if match is None or not self._is_good(match):
                break
            self._engine.lines(header, [self._detail(block, match, header, doubts)])
            block.ends.append(match.end())
            done += 1
        self._ask_schema(doubts)
        block.canonical = self._canonical
        return done, block.end_of(done)

    # matches --------------------------------------------------------------------------------
    def _entry(self, block: Block, position: int) -> list[Match]:
        """The lines of the entry that begins here; none when it does not fit."""
        found: list[Match] = []
        end = self._pattern.groups
        while True:
            match = self._pattern.match(block.data, position)
            if match is None or (match[1] is None) != bool(found) or not self._is_good(match):
                return []
            found.append(match)
            position = match.end()
            if match[end]:
                return found

    def _is_good(self, match: Match) -> bool:
        groups = match.groups(b"")
        # The last group of a yevmiye's line is the end of its entry.
        is_good, canonical = look_over(groups[:-1] if self._first else groups)
        self._canonical &= canonical
        return is_good

    def _detail(self, block: Block, match: Match, header: Header, doubts: list[Doubt]) -> Detail:
        detail = detail_of(match.groups()[self._first :], header, None)
        begin = block.data.find(self._line_start, match.start())
        block.spot_at(begin).mark(detail)
        self._doubt(doubts, detail, begin, match, self._line)
        return detail

    # texts ----------------------------------------------------------------------------------
    def _acceptors(
        self, leaves: Sequence[Leaf], first: int
    ) -> list[tuple[int, Leaf, Callable[[bytes], object]]]:
        """Group, element, and what says that the schema accepts its text without question."""
        known: dict[Content, Callable[[bytes], object]] = {
            Content.DATE: self._is_date,
            Content.CODE: _TYPES.__contains__,
            Content.SIDE: (b"D", b"C").__contains__,
        }
        return [
            (first + index, leaf, known.get(leaf.content) or matcher(leaf.content))
            for index, leaf in enumerate(leaves)
            if leaf.content is not Content.FREE
        ]

    def _is_date(self, raw: bytes) -> bool:
        if raw in self._dates:
            return True
        if not matcher(Content.DATE)(raw) or not is_plain_date(raw.decode()):
            return False
        if len(self._dates) < _MAX_DATES:
            self._dates.add(raw)
        return True

    @staticmethod
    def _doubt(
        doubts: list[Doubt],
        record: Header | Detail,
        begin: int,
        match: Match,
        acceptors: list[tuple[int, Leaf, Callable[[bytes], object]]],
    ) -> None:
        for group, leaf, accepts in acceptors:
            raw = match[group]
            if raw is not None and not accepts(raw):
                doubts.append(Doubt(record, begin, leaf, match, group))

    # schema ---------------------------------------------------------------------------------
    def _ask_schema(self, doubts: list[Doubt]) -> None:
        if not doubts:
            return
        parts = [self._around[0]]
        for doubt in doubts:
            parts += self._element(doubt)
        parts.append(self._around[1])
        root = etree.fromstring(b"".join(parts), _parser())
        self._engine.doubtful_texts(
            root,
            lambda index: (doubts[index].record, doubts[index].leaf.name, doubts[index].line),
        )

    def _element(self, doubt: Doubt) -> list[bytes]:
        """The element in the containers it may stand in, as an entry of its own."""
        name = doubt.leaf.name
        around = ["gl-cor:entryHeader"]
        if isinstance(doubt.record, Detail):
            around.append("gl-cor:entryDetail")
        if name in _MAIN or name in _SUB:
            around.append("gl-cor:account")
        if name in _SUB:
            around.append("gl-cor:accountSub")
        around.append(name)
        starts, ends = self._layout.starts, self._layout.ends
        return [
            *(next(iter(starts[item])) for item in around),
            doubt.raw,
            *(next(iter(ends[item])) for item in reversed(around)),
        ]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
