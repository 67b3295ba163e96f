"""Generated journals as accounting data: a SQLite or PostgreSQL database, or an İzibiz CSV file.

Entries and lines are numbered from 1, as a source's own numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from edefter.atomic import atomic_writer
from edefter.model.journal import BATCH_SCHEMA
from edefter.model.period import Period
from edefter.sandbox.generate import generate

TABLE = "edefter_journal"
_LEFT_OUT = ("source_row",)
_NAMES = tuple(name for name in BATCH_SCHEMA.names() if name not in _LEFT_OUT)
_INTEGERS = ("entry_no", "line_no")
# The layout from the writer's side: the sandbox must not take it from the client's own reader.
_CSV = {
    "entryref": "entry_key",
    "linenumber": "line_no",
    "linenumbercounter": "entry_no",
    "accmainid": "main_account",
    "accmainiddesc": "main_description",
    "accsubid": "sub_account",
    "accsubdesc": "sub_description",
    "amount": "amount",
    "debitcreditcode": "dc",
    "postingdate": "posting_date",
    "documenttype": "document_type",
    "doctypedesc": "document_type_description",
    "documentnumber": "document_number",
    "documentreference": "document_reference",
    "entrynumbercounter": "entry_no",
    "documentdate": "document_date",
    "paymentmethod": "payment_method",
    "detailcomment": "line_comment",
    "enteredby": "entered_by",
    "entereddate": "entered_date",
    "entrynumber": "entry_number",
    "entrycomment": "entry_comment",
}


def write_books(target: str, lines: int, *, seed: int = 1, period: Period | None = None) -> None:
    """Generate a month's journal of some length.

    Args:
        target: a new SQLite file, a new file that ends in `.csv`, or a `postgresql://` URL; there
            the table `edefter_journal` must not exist yet.
        lines: number of lines (≥ 2).
        seed: the same seed gives the same books.
        period: the month; January 2026 when left out.

    Raises:
        ValueError: fewer than two lines.
        OSError: the file cannot be written.
        sqlalchemy.exc.SQLAlchemyError: the database refuses.
    """
    frames = _numbered(lines, seed, period)
    if target.startswith("postgresql"):
        _write_table(sa.make_url(target), frames)
    elif target.endswith(".csv"):
        _write_csv(Path(target), frames)
    else:
        _write_table(sa.URL.create("sqlite", database=target), frames)


def _numbered(lines: int, seed: int, period: Period | None) -> Iterator[pl.DataFrame]:
    before = 0
    for batch in generate(lines, seed=seed, period=period):
        # The generator counts its vouchers from 1: that is their number in the journal.
        yield batch.frame.with_columns(
            pl.col("entry_key").cast(pl.Int64).alias("entry_no"),
            pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64).alias("line_no"),
            pl.format("{}.{}", pl.col("amount") // 100, _two_digits(pl.col("amount") % 100)).alias(
                "amount"
            ),
        )
        before += len(batch)


def _two_digits(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.pad_start(2, "0")


def _write_table(url: sa.URL, frames: Iterator[pl.DataFrame]) -> None:
    engine = sa.create_engine(url)
    columns = [
        sa.Column(name, sa.BigInteger() if name in _INTEGERS else sa.Text()) for name in _NAMES
    ]
    table = sa.Table(TABLE, sa.MetaData(), *columns)
    try:
        with engine.begin() as connection:
            table.create(connection)
            for frame in frames:
                rows = frame.select(
                    pl.col(name) if name in _INTEGERS else pl.col(name).cast(pl.String)
                    for name in _NAMES
                )
                connection.execute(table.insert(), rows.to_dicts())
            sa.Index(f"{TABLE}_day", table.c.entered_date, table.c.entry_no).create(connection)
    finally:
        engine.dispose()


def _write_csv(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    with atomic_writer(path) as file:
        file.write((";".join(_CSV) + "\n").encode())
        for frame in frames:
            # This layout knows no quoting: the delimiter must not occur in a text.
            texts = [
                pl.col(name).cast(pl.String).str.replace_all(";", ",").fill_null("NULL").alias(key)
                for key, name in _CSV.items()
            ]
            rows = frame.select(pl.concat_str(texts, separator=";").alias("row"))["row"]
            file.write(("\n".join(rows) + "\n").encode())
