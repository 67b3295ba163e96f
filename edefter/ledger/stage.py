"""The checked and numbered rows of one part, kept on disk between reading and writing.

Two things force a second look at the rows: whether documentInfo carries a default currency is
known only after the last line (format.md §5.5), and the kebir needs them sorted by account. So
the rows are spilled once as Parquet, one file per batch, and both books are written from there.
A part's rows are sorted in memory, for the size of its files bounds them; only those of a book that
is never divided may be more, and are sorted out of core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from edefter.ledger.canonical import escape_column
from edefter.ledger.render import RENDER_ROWS
from edefter.ledger.totals import add, frame_totals, voucher_starts
from edefter.model.files import Totals
from edefter.model.journal import CURRENCY_COLUMNS, JOURNAL, Layout
from edefter.outofcore import sorter

MOST_SORTED_IN_MEMORY = 250_000  # rows; two 200 MB files hold some 130,000 of them
SORT_MEMORY = "160MB"  # DuckDB spills beyond this; it is no limit on the process
_UNESCAPED = ("entry_key", "main_account", "sub_account")
_ACCOUNT = ("main_account", "sub_account")
_ORDER = (*_ACCOUNT, "line_no")


def prepare(frame: pl.DataFrame, layout: Layout = JOURNAL) -> pl.DataFrame:
    """Rows as they are kept: texts are escaped here, once for both books."""
    made = [
        escape_column(pl.col(name)).alias(name) for name in layout.texts if name not in _UNESCAPED
    ]
    if layout is JOURNAL:
        made.append(pl.col("posting_date").fill_null(pl.col("entered_date")))
    return frame.with_columns(made)


class Stage:
    """A folder of Parquet files with prepared rows.

    Args:
        folder: an own temporary folder; the caller removes it.
        layout: of the rows.
    """

    def __init__(self, folder: Path, layout: Layout = JOURNAL) -> None:
        self._layout = layout
        self._folder = folder
        self._files: list[Path] = []
        self.multi_currency = False
        self.totals = Totals()

    @property
    def lines(self) -> int:
        """Number of rows kept."""
        return self.totals.lines

    def add(self, prepared: pl.DataFrame) -> None:
        """Keep one batch of whole vouchers, as `prepare` gives them."""
        if not prepared.height:
            return
        currency = pl.any_horizontal(pl.col(CURRENCY_COLUMNS).is_not_null().any())
        self.multi_currency |= bool(prepared.select(currency).item())
        starts = voucher_starts(prepared)
        self.totals = add(self.totals, frame_totals(prepared, int(starts.sum())))
        path = self._folder / f"{len(self._files):06d}.parquet"
        prepared.write_parquet(path, compression="lz4", statistics=False)
        self._files.append(path)

    def in_order(self) -> Iterator[pl.DataFrame]:
        """The batches as they were added."""
        return self._frames(None)

    def accounts(self) -> pl.DataFrame:
        """One row per kebir header in kebir order: account, debit and credit turnover, texts.

        Returns:
            Columns main_account, sub_account, debit, credit (kuruş), debit_lines, credit_lines,
            main_name, sub_name (of the account's first line that has one), main_names, sub_names
            (how many different ones), first_line; codes as written to the source, names escaped.
        """
        names = ("main_description", "sub_description")
        columns = [*_ORDER, *names, "amount", "dc"]
        kept = [_sums(frame, names) for frame in self._frames(columns)]
        if not kept:
            return pl.DataFrame()
        # Batches come in the order of their lines, so the first of each group is its first line.
        return (
            pl.concat(kept)
            .group_by(_ACCOUNT, maintain_order=True)
            .agg(
                pl.col("debit", "credit", "debit_lines", "credit_lines").sum(),
                pl.col("main_description").drop_nulls().first().alias("main_name"),
                pl.col("sub_description").drop_nulls().first().alias("sub_name"),
                pl.col("main_description").drop_nulls().n_unique().alias("main_names"),
                pl.col("sub_description").drop_nulls().n_unique().alias("sub_names"),
                pl.col("first_line").min(),
            )
            .sort(_ACCOUNT, nulls_last=False)
        )

    def by_account(self) -> Iterator[pl.DataFrame]:
        """All rows in kebir order: main account, sub-account, line number (all as in §3.4)."""
        if self.lines > MOST_SORTED_IN_MEMORY:
            yield from self._sorted_out_of_core()
        elif self.lines:
            frame = pl.concat(self._frames(None))
            order = frame.select(pl.arg_sort_by(_ORDER, nulls_last=False).alias("row"))["row"]
            for offset in range(0, frame.height, RENDER_ROWS):
                yield frame[order.slice(offset, RENDER_ROWS)]

    def _frames(self, columns: list[str] | None) -> Iterator[pl.DataFrame]:
        for path in self._files:
            yield pl.read_parquet(path, columns=columns, use_statistics=False, glob=False)

    def _sorted_out_of_core(self) -> Iterator[pl.DataFrame]:
        files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in self._files)
        with sorter(self._folder, SORT_MEMORY, threads=1) as connection:
            reader = connection.sql(
                f"SELECT * FROM read_parquet([{files}]) "  # noqa: S608 - our own paths
                "ORDER BY main_account, sub_account NULLS FIRST, line_no"
            ).to_arrow_reader(RENDER_ROWS)
            for batch in reader:
                if batch.num_rows:
                    frame = pl.from_arrow(pa.Table.from_batches([batch]))
                    assert isinstance(frame, pl.DataFrame)
                    yield frame.cast(self._layout.schema)


def _sums(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Turnovers and first lines of each account and its names in one batch."""
    debit, amount = pl.col("dc") == "D", pl.col("amount")
    return frame.group_by(*_ACCOUNT, *names, maintain_order=True).agg(
        amount.filter(debit).sum().alias("debit"),
        amount.filter(~debit).sum().alias("credit"),
        debit.sum().cast(pl.Int64).alias("debit_lines"),
        (~debit).sum().cast(pl.Int64).alias("credit_lines"),
        pl.col("line_no").min().alias("first_line"),
    )
