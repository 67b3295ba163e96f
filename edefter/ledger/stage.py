"""The checked and numbered rows of one part, kept on disk between reading and writing.

Two things force a second look at the rows: whether documentInfo carries a default currency is
known only after the last line (format.md §5.5), and the kebir needs them sorted by account. So
the rows are spilled once as Parquet, one row group per batch, and both books are written from
there; nothing larger than a batch is ever in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from edefter.ledger.canonical import escape_column
from edefter.ledger.render import RENDER_ROWS
from edefter.ledger.totals import add, frame_totals, voucher_starts
from edefter.model.files import Totals
from edefter.model.journal import CURRENCY_COLUMNS, JOURNAL, Layout
from edefter.outofcore import sorter

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SORT_MEMORY = "160MB"  # DuckDB spills beyond this; it is no limit on the process
_UNESCAPED = ("entry_key", "main_account", "sub_account")


def prepare(frame: pl.DataFrame, layout: Layout = JOURNAL) -> pl.DataFrame:
    """Rows as they are kept: texts are escaped here, once for both books."""
    made = [
        escape_column(pl.col(name)).alias(name) for name in layout.texts if name not in _UNESCAPED
    ]
    if layout is JOURNAL:
        made.append(pl.col("posting_date").fill_null(pl.col("entered_date")))
    return frame.with_columns(made)


class Stage:
    """A Parquet file of prepared rows.

    Args:
        folder: an own temporary folder; the caller removes it.
        layout: of the rows.
    """

    def __init__(self, folder: Path, layout: Layout = JOURNAL) -> None:
        self._layout = layout
        self._folder = folder
        self._path = folder / "rows.parquet"
        self._writer: pq.ParquetWriter | None = None
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
        table = prepared.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="lz4")
        self._writer.write_table(table, row_group_size=table.num_rows)

    def close(self) -> None:
        """Finish the file; nothing can be added afterwards."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def in_order(self) -> Iterator[pl.DataFrame]:
        """The batches as they were added."""
        if not self.lines:
            return
        with pq.ParquetFile(self._path) as source:
            for index in range(source.num_row_groups):
                yield self._frame(source.read_row_group(index))

    def accounts(self) -> pl.DataFrame:
        """One row per kebir header in kebir order: account, debit and credit turnover, texts.

        Returns:
            Columns main_account, sub_account, debit, credit (kuruş), debit_lines, credit_lines,
            main_name, sub_name (of the account's first line), main_names, sub_names (how many
            different ones), first_line; codes as written to the source, names escaped.
        """
        if not self.lines:
            return pl.DataFrame()
        with self._connection() as connection:
            table = connection.sql(
                f"""
                SELECT main_account, sub_account,
                    coalesce(sum(amount) FILTER (dc = 'D'), 0)::BIGINT AS debit,
                    coalesce(sum(amount) FILTER (dc = 'C'), 0)::BIGINT AS credit,
                    count(*) FILTER (dc = 'D') AS debit_lines,
                    count(*) FILTER (dc = 'C') AS credit_lines,
                    arg_min(main_description, line_no) AS main_name,
                    arg_min(sub_description, line_no) AS sub_name,
                    count(DISTINCT main_description) AS main_names,
                    count(DISTINCT sub_description) AS sub_names,
                    min(line_no) AS first_line
                FROM {self._rows}
                GROUP BY ALL ORDER BY main_account, sub_account NULLS FIRST
                """  # noqa: S608 - the only inserted text is our own path
            ).to_arrow_table()
        return self._frame(table)

    def by_account(self) -> Iterator[pl.DataFrame]:
        """All rows in kebir order: main account, sub-account, line number (all as in §3.4)."""
        if not self.lines:
            return
        with self._connection() as connection:
            reader = connection.sql(
                f"SELECT * FROM {self._rows} "  # noqa: S608 - our own path
                "ORDER BY main_account, sub_account NULLS FIRST, line_no"
            ).to_arrow_reader(RENDER_ROWS)
            for batch in reader:
                if batch.num_rows:
                    yield self._frame(pa.Table.from_batches([batch]))

    @property
    def _rows(self) -> str:
        path = str(self._path).replace("'", "''")
        return f"read_parquet('{path}')"

    def _connection(self) -> DuckDBPyConnection:
        return sorter(self._folder, SORT_MEMORY, threads=1)

    def _frame(self, table: pa.Table) -> pl.DataFrame:
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        schema = self._layout.schema
        known = {name: dtype for name, dtype in schema.items() if name in frame.columns}
        return frame.cast(known)  # type: ignore[arg-type]
