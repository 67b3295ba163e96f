"""Rows between reading and handing out: in ledger order, cut at voucher borders.

A source is read to its end before the first batch leaves, because only then is it known whether
it was in order. The rows wait in a temporary Parquet file; when they were out of order DuckDB
sorts them there, out of core. Nothing larger than a few batches is held in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from edefter.atomic import TEMPORARY_SUFFIX
from edefter.model.finding import FindingLog
from edefter.model.journal import COLUMNS, JOURNAL, JournalBatch, Layout
from edefter.outofcore import sorter
from edefter.source.findings import SourceRule, report_rows
from edefter.source.port import OutOfOrder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SORT_MEMORY = "256MB"  # DuckDB spills beyond this; it is no limit on the process
_ORDERED = ("entered_date", "entry_no", "line_no")
_SAME_IN_VOUCHER = tuple(
    column.name for column in COLUMNS if column.header and column.name != "entry_key"
)


class Order:
    """Whether rows come in ledger order: by entry numbers, or by date and source order.

    Args:
        by_number: the order is that of the entry numbers, whatever the dates say; only when
            every row has one. Else it is that of the dates.
    """

    def __init__(self, *, by_number: bool) -> None:
        self._by_number = by_number
        self._last: pl.DataFrame | None = None
        self._rows_fall = {"day": False, "number": False}
        self._all_numbered = True
        self.runs = 0  # of rows with the same voucher

    def watch(self, frame: pl.DataFrame) -> None:
        """See the next rows."""
        seen = frame.select("entry_key", *_ORDERED)
        if self._last is not None:
            seen = pl.concat([self._last, seen])
        key = pl.col("entry_key")
        self.runs += int(seen.select(key.ne_missing(key.shift(1)).sum()).item())
        if self._last is not None:
            self.runs -= 1  # the carried row was counted with its own frame
        # A null, which is a finding or a source without numbers, compares as "in order".
        falls = [(pl.col(name) < pl.col(name).shift(1)).any() for name in _ORDERED]
        day, number, line = seen.select(
            each.alias(name) for name, each in zip(_ORDERED, falls, strict=True)
        ).row(0)
        self._rows_fall["day"] |= bool(day or number or line)
        self._rows_fall["number"] |= bool(number or line)
        self._all_numbered &= not frame["entry_no"].has_nulls()
        self._last = seen.tail(1)

    @property
    def is_by_number(self) -> bool:
        """Whether numbers give the order of the rows seen so far."""
        return self._by_number and self._all_numbered

    @property
    def has_fallen(self) -> bool:
        """Whether a row stood before one that it belongs behind."""
        return self._rows_fall["number" if self.is_by_number else "day"]


def as_they_come(
    frames: Iterable[pl.DataFrame],
    lines: int,
    *,
    source: str,
    findings: FindingLog,
    by_number: bool,
    layout: Layout = JOURNAL,
) -> Iterator[JournalBatch]:
    """Whole vouchers while they are read, without keeping them.

    Args:
        frames: canonical rows.
        lines: most rows of a batch, unless one voucher alone is larger; 2 or more.
        source, findings, by_number, layout: as of `Staging`.

    Raises:
        OutOfOrder: the rows do not come in ledger order, or a voucher's do not come together;
            what was given out is worth nothing then.
    """
    order, keys = Order(by_number=by_number), pl.Series("key", [], dtype=pl.UInt64)

    def watched() -> Iterator[pl.DataFrame]:
        nonlocal keys
        for frame in frames:
            if frame.height:
                order.watch(frame)
                keys = keys.append(frame["entry_key"].unique().hash().alias("key"))
            if order.has_fallen:
                raise OutOfOrder
            yield frame

    for frame in cut(watched(), lines):
        check_headers(frame, source, findings)
        yield JournalBatch(frame, layout)
    # Two hashes that are equal by chance only make the books be read again.
    if order.has_fallen or order.runs > keys.n_unique():
        raise OutOfOrder


class Staging:
    """Context manager: add canonical frames, then take journal batches.

    Args:
        source: name of the source, for findings.
        findings: takes disagreements inside vouchers.
        by_number: the order is that of the entry numbers, whatever the dates say; only when
            every row has one. Else it is that of the dates.
        spill_folder: where the rows are kept meanwhile; None = the system's temporary folder.
        layout: of the rows.
    """

    def __init__(
        self,
        source: str,
        findings: FindingLog,
        *,
        by_number: bool = False,
        spill_folder: Path | None = None,
        layout: Layout = JOURNAL,
    ) -> None:
        self._layout = layout
        self._spill_folder = spill_folder
        self._source = source
        self._findings = findings
        self._order = Order(by_number=by_number)
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Staging:
        self._folder = tempfile.TemporaryDirectory(
            prefix="edefter-", suffix=TEMPORARY_SUFFIX, dir=self._spill_folder
        )
        self._path = Path(self._folder.name) / "rows.parquet"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        self._folder.cleanup()

    def add(self, frame: pl.DataFrame) -> None:
        """Keep some rows, in the order of the source."""
        if not frame.height:
            return
        self._order.watch(frame)
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="lz4")
        self._writer.write_table(table, row_group_size=table.num_rows)

    def batches(self, lines: int) -> Iterator[JournalBatch]:
        """Whole vouchers in ledger order; see the class.

        Args:
            lines: most rows of a batch, unless one voucher alone is larger; 2 or more.
        """
        if self._writer is None:
            return
        self._close()
        frames = self._as_read() if self._is_in_order() else self._sorted(lines)
        for frame in cut(frames, lines):
            check_headers(frame, self._source, self._findings)
            yield JournalBatch(frame, self._layout)

    def _is_in_order(self) -> bool:
        if self._order.has_fallen:
            return False
        query = f"SELECT count(DISTINCT entry_key) FROM {self._rows}"  # noqa: S608 - our path
        with self._connection() as connection:
            keys = int(connection.sql(query).fetchall()[0][0])
        # A voucher in two places makes one run more than there are keys (null is not counted).
        return self._order.runs <= keys

    def _as_read(self) -> Iterator[pl.DataFrame]:
        with pq.ParquetFile(self._path) as source:
            for index in range(source.num_row_groups):
                yield self._frame(source.read_row_group(index))

    def _sorted(self, lines: int) -> Iterator[pl.DataFrame]:
        columns = ", ".join(f"r.{name}" for name in self._layout.names)
        first = "v.number" if self._order.is_by_number else "v.day NULLS LAST, v.number NULLS LAST"
        with self._connection() as connection:
            reader = connection.sql(
                f"""
                WITH v AS (
                    SELECT entry_key, min(source_row) AS first_row,
                        arg_min(entered_date, source_row) AS day,
                        arg_min(entry_no, source_row) AS number
                    FROM {self._rows} GROUP BY entry_key)
                SELECT {columns}
                FROM {self._rows} AS r JOIN v ON r.entry_key IS NOT DISTINCT FROM v.entry_key
                ORDER BY {first}, v.first_row,
                    r.line_no NULLS LAST, r.source_row
                """  # noqa: S608 - our own column names and path
            ).to_arrow_reader(lines)
            for batch in reader:
                if batch.num_rows:
                    yield self._frame(pa.Table.from_batches([batch]))

    def _frame(self, table: pa.Table) -> pl.DataFrame:
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return frame.cast(self._layout.schema).select(self._layout.names)

    @property
    def _rows(self) -> str:
        path = str(self._path).replace("'", "''")
        return f"read_parquet('{path}')"

    def _connection(self) -> DuckDBPyConnection:
        return sorter(Path(self._folder.name), SORT_MEMORY)

    def _close(self) -> None:
        if self._writer is not None and self._writer.is_open:
            self._writer.close()


def cut(frames: Iterable[pl.DataFrame], lines: int) -> Iterator[pl.DataFrame]:
    """Frames of the same rows, cut at voucher borders.

    Args:
        frames: canonical rows; lines of one voucher are adjacent.
        lines: most rows of a frame, unless one voucher alone is larger.
    """
    waiting: pl.DataFrame | None = None
    for frame in frames:
        waiting = frame if waiting is None else pl.concat([waiting, frame])
        while waiting.height > lines:
            border = _border(waiting, lines)
            if border is None:
                break
            yield waiting.slice(0, border)
            waiting = waiting.slice(border)
    while waiting is not None and waiting.height:
        border = _border(waiting, lines) if waiting.height > lines else None
        yield waiting.slice(0, border) if border else waiting
        waiting = waiting.slice(border) if border else None


def _border(frame: pl.DataFrame, lines: int) -> int | None:
    """The best row to cut before: the last voucher start within `lines`, else the next one."""
    key = frame["entry_key"]
    starts = key.ne_missing(key.shift(1)).arg_true()
    starts = starts.filter(starts > 0)
    within = starts.filter(starts <= lines)
    if within.len():
        return int(within[-1])
    return int(starts[0]) if starts.len() else None


def check_headers(frame: pl.DataFrame, source: str, findings: FindingLog) -> None:
    """Header fields are repeated on every line of a voucher and must agree with the first."""
    voucher = frame["entry_key"].rle_id()
    for name in _SAME_IN_VOUCHER:
        rule = SourceRule.VOUCHER_DATES if name == "entered_date" else SourceRule.HEADER_DIFFERS
        first = frame.select(pl.col(name).first().over(voucher))[name]
        differs = frame[name].ne_missing(first)
        if differs.any():
            rows = frame.filter(differs).select(
                "source_row",
                pl.coalesce("entry_number", "entry_key").alias("voucher"),
                pl.col(name).cast(pl.String).alias("shown"),
            )
            report_rows(findings, rule, rows, source=source, field=name)
