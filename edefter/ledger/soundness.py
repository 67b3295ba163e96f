"""Which vouchers may still be looked at when others hold errors.

Users are told everything at once (lifecycle.md §2.5), but most rules look at a finished file. So
when rows have errors, the vouchers without one are written to a file that is only examined.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

DISTURBED = frozenset({"Y-HDR-01", "Y-DET-02", "Y-AEN-03"})
"""Official rules that fail only because vouchers are left out; `Numberer` has looked already."""
DISTURBED_BY_LOST_ROWS = frozenset({"Y-HDR-10", "Y-HDR-11"})
"""Those that fail besides when single rows of a voucher were lost (see `rows_are_missing`)."""


def sound_vouchers(numbered: pl.DataFrame, wrong_rows: Collection[int]) -> pl.DataFrame:
    """The rows of vouchers that can be written and hold no row with an error.

    Args:
        numbered: a batch after numbering.
        wrong_rows: source rows with an error that was found before numbering. What the numbers
            themselves show is no reason to leave a voucher out, unless one is missing.
    """
    if not numbered.height:
        return numbered
    voucher = numbered["entry_key"].rle_id()
    bad = pl.col("source_row").is_in(list(wrong_rows)).fill_null(value=False)
    missing = pl.any_horizontal(pl.col("entry_no", "line_no", "entry_key").is_null())
    several = pl.col("entry_no").n_unique().over(voucher) > 1
    return numbered.filter(~(bad | missing).any().over(voucher) & ~several)
