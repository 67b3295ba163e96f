"""Sums over journal columns, exact in kuruş."""

from __future__ import annotations

import polars as pl

from edefter.errors import DataError
from edefter.model.files import Totals
from edefter.model.money import MAX_KURUS


def frame_totals(frame: pl.DataFrame, entries: int) -> Totals:
    """Lines and sums of the columns `dc` and `amount`.

    Args:
        frame: any frame with these two columns; amounts in kuruş, nulls count as nothing. Rows of
            an envanter have no sides: they count as debit.
        entries: how many entries (or kebir headers) begin in it; the caller knows.
    """
    side = pl.col("dc") if "dc" in frame.columns else pl.lit("D")
    # 128 bits: a 64-bit sum would wrap around silently on absurd input.
    sums = frame.select(
        pl.col("amount").cast(pl.Int128).filter(side == each).sum().alias(each) for each in "DC"
    ).row(0)
    return Totals(
        entries=entries, lines=frame.height, debit_kurus=int(sums[0]), credit_kurus=int(sums[1])
    )


def add(left: Totals, right: Totals) -> Totals:
    """The sum of two totals.

    Raises:
        DataError: a sum left the range of 64-bit kuruş, in which columns are calculated.
    """
    total = Totals(
        entries=left.entries + right.entries,
        lines=left.lines + right.lines,
        debit_kurus=left.debit_kurus + right.debit_kurus,
        credit_kurus=left.credit_kurus + right.credit_kurus,
    )
    if max(abs(total.debit_kurus), abs(total.credit_kurus)) > MAX_KURUS:
        raise DataError("ledger.total_out_of_range")
    return total


def same_books(left: Totals, right: Totals) -> bool:
    """Whether lines and both sums agree (entries are counted differently in the kebir)."""
    return (left.lines, left.debit_kurus, left.credit_kurus) == (
        right.lines,
        right.debit_kurus,
        right.credit_kurus,
    )


def voucher_starts(frame: pl.DataFrame) -> pl.Series:
    """True on the first row of each voucher (rows of one voucher are adjacent)."""
    key = frame["entry_key"]
    if not len(key):
        return pl.Series("start", [], dtype=pl.Boolean)
    start = key.ne_missing(key.shift(1)).alias("start")
    start[0] = True
    return start
