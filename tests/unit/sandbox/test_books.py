"""Generated books come out of every kind of source as they went in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from edefter.config.settings import SourceSettings
from edefter.model.finding import FindingLog
from edefter.sandbox.books import TABLE, write_books
from edefter.sandbox.generate import generate
from edefter.source.open import open_source
from edefter.source.port import ReadRequest
from tests.conftest import absent
from tests.support.databases import postgresql_url

LINES = 900


def read(settings: SourceSettings, password: str | None = None) -> pl.DataFrame:
    findings = FindingLog()
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 31)}
    source = open_source("x", settings, lambda _: password or "")
    batches = source.read(ReadRequest(company="", branch="", **days), findings)
    frame = pl.concat([batch.frame for batch in batches])
    assert not findings.total
    return frame


def written() -> pl.DataFrame:
    return pl.concat([batch.frame for batch in generate(LINES, seed=4)])


def same(one: pl.DataFrame, other: pl.DataFrame, *but: str) -> None:
    left_out = {"source_row", "entry_no", "line_no", *but}
    names = [name for name in one.columns if name not in left_out]
    assert one.select(names).equals(other.select(names))


def test_sqlite(tmp_path: Path) -> None:
    target = tmp_path / "b.sqlite"
    write_books(str(target), LINES, seed=4)
    got = read(SourceSettings(kind="sql", url=f"sqlite:///{target}"))
    same(got, written())
    assert got["line_no"].to_list() == list(range(1, LINES + 1))
    assert got["entry_no"].to_list() == [int(key) for key in got["entry_key"]]


def test_csv(tmp_path: Path) -> None:
    target = tmp_path / "b.csv"
    write_books(str(target), LINES, seed=4)
    got = read(SourceSettings(kind="izibiz", path=target))
    foreign = [name for name in got.columns if "original" in name or "currency" in name]
    same(got, written(), *foreign)


def test_postgresql() -> None:
    url = postgresql_url()
    if url is None:
        absent("database server postgresql on loopback")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"drop table if exists {TABLE}"))
    try:
        write_books(url, LINES, seed=4)
        made = sa.make_url(url)
        plain = made.set(password=None).render_as_string()
        with engine.connect() as connection:
            count = connection.execute(sa.text(f"select count(*) from {TABLE}")).scalar_one()
        assert count == LINES and plain
        with pytest.raises(sa.exc.SQLAlchemyError):
            write_books(url, LINES)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"drop table if exists {TABLE}"))
        engine.dispose()


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_books(str(tmp_path / f"{name}.csv"), 200, seed=9)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
