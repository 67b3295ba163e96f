"""Raw text columns to the canonical typed columns, whole columns at a time.

Every source ends here: what arrives is text (or null), what leaves has the layout's schema. A value
that cannot be read becomes null and a finding. Nothing is corrected silently; what *is* done is
harmless and stated here: empty and all-blank texts are missing values, blanks around codes,
numbers and dates do not count, zeros after the second decimal do not count, and a date may carry
a time, which is dropped.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from edefter.model.finding import FindingLog
from edefter.model.journal import JOURNAL, Column, Layout
from edefter.source.findings import SourceRule, report_rows

_CODES = ("main_account", "sub_account", "document_type")
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
        # A call costs more than the work on a column, so each step is one call for all of them.
        named = [name for name in self._layout.names if name in raw.columns]
        raw = raw.select(name if name == "source_row" else _clean(pl.col(name)) for name in named)
        empty = {
            name for name in named if name != "source_row" and raw[name].null_count() == raw.height
        }
        frame = raw.select(
            (
                pl.lit(None, dtype=self._layout.schema[column.name])
                if column.name in empty or column.name not in named
                else _VALUES.get(column.name, _TYPES[column.type])(pl.col(column.name))
            ).alias(column.name)
            for column in self._layout.columns
        )
        self._report_unreadable(raw, frame)
        self._report_missing(raw)
        return frame

    def _report_unreadable(self, raw: pl.DataFrame, frame: pl.DataFrame) -> None:
        for column in self._layout.columns:
            name = column.name
            if name not in raw.columns:
                continue
            text = pl.col(name).str.strip_chars()
            is_number = text.str.contains(_NUMBER)
            all_read = frame[name].null_count() == raw[name].null_count()
            if not all_read:
                bad = raw.filter(frame[name].is_null() & raw[name].is_not_null())
                # Too many decimals have a rule of their own.
                self._report(
                    _rule(column), bad.filter(~is_number) if column.type == "kurus" else bad, name
                )
            if name in _MONEY_TEXT or (column.type == "kurus" and not all_read):
                many = raw.filter(is_number & ~text.str.contains(_TWO_PLACES))
                self._report(SourceRule.DECIMALS, many, name)

    def _report_missing(self, raw: pl.DataFrame) -> None:
        # An unreadable value has its own finding.
        for name in self._layout.required:
            if name not in raw.columns:
                self._report(SourceRule.REQUIRED, raw, name)
            elif raw[name].has_nulls():
                self._report(SourceRule.REQUIRED, raw.filter(pl.col(name).is_null()), name)

    def _report(self, rule: SourceRule, rows: pl.DataFrame, name: str) -> None:
        if not rows.height:
            return
        voucher = (pl.col(n) for n in ("entry_number", "entry_key") if n in rows.columns)
        shown = pl.col(name) if name in rows.columns else pl.lit(None)
        rows = rows.select(
            "source_row",
            pl.coalesce(*voucher, pl.lit("")).alias("voucher"),
            shown.alias("shown"),
        )
        report_rows(self._findings, rule, rows, source=self._source, field=name)


def _rule(column: Column) -> SourceRule:
    """What is said of a value that cannot be read."""
    if column.name == "dc":
        return SourceRule.SIDE
    if column.name in _CURRENCIES:
        return SourceRule.CURRENCY
    return _UNREADABLE[column.type]


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


def _code(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars()


def _side(text: pl.Expr) -> pl.Expr:
    text = text.str.strip_chars()
    return pl.when(text.is_in(["D", "C"])).then(text)


def _currency(text: pl.Expr) -> pl.Expr:
    text = text.str.strip_chars()
    return pl.when(text.str.contains(_CURRENCY)).then(text)


def _whole(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.extract(_INTEGER, 1).cast(pl.Int64)


def _money(text: pl.Expr) -> pl.Expr:
    text = text.str.strip_chars()
    return pl.when(text.str.contains(_TWO_PLACES)).then(_kurus(text))


def _decimal(text: pl.Expr) -> pl.Expr:
    text = text.str.strip_chars()
    return pl.when(text.str.contains(_DECIMAL)).then(text.str.strip_prefix("+"))


def _row(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Int64)


_TYPES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "text": lambda text: text,
    "date": as_day,
    "int": _whole,
    "kurus": _money,
    "decimal": _decimal,
}
_VALUES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "source_row": _row,
    "dc": _side,
    **dict.fromkeys(_CODES, _code),
    **dict.fromkeys(_CURRENCIES, _currency),
}
_UNREADABLE = {
    "date": SourceRule.DATE,
    "int": SourceRule.INTEGER,
    "kurus": SourceRule.AMOUNT,
    "decimal": SourceRule.DECIMAL,
}
