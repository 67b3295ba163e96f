"""Journal rows as XML, column by column: no Python string per line.

`frame` is a frame as `edefter.ledger.stage` keeps it: canonical columns, numbered, texts already
escaped (all but the two account codes, which the kebir sorts by). One row becomes one text made
by polars; the Arrow buffer of the finished column goes to the sink as it is.

Element order: format.md §3.3 … §3.5. A line feed follows every entry head and every line, so that
people, `diff` and line numbers in findings can cope with the file; it is part of the hashed text.
"""

from __future__ import annotations

import polars as pl

from edefter.ledger.canonical import escape_column
from edefter.ledger.head_xml import COUNTABLE, FORMS, money_unit
from edefter.model.company import Branch
from edefter.model.documents import Kind

HEADER_END = "</gl-cor:entryHeader>\n"
RENDER_ROWS = 8_192
"""Rows rendered at a time: some 1.7 kB each, in memory about three times while they are made."""
_FUND_BEFORE = (
    ("gl-bus:measurableCode", "NT"),
    ("gl-bus:measurableCodeDescription", "Maddi Olmayan Kalemler"),
)
_FUND_BETWEEN = (
    ("gl-bus:measurableQualifier", "Fon"),
    ("gl-bus:measurableUnitOfMeasure", "Adet"),
)


def bytes_of(texts: pl.Series) -> memoryview:
    """The texts of a column, one after the other, as UTF-8 without copying them into Python."""
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    data = array.buffers()[2]
    return memoryview(data)[: data.size] if data is not None and len(array) else memoryview(b"")


def kurus_column(kurus: pl.Expr) -> pl.Expr:
    """Integer kuruş as text with a dot and exactly two decimals."""
    size = kurus.abs()
    return pl.concat_str(
        pl.when(kurus < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (size // 100).cast(pl.String),
        pl.lit("."),
        (size % 100).cast(pl.String).str.zfill(2),
    )


def two_decimals(text: pl.Expr) -> pl.Expr:
    """Decimal text with at least two places: `5` → `5.00` (strict rule YK-STR-09)."""
    places = text.str.extract(r"\.([0-9]*)$", 1).fill_null("")
    whole = text.str.replace(r"\.[0-9]*$", "")
    trimmed = places.str.replace(r"0+$", "")
    return pl.concat_str(whole, pl.lit("."), trimmed.str.pad_end(2, "0"))


class Renderer:
    """Renders the rows of one kind of ledger.

    Args:
        kind: Y or K.
        currency: book currency; its lower-case form is the unit of all money.
        branch: the branch whose books these are; it goes into every header.
    """

    def __init__(self, kind: Kind, currency: str, branch: Branch | None) -> None:
        self._context = FORMS[kind].context
        self._money_unit = money_unit(currency)
        self._branch = branch

    def yevmiye(self, frame: pl.DataFrame) -> memoryview:
        """Whole vouchers as entryHeaders.

        Args:
            frame: staged rows plus `start` (first row of its voucher), `end` (last row),
                `total_debit` and `total_credit` (kuruş, of the whole voucher).
        """
        header = pl.concat_str(
            pl.lit("<gl-cor:entryHeader>"),
            self._text("gl-cor:enteredBy", pl.col("entered_by")),
            self._text("gl-cor:enteredDate", pl.col("entered_date").cast(pl.String)),
            self._text("gl-cor:entryNumber", pl.col("entry_number")),
            self._text("gl-cor:entryComment", pl.col("entry_comment")),
            self._text("gl-bus:batchID", pl.col("batch_id")),
            self._text("gl-bus:batchDescription", pl.col("batch_description")),
            self._totals(),
            self._number("gl-cor:entryNumberCounter", pl.col("entry_no")),
            pl.lit("\n"),
        )
        return bytes_of(
            frame.select(
                pl.concat_str(
                    pl.when("start").then(header).otherwise(pl.lit("")),
                    self._detail(),
                    pl.when("end").then(pl.lit(HEADER_END)).otherwise(pl.lit("")),
                ).alias("xml")
            )["xml"]
        )

    def kebir(self, frame: pl.DataFrame) -> memoryview:
        """Sorted lines; a row with `start` closes the header before it unless it is the first.

        Args:
            frame: staged rows in kebir order plus `start`, `first` (very first row of the
                file), `total_debit` and `total_credit` (kuruş, net balance of the account).
        """
        header = pl.concat_str(
            pl.when("first").then(pl.lit("")).otherwise(pl.lit(HEADER_END)),
            pl.lit("<gl-cor:entryHeader>"),
            *self._branch_texts(),
            self._totals(),
            pl.lit("\n"),
        )
        return bytes_of(
            frame.select(
                pl.concat_str(
                    pl.when("start").then(header).otherwise(pl.lit("")), self._detail()
                ).alias("xml")
            )["xml"]
        )

    def _branch_texts(self) -> list[pl.Expr]:
        if self._branch is None:
            return []
        return [
            self._text("gl-bus:batchID", pl.lit(self._branch.number)),
            self._text("gl-bus:batchDescription", escape_column(pl.lit(self._branch.name))),
        ]

    def _totals(self) -> pl.Expr:
        return pl.concat_str(
            self._money("gl-bus:totalDebit", kurus_column(pl.col("total_debit"))),
            self._money("gl-bus:totalCredit", kurus_column(pl.col("total_credit"))),
        )

    def _detail(self) -> pl.Expr:
        col = pl.col
        return pl.concat_str(
            pl.lit("<gl-cor:entryDetail>"),
            self._text("gl-cor:lineNumber", col("line_no").cast(pl.String)),
            self._number("gl-cor:lineNumberCounter", col("entry_no")),
            pl.lit("<gl-cor:account>"),
            self._text("gl-cor:accountMainID", escape_column(col("main_account"))),
            self._text("gl-cor:accountMainDescription", col("main_description")),
            self._sub_account(),
            pl.lit("</gl-cor:account>"),
            self._money("gl-cor:amount", kurus_column(col("amount"))),
            self._currency("gl-muc:amountCurrency", col("amount_currency")),
            self._text(
                "gl-muc:amountOriginalExchangeRateDate", col("original_rate_date").cast(pl.String)
            ),
            self._money("gl-muc:amountOriginalAmount", two_decimals(col("original_amount"))),
            self._currency("gl-muc:amountOriginalCurrency", col("original_currency")),
            self._money("gl-muc:amountOriginalExchangeRate", col("original_rate")),
            self._text("gl-muc:amountOriginalExchangeRateSource", col("original_rate_source")),
            self._text("gl-muc:amountOriginalExchangeRateComment", col("original_rate_comment")),
            self._text("gl-cor:debitCreditCode", col("dc")),
            self._text("gl-cor:postingDate", col("posting_date").cast(pl.String)),
            self._text("gl-cor:documentType", col("document_type")),
            self._text("gl-cor:documentTypeDescription", col("document_type_description")),
            self._text("gl-cor:documentNumber", col("document_number")),
            self._text("gl-cor:documentReference", col("document_reference")),
            self._text("gl-cor:documentDate", col("document_date").cast(pl.String)),
            self._text("gl-bus:paymentMethod", col("payment_method")),
            self._text("gl-cor:detailComment", col("line_comment")),
            self._fund(),
            pl.lit("</gl-cor:entryDetail>\n"),
        )

    def _sub_account(self) -> pl.Expr:
        code, name = pl.col("sub_account"), pl.col("sub_description")
        return self._group(
            code.is_not_null() | name.is_not_null(),
            "gl-cor:accountSub",
            self._text("gl-cor:accountSubDescription", name),
            self._text("gl-cor:accountSubID", escape_column(code)),
        )

    def _fund(self) -> pl.Expr:
        quantity, cost = pl.col("fund_quantity"), pl.col("fund_unit_cost")
        return self._group(
            quantity.is_not_null() | cost.is_not_null(),
            "gl-bus:measurable",
            *(self._text(name, pl.lit(value)) for name, value in _FUND_BEFORE),
            self._number("gl-bus:measurableQuantity", quantity),
            *(self._text(name, pl.lit(value)) for name, value in _FUND_BETWEEN),
            self._money("gl-bus:measurableCostPerUnit", two_decimals(cost)),
        )

    def _group(self, present: pl.Expr, name: str, *parts: pl.Expr) -> pl.Expr:
        group = pl.concat_str(pl.lit(f"<{name}>"), *parts, pl.lit(f"</{name}>"))
        return pl.when(present).then(group).otherwise(pl.lit(""))

    def _text(self, name: str, value: pl.Expr) -> pl.Expr:
        return self._fact(name, "", value)

    def _currency(self, name: str, code: pl.Expr) -> pl.Expr:
        return self._fact(name, "", pl.concat_str(pl.lit("iso4217:"), code))

    def _number(self, name: str, value: pl.Expr) -> pl.Expr:
        attributes = f' decimals="INF" unitRef="{COUNTABLE}"'
        return self._fact(name, attributes, value.cast(pl.String))

    def _money(self, name: str, value: pl.Expr) -> pl.Expr:
        return self._fact(name, f' decimals="INF" unitRef="{self._money_unit}"', value)

    def _fact(self, name: str, attributes: str, value: pl.Expr) -> pl.Expr:
        # concat_str gives null for a null value; a missing value is a missing element.
        tag = f'<{name} contextRef="{self._context}"{attributes}>'
        return pl.concat_str(pl.lit(tag), value, pl.lit(f"</{name}>")).fill_null("")
