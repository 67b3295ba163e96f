"""The journal as columns (hot path) and as records (API, messages, tests).

One row per journal line with the voucher's header fields repeated, the canonical columns of
inputs.md §1. `COLUMNS` is the one table of them: name, type, target element. The envanter has
rows of its own (`edefter.model.inventory`); what both are is a `Layout`. Money columns are
integer kuruş; other decimals (foreign amounts, rates, quantities) stay canonical decimal text,
because their number of places is not ours to fix. A missing value is null, never an empty text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from edefter.model.money import kurus_decimal

ColumnType = Literal["text", "date", "int", "kurus", "decimal"]


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column.

    Args:
        name: column name in batches and in SQL queries (SQL amount column is `amount`).
        type: text, date, int (64 bit), kurus (64-bit integer), decimal (canonical text).
        target: element it is written to.
        required: a null is a finding already in the source.
        header: repeated voucher header field, not a line field.
    """

    name: str
    type: ColumnType
    target: str
    required: bool = False
    header: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("entry_key", "text", "", required=True, header=True),
    Column("entered_by", "text", "gl-cor:enteredBy", required=True, header=True),
    Column("entered_date", "date", "gl-cor:enteredDate", required=True, header=True),
    Column("entry_number", "text", "gl-cor:entryNumber", header=True),
    Column("entry_comment", "text", "gl-cor:entryComment", header=True),
    Column("batch_id", "text", "gl-bus:batchID", header=True),
    Column("batch_description", "text", "gl-bus:batchDescription", header=True),
    Column("entry_no", "int", "gl-cor:entryNumberCounter", header=True),
    Column("line_no", "int", "gl-cor:lineNumber"),
    Column("main_account", "text", "gl-cor:accountMainID", required=True),
    Column("main_description", "text", "gl-cor:accountMainDescription", required=True),
    Column("sub_account", "text", "gl-cor:accountSubID"),
    Column("sub_description", "text", "gl-cor:accountSubDescription"),
    Column("amount", "kurus", "gl-cor:amount", required=True),
    Column("dc", "text", "gl-cor:debitCreditCode", required=True),
    Column("posting_date", "date", "gl-cor:postingDate"),
    Column("document_type", "text", "gl-cor:documentType"),
    Column("document_type_description", "text", "gl-cor:documentTypeDescription"),
    Column("document_number", "text", "gl-cor:documentNumber"),
    Column("document_reference", "text", "gl-cor:documentReference"),
    Column("document_date", "date", "gl-cor:documentDate"),
    Column("payment_method", "text", "gl-bus:paymentMethod"),
    Column("line_comment", "text", "gl-cor:detailComment"),
    Column("amount_currency", "text", "gl-muc:amountCurrency"),
    Column("original_rate_date", "date", "gl-muc:amountOriginalExchangeRateDate"),
    Column("original_amount", "decimal", "gl-muc:amountOriginalAmount"),
    Column("original_currency", "text", "gl-muc:amountOriginalCurrency"),
    Column("original_rate", "decimal", "gl-muc:amountOriginalExchangeRate"),
    Column("original_rate_source", "text", "gl-muc:amountOriginalExchangeRateSource"),
    Column("original_rate_comment", "text", "gl-muc:amountOriginalExchangeRateComment"),
    Column("fund_quantity", "decimal", "gl-bus:measurableQuantity"),
    Column("fund_unit_cost", "decimal", "gl-bus:measurableCostPerUnit"),
    Column("source_row", "int", ""),
)
COLUMN: Mapping[str, Column] = {column.name: column for column in COLUMNS}

_DTYPES: Mapping[ColumnType, type[pl.DataType]] = {
    "text": pl.String,
    "date": pl.Date,
    "int": pl.Int64,
    "kurus": pl.Int64,
    "decimal": pl.String,
}


class Layout:
    """What the rows of one kind of book are.

    Args:
        table: table or view that a database is asked for when no query is given.
        columns: in order.
    """

    def __init__(self, table: str, columns: tuple[Column, ...]) -> None:
        self.table = table
        self.columns = columns
        self.names = tuple(column.name for column in columns)
        self.schema = pl.Schema({column.name: _DTYPES[column.type] for column in columns})
        self.required = tuple(column.name for column in columns if column.required)
        self.texts = tuple(c.name for c in columns if c.type in ("text", "decimal"))
        self.written_texts = tuple(c.name for c in columns if c.name in self.texts and c.target)


CURRENCY_COLUMNS = tuple(c.name for c in COLUMNS if c.target.startswith("gl-muc:"))
"""Those of a line in another currency."""
FUND_CODE = (
    ("gl-bus:measurableCode", "NT"),
    ("gl-bus:measurableCodeDescription", "Maddi Olmayan Kalemler"),
)
FUND_UNIT = (
    ("gl-bus:measurableQualifier", "Fon"),
    ("gl-bus:measurableUnitOfMeasure", "Adet"),
)
"""What every line with units of an investment fund says, before and behind its quantity
(format.md §3.5)."""
JOURNAL = Layout("edefter_journal", COLUMNS)
BATCH_SCHEMA: pl.Schema = JOURNAL.schema
"""Every batch of a journal has exactly these columns in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One journal line (yevmiye satırı); amount in TRY with two places, always positive."""

    line_no: int | None
    main_account: str
    main_description: str
    amount: Decimal
    dc: str
    sub_account: str | None = None
    sub_description: str | None = None
    posting_date: date | None = None
    document_type: str | None = None
    document_type_description: str | None = None
    document_number: str | None = None
    document_reference: str | None = None
    document_date: date | None = None
    payment_method: str | None = None
    line_comment: str | None = None
    amount_currency: str | None = None
    original_rate_date: date | None = None
    original_amount: str | None = None
    original_currency: str | None = None
    original_rate: str | None = None
    original_rate_source: str | None = None
    original_rate_comment: str | None = None
    fund_quantity: str | None = None
    fund_unit_cost: str | None = None
    source_row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One journal entry (yevmiye maddesi) with its lines in order."""

    entry_key: str
    entered_by: str | None
    entered_date: date | None
    lines: tuple[Line, ...]
    entry_number: str | None = None
    entry_comment: str | None = None
    batch_id: str | None = None
    batch_description: str | None = None
    entry_no: int | None = None


_HEADER_NAMES = tuple(column.name for column in COLUMNS if column.header)
_LINE_NAMES = tuple(column.name for column in COLUMNS if not column.header)


@dataclass(frozen=True, slots=True)
class JournalBatch:
    """Some whole vouchers as columns; a voucher never spans two batches.

    Args:
        frame: exactly the layout's columns; rows of one voucher are adjacent and in line order.
        layout: the journal's, or that of the envanter.

    Raises:
        ValueError: another schema (a defect of the source).
    """

    frame: pl.DataFrame
    layout: Layout = JOURNAL

    def __post_init__(self) -> None:
        if self.frame.schema != self.layout.schema:
            raise ValueError("journal batch does not have the canonical columns")

    def __len__(self) -> int:
        return self.frame.height

    @classmethod
    def from_vouchers(cls, vouchers: list[Voucher]) -> JournalBatch:
        """Build a batch from records (tests, small API users)."""
        from edefter.model.money import to_kurus

        rows: list[dict[str, Any]] = []
        for voucher in vouchers:
            head = {name: getattr(voucher, name) for name in _HEADER_NAMES}
            for line in voucher.lines:
                row = head | {name: getattr(line, name) for name in _LINE_NAMES}
                row["amount"] = to_kurus(line.amount)
                rows.append(row)
        return cls(pl.DataFrame(rows, schema=BATCH_SCHEMA, orient="row"))

    def vouchers(self) -> Iterator[Voucher]:
        """The same as records, in order."""
        head: dict[str, Any] | None = None
        lines: list[Line] = []
        for row in self.frame.iter_rows(named=True):
            if head is None or row["entry_key"] != head["entry_key"]:
                if head is not None:
                    yield Voucher(**head, lines=tuple(lines))
                head = {name: row[name] for name in _HEADER_NAMES}
                lines = []
            values = {name: row[name] for name in _LINE_NAMES}
            values["amount"] = kurus_decimal(row["amount"] or 0)
            lines.append(Line(**values))
        if head is not None:
            yield Voucher(**head, lines=tuple(lines))
