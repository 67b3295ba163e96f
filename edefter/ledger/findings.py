"""The findings that building a ledger can make, one row per rule; texts are in the catalogue.

These rules stand before the written file: what cannot be written at all, and what only the
software can know because it concerns two files (numbering, lifecycle.md §4). Everything that can
be seen in the finished file is left to validation, so that it is reported once.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import polars as pl

from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.telling import shorten, told


class LedgerRule(StrEnum):
    """Ids; the sentence and remedy of each are `ledger.<id>` in the catalogue."""

    REQUIRED = "LED-01"  # a value that must be written is missing
    CHARACTER = "LED-02"  # a character that XML cannot hold
    NUMBER_MISSING = "LED-03"  # the source must number, but gave none
    NOT_CONTINUED = "LED-04"  # first number does not follow the last file's
    NOT_CONSECUTIVE = "LED-05"  # numbers do not grow by one
    DATE_ORDER = "LED-06"  # an entry dated before the entry above it
    OUTSIDE_PERIOD = "LED-07"  # entry not in the days of this part
    EMPTY_MONTH = "LED-08"  # a whole month without any entry
    OTHER_BRANCH = "LED-09"  # batch id of another branch
    DESCRIPTION = "LED-10"  # one account under several names (warning)
    INVISIBLE = "LED-11"  # control character that XML allows (warning)
    HEAD_CHARACTER = "LED-12"  # company data with a character that XML cannot hold
    ENTRY_NUMBER_CHANGES = "LED-13"  # several entry numbers within one voucher
    ENTRY_TOO_LARGE = "LED-14"  # an entry that no part can hold
    EMPTY_INVENTORY = "LED-15"  # an envanter without any entry
    ATTACHMENT = "LED-16"  # a file that cannot be attached


_WARNINGS = (LedgerRule.DESCRIPTION, LedgerRule.INVISIBLE)


def make(
    rule: LedgerRule, place: Place, value: object = "", *, kind: Kind = Kind.Y, **facts: Any
) -> Finding:
    """A finding of this rule with its texts filled in.

    Args:
        rule: which.
        place: where; its parts are facts of the texts as well.
        value: the offending value; shown shortened.
        kind: the book that the rows go into.
        facts: more placeholders of the texts.
    """
    shown = shorten(str(value))
    known = {
        "voucher": place.voucher,
        "field": place.field,
        "row": place.row,
        "entry_no": place.entry_no,
        "account": place.account,
        "value": shown,
        **facts,
    }
    return told(
        f"ledger.{rule}",
        known,
        rule=str(rule),
        layer=Layer.SOURCE,
        place=place,
        severity=Severity.WARNING if rule in _WARNINGS else Severity.ERROR,
        kind=Kind.K if rule is LedgerRule.DESCRIPTION else kind,
        value=shown,
    )


def without_known(rows: pl.DataFrame, findings: FindingLog) -> pl.DataFrame:
    """The rows of which nothing has been said yet: one finding per mistake is enough."""
    if not rows.height or not findings.error_rows:
        return rows
    known = pl.Series(sorted(findings.error_rows), dtype=pl.Int64)
    return rows.filter(~pl.col("source_row").is_in(known.implode()).fill_null(value=False))


def lost_rows(findings: FindingLog) -> list[Finding]:
    """Findings of the source about rows that it could not read, date or give to a voucher.

    Those are left out or stand at a wrong place, so that the numbers around them are no longer
    consecutive; saying so as well would send the user after mistakes that are not there.
    """
    return [
        each
        for each in findings
        if each.rule.startswith("SRC-") and each.place.field in ("", "entered_date", "entry_key")
    ]


def report_rows(
    log: FindingLog,
    rule: LedgerRule,
    rows: pl.DataFrame,
    source_name: str,
    *,
    field: str = "",
    value: str = "",
    facts: Iterable[str] = (),
    **fixed: Any,
) -> None:
    """One finding per row of `rows` (journal columns).

    Args:
        log: takes the findings.
        rule: which.
        rows: only the offending rows.
        source_name: named as the file in the place.
        field: column that is wrong.
        value: column whose content is the offending value; empty = `field`.
        facts: further columns that the texts name.
        fixed: facts that are the same for all rows.
    """
    wanted = value or field
    for row in rows.iter_rows(named=True):
        place = Place(
            file=source_name,
            row=row["source_row"],
            voucher=row["entry_number"] or row["entry_key"] or "",
            entry_no="" if row["entry_no"] is None else str(row["entry_no"]),
            line_no="" if row["line_no"] is None else str(row["line_no"]),
            account=row["sub_account"] or row["main_account"] or "",
            field=field,
        )
        found = row.get(wanted)
        shown = "" if found is None else found
        log.add(make(rule, place, shown, **{name: row[name] for name in facts}, **fixed))
