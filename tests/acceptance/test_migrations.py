"""A state database of the first release is upgraded, and its months come to their end."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from edefter.engine.services import utc_now
from edefter.state.store import Store
from tests.support.office import Office


def _as_in_the_first_release(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE document DROP COLUMN asked_times"))
        for column in ("challenged_at", "verified_at"):
            connection.execute(sa.text(f"ALTER TABLE upload DROP COLUMN {column}"))
        for table in ("night_month", "night", "pace", "copied", "hold", "report", "disposal"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()


def _finishes(office: Office, url: str) -> None:
    """A month waits for GİB when the new release comes; the next is made by it."""
    office.write_config(gib__poll_limit_s=0.0)
    if url.startswith("postgresql"):
        office.on_postgres(url)
    office.register()
    office.world.gib.set_knobs(queued_polls=6)
    assert office.run("2026-01").code == 3
    _as_in_the_first_release(url)
    office.write_config()
    if url.startswith("postgresql"):
        office.on_postgres(url)
    for period in ("2026-01", "2026-02"):
        answer = office.run(period, "--json")
        assert answer.code == 0, answer.err
        assert answer.json[0]["archived"]
    accepted = [r["package_id"] for r in office.sends() if r["verdict"] == "accepted"]
    assert len(accepted) == len(set(accepted)) == 4
    store = Store(url, utc_now)
    assert store.verify_audit() is None
    store.close()


def test_sqlite(make_office: Callable[..., Office]) -> None:
    office = make_office()
    _finishes(office, f"sqlite:///{office.folder / 'data' / 'state.db'}")


def test_postgresql(make_office: Callable[..., Office], postgres: str) -> None:
    _finishes(make_office(), postgres)
