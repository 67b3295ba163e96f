"""The findings that reading a source can make, one row per rule; texts are in the catalogue."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import polars as pl

from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.telling import shorten, told


class SourceRule(StrEnum):
    """Ids; the sentence and remedy of each are `source.<id>` in the catalogue."""

    FIELD_COUNT = "SRC-01"  # row with another number of fields than the header
    UNDECODABLE = "SRC-02"  # bytes that are no text in the source's encoding
    REQUIRED = "SRC-03"  # required value missing
    DATE = "SRC-04"  # not a date
    INTEGER = "SRC-05"  # not a whole number
    AMOUNT = "SRC-06"  # not an amount
    DECIMALS = "SRC-07"  # amount with more than two decimals
    DECIMAL = "SRC-08"  # rate or quantity that is no number
    SIDE = "SRC-09"  # neither D nor C
    HEADER_DIFFERS = "SRC-10"  # lines of one voucher disagree about a header field
    VOUCHER_DATES = "SRC-11"  # lines of one voucher carry several dates
    COUNTER_COPY = "SRC-12"  # linenumbercounter is no copy of entrynumbercounter
    NO_SUCH_COMPANY = "SRC-13"  # the file has rows, but none of the selected company or branch
    CURRENCY = "SRC-14"  # no three-letter currency code
    TORN_VOUCHER = "SRC-15"  # a voucher with lines inside and outside the requested days
    SEVERAL_COMPANIES = "SRC-16"  # rows of several companies, none selected (warning)
    NOT_CARRIED = "SRC-17"  # an element of a ledger file that our rows cannot hold


_WARNINGS = (SourceRule.SEVERAL_COMPANIES,)


def make(rule: SourceRule, place: Place, value: object = "", **facts: Any) -> Finding:
    """A finding of this rule with its texts filled in.

    Args:
        rule: which.
        place: where; its parts are facts of the texts as well.
        value: the offending value; shown shortened.
        facts: more placeholders of the texts.
    """
    shown = shorten(str(value))
    known = {
        "source": place.file,
        "voucher": place.voucher,
        "field": place.field,
        "row": "?" if place.row is None else place.row,
        "value": shown,
        **facts,
    }
    return told(
        f"source.{rule}",
        known,
        rule=str(rule),
        layer=Layer.SOURCE,
        severity=Severity.WARNING if rule in _WARNINGS else Severity.ERROR,
        place=place,
        value=shown,
    )


def report_rows(
    log: FindingLog,
    rule: SourceRule,
    rows: pl.DataFrame,
    *,
    source: str,
    field: str,
    facts: tuple[str, ...] = (),
) -> None:
    """One finding per row.

    Args:
        log: takes the findings.
        rule: which.
        rows: only the offending rows; columns `source_row`, `voucher`, `shown` (the value) and
            those named by `facts`.
        source: name of the source.
        field: canonical or source column that is wrong.
        facts: further columns that the texts name.
    """
    for row in rows.iter_rows(named=True):
        place = Place(file=source, row=row["source_row"], voucher=row["voucher"] or "", field=field)
        shown = "" if row["shown"] is None else row["shown"]
        log.add(make(rule, place, shown, **{name: row[name] for name in facts}))
