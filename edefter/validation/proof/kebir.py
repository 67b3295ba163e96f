"""Proves lines of a kebir account; judges by records those whose values are in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from edefter.validation.judging.engine import Engine
from edefter.validation.proof.columns import KEBIR, KEBIR_ACCOUNT, Columns
from edefter.validation.proof.line_proof import LineProof
from edefter.validation.proof.matching import AccountSpan, Block
from edefter.validation.proof.pattern import Patterns
from edefter.validation.proof.rows import account_header_of, detail_of, text
from edefter.validation.proof.runs import LineRun
from edefter.validation.reading.extract import Element
from edefter.validation.records import Header
from edefter.validation.rules.gathered import KebirTotals


class KebirProof:
    """Takes blocks of lines that belong to one account of a kebir.

    Args:
        engine: told what was found, in document order.
        lines: checks of single lines.
    """

    def __init__(self, engine: Engine, lines: LineProof) -> None:
        self._engine = engine
        self._lines = lines

    def take(self, block: Block, patterns: Patterns, header: Header, most: int) -> int:
        """Judge as many leading lines as the pattern accepts.

        Args:
            block: begins where a line may begin.
            patterns: of this document.
            header: the open entry.
            most: lines to look at, at the most.

        Returns:
            How many lines were judged; the block knows where they end.
        """
        columns, count = self._valid(block, patterns, most)
        if count:
            self._judge_all(block, columns, count, header)
        return count

    def take_accounts(
        self, block: Block, patterns: Patterns, entries: Element, most: int
    ) -> tuple[int, int]:
        """Judge as many leading accounts as fit whole; nothing of others is told to the engine.

        Looked at together: most accounts have few lines, and each look costs more than a line.

        Args:
            block: begins where an account begins.
            patterns: of this document.
            entries: the accountingEntries they stand in.
            most: lines to look at, at the most, but at least one account.

        Returns:
            How many accounts were judged, and the offset in the block behind them.
        """
        spans = block.match_accounts(patterns, most)
        if not spans:
            return 0, 0
        _, heads, canonical = KEBIR_ACCOUNT.columns([span.head for span in spans])
        columns, valid = self._checked(block)
        fitting = [span for at, span in enumerate(spans) if at < heads and span.last <= valid]
        if not fitting:
            return 0, 0
        if fitting != spans:
            block.cut(fitting[-1].last)
            _, _, canonical = KEBIR_ACCOUNT.columns([span.head for span in fitting])
            columns, _ = self._checked(block)
        block.canonical &= canonical
        self._judge_accounts(block, columns, fitting, entries)
        return len(fitting), fitting[-1].end

    def _valid(self, block: Block, patterns: Patterns, most: int) -> tuple[Columns, int]:
        """Match lines; their texts by field, and how many leading ones the schema accepts."""
        block.match(patterns.line, most)
        return self._checked(block) if block.rows else ({}, 0)

    def _checked(self, block: Block) -> tuple[Columns, int]:
        columns, good, block.canonical = KEBIR.columns(block.rows)
        block.cut(good)
        return columns, self._lines.valid_rows(columns, len(block.rows))

    def _judge_all(self, block: Block, columns: Columns, count: int, header: Header) -> None:
        kurus = _kurus(columns)
        doubtful = self._doubtful(block, columns, kurus, [(0, count)])
        for begin, last in _between(doubtful, 0, count):
            first = begin
            while first < last and not _may_go_on(header, int(columns["line_counter"][first])):
                self._judge(block, header, first)
                first += 1
            self._run(block, columns, kurus, header, (first, last))
            if first < last:
                self._engine.gather(columns, kurus, first, last)
            if last < count:
                self._judge(block, header, last)

    def _judge_accounts(
        self, block: Block, columns: Columns, spans: Sequence[AccountSpan], entries: Element
    ) -> None:
        kurus = _kurus(columns)
        doubtful = self._doubtful(
            block, columns, kurus, [(span.first, span.last) for span in spans]
        )
        for first, last in _between(doubtful, 0, spans[-1].last):
            if first < last:
                self._engine.gather(columns, kurus, first, last)
        for span in spans:
            header = account_header_of(span.head)
            block.spot_at(span.start).mark(header)
            own = [row for row in doubtful if span.first <= row < span.last] if doubtful else []
            for first, last in _between(own, span.first, span.last):
                self._run(block, columns, kurus, header, (first, last))
                if last < span.last:
                    self._judge(block, header, last)
            self._engine.header(header, entries)

    def _doubtful(
        self,
        block: Block,
        columns: Columns,
        kurus: Sequence[int],
        accounts: Iterable[tuple[int, int]],
    ) -> list[int]:
        """Rows, in ascending order, that are to be judged by their records."""
        doubtful = set(self._lines.doubtful_rows(columns, len(block.rows)))
        counters = [int(value) for value in columns["line_counter"]]
        if 0 in kurus:
            doubtful.update(row for row, amount in enumerate(kurus) if amount == 0)
        for first, last in accounts:
            own = counters[first:last]
            if own != sorted(own):
                highest = list(accumulate(own, max))
                doubtful.update(
                    first + at for at, counter in enumerate(own) if counter < highest[at]
                )
        return sorted(doubtful)

    def _run(
        self,
        block: Block,
        columns: Columns,
        kurus: list[int],
        header: Header,
        rows: tuple[int, int],
    ) -> None:
        first, last = rows
        if first >= last:
            return
        counters, sides = columns["line_counter"], columns["dc"][first:last]
        own = kurus[first:last]
        debit = sum(amount for amount, side in zip(own, sides, strict=True) if side == b"D")
        mains, subs = columns["main"][first:last], columns["sub"][first:last]
        line = detail_of(block.rows[first], header)
        if header.first is None:
            block.spot(first).mark(line)
        self._engine.take_lines(
            header,
            LineRun(
                lines=last - first,
                debit_kurus=debit,
                credit_kurus=sum(own) - debit,
                accounts=frozenset(
                    (text(main), text(sub) if sub else None)
                    for main, sub in set(zip(mains, subs, strict=True))
                ),
                first_counter=int(counters[first]),
                last_counter=int(counters[last - 1]),
                first_line=line,
                last_line_number=columns["line_number"][last - 1].decode(),
            ),
        )

    def _judge(self, block: Block, header: Header, row: int) -> None:
        detail = detail_of(block.rows[row], header)
        block.spot(row).mark(detail)
        self._engine.lines(header, [detail])


def _may_go_on(header: Header, counter: int) -> bool:
    """Whether a line with this counter is not below an earlier one of the account."""
    return not isinstance(header.totals, KebirTotals) or header.totals.may_go_on(counter)


def _kurus(columns: Columns) -> list[int]:
    return [int(value.replace(b".", b"")) for value in columns["amount"]]


def _between(doubtful: Sequence[int], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Runs of rows without a doubt; behind each but the last stands a doubtful one."""
    for row in doubtful:
        if row >= last:
            break
        yield first, row
        first = row + 1
    yield first, last
