"""Rows of a part: what is sorted in memory and what is sorted out of core come in one order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from edefter.ledger import stage as module
from edefter.ledger.stage import Stage, prepare
from edefter.model.journal import JOURNAL

_ACCOUNTS = ("120", "120.01", "100", "ÇİĞ", "zz", "Z", "😀", "1", "120")
_SUBS = (None, "120.01.001", "", "ş", None, "Z.1")


def _rows(first: int, count: int) -> pl.DataFrame:
    numbers = list(range(first, first + count))
    given = {
        "entry_key": [str(n) for n in numbers],
        "entered_date": [date(2026, 1, 5)] * count,
        "entry_no": numbers,
        "line_no": numbers,
        "main_account": [_ACCOUNTS[n % len(_ACCOUNTS)] for n in numbers],
        "main_description": [None if n < 20 else f"AD {n % 2}" for n in numbers],
        "sub_account": [_SUBS[n % len(_SUBS)] for n in numbers],
        "sub_description": ["alt" if n % 3 else None for n in numbers],
        "amount": [n * 7 % 1000 for n in numbers],
        "dc": ["DC"[n % 2] for n in numbers],
    }
    columns = {
        name: given.get(name, [None] * count) for name in JOURNAL.names if name != "source_row"
    }
    columns["source_row"] = numbers
    return pl.DataFrame(columns, schema=JOURNAL.schema)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    for batch in range(4):
        made.add(prepare(_rows(1 + batch * 1_500, 1_500)))
    return made


def test_both_ways_of_sorting_give_the_same(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = pl.concat(stage.by_account())
    monkeypatch.setattr(module, "MOST_SORTED_IN_MEMORY", 0)
    out_of_core = pl.concat(stage.by_account())
    assert in_memory.equals(out_of_core)
    keys = [
        (main.encode(), sub is not None, (sub or "").encode(), line)
        for main, sub, line in in_memory.select("main_account", "sub_account", "line_no").rows()
    ]
    assert keys == sorted(keys)
    assert len(keys) == stage.lines


def test_accounts_are_what_the_rows_add_up_to(stage: Stage) -> None:
    rows = pl.concat(stage.in_order()).rows(named=True)
    told = stage.accounts().rows(named=True)
    order = [((a["main_account"]).encode(), a["sub_account"] is not None,
              (a["sub_account"] or "").encode()) for a in told]  # fmt: skip
    assert order == sorted(order)
    for account in told:
        own = [
            row
            for row in rows
            if (row["main_account"], row["sub_account"])
            == (account["main_account"], account["sub_account"])
        ]
        names = [row["main_description"] for row in own if row["main_description"]]
        subs = [row["sub_description"] for row in own if row["sub_description"]]
        assert account["debit"] == sum(r["amount"] for r in own if r["dc"] == "D")
        assert account["credit"] == sum(r["amount"] for r in own if r["dc"] == "C")
        assert account["debit_lines"] == sum(r["dc"] == "D" for r in own)
        assert account["credit_lines"] == sum(r["dc"] == "C" for r in own)
        assert account["main_name"] == names[0]
        assert account["sub_name"] == (subs[0] if subs else None)
        assert (account["main_names"], account["sub_names"]) == (len(set(names)), len(set(subs)))
        assert account["first_line"] == own[0]["line_no"]
    assert len(order) == len({(r["main_account"], r["sub_account"]) for r in rows})
