"""Which rows lie in the requested days, and which vouchers lie only partly in them."""

from __future__ import annotations

import polars as pl

from edefter.model.finding import FindingLog
from edefter.source.convert import as_day
from edefter.source.findings import SourceRule, report_rows
from edefter.source.port import ReadRequest

_IDENTITY = ("entry_key", "entry_no", "entry_number")
_KEPT = pl.Schema(
    {"identity": pl.UInt64, "source_row": pl.Int64, "voucher": pl.String, "shown": pl.String}
)


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
        self._inside = pl.DataFrame(schema=_KEPT)
        self._outside = pl.Series("identity", [], dtype=pl.UInt64)

    def select(self, raw: pl.DataFrame) -> pl.DataFrame:
        """The rows of the requested days, and those whose date is missing or unreadable.

        Args:
            raw: text columns with canonical names and `source_row`.
        """
        if "entered_date" not in raw.columns:
            return raw
        rows = raw.with_columns(in_days(pl.col("entered_date"), self._request).alias("inside"))
        self._remember(rows)
        return rows.filter("inside").drop("inside")

    def report_torn(self) -> None:
        """Report the vouchers that have rows on both sides; call it after the last row."""
        torn = self._inside.filter(pl.col("identity").is_in(self._outside.implode()))
        if torn.height:
            report_rows(
                self._findings,
                SourceRule.TORN_VOUCHER,
                torn.sort("source_row"),
                source=self._source,
                field="entered_date",
            )

    def _remember(self, rows: pl.DataFrame) -> None:
        parts = [
            pl.col(name).str.strip_chars().fill_null("") if name in rows.columns else pl.lit("")
            for name in _IDENTITY
        ]
        number = pl.col("entry_number") if "entry_number" in rows.columns else pl.lit(None)
        seen = (
            rows.filter(pl.col("entry_key").is_not_null())
            .filter(as_day(pl.col("entered_date")).is_not_null())
            .select(
                pl.concat_str(parts, separator="\x1f").hash(seed=0).alias("identity"),
                pl.col("source_row").cast(pl.Int64),
                pl.coalesce(number, "entry_key").alias("voucher"),
                pl.col("entered_date").alias("shown"),
                "inside",
            )
            .unique(["identity", "inside"], keep="first", maintain_order=True)
        )
        outside = seen.filter(~pl.col("inside"))["identity"]
        self._outside = pl.concat([self._outside, outside]).unique()
        self._inside = pl.concat([self._inside, seen.filter("inside").drop("inside")]).unique(
            "identity", keep="first", maintain_order=True
        )
