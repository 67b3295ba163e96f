"""Proves lines of a kebir account; judges by records those whose values are in doubt."""

from __future__ import annotations

from edefter.validation.judging.engine import Engine
from edefter.validation.proof.columns import KEBIR, KEBIR_ACCOUNT, Columns
from edefter.validation.proof.line_proof import LineProof
from edefter.validation.proof.matching import MANY, Block, Spot
from edefter.validation.proof.pattern import Patterns
from edefter.validation.proof.rows import Row, account_header_of, detail_of, text
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

    def take_account(
        self, block: Block, patterns: Patterns, head: Row, spot: Spot, entries: Element
    ) -> bool:
        """Judge a whole account, if all of it fits; nothing is told to the engine if not.

        Args:
            block: all lines of the account, and nothing else.
            patterns: of this document.
            head: what the pattern of the head has captured.
            spot: where the account begins.
            entries: the accountingEntries it stands in.

        Returns:
            Whether it was judged.
        """
        _, good, head_is_canonical = KEBIR_ACCOUNT.columns([head])
        if not good:
            return False
        columns, count = self._valid(block, patterns, MANY)
        if not count or block.end_of(count) != len(block.data):
            return False
        block.canonical &= head_is_canonical
        header = account_header_of(head)
        spot.mark(header)
        self._judge_all(block, columns, count, header)
        self._engine.header(header, entries)
        return True

    def _valid(self, block: Block, patterns: Patterns, most: int) -> tuple[Columns, int]:
        """Match lines; their texts by field, and how many leading ones the schema accepts."""
        block.match(patterns.line, most)
        if not block.rows:
            return {}, 0
        columns, good, block.canonical = KEBIR.columns(block.rows)
        block.cut(good)
        return columns, self._lines.valid_rows(columns, len(block.rows))

    def _judge_all(self, block: Block, columns: Columns, count: int, header: Header) -> None:
        doubtful = set(self._lines.doubtful_rows(columns, len(block.rows)))
        counters = [int(value) for value in columns["line_counter"]]
        kurus = [int(value.replace(b".", b"")) for value in columns["amount"]]
        highest = 0
        for row in range(count):
            if kurus[row] == 0 or counters[row] < highest:
                doubtful.add(row)
            highest = max(highest, counters[row])
        begun = 0
        for row in [row for row in sorted(doubtful) if row < count]:
            self._run(block, columns, kurus, header, (begun, row))
            self._judge(block, header, row)
            begun = row + 1
        self._run(block, columns, kurus, header, (begun, count))

    def _run(
        self,
        block: Block,
        columns: Columns,
        kurus: list[int],
        header: Header,
        rows: tuple[int, int],
    ) -> None:
        first, last = rows
        counters = columns["line_counter"]
        while first < last and not _may_go_on(header, int(counters[first])):
            self._judge(block, header, first)
            first += 1
        if first >= last:
            return
        debit = sum(
            amount
            for amount, side in zip(kurus[first:last], columns["dc"][first:last], strict=True)
            if side == b"D"
        )
        mains, subs = columns["main"][first:last], columns["sub"][first:last]
        line = detail_of(block.rows[first], header)
        if header.first is None:
            block.spot(first).mark(line)
        self._engine.gather(columns, kurus, first, last)
        self._engine.take_lines(
            header,
            LineRun(
                lines=last - first,
                debit_kurus=debit,
                credit_kurus=sum(kurus[first:last]) - debit,
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
