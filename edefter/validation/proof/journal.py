"""Proves entries of a yevmiye; judges by records those whose values are in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from edefter.validation.judging.coverage import Coverage, head_sample
from edefter.validation.judging.engine import Engine
from edefter.validation.proof.columns import YEVMIYE, Columns
from edefter.validation.proof.fields import HEAD_GROUPS
from edefter.validation.proof.line_proof import LineProof
from edefter.validation.proof.matching import Block
from edefter.validation.proof.pattern import Patterns
from edefter.validation.proof.rows import detail_of, header_of, text
from edefter.validation.proof.runs import EntryRun
from edefter.validation.reading.extract import Element
from edefter.validation.rule import Context

_HEAD = len(HEAD_GROUPS)
_BY, _DATE, _NUMBER, _BATCH, _DEBIT, _CREDIT, _COUNTER = (
    HEAD_GROUPS.index(name)
    for name in (
        "entered_by",
        "entered_date",
        "entry_number",
        "batch_id",
        "total_debit",
        "total_credit",
        "counter",
    )
)


class JournalProof:
    """Takes blocks of a yevmiye.

    Args:
        engine: told what was found, in document order.
        lines: checks of single lines.
    """

    def __init__(self, engine: Engine, lines: LineProof) -> None:
        self._engine = engine
        self._lines = lines
        self._heads = Coverage(engine.rules_of(Context.HEADER), engine.document)
        self._proven_heads: dict[tuple[bytes, bytes, bytes], bool] = {}

    def take(
        self, block: Block, patterns: Patterns, entries: Element, most: int
    ) -> tuple[int, int]:
        """Judge as many leading entries as the pattern accepts.

        Args:
            block: begins at the border of an entry and ends at the end of one.
            patterns: of this document.
            entries: the accountingEntries they stand in.
            most: lines to look at, at the most.

        Returns:
            How many entries were judged, and how many lines they have.
        """
        block.match(patterns.line, most)
        if not block.rows:
            return 0, 0
        columns, good, block.canonical = YEVMIYE.columns(block.rows)
        block.cut(good)
        if not good:
            return 0, 0
        valid = self._lines.valid_rows(columns, len(block.rows))
        spans = self._spans(block, valid)
        if not spans:
            return 0, 0
        doubtful = self._doubtful_entries(block, columns, spans)
        self._hand_over(block, patterns, spans, doubtful, entries)
        return len(spans), spans[-1][1]

    def _spans(self, block: Block, valid: int) -> list[tuple[int, int]]:
        """Rows (from, to) of the leading entries that are whole and valid."""
        rows = block.rows
        starts = [index for index, row in enumerate(rows) if row[0]]
        ends = [index + 1 for index, row in enumerate(rows) if row[-1]]
        if not starts or starts[0] != 0:
            return []
        bad_dates = self._lines.bad_dates({rows[index][_DATE] for index in starts})
        spans: list[tuple[int, int]] = []
        expected = 0
        for start, end in zip(starts, ends, strict=False):
            if start != expected or end <= start or end > valid or rows[start][_DATE] in bad_dates:
                break
            spans.append((start, end))
            expected = end
        # A line that belongs to no entry, or an entry that begins inside another, ends the block.
        for position, (_, end) in enumerate(spans):
            if position + 1 < len(starts) and starts[position + 1] < end:
                return spans[:position]
        return spans

    # rules ----------------------------------------------------------------------------------
    def _doubtful_entries(
        self, block: Block, columns: Columns, spans: Sequence[tuple[int, int]]
    ) -> set[int]:
        rows, count = block.rows, len(block.rows)
        doubtful_rows = set(self._lines.doubtful_rows(columns, count))
        kurus = _numbers(b" ".join(columns["amount"]).replace(b".", b""))
        sides = columns["dc"]
        all_sums = list(accumulate(kurus, initial=0))
        debit_sums = list(
            accumulate(
                (amount if side == b"D" else 0 for amount, side in zip(kurus, sides, strict=True)),
                initial=0,
            )
        )
        self._sums = (all_sums, debit_sums)
        self._columns, self._kurus = columns, kurus
        numbers = _numbers(b" ".join(columns["line_number"]))
        self._numbers = numbers
        in_order = numbers == list(range(numbers[0], numbers[0] + count))
        has_zero = 0 in kurus
        counters, days = columns["line_counter"], columns["posting_date"]
        references = columns["document_reference"]
        heads = [rows[start] for start, _ in spans]
        counted = _numbers(b" ".join(head[_COUNTER] for head in heads))
        self._counters = counted
        before_counter, before_day, before_line = self._engine.previous()
        previous_counter = _plain(before_counter)
        previous_line = _plain(before_line)
        previous_day = before_day.encode() if isinstance(before_day, str) else None
        doubtful: set[int] = set()
        for index, ((start, end), head) in enumerate(zip(spans, heads, strict=True)):
            size = end - start
            day, total = head[_DATE], head[_DEBIT]
            debit = debit_sums[end] - debit_sums[start]
            good = (
                size > 1
                and previous_counter is not None
                and counted[index] == previous_counter + 1
                and previous_day is not None
                and day >= previous_day
                and total == head[_CREDIT]
                and int(total.replace(b".", b"")) == debit
                and all_sums[end] - all_sums[start] == debit + debit
                and counters[start:end].count(head[_COUNTER]) == size
                and days[start:end].count(day) == size
                and previous_line is not None
                and numbers[start] == previous_line + 1
                and self._head_is_proven(head)
            )
            if good and not in_order:
                good = numbers[start:end] == list(range(numbers[start], numbers[start] + size))
            if good and head[_NUMBER]:
                cited = references[start:end]
                good = cited.count(head[_NUMBER]) + cited.count(b"") == size
            if good and has_zero:
                good = 0 not in kurus[start:end]
            if good and doubtful_rows:
                good = doubtful_rows.isdisjoint(range(start, end))
            if not good:
                doubtful.add(index)
            previous_counter, previous_day = counted[index], day
            previous_line = numbers[end - 1]
        return doubtful

    def _head_is_proven(self, head: tuple[bytes, ...]) -> bool:
        key = (head[_BY], head[_DATE], head[_BATCH])
        proven = self._proven_heads.get(key)
        if proven is None:
            if len(self._proven_heads) > 50_000:
                self._proven_heads.clear()
            sample = head_sample(
                text(head[_BY]), text(head[_DATE]), text(head[_BATCH]) if head[_BATCH] else None
            )
            proven = self._heads.proven("head", sample) == self._heads.all
            self._proven_heads[key] = proven
        return proven

    # telling the engine -----------------------------------------------------------------------
    def _hand_over(
        self,
        block: Block,
        patterns: Patterns,
        spans: Sequence[tuple[int, int]],
        doubtful: set[int],
        entries: Element,
    ) -> None:
        begun = 0
        for index in sorted(doubtful):
            self._run(block, patterns, spans[begun:index], begun, entries)
            self._judge(block, patterns, *spans[index], entries)
            begun = index + 1
        self._run(block, patterns, spans[begun:], begun, entries)

    def _run(
        self,
        block: Block,
        patterns: Patterns,
        spans: Sequence[tuple[int, int]],
        first: int,
        entries: Element,
    ) -> None:
        if not spans:
            return
        start, end, last = spans[0][0], spans[-1][1], first + len(spans)
        all_sums, debit_sums = self._sums
        debit = debit_sums[end] - debit_sums[start]
        header = header_of(block.rows[spans[-1][0]])
        block.spot(spans[-1][0]).mark(header)
        line = detail_of(block.rows[end - 1][_HEAD:], header)
        block.spot(end - 1, patterns.line_start).mark(line)
        self._engine.gather(self._columns, self._kurus, start, end)
        self._engine.take_entries(
            entries,
            EntryRun(
                entries=last - first,
                lines=end - start,
                debit_kurus=debit,
                credit_kurus=all_sums[end] - all_sums[start] - debit,
                first_counter=self._counters[first],
                last_counter=self._counters[last - 1],
                first_line=self._numbers[start],
                last_line_number=self._numbers[end - 1],
                last_header=header,
                last_line=line,
            ),
        )

    def _judge(
        self, block: Block, patterns: Patterns, start: int, end: int, entries: Element
    ) -> None:
        header = header_of(block.rows[start])
        block.spot(start).mark(header)
        details = []
        for row in range(start, end):
            detail = detail_of(block.rows[row][_HEAD:], header)
            block.spot(row, patterns.line_start).mark(detail)
            details.append(detail)
        self._engine.lines(header, details)
        self._engine.header(header, entries)


def _numbers(joined: bytes) -> list[int]:
    return list(map(int, joined.split()))


def _plain(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return None
