"""An SQLite source gives the same rows whether it is read by columns or by Python's own driver."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError
from edefter.model.finding import FindingLog
from edefter.source.open import open_source
from edefter.source.port import ReadRequest

_COLUMNS = (
    "entry_key TEXT, entered_by TEXT, entered_date TEXT, entry_no BIGINT, line_no BIGINT,"
    " main_account, main_description TEXT, amount {amount}, dc TEXT, original_rate,"
    " document_number BLOB, line_comment TEXT"
)


def _made(path: Path, amount: str, rows: list[tuple[Any, ...]]) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE edefter_journal ({_COLUMNS.format(amount=amount)})")
        holes = ", ".join("?" * 12)
        connection.executemany(f"INSERT INTO edefter_journal VALUES ({holes})", rows)
    connection.close()
    return f"sqlite:///{path}"


def _line(number: int, amount: Any, **changes: Any) -> tuple[Any, ...]:
    line = {
        "entry_key": f"{(number + 1) // 2}", "entered_by": "İ. Ş.", "entered_date": "2026-01-05",
        "entry_no": (number + 1) // 2, "line_no": number, "main_account": "120",
        "main_description": "ALICILAR", "amount": amount, "dc": "DC"[number % 2],
        "original_rate": None, "document_number": None, "line_comment": "",
    }  # fmt: skip
    return tuple({**line, **changes}.values())


def _read(url: str, query: str = "") -> tuple[pl.DataFrame, list[tuple[str, str, int | None]]]:
    findings = FindingLog()
    source = open_source("muhasebe", SourceSettings(kind="sql", url=url, query=query), lambda _: "")
    request = ReadRequest(
        company="", branch="", first_day=date(2026, 1, 1), last_day=date(2026, 1, 31),
        as_they_come=True,
    )  # fmt: skip
    batches = [batch.frame for batch in source.read(request, findings)]
    told = [(f.rule, f.place.field, f.place.row) for f in findings]
    return pl.concat(batches), sorted(told, key=str)


_BY_ROWS = "SELECT * FROM edefter_journal ORDER BY entered_date, entry_no, line_no"


@pytest.mark.parametrize("amount", ["TEXT", "REAL", "NUMERIC", "DECIMAL(18,2)", ""])
def test_both_ways_give_the_same(tmp_path: Path, amount: str) -> None:
    given: list[Any] = [
        "12.50", 7, 0.07, 0.1 + 0.2, 1e15, 1.0, 0.0, 1234567890123.45, "1.0050", None, "", "  ",
        float("inf"), 99999999999999.99, b"3.25", "x",
    ]  # fmt: skip
    rows = [_line(number, value) for number, value in enumerate(given, 1)]
    rows += [
        _line(17, "1", main_account=120.25, original_rate=43.1234567890123456),
        _line(18, "1", document_number=b"\xff\xfe", line_comment="a\x00b"),
        _line(19, "1", main_account=None, line_comment="Ğ" * 5_000),
        _line(20, "1", original_rate="0.1", document_number=b"F-1"),
    ]
    url = _made(tmp_path / "m.sqlite", amount, rows)
    columns, rows_found = _read(url), _read(url, _BY_ROWS)
    assert columns[0].equals(rows_found[0])
    assert columns[1] == rows_found[1]
    assert columns[1], "no value was refused: the comparison shows little"


def test_rows_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """`as_they_come` raises where they do not: 10 stands behind 9, not behind 1."""
    url = _made(tmp_path / "m.sqlite", "TEXT", [_line(n, "1") for n in range(40, 0, -1)])
    frame, _ = _read(url)
    assert frame["line_no"].to_list() == list(range(1, 41))


def test_a_first_value_behind_many_missing_ones(tmp_path: Path) -> None:
    """Arrow fixes a column's type by its first rows."""
    rows = [_line(n, "1", original_rate=None if n < 20_000 else 1.5) for n in range(1, 20_001)]
    frame, found = _read(_made(tmp_path / "m.sqlite", "TEXT", rows))
    assert not found
    assert frame["original_rate"].to_list()[-2:] == [None, "1.5"]


def test_a_database_in_utf16_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA encoding = 'UTF-16le'")
        connection.execute(f"CREATE TABLE edefter_journal ({_COLUMNS.format(amount='TEXT')})")
        connection.execute(
            f"INSERT INTO edefter_journal VALUES ({', '.join('?' * 12)})", _line(1, "1")
        )
    connection.close()
    frame, found = _read(f"sqlite:///{path}")
    assert not found
    assert frame["entered_by"].to_list() == ["İ. Ş."]


def test_a_view_that_fails_amid_its_rows_is_told(tmp_path: Path) -> None:
    url = _made(tmp_path / "m.sqlite", "TEXT", [_line(n, "1") for n in range(1, 4)])
    with sqlite3.connect(tmp_path / "m.sqlite") as connection:
        connection.execute("ALTER TABLE edefter_journal RENAME TO rows_of_it")
        connection.execute(
            "CREATE VIEW edefter_journal AS SELECT *, CASE WHEN line_no = 3 THEN"
            " abs(-9223372036854775808) END AS payment_method FROM rows_of_it"
        )
    connection.close()
    with pytest.raises(ConfigError) as caught:
        _read(url)
    assert caught.value.key == "source.query_failed"
    assert "overflow" in str(caught.value.facts["detail"])
