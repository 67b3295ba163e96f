"""Yevmiye and envanter: entries as they were staged, a yevmiye's with sums (format.md §3.3)."""

from __future__ import annotations

import polars as pl

from edefter.ledger.canonical import escape_text
from edefter.ledger.render import RENDER_ROWS, Renderer
from edefter.ledger.sink import HashingSink
from edefter.ledger.stage import Stage
from edefter.ledger.totals import add, frame_totals, voucher_starts
from edefter.model.company import Branch
from edefter.model.documents import Kind
from edefter.model.files import Totals
from edefter.observe.progress import Progress


def write_entries(
    stage: Stage,
    sink: HashingSink,
    renderer: Renderer,
    branch: Branch | None,
    progress: Progress,
) -> Totals:
    """Write all entryHeaders of a yevmiye or envanter.

    Args:
        stage: the rows of the part.
        sink: stands right after entityInformation.
        renderer: of kind Y or E.
        branch: branch books carry its number and name in every header.
        progress: told after each batch.

    Returns:
        Sums over the lines as written.
    """
    totals = Totals()
    for frame in stage.in_order():
        starts = voucher_starts(frame)
        rows = with_borders(with_branch(frame, branch), starts)
        if renderer.kind is Kind.Y:
            rows = with_sums(rows)
        for piece in rows.iter_slices(RENDER_ROWS):
            sink.write(renderer.entries(piece))
        totals = add(totals, frame_totals(frame, int(starts.sum())))
        progress.advance("ledger.entries", totals.lines, stage.lines)
    return totals


def with_borders(frame: pl.DataFrame, starts: pl.Series) -> pl.DataFrame:
    """Add where each voucher starts and ends."""
    return frame.with_columns(starts, starts.shift(-1, fill_value=True).alias("end"))


def with_sums(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the voucher's own sums per side; an unbalanced one stays unbalanced."""
    number = pl.col("start").cast(pl.Int64).cum_sum().alias("voucher_index")
    amount = pl.col("amount")
    return frame.with_columns(number).with_columns(
        amount.filter(pl.col("dc") == side).sum().over("voucher_index").alias(name)
        for side, name in (("D", "total_debit"), ("C", "total_credit"))
    )


def with_branch(frame: pl.DataFrame, branch: Branch | None) -> pl.DataFrame:
    """In branch books every header carries the branch, whatever the source said."""
    if branch is None:
        return frame
    return frame.with_columns(
        pl.lit(branch.number).alias("batch_id"),
        pl.lit(escape_text(branch.name)).alias("batch_description"),
    )
