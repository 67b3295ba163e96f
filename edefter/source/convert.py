"""Raw text columns to the canonical typed columns, whole columns at a time.

Every source ends here: what arrives is text (or null), what leaves has the layout's schema. A value
that cannot be read becomes null and a finding. Nothing is corrected silently; what *is* done is
harmless and stated here: empty and all-blank texts are missing values, blanks around codes,
numbers and dates do not count, zeros after the second decimal do not count, and a date may carry
a time, which is dropped.
"""

from __future__ import annotations

import polars as pl

from edefter.model.finding import FindingLog
from edefter.model.journal import JOURNAL, Column, Layout
from edefter.source.findings import SourceRule, report_rows

_CODES = ("main_account", "sub_account", "dc", "document_type")
_CURRENCIES = ("amount_currency", "original_currency")
_MONEY_TEXT = ("original_amount",)  # foreign money: decimal text, but two places at most

_DATE = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]*(?:Z|[+-][0-9:]+)?)?$"
_INTEGER = r"^([0-9]{1,18})(?:\.0*)?$"
_NUMBER = r"^[+-]?[0-9]{1,15}(?:\.[0-9]*)?$"
_TWO_PLACES = r"^[+-]?[0-9]{1,15}(?:\.[0-9]{0,2}0*)?$"
_DECIMAL = r"^[+-]?[0-9]{1,18}(?:\.[0-9]+)?$"
_CURRENCY = r"^[A-Z]{3}$"


class Converter:
    """Converts the frames of one reading.

    Args:
        source: name of the source, for findings.
        findings: takes what cannot be read.
        layout: the rows that are wanted.
    """

    def __init__(self, source: str, findings: FindingLog, layout: Layout = JOURNAL) -> None:
        self._source = source
        self._findings = findings
        self._layout = layout

    def convert(self, raw: pl.DataFrame) -> pl.DataFrame:
        """The canonical frame of some raw rows.

        Args:
            raw: text columns named as in the layout (missing ones are all null) and `source_row`
                as integers; other columns are ignored.

        Returns:
            A frame with exactly the layout's columns.
        """
        named = [name for name in self._layout.names if name in raw.columns]
        raw = raw.select(named).with_columns(
            _clean(pl.col(name)).alias(name) for name in named if name != "source_row"
        )
        voucher = pl.coalesce(
            *(pl.col(n) for n in ("entry_number", "entry_key") if n in named), pl.lit("")
        )
        raw = raw.with_columns(voucher.alias("voucher"))
        frame = pl.DataFrame([self._column(raw, column) for column in self._layout.columns])
        self._required(raw, frame)
        return frame

    def _column(self, raw: pl.DataFrame, column: Column) -> pl.Series:
        name = column.name
        if name not in raw.columns:
            return pl.Series(name, [None] * raw.height, dtype=self._layout.schema[name])
        text = pl.col(name)
        if name == "source_row":
            return raw[name].cast(pl.Int64)
        if column.type == "text":
            return self._text(raw, name)
        text = text.str.strip_chars()
        if column.type == "date":
            return self._checked(raw, name, as_day(text), SourceRule.DATE)
        if column.type == "int":
            value = text.str.extract(_INTEGER, 1).cast(pl.Int64)
            return self._checked(raw, name, value, SourceRule.INTEGER)
        return self._number(raw, column, text)

    def _number(self, raw: pl.DataFrame, column: Column, text: pl.Expr) -> pl.Series:
        name = column.name
        if column.type == "kurus":
            value = pl.when(text.str.contains(_TWO_PLACES)).then(_kurus(text))
            number = text.str.contains(_NUMBER)  # too many decimals have a rule of their own
            made = self._checked(raw, name, value, SourceRule.AMOUNT, but_not=number)
        else:
            value = pl.when(text.str.contains(_DECIMAL)).then(text.str.strip_prefix("+"))
            made = self._checked(raw, name, value, SourceRule.DECIMAL)
        if column.type == "kurus" or name in _MONEY_TEXT:
            self._two_places(raw, name)
        return made

    def _text(self, raw: pl.DataFrame, name: str) -> pl.Series:
        text = pl.col(name)
        if name in _CODES or name in _CURRENCIES:
            text = text.str.strip_chars()
        if name == "dc":
            value = pl.when(text.is_in(["D", "C"])).then(text)
            return self._checked(raw, name, value, SourceRule.SIDE)
        if name in _CURRENCIES:
            value = pl.when(text.str.contains(_CURRENCY)).then(text)
            return self._checked(raw, name, value, SourceRule.CURRENCY)
        return raw.select(text.alias(name))[name]

    def _checked(
        self,
        raw: pl.DataFrame,
        name: str,
        value: pl.Expr,
        rule: SourceRule,
        but_not: pl.Expr | None = None,
    ) -> pl.Series:
        made = raw.select(value.alias("made"))["made"].alias(name)
        bad = raw[name].is_not_null() & made.is_null()
        if bad.any():
            rows = raw.filter(bad)
            if but_not is not None:
                rows = rows.filter(~but_not)
            self._report(rule, rows, name)
        return made

    def _two_places(self, raw: pl.DataFrame, name: str) -> None:
        text = pl.col(name).str.strip_chars()
        rows = raw.filter(text.str.contains(_NUMBER) & ~text.str.contains(_TWO_PLACES))
        self._report(SourceRule.DECIMALS, rows, name)

    def _required(self, raw: pl.DataFrame, frame: pl.DataFrame) -> None:
        for name in self._layout.required:
            absent = frame[name].is_null()
            if name in raw.columns:
                absent &= raw[name].is_null()  # an unreadable value has its own finding
            if absent.any():
                self._report(SourceRule.REQUIRED, raw.filter(absent), name)

    def _report(self, rule: SourceRule, rows: pl.DataFrame, name: str) -> None:
        if rows.height:
            shown = pl.col(name) if name in rows.columns else pl.lit(None)
            rows = rows.select("source_row", "voucher", shown.alias("shown"))
            report_rows(self._findings, rule, rows, source=self._source, field=name)


def as_day(text: pl.Expr) -> pl.Expr:
    """The day of a text column, null where it is none: ISO dates, a time after it is dropped."""
    return text.str.strip_chars().str.extract(_DATE, 1).str.to_date("%Y-%m-%d", strict=False)


def _clean(text: pl.Expr) -> pl.Expr:
    """Empty and all-blank texts are missing values."""
    return pl.when(text.str.strip_chars() != "").then(text)


def _kurus(text: pl.Expr) -> pl.Expr:
    whole = text.str.extract(r"^[+-]?([0-9]+)", 1).cast(pl.Int64)
    part = text.str.extract(r"\.([0-9]{1,2})", 1).fill_null("").str.pad_end(2, "0").cast(pl.Int64)
    sign = pl.when(text.str.starts_with("-")).then(-1).otherwise(1)
    return (whole * 100 + part) * sign
