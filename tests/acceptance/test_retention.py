"""Retention: nothing is deleted but by an order, for a year whose time is over and that is free."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edefter.config.settings import SourceSettings
from edefter.model.period import Period
from edefter.sandbox.books import TABLE, write_books
from tests.support.office import Office

YEAR = "01.01.2013-31.12.2013"


@pytest.fixture
def old(make_office: Callable[..., Office]) -> Office:
    """A company whose January 2013 is archived."""
    office = make_office()
    books = office.folder / "2013.sqlite"
    write_books(str(books), 40, period=Period(2013, 1))
    office.write_config(
        source=SourceSettings(
            kind="sql", url=f"sqlite:///{books}", numbering="rebase",
            query=f"select * from {TABLE} "
            "where posting_date between :first_day and :last_day",
        )
    )  # fmt: skip
    office.register(edefter_start="2013-01")
    assert office.run("2013-01").code == 0
    return office


def _years(office: Office) -> dict:
    answer = office.edefter("archive", "years", "--json")
    assert answer.code == 0, answer.err
    (year,) = answer.json
    return year


def _delete(office: Office, *words: str, confirm: str = YEAR):
    return office.edefter(
        "archive", "delete", "2013-05-05", "--company", "ornek", "--reason", "süresi doldu",
        "--confirm", confirm, *words,
    )  # fmt: skip


def _files(office: Office) -> list[Path]:
    return [p for p in office.archive.rglob("*") if p.is_file() and "BUNDLE" not in p.name]


def test_deleted_by_order_alone(old: Office) -> None:
    year = _years(old)
    assert (year["year"], year["keep_until"], year["over"]) == (YEAR, "2023-12-31", True)
    (before,) = old.edefter("archive", "prove", "--json").json
    unconfirmed = _delete(old, confirm="2013")
    assert unconfirmed.code == 2 and "Hiçbir şey silinmedi" in unconfirmed.err
    held = old.edefter("archive", "hold", "2013-01-31", "--company", "ornek", "--reason", "dava 17")
    assert held.code == 0, held.err
    refused = _delete(old)
    assert refused.code == 6 and "dava 17" in refused.err
    words = ("archive", "release", "--company", "ornek", "--reason")
    assert old.edefter(*words, "dava bitti", "1").code == 0
    again = old.edefter(*words, "dava bitti", "1")
    assert again.code == 2 and "1 numaralı" in again.err
    silent = old.edefter(*words, " ", "1")
    assert silent.code == 2 and "gerekçe" in silent.err
    assert old.edefter("archive", "prove", "--json").json[0]["root"] == before["root"]

    done = _delete(old)
    assert done.code == 0 and before["root"] not in done.err, done.err
    left = [path.name for path in old.archive.rglob("*") if path.is_file()]
    assert sorted(left) == [".lock", "journal.jsonl", "manifest.json"]
    deleted = _years(old)["deleted"]
    assert deleted["files"] == before["files"] and deleted["done_at"]
    # Nobody misses it now, and nothing brings it back unasked.
    assert old.edefter("archive", "prove").code == 0
    assert old.edefter("archive", "verify").code == 0
    (restored,) = old.edefter("archive", "restore", "--json").json
    assert restored["restored"] == []
    assert old.edefter("audit", "verify").code == 0
    with sqlite3.connect(old.folder / "data" / "state.db") as state:
        actions = [row[0] for row in state.execute("SELECT action FROM audit ORDER BY seq")]
    orders = [action for action in actions if action.startswith(("hold.", "disposal."))]
    assert orders == ["hold.placed", "hold.released", "disposal.ordered", "disposal.done"]


def test_a_killed_deletion_is_ended_by_the_next(old: Office) -> None:
    assert _delete(old).code == 0
    with sqlite3.connect(old.folder / "data" / "state.db") as state:
        state.execute("UPDATE disposal SET done_at = NULL")
    assert _years(old)["deleted"]["done_at"] is None
    assert _delete(old).code == 0
    assert _years(old)["deleted"]["done_at"]


def test_a_year_whose_time_is_not_over(office: Office) -> None:
    assert office.run("2026-01").code == 0
    files = _files(office)
    words = ("archive", "delete", "2026-01-01", "--company", "ornek", "--reason", "yer açılsın")
    early = office.edefter(*words, "--confirm", "01.01.2026-31.12.2026")
    assert early.code == 6 and "2036-12-31" in early.err
    nothing = office.edefter(*words[:2], "2025-01-01", *words[3:], "--confirm", "x")
    assert nothing.code == 2 and "arşivde hiçbir şey yok" in nothing.err
    wrong = office.edefter(*words[:2], "yesterday", *words[3:], lang="en")
    assert wrong.code == 2
    assert _files(office) == files
