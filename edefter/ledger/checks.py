"""Checks on one batch before it is kept: can every row be written, and is it in its place."""

from __future__ import annotations

from datetime import date

import polars as pl

from edefter.ledger.canonical import FORBIDDEN_PATTERN, INVISIBLE_PATTERN
from edefter.ledger.findings import LedgerRule, report_rows, without_known
from edefter.ledger.head import LedgerHead
from edefter.model.finding import FindingLog
from edefter.model.journal import JOURNAL, Layout


class BatchChecks:
    """Row checks with what they must remember from batch to batch.

    Args:
        head: days, branch.
        findings: takes the findings.
        source_name: named in them.
        layout: of the rows.
    """

    def __init__(
        self,
        head: LedgerHead,
        findings: FindingLog,
        source_name: str,
        layout: Layout = JOURNAL,
    ) -> None:
        self._layout = layout
        self._head = head
        self._findings = findings
        self._source_name = source_name
        self._last_date: date | None = None

    def check(self, frame: pl.DataFrame, starts: pl.Series) -> None:
        """Report what is wrong in this batch.

        Args:
            frame: canonical columns as the source gave them.
            starts: True on the first row of each voucher.
        """
        self._required(frame)
        self._characters(frame)
        self._days(frame.filter(starts))
        self._branch(frame.filter(starts))

    def _required(self, frame: pl.DataFrame) -> None:
        missing = frame.filter(pl.any_horizontal(pl.col(self._layout.required).is_null()))
        if not missing.height:
            return
        missing = without_known(missing, self._findings)
        for name in self._layout.required:
            self._report(LedgerRule.REQUIRED, missing.filter(pl.col(name).is_null()), field=name)

    def _characters(self, frame: pl.DataFrame) -> None:
        written = self._layout.written_texts
        either = f"{FORBIDDEN_PATTERN}|{INVISIBLE_PATTERN}"
        if not any(frame.select(pl.col(written).str.contains(either).any()).row(0)):
            return
        for pattern, rule in (
            (FORBIDDEN_PATTERN, LedgerRule.CHARACTER),
            (INVISIBLE_PATTERN, LedgerRule.INVISIBLE),
        ):
            hit = frame.select(pl.col(written).str.contains(pattern).any()).row(0)
            for name, found in zip(written, hit, strict=True):
                if found:
                    bad = frame.filter(pl.col(name).str.contains(pattern))
                    self._report(rule, bad, field=name)

    def _days(self, vouchers: pl.DataFrame) -> None:
        day = pl.col("entered_date")
        outside = vouchers.filter((day < self._head.first_day) | (day > self._head.last_day))
        self._report(
            LedgerRule.OUTSIDE_PERIOD,
            outside,
            field="entered_date",
            first_day=self._head.first_day.isoformat(),
            last_day=self._head.last_day.isoformat(),
        )
        dated = vouchers.filter(day.is_not_null())
        if not dated.height:
            return
        before = pl.col("entered_date").shift(1, fill_value=self._last_date)
        dated = dated.with_columns(before.alias("before"))
        self._report(
            LedgerRule.DATE_ORDER,
            dated.filter(day < pl.col("before")),
            field="entered_date",
            facts=("before",),
        )
        self._last_date = dated["entered_date"][-1]

    def _branch(self, vouchers: pl.DataFrame) -> None:
        branch = self._head.branch
        if branch is not None:
            other = vouchers.filter(pl.col("batch_id") != branch.number)
            self._report(LedgerRule.OTHER_BRANCH, other, field="batch_id", branch=branch.number)

    def _report(
        self,
        rule: LedgerRule,
        rows: pl.DataFrame,
        *,
        field: str,
        facts: tuple[str, ...] = (),
        **fixed: str,
    ) -> None:
        if rows.height:
            report_rows(
                self._findings, rule, rows, self._source_name, field=field, facts=facts, **fixed
            )
