"""Which rows lie in the requested days, and which vouchers lie only partly in them."""

from __future__ import annotations

import polars as pl

from edefter.model.finding import FindingLog
from edefter.source.convert import as_day
from edefter.source.findings import SourceRule, report_rows
from edefter.source.port import ReadRequest

_IDENTITY = ("entry_key", "entry_no", "entry_number")


def in_days(day_text: pl.Expr, request: ReadRequest) -> pl.Expr:
    """True for the days of the request and for texts that are no day (those are a finding).

    Args:
        day_text: text column with the entry's date, as the source gave it.
        request: gives the first and last day, inclusive.
    """
    day = as_day(day_text)
    return day.is_between(request.first_day, request.last_day).fill_null(value=True)


class DaySelection:
    """Keeps the rows of the requested days.

    A voucher with lines inside and outside would silently lose the outer ones, wherever they
    stand in the source. Of the rows outside only a hash of what identifies their voucher is
    kept (8 bytes per voucher), of those inside one row per voucher.

    Args:
        request: gives the days.
        findings: takes one finding per torn voucher.
        source: name of the source.
    """

    def __init__(self, request: ReadRequest, findings: FindingLog, source: str) -> None:
        self._request = request
        self._findings = findings
        self._source = source
        self._inside: list[pl.DataFrame] = []
        self._outside: list[pl.Series] = []

    def select(self, raw: pl.DataFrame) -> pl.DataFrame:
        """The rows of the requested days, and those whose date is missing or unreadable.

        Args:
            raw: text columns with canonical names and `source_row`.
        """
        if "entered_date" not in raw.columns or not raw.height:
            return raw
        day = as_day(pl.col("entered_date"))
        rows = raw.with_columns(
            day.is_between(self._request.first_day, self._request.last_day).alias("inside")
        )
        self._remember(rows)
        if rows["inside"].all(ignore_nulls=False):
            return raw
        return rows.filter(pl.col("inside").fill_null(value=True)).drop("inside")

    def report_torn(self) -> None:
        """Report the vouchers that have rows on both sides; call it after the last row."""
        if not self._outside or not self._inside:
            return
        outside = pl.concat(self._outside)
        torn = pl.concat(self._inside).filter(pl.col("identity").is_in(outside.implode()))
        if torn.height:
            report_rows(
                self._findings,
                SourceRule.TORN_VOUCHER,
                torn.unique("identity", keep="first", maintain_order=True),
                source=self._source,
                field="entered_date",
            )

    def _remember(self, rows: pl.DataFrame) -> None:
        names = [name for name in _IDENTITY if name in rows.columns]
        if "entry_key" not in names:
            return
        changes = [pl.col(n).ne_missing(pl.col(n).shift(1)) for n in (*names, "inside")]
        changes.append(pl.int_range(pl.len()) == 0)
        number = pl.col("entry_number") if "entry_number" in names else pl.lit(None)
        parts = [pl.col(name).str.strip_chars().fill_null("") for name in names]
        seen = rows.filter(pl.any_horizontal(changes), pl.col("entry_key").is_not_null()).select(
            pl.concat_str(parts, separator="\x1f").hash(seed=0).alias("identity"),
            pl.col("source_row").cast(pl.Int64),
            pl.coalesce(number, "entry_key").alias("voucher"),
            pl.col("entered_date").alias("shown"),
            "inside",
        )
        outside = seen.filter(~pl.col("inside"))["identity"].unique()
        inside = seen.filter("inside").drop("inside")
        if len(outside):
            self._outside.append(outside)
        if inside.height:
            self._inside.append(inside)
