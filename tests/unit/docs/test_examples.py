"""The examples of the how-to pages work as printed."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

from edefter.config.settings import SealSettings, SourceSettings
from edefter.model.finding import FindingLog
from edefter.source.izibiz import BRANCH, CANONICAL, COMPANY
from edefter.source.open import open_source
from edefter.source.port import ReadRequest

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to"


def block(page: str, language: str) -> str:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    found = re.search(rf"```{language}\n(.*?)```", text, re.S)
    assert found, (page, language)
    return found[1]


TABLES = """
CREATE TABLE voucher (id, entry_date, number, description, user_id, cancelled);
CREATE TABLE voucher_line (voucher_id, account_code, debit NUMERIC, credit NUMERIC,
                           doc_type, doc_number, doc_date, description, position);
CREATE TABLE account (code, name, main_code, main_name);
CREATE TABLE app_user (id, full_name);
INSERT INTO app_user VALUES (1, 'Gülşen Işık');
INSERT INTO account VALUES ('100.01', 'Merkez Kasa', '100', 'KASA'),
                           ('600.01', 'Yurt içi satış', '600', 'YURT İÇİ SATIŞLAR');
INSERT INTO voucher VALUES (7, '2026-06-30', 'M7', 'Satış', 1, 0),
                           (8, '2026-06-30', 'M8', 'İptal edilmiş', 1, 1),
                           (9, '2026-07-01', 'M9', 'Sonraki ay', 1, 0);
INSERT INTO voucher_line VALUES
    (7, '600.01', '0', '118.50', 'invoice', 'GIB2026000000001', '2026-06-30', 'satış', 2),
    (7, '100.01', '118.50', '0', 'invoice', 'GIB2026000000001', '2026-06-30', 'tahsilat', 1),
    (8, '100.01', '5.00', '0', NULL, NULL, NULL, NULL, 1),
    (9, '100.01', '5.00', '0', NULL, NULL, NULL, NULL, 1);
"""


def test_sql_view_and_query_of_the_page_give_the_vouchers_of_the_month(tmp_path: Path):
    database = tmp_path / "books.sqlite"
    with sqlite3.connect(database) as connection:
        connection.executescript(TABLES + block("sql-view.md", "sql"))
    connection.close()
    raw = tomllib.loads(block("sql-view.md", "toml"))["sources"]["default"]
    raw |= {"url": f"sqlite:///{database}", "password": None}
    source = open_source("default", SourceSettings(**raw), lambda _: "")
    assert source.check().ready, source.check()
    findings = FindingLog()
    request = ReadRequest(
        company="", branch="", first_day=date(2026, 6, 1), last_day=date(2026, 6, 30)
    )
    vouchers = [v for batch in source.read(request, findings) for v in batch.vouchers()]
    assert list(findings) == []
    assert [v.entry_number for v in vouchers] == ["M7"]
    assert [(x.main_account, x.dc, x.amount) for x in vouchers[0].lines] == [
        ("100", "D", Decimal("118.50")),
        ("600", "C", Decimal("118.50")),
    ]


def test_izibiz_settings_of_the_page_are_settings():
    raw = tomllib.loads(block("izibiz-csv.md", "toml"))["sources"]["default"]
    assert SourceSettings(**raw).kind == "izibiz"


def test_izibiz_mapping_of_the_page_is_that_of_the_code():
    text = (HOW_TO / "izibiz-csv.md").read_text(encoding="utf-8")
    documented: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            left, right = (re.findall(r"`(\w+)`", part) for part in line.strip("|").split("|"))
            documented |= dict(zip(left, right, strict=False))
            if not right:
                assert left == [COMPANY, BRANCH]
    assert documented == dict(CANONICAL)


def test_seal_settings_of_the_page_are_settings():
    raw = tomllib.loads(block("month-end.md", "toml"))["seals"]["default"]
    assert SealSettings(**raw).password is not None
