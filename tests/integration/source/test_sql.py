"""The SQL source against real SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from edefter.config.section import SecretRef
from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError, DataError
from edefter.model.finding import FindingLog
from edefter.model.journal import Voucher
from edefter.source.open import open_source
from edefter.source.port import ReadRequest, VoucherSource

TEXT = "İğdır Şişe & Cam <\u200f😀> 'tırnak' \"çift\""
JANUARY = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 31)}

metadata = sa.MetaData()
JOURNAL = sa.Table(
    "edefter_journal",
    metadata,
    sa.Column("company", sa.String(10)),
    sa.Column("branch", sa.String(4)),
    sa.Column("entry_key", sa.Integer),
    sa.Column("entered_by", sa.String(50)),
    sa.Column("entered_date", sa.DateTime),
    sa.Column("entry_number", sa.String(30)),
    sa.Column("entry_comment", sa.Text),
    sa.Column("entry_no", sa.Integer),
    sa.Column("line_no", sa.BigInteger),
    sa.Column("main_account", sa.CHAR(10)),
    sa.Column("main_description", sa.String(50)),
    sa.Column("amount", sa.Numeric(18, 4)),
    sa.Column("dc", sa.CHAR(1)),
    sa.Column("original_rate", sa.Numeric(12, 6)),
    sa.Column("unknown_extra", sa.Text),
)


def local(*parts: int) -> datetime:
    """A date and time without zone, as accounting programs keep them."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc, arg-type]


def line(
    entry: int, number: int, amount: str, side: str, *, day: int = 5, **changes: Any
) -> dict[str, Any]:
    return {
        "company": "001",
        "branch": "",
        "entry_key": entry,
        "entered_by": "İ. Ş.",
        "entered_date": local(2026, 1, day, 23, 59, 59),
        "entry_number": f"F{entry}",
        "entry_comment": TEXT,
        "entry_no": entry,
        "line_no": number,
        "main_account": "120",
        "main_description": "ALICILAR",
        "amount": Decimal(amount),
        "dc": side,
        "original_rate": None,
        "unknown_extra": "görmezden gelinir",
        **changes,
    }


def fill(url: sa.URL, rows: list[dict[str, Any]]) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    metadata.create_all(engine)
    with engine.begin() as connection:
        if rows:
            connection.execute(sa.insert(JOURNAL), rows)


def run_sql(url: sa.URL, *statements: str) -> None:
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def opened(url: sa.URL, **settings: Any) -> VoucherSource:
    shown = url.render_as_string(hide_password=False)
    return open_source("muhasebe", SourceSettings(kind="sql", url=shown, **settings), _no_secret)


def _no_secret(ref: SecretRef) -> str:
    raise AssertionError("no secret was configured")


def read(url: sa.URL, **settings: Any) -> tuple[list[Voucher], FindingLog]:
    company = settings.pop("company", "")
    branch = settings.pop("branch", "")
    findings = FindingLog()
    request = ReadRequest(company=company, branch=branch, **JANUARY)
    batches = list(opened(url, **settings).read(request, findings))
    return [voucher for batch in batches for voucher in batch.vouchers()], findings


def test_the_default_table_with_numeric_and_datetime_columns(database: sa.URL) -> None:
    rows = [
        line(2, 3, "7.25", "D", day=31),
        line(2, 4, "7.2500", "C", day=31),
        line(1, 1, "1234567890123.45", "D", original_rate=Decimal("43.125")),
        line(1, 2, "1234567890123.45", "C"),
    ]
    fill(database, rows)
    vouchers, findings = read(database)
    assert not findings.total
    assert [(v.entry_key, v.entered_date) for v in vouchers] == [
        ("1", date(2026, 1, 5)),
        ("2", date(2026, 1, 31)),
    ]
    first = vouchers[0]
    assert first.entry_comment == TEXT
    assert [x.amount for x in first.lines] == [Decimal("1234567890123.45")] * 2
    assert first.lines[0].main_account == "120"
    assert first.lines[0].original_rate is not None
    assert Decimal(first.lines[0].original_rate) == Decimal("43.125")
    assert first.lines[0].sub_account is None


def test_company_branch_and_days_are_asked_of_the_database(database: sa.URL) -> None:
    fill(
        database,
        [
            line(1, 1, "1", "D"),
            line(2, 2, "1", "D", company="002"),
            line(3, 3, "1", "D", branch="0001"),
            line(4, 4, "1", "D", entered_date=local(2026, 2, 1)),
            line(5, 5, "1", "D", entered_date=local(2025, 12, 31, 23, 59)),
        ],
    )
    chosen = ({}, {"company": "002"}, {"company": "001", "branch": "0001"}, {"company": "9"})
    keys = [[v.entry_key for v in read(database, **each)[0]] for each in chosen]
    assert keys == [["1", "2", "3"], ["2"], ["3"], []]


def test_an_own_query_with_parameters_and_any_order(database: sa.URL) -> None:
    fill(database, [line(n, n, "1", "D", day=n) for n in (3, 1, 2)] + [line(9, 9, "1", "D")])
    query = (
        "SELECT entry_key, entered_by, entered_date, entry_no, line_no,"
        " main_account AS MAIN_ACCOUNT, main_description, amount, dc FROM edefter_journal"
        " WHERE company = :company AND entered_date >= :first_day AND entry_no < 9"
        " ORDER BY line_no DESC;"
    )
    vouchers, findings = read(database, company="001", query=query)
    assert not findings.total
    assert [v.entry_no for v in vouchers] == [1, 2, 3]


def test_text_and_float_amounts(database: sa.URL) -> None:
    base = (
        "SELECT 1 AS entry_key, 'İ.Ş.' AS entered_by, '2026-01-05' AS entered_date,"
        " '120' AS main_account, 'A' AS main_description, 'D' AS dc, {} AS amount"
    )
    double = "CAST({} AS DOUBLE PRECISION)"
    if database.get_backend_name() == "mysql":
        double = "({} + 0e0)"
    amounts = ("'12.50'", double.format("0.07"), "3", double.format("0.125"), double.format("1e15"))
    query = " UNION ALL ".join(base.format(amount) for amount in amounts)
    if database.get_backend_name() != "sqlite":
        # One column has one type on these servers, so ask one by one.
        seen = [read(database, query=base.format(amount)) for amount in amounts]
        kurus = [v[0].lines[0].amount for v, _ in seen]
        rules = sorted(rule for _, log in seen for rule in log.counts)
    else:
        vouchers, findings = read(database, query=query)
        kurus = [x.amount for x in vouchers[0].lines]
        rules = sorted(findings.counts)
    # A null amount reads as zero in a record; its finding is SRC-07 or SRC-06.
    assert kurus == [Decimal("12.50"), Decimal("0.07"), Decimal(3), Decimal(0), Decimal(0)]
    assert rules == ["SRC-06", "SRC-07"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_timestamp_with_time_zone_means_the_day_in_turkey(database: sa.URL) -> None:
    run_sql(
        database,
        "CREATE VIEW edefter_journal AS SELECT n AS entry_key, 'İ.Ş.' AS entered_by,"
        " t::timestamptz AS entered_date, '120' AS main_account, 'A' AS main_description,"
        " 'D' AS dc, '1' AS amount FROM (VALUES"
        " (1, '2025-12-31 23:59:59+03'), (2, '2025-12-31 21:00:00+00'),"
        " (3, '2026-01-31 20:59:59+00'), (4, '2026-02-01 00:00:00+03')) AS x (n, t)",
    )
    vouchers, findings = read(database)
    assert not findings.total
    assert [(v.entry_key, v.entered_date) for v in vouchers] == [
        ("2", date(2026, 1, 1)),
        ("3", date(2026, 1, 31)),
    ]


def test_findings_name_source_row_voucher_and_field(database: sa.URL) -> None:
    fill(
        database,
        [
            line(1, 1, "1.0050", "D"),
            line(1, 2, "1", "X"),
            line(2, 3, "1", "C", main_description=None),
        ],
    )
    _, findings = read(database)
    assert sorted((f.place.row, f.rule, f.place.field, f.place.voucher) for f in findings) == [
        (1, "SRC-07", "amount", "F1"),
        (2, "SRC-09", "dc", "F1"),
        (3, "SRC-03", "main_description", "F2"),
    ]
    assert {f.place.file for f in findings} == {"muhasebe"}


def test_batches_are_whole_vouchers(database: sa.URL) -> None:
    fill(database, [line(1 + n // 3, n + 1, "1", "D") for n in range(30)])
    findings = FindingLog()
    request = ReadRequest(company="", branch="", **JANUARY)
    batches = list(opened(database, batch_lines=7).read(request, findings))
    assert [len(batch) for batch in batches] == [6, 6, 6, 6, 6]


def test_the_books_cannot_change_under_the_reading(
    database: sa.URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edefter.source import sql

    if database.get_backend_name() == "sqlite":
        run_sql(database, "PRAGMA journal_mode = WAL")  # else the writer would have to wait
    fill(database, [line(n, n, "1", "D") for n in range(1, 21)])
    monkeypatch.setattr(sql, "FETCH_ROWS", 5)
    real = sql.SqlSource._raw_frames

    def meddling(self: sql.SqlSource, *arguments: Any) -> Iterator[Any]:
        frames = real(self, *arguments)
        yield next(frames)
        run_sql(database, "DELETE FROM edefter_journal WHERE entry_no > 10")
        yield from frames

    monkeypatch.setattr(sql.SqlSource, "_raw_frames", meddling)
    vouchers, _ = read(database)
    assert len(vouchers) == 20


def test_the_source_never_writes(database: sa.URL) -> None:
    fill(database, [line(1, 1, "1", "D")])
    with pytest.raises(ConfigError) as caught:
        read(database, query="DELETE FROM edefter_journal")
    assert caught.value.key == "source.query_failed"
    assert len(read(database)[0]) == 1


def test_check(database: sa.URL) -> None:
    assert opened(database).check().state == "misconfigured"
    fill(database, [])
    check = opened(database).check()
    assert check.ready, check.detail_tr
    assert " 12 " in check.detail_tr
    wrong = opened(database, query="SELECT 1 AS entry_key").check()
    assert (wrong.state, "amount" in wrong.detail_en) == ("misconfigured", True)


def test_missing_columns_and_missing_tables(database: sa.URL) -> None:
    with pytest.raises(DataError) as lacking:
        read(database, query="SELECT 1 AS entry_key, 2 AS amount")
    assert "entered_by" in lacking.value.text("tr")
    with pytest.raises(ConfigError) as absent_table:
        read(database)
    assert "edefter_journal" in absent_table.value.remedy("tr")


def test_the_servers_own_clock(database: sa.URL) -> None:
    now = opened(database).clock()
    if database.get_backend_name() == "sqlite":
        assert now is None
    else:
        assert now is not None and now.tzinfo is UTC
        assert abs((now - datetime.now(UTC)).total_seconds()) < 60


def test_an_unreachable_server_shows_no_password() -> None:
    settings = SourceSettings(
        kind="sql",
        url="postgresql+psycopg://kullanici@127.0.0.1:1/yok",
        password=SecretRef(env="PAROLA"),
    )
    source = open_source("muhasebe", settings, lambda ref: "cok-gizli")
    with pytest.raises(ConfigError) as caught:
        source.clock()
    assert caught.value.key == "source.unreachable"
    assert "cok-gizli" not in f"{caught.value} {caught.value.facts} {source.check()}"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", "source.bad_url"),
        ("muhasebe.db", "source.bad_url"),
        ("postgresql+psycopg://a:b@127.0.0.1/c", "source.password_in_url"),
        ("sqlite:////yok/boyle/bir/dosya.sqlite", "source.file_unreadable"),
        ("oracle+oracledb://a@127.0.0.1/c", "source.driver_missing"),
        ("klingon://a@127.0.0.1/c", "source.driver_missing"),
    ],
)
def test_wrong_urls(url: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_source("muhasebe", SourceSettings(kind="sql", url=url), _no_secret)
    assert caught.value.key == key
    assert caught.value.remedy("tr")


def test_bytes_that_are_no_text_are_a_finding(tmp_path: Path) -> None:
    url = sa.make_url(f"sqlite:///{tmp_path / 'm.sqlite'}")
    (tmp_path / "m.sqlite").touch()
    fill(url, [line(1, 1, "1", "D"), line(1, 2, "1", "C")])
    run_sql(url, "UPDATE edefter_journal SET entry_comment = CAST(X'C34128FF' AS TEXT)")
    vouchers, findings = read(url)
    assert [(f.rule, f.place.row, f.place.field) for f in findings] == [
        ("SRC-02", 1, "entry_comment"),
        ("SRC-02", 2, "entry_comment"),
    ]
    assert vouchers[0].entry_comment is None
