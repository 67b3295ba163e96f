"""Journal rows as XML, column by column: no Python string per line.

`frame` is a frame as `edefter.ledger.stage` keeps it: canonical columns, numbered, texts already
escaped (all but the two account codes, which the kebir sorts by). One row becomes one text made
by polars; the Arrow buffer of the finished column goes to the sink as it is.

Element order: format.md §3.3 … §3.5. A line feed follows every entry head and every line, so that
people, `diff` and line numbers in findings can cope with the file; it is part of the hashed text.
"""

from __future__ import annotations

from typing import Generic

import polars as pl

from edefter.errors import InternalError
from edefter.ledger.algebra import Algebra, Lengths, T, Texts
from edefter.ledger.canonical import escape_column, escape_text
from edefter.ledger.head_xml import COUNTABLE, FORMS, money_unit
from edefter.model.company import Branch
from edefter.model.documents import Kind
from edefter.model.journal import FUND_CODE, FUND_UNIT

HEADER_END = "</gl-cor:entryHeader>\n"
RENDER_ROWS = 4_096
"""Rows rendered at a time: some 1.7 kB each, in memory about three times while they are made."""


def bytes_of(texts: pl.Series) -> memoryview:
    """The texts of a column, one after the other, as UTF-8 without copying them into Python.

    Raises:
        InternalError: a row has no text, because a value that every line has is missing.
    """
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    if array.null_count:
        raise InternalError("ledger.row_without_text", rows=array.null_count)
    data = array.buffers()[2]
    return memoryview(data)[: data.size] if data is not None and len(array) else memoryview(b"")


def two_decimals(text: pl.Expr) -> pl.Expr:
    """Decimal text with at least two places: `5` → `5.00` (strict rule YK-STR-09)."""
    places = text.str.extract(r"\.([0-9]*)$", 1).fill_null("")
    whole = text.str.replace(r"\.[0-9]*$", "")
    trimmed = places.str.replace(r"0+$", "")
    return pl.concat_str(whole, pl.lit("."), trimmed.str.pad_end(2, "0"))


class Renderer:
    """Renders the rows of one kind of ledger.

    Args:
        kind: Y, K or E.
        currency: book currency; its lower-case form is the unit of all money.
        branch: the branch whose books these are; it goes into every header.
    """

    def __init__(self, kind: Kind, currency: str, branch: Branch | None) -> None:
        self.kind = kind
        self._texts = _Rows(Texts(), kind, currency, branch)
        self._lengths = _Rows(Lengths(), kind, currency, branch)

    def entries(self, frame: pl.DataFrame) -> memoryview:
        """Whole vouchers as entryHeaders of a yevmiye or envanter.

        Args:
            frame: staged rows plus `start` (first row of its voucher), `end` (last row), and for a
                yevmiye `total_debit` and `total_credit` (kuruş, of the whole voucher).
        """
        rows = self._texts.entries(self.kind)
        return bytes_of(frame.select(rows.expression().alias("xml"))["xml"])

    def entry_lengths(self, frame: pl.DataFrame) -> pl.Series:
        """How many bytes each row of `entries` takes at most.

        Exact but for the two sums of a header, for which the longest possible are taken.

        Args:
            frame: staged rows plus `start` and `end`.
        """
        rows = self._lengths.entries(self.kind)
        return frame.select(rows.expression().alias("bytes"))["bytes"]

    def kebir(self, frame: pl.DataFrame) -> memoryview:
        """Sorted lines; a row with `start` closes the header before it unless it is the first.

        Args:
            frame: staged rows in kebir order plus `start`, `first` (very first row of the
                file), `total_debit` and `total_credit` (kuruş, net balance of the account).
        """
        return bytes_of(frame.select(self._texts.kebir().expression().alias("xml"))["xml"])

    def kebir_header_length(self) -> int:
        """How many bytes the header of an account takes at most, its end tag included."""
        header = self._lengths.kebir_header()
        assert not header.varying
        return header.fixed + len(HEADER_END)


class _Rows(Generic[T]):
    """What stands in a row, told to an algebra."""

    def __init__(
        self, algebra: Algebra[T], kind: Kind, currency: str, branch: Branch | None
    ) -> None:
        self._a = algebra
        self._context = FORMS[kind].context
        self._money_unit = money_unit(currency)
        self._branch = branch

    def entries(self, kind: Kind) -> T:
        a, col = self._a, pl.col
        yevmiye = kind is not Kind.E
        header = a.join(
            a.fixed("<gl-cor:entryHeader>"),
            self._text("gl-cor:enteredBy", col("entered_by"), always=True),
            self._text("gl-cor:enteredDate", col("entered_date").cast(pl.String), always=True),
            self._text("gl-cor:entryNumber", col("entry_number")),
            self._text("gl-cor:entryComment", col("entry_comment")),
            self._text("gl-bus:batchID", col("batch_id")),
            self._text("gl-bus:batchDescription", col("batch_description")),
            *(self._totals() if yevmiye else ()),
            self._number("gl-cor:entryNumberCounter", col("entry_no"), always=True),
            a.fixed("\n"),
        )
        return a.join(
            a.where(col("start"), header),
            self._detail() if yevmiye else self._inventory_detail(),
            a.where(col("end"), a.fixed(HEADER_END)),
        )

    def kebir(self) -> T:
        a = self._a
        header = a.join(a.where(~pl.col("first"), a.fixed(HEADER_END)), self.kebir_header())
        return a.join(a.where(pl.col("start"), header), self._detail())

    def kebir_header(self) -> T:
        a = self._a
        return a.join(
            a.fixed("<gl-cor:entryHeader>"), *self._branch_facts(), *self._totals(), a.fixed("\n")
        )

    def _branch_facts(self) -> list[T]:
        if self._branch is None:
            return []
        return [
            self._a.fixed(self._tag("gl-bus:batchID", escape_text(self._branch.number))),
            self._a.fixed(self._tag("gl-bus:batchDescription", escape_text(self._branch.name))),
        ]

    def _totals(self) -> list[T]:
        return [
            self._fact(name, self._money_attributes, self._a.total(column), always=True)
            for name, column in (
                ("gl-bus:totalDebit", "total_debit"),
                ("gl-bus:totalCredit", "total_credit"),
            )
        ]

    def _detail(self) -> T:
        """A line of yevmiye or kebir (format.md §3.5)."""
        a, col = self._a, pl.col
        return a.join(
            self._line(),
            self._text("gl-cor:debitCreditCode", col("dc"), always=True),
            self._text("gl-cor:postingDate", col("posting_date").cast(pl.String), always=True),
            self._text("gl-cor:documentType", col("document_type")),
            self._text("gl-cor:documentTypeDescription", col("document_type_description")),
            self._text("gl-cor:documentNumber", col("document_number")),
            self._text("gl-cor:documentReference", col("document_reference")),
            self._text("gl-cor:documentDate", col("document_date").cast(pl.String)),
            self._text("gl-bus:paymentMethod", col("payment_method")),
            self._text("gl-cor:detailComment", col("line_comment")),
            self._fund(),
            a.fixed("</gl-cor:entryDetail>\n"),
        )

    def _inventory_detail(self) -> T:
        """A line of an envanter: no side, no document."""
        a = self._a
        return a.join(
            self._line(),
            self._text("gl-cor:detailComment", pl.col("line_comment")),
            self._item(),
            a.fixed("</gl-cor:entryDetail>\n"),
        )

    def _line(self) -> T:
        """What every line begins with: numbers, account, amount and its currency."""
        a, col = self._a, pl.col
        return a.join(
            a.fixed("<gl-cor:entryDetail>"),
            self._text("gl-cor:lineNumber", col("line_no").cast(pl.String), always=True),
            self._number("gl-cor:lineNumberCounter", col("entry_no"), always=True),
            a.fixed("<gl-cor:account>"),
            self._text("gl-cor:accountMainID", escape_column(col("main_account")), always=True),
            self._text("gl-cor:accountMainDescription", col("main_description"), always=True),
            self._sub_account(),
            a.fixed("</gl-cor:account>"),
            self._fact(
                "gl-cor:amount", self._money_attributes, a.kurus(col("amount")), always=True
            ),
            self._currency("gl-muc:amountCurrency", col("amount_currency")),
            self._text(
                "gl-muc:amountOriginalExchangeRateDate", col("original_rate_date").cast(pl.String)
            ),
            self._money("gl-muc:amountOriginalAmount", two_decimals(col("original_amount"))),
            self._currency("gl-muc:amountOriginalCurrency", col("original_currency")),
            self._money("gl-muc:amountOriginalExchangeRate", col("original_rate")),
            self._text("gl-muc:amountOriginalExchangeRateSource", col("original_rate_source")),
            self._text("gl-muc:amountOriginalExchangeRateComment", col("original_rate_comment")),
        )

    def _sub_account(self) -> T:
        code, name = pl.col("sub_account"), pl.col("sub_description")
        return self._group(
            code.is_not_null() | name.is_not_null(),
            "gl-cor:accountSub",
            self._text("gl-cor:accountSubDescription", name),
            self._text("gl-cor:accountSubID", escape_column(code)),
        )

    def _fund(self) -> T:
        quantity, cost = pl.col("fund_quantity"), pl.col("fund_unit_cost")
        return self._group(
            quantity.is_not_null() | cost.is_not_null(),
            "gl-bus:measurable",
            *(self._a.fixed(self._tag(name, value)) for name, value in FUND_CODE),
            self._number("gl-bus:measurableQuantity", quantity),
            *(self._a.fixed(self._tag(name, value)) for name, value in FUND_UNIT),
            self._money("gl-bus:measurableCostPerUnit", two_decimals(cost)),
        )

    def _item(self) -> T:
        """What was counted, in E (format.md §3.5)."""
        names = ("item_code", "item_description", "item_quantity", "item_unit")
        code, description, quantity, unit = (pl.col(name) for name in names)
        return self._group(
            pl.any_horizontal(pl.col(names).is_not_null()),
            "gl-bus:measurable",
            self._text("gl-bus:measurableID", code),
            self._text("gl-bus:measurableDescription", description),
            self._number("gl-bus:measurableQuantity", quantity),
            self._text("gl-bus:measurableUnitOfMeasure", unit),
        )

    def _group(self, present: pl.Expr, name: str, *parts: T) -> T:
        a = self._a
        return a.where(present, a.join(a.fixed(f"<{name}>"), *parts, a.fixed(f"</{name}>")))

    def _text(self, name: str, value: pl.Expr, *, always: bool = False) -> T:
        return self._fact(name, "", self._a.value(value), always=always)

    def _currency(self, name: str, code: pl.Expr) -> T:
        return self._fact(name, "", self._a.fixed("iso4217:"), self._a.value(code))

    def _number(self, name: str, value: pl.Expr, *, always: bool = False) -> T:
        attributes = f' decimals="INF" unitRef="{COUNTABLE}"'
        return self._fact(name, attributes, self._a.value(value.cast(pl.String)), always=always)

    def _money(self, name: str, value: pl.Expr) -> T:
        return self._fact(name, self._money_attributes, self._a.value(value))

    @property
    def _money_attributes(self) -> str:
        return f' decimals="INF" unitRef="{self._money_unit}"'

    def _fact(self, name: str, attributes: str, *value: T, always: bool = False) -> T:
        # Joining gives null for a null value; a missing value is a missing element. What every
        # line has (`COLUMNS`, numbering) needs no such question.
        a = self._a
        start = f'<{name} contextRef="{self._context}"{attributes}>'
        element = a.join(a.fixed(start), *value, a.fixed(f"</{name}>"))
        return element if always else a.optional(element)

    def _tag(self, name: str, value: str) -> str:
        return f'<{name} contextRef="{self._context}">{value}</{name}>'
