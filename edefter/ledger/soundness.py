"""Which vouchers may still be looked at when others hold errors.

Users are told everything at once (lifecycle.md §2.5), but most rules look at a finished file. So
when rows have errors, the vouchers without one are written to a file that is only examined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from edefter.ledger.findings import lost_rows
from edefter.model.finding import Finding, FindingLog

NEIGHBOURS = frozenset({"Y-HDR-01", "Y-DET-02", "Y-STR-01", "Y-STR-03"})
"""Rules over neighbouring entries and lines: vouchers are missing, and numbering has looked."""
WHOLENESS = frozenset({"Y-HDR-10", "Y-HDR-11"})
"""Rules that fail for a voucher of which the source could not read a line."""


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
    wrong = pl.Series(list(wrong_rows), dtype=pl.Int64).implode()
    bad = pl.col("source_row").is_in(wrong).fill_null(value=False)
    missing = pl.any_horizontal(pl.col("entry_no", "line_no", "entry_key").is_null())
    several = pl.col("entry_no").n_unique().over(voucher) > 1
    return numbered.filter(~(bad | missing).any().over(voucher) & ~several)


def undisturbed(report: FindingLog, known: FindingLog) -> Iterator[Finding]:
    """The findings over examined files that are mistakes of the data.

    Args:
        report: what the rules say of files that lack the vouchers with errors.
        known: what source and ledger have found.
    """
    lost = lost_rows(known)
    torn = {each.place.voucher for each in lost}
    all_torn = "" in torn or any(known.counts[each.rule] > known.limit_per_rule for each in lost)
    for finding in report:
        if finding.rule in NEIGHBOURS:
            continue
        if finding.rule in WHOLENESS and (all_torn or finding.place.voucher in torn):
            continue
        yield finding
