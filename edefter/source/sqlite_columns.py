"""SQLite's rows as whole columns (Apache Arrow ADBC), at a third of the cost of Python objects.

Each value comes as the bytes of its text, a missing one as no bytes: a source takes both for the
same. Floating point numbers, whose text SQLite would cut at 15 digits, come as numbers beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import adbc_driver_manager
import adbc_driver_sqlite
import polars as pl
import pyarrow as pa

from edefter.model.journal import Layout

_NUMBERS = ("int", "kurus", "decimal")
_FLOAT = " float"  # behind a column's name; no name of ours holds a blank
_BUSY_MS = 5_000  # as Python's own driver waits for who writes

ERRORS = (adbc_driver_manager.Error, pa.ArrowException, OSError)
"""What `read_columns` raises when the database cannot be read."""


def read_columns(
    path: str,
    table: str,
    names: Sequence[str],
    condition: str,
    values: Sequence[str],
    order: Sequence[str],
    layout: Layout,
    rows: int,
) -> Iterator[pl.DataFrame]:
    """The rows of a table or view, from one statement and so from one state of the books.

    Args:
        path: of the database, whose texts are UTF-8.
        table: its name.
        names: columns that are wanted.
        condition: which rows, with a `?` for each value.
        values: for the condition.
        order: columns that the rows are sorted by.
        layout: tells which columns are numbers.
        rows: of a frame, at the most.

    Yields:
        Frames with a binary column for each name; those of texts that are no UTF-8 too.

    Raises:
        ERRORS: the database cannot be read.
    """
    with (
        closing(adbc_driver_sqlite.connect(path)) as database,
        closing(adbc_driver_manager.AdbcConnection(database)) as connection,
    ):
        for pragma in ("query_only = ON", f"busy_timeout = {_BUSY_MS}"):
            with closing(adbc_driver_manager.AdbcStatement(connection)) as statement:
                statement.set_sql_query(f"PRAGMA {pragma}")
                statement.execute_update()
        texts = _text_columns(connection, table)
        numbers = [
            column.name
            for column in layout.columns
            if column.type in _NUMBERS and column.name in names and column.name not in texts
        ]
        wanted = [f"ifnull(CAST({name} AS BLOB), x'') AS {name}" for name in names]
        wanted += [
            f"iif(typeof({name}) = 'real', {name}, 0.0) AS \"{name}{_FLOAT}\"" for name in numbers
        ]
        query = f"SELECT {', '.join(wanted)} FROM {table} WHERE {condition}"  # noqa: S608
        with closing(adbc_driver_manager.AdbcStatement(connection)) as statement:
            statement.set_options(
                **{adbc_driver_sqlite.StatementOptions.BATCH_ROWS.value: str(rows)}
            )
            # By the column itself: its bare name would be the text that is made of it above.
            ordered = ", ".join(f"{table}.{name}" for name in order)
            statement.set_sql_query(f"{query} ORDER BY {ordered}")
            given = pa.record_batch(
                [[value] for value in values], [f"v{i}" for i in range(len(values))]
            )
            statement.bind(given)
            stream, _ = statement.execute_query()
            with pa.RecordBatchReader.from_stream(stream) as reader:
                for batch in reader:
                    frame = pl.from_arrow(batch)
                    assert isinstance(frame, pl.DataFrame)
                    yield _with_exact_numbers(frame, numbers)


def _text_columns(connection: adbc_driver_manager.AdbcConnection, table: str) -> set[str]:
    """Columns that hold no floating point number: what is put in becomes text (TEXT affinity).

    Source: SQLite, "Datatypes In SQLite" §3.1.
    """
    with closing(adbc_driver_manager.AdbcStatement(connection)) as statement:
        statement.set_sql_query(
            f"SELECT lower(name), upper(type) FROM pragma_table_info('{table}')"  # noqa: S608
        )
        stream, _ = statement.execute_query()
        with pa.RecordBatchReader.from_stream(stream) as reader:
            rows = [tuple(row.values()) for row in reader.read_all().to_pylist()]
    return {
        str(name)
        for name, kind in rows
        if "INT" not in kind and any(word in kind for word in ("CHAR", "CLOB", "TEXT"))
    }


def _with_exact_numbers(frame: pl.DataFrame, numbers: Sequence[str]) -> pl.DataFrame:
    """Floating point numbers as the shortest decimal text that is this number."""
    floats = [frame[f"{name}{_FLOAT}"] for name in numbers]
    frame = frame.drop(series.name for series in floats)
    for name, series in zip(numbers, floats, strict=True):
        real = series != 0.0  # a zero that is one stands as a text already
        if real.any():
            texts = frame[name].to_list()
            for row in real.arg_true():
                texts[row] = repr(series[row]).encode()
            frame = frame.with_columns(pl.Series(name, texts, dtype=pl.Binary))
    return frame
