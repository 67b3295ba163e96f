"""Fingerprints of vouchers: what counts, what does not, and how two readings differ."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from edefter.ledger.fingerprints import Change, Fingerprints, fingerprints_of
from edefter.model.journal import JOURNAL

_BOOKS = {"numbered": True, "branch_books": False}


def _line(number: int, **changes: Any) -> dict[str, Any]:
    entry = (number + 1) // 2
    given = {
        "entry_key": f"k{entry}", "entered_by": "İ. Ş.", "entered_date": date(2026, 1, entry),
        "entry_number": f"F{entry}", "entry_no": entry, "line_no": number,
        "main_account": "120", "main_description": "ALICILAR", "amount": 1_050,
        "dc": "DC"[number % 2], "source_row": number,
    }  # fmt: skip
    return {**dict.fromkeys(JOURNAL.names), **given, **changes}


def _frame(*lines: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=JOURNAL.schema, orient="row")


LINES = [_line(number) for number in range(1, 9)]


def _changes(now: list[dict[str, Any]], **how: bool) -> list[tuple[str, str]]:
    how = {**_BOOKS, **how}
    before = fingerprints_of([_frame(*LINES)], **how)
    found = before.changes(fingerprints_of([_frame(*now)], **how))
    return [(item.change.value, item.voucher) for item in found]


def test_the_same_rows_in_other_pieces_are_the_same() -> None:
    before = fingerprints_of([_frame(*LINES)], **_BOOKS)
    pieces = fingerprints_of([_frame(*LINES[:3]), _frame(), _frame(*LINES[3:])], **_BOOKS)
    assert before.changes(pieces) == []
    assert pieces.table().height == 4


@pytest.mark.parametrize(
    "name", [n for n in JOURNAL.names if n not in ("entry_key", "source_row", "entry_number")]
)
def test_each_written_field_counts(name: str) -> None:
    other: Any = {"date": date(2026, 1, 31), "int": 99, "kurus": 7}.get(
        next(c.type for c in JOURNAL.columns if c.name == name), "5"
    )
    other = "D" if name == "dc" else other
    now = [*LINES[:3], {**LINES[3], name: other}, *LINES[4:]]
    if LINES[3][name] == other:
        now[3] = {**LINES[3], name: "C"}
    assert _changes(now) == [("changed", "F2")]


@pytest.mark.parametrize("name", ["entry_key", "source_row"])
def test_what_no_ledger_says_does_not_count(name: str) -> None:
    value: Any = 77 if name == "source_row" else "anders"
    assert _changes([{**line, name: value} for line in LINES]) == []


def test_numbers_of_our_own_do_not_count() -> None:
    moved = [
        {**line, "entry_no": line["entry_no"] + 5, "line_no": line["line_no"] + 9} for line in LINES
    ]
    assert len(_changes(moved)) == 4
    assert _changes(moved, numbered=False) == []


def test_a_date_of_a_line_that_is_the_vouchers_is_no_change() -> None:
    assert _changes([{**line, "posting_date": line["entered_date"]} for line in LINES]) == []


def test_added_and_removed_vouchers_are_told_with_their_sums() -> None:
    before = fingerprints_of([_frame(*LINES[:6])], **_BOOKS)
    now = fingerprints_of([_frame(*LINES[2:])], **_BOOKS)
    removed, added = before.changes(now)
    assert (removed.change, removed.voucher, removed.lines_before, removed.debit_before_kurus) == (
        Change.REMOVED, "F1", 2, 1_050,
    )  # fmt: skip
    assert (added.change, added.voucher, added.lines_after, added.debit_after_kurus) == (
        Change.ADDED, "F4", 2, 1_050,
    )  # fmt: skip
    assert added.day == date(2026, 1, 4)


def test_nothing_against_nothing() -> None:
    assert Fingerprints(**_BOOKS).changes(Fingerprints(**_BOOKS)) == []
