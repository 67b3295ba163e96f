"""Entry and line numbers: verified, given, or shifted (lifecycle.md §4).

`entryNumberCounter` and `lineNumber` start at 1 with the fiscal year and grow by one over all
months and parts. Inside a file the rules Y-HDR-01 and Y-DET-02 look at them (and only weakly);
that the next file goes on where the last one ended is the software's duty alone.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from edefter.errors import ConfigError
from edefter.ledger.findings import LedgerRule, lost_rows, report_rows, without_known
from edefter.model.files import Counters
from edefter.model.finding import FindingLog


class Numbering(StrEnum):
    """Where the numbers come from (setting `numbering` of a source)."""

    SOURCE = "source"  # the source's numbers, which must continue the last file's
    ASSIGN = "assign"  # counted here, in the order of the rows
    REBASE = "rebase"  # the source's numbers are consecutive, but count from elsewhere


class Numberer:
    """Numbers batch after batch of one part.

    Args:
        mode: `source`, `assign` or `rebase`.
        before: last numbers used in the fiscal year.
        findings: takes the findings.
        source_name: named in them.

    Raises:
        ConfigError: unknown mode.
    """

    def __init__(self, mode: str, before: Counters, findings: FindingLog, source_name: str) -> None:
        if mode not in tuple(Numbering):
            raise ConfigError("ledger.unknown_numbering", value=mode)
        self._mode = Numbering(mode)
        self._findings = findings
        self._source_name = source_name
        self._last = {"entry_no": before.entry_no, "line_no": before.line_no}
        self._shift: dict[str, int] = {}
        self._seen: dict[str, int | None] = {
            "entry_no": before.entry_no if self._mode is Numbering.SOURCE else None,
            "line_no": before.line_no if self._mode is Numbering.SOURCE else None,
        }
        self._unseen = dict.fromkeys(self._last, 0)  # rows without a number since `_seen`
        self._first = True

    @property
    def last_entry_no(self) -> int:
        """Last entry number given or verified so far."""
        return self._last["entry_no"]

    @property
    def last_line_no(self) -> int:
        """Last line number given or verified so far."""
        return self._last["line_no"]

    def number(self, frame: pl.DataFrame, starts: pl.Series) -> pl.DataFrame:
        """The batch with its final numbers.

        Args:
            frame: canonical columns in the order of the ledger.
            starts: True on the first row of each voucher.

        Returns:
            The same rows. Where numbers were found wrong they are left as they came: there is
            a finding, and nothing is written.
        """
        if not frame.height:
            return frame
        if self._mode is Numbering.ASSIGN:
            entry = starts.cast(pl.Int64).cum_sum() + self._last["entry_no"]
            line = pl.int_range(1, frame.height + 1, eager=True) + self._last["line_no"]
            numbered = frame.with_columns(entry.alias("entry_no"), line.alias("line_no"))
        else:
            for name in self._last:
                missing = without_known(frame.filter(pl.col(name).is_null()), self._findings)
                self._report(LedgerRule.NUMBER_MISSING, missing, name)
            self._verify(frame.filter(starts), "entry_no")
            self._verify(frame, "line_no")
            self._verify_within(frame, starts)
            numbered = self._shifted(frame)
        self._first = False
        for name in self._last:
            self._last[name] = numbered[name].max() or self._last[name]  # type: ignore[assignment]
        return numbered

    def _shifted(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self._mode is Numbering.SOURCE:
            return frame
        for name in self._last:
            if name not in self._shift and (first := frame[name].first()) is not None:
                self._shift[name] = self._last[name] + 1 - int(first)  # type: ignore[arg-type]
        return frame.with_columns(
            (pl.col(name) + shift).alias(name) for name, shift in self._shift.items()
        )

    def _verify(self, rows: pl.DataFrame, name: str) -> None:
        """Compare each number with the one above it, so that one gap is one finding.

        A missing number has its own finding and counts as the one that was expected there.
        """
        index = pl.int_range(rows.height, eager=True).alias("index")
        known = rows.with_columns(index).filter(pl.col(name).is_not_null())
        if known.height:
            last, back = self._seen[name], self._unseen[name]
            before = pl.col(name).shift(1, fill_value=last)
            steps = pl.col("index") - pl.col("index").shift(1, fill_value=-1 - back)
            known = known.with_columns(before.alias("before"), (before + steps).alias("expected"))
            wrong = known.filter(pl.col(name) != pl.col("expected"))
            if wrong.height and lost_rows(self._findings):
                wrong = wrong.clear()  # a row that was not read is a gap, but no mistake of its own
            elif self._first and known["expected"][0] not in (None, known[name][0]):
                self._report(LedgerRule.NOT_CONTINUED, wrong.head(1), name)
                wrong = wrong.slice(1)
            self._report(LedgerRule.NOT_CONSECUTIVE, wrong, name)
            self._seen[name] = int(known[name][-1])
            self._unseen[name] = rows.height - 1 - int(known["index"][-1])
        else:
            self._unseen[name] += rows.height

    def _verify_within(self, frame: pl.DataFrame, starts: pl.Series) -> None:
        first = pl.col("entry_no").first().over(starts.cum_sum())
        changed = frame.filter((pl.col("entry_no") != first).fill_null(value=False))
        changed = without_known(changed, self._findings)
        self._report(LedgerRule.ENTRY_NUMBER_CHANGES, changed, "entry_no")

    def _report(self, rule: LedgerRule, rows: pl.DataFrame, name: str) -> None:
        if rows.height:
            facts = tuple(n for n in ("expected", "before") if n in rows.columns)
            report_rows(self._findings, rule, rows, self._source_name, field=name, facts=facts)
