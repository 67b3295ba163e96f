"""The newest migration is known without Alembic, which is loaded only where one is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from edefter.state import database
from edefter.state.database import HEAD, MIGRATIONS
from edefter.state.store import Store


def test_the_newest_is_the_one_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_only_a_database_that_is_behind_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    upgrade = database._upgrade
    monkeypatch.setattr(
        database, "_upgrade", lambda connection: (asked.append(1), upgrade(connection))
    )
    url = f"sqlite:///{tmp_path / 'state.sqlite'}"
    for _ in range(3):
        Store(url, lambda: datetime.now(UTC)).close()
    assert len(asked) == 1
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    engine.dispose()
    with pytest.raises(sa.exc.OperationalError):  # it is asked again, and the tables stand
        Store(url, lambda: datetime.now(UTC))
    assert len(asked) == 2
