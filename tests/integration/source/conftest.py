"""Real database servers, each with a database of its own for this run, or a skip by name."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import absent
from tests.support.databases import mariadb_url, postgresql_url

SERVERS = {"postgresql": postgresql_url, "mariadb": mariadb_url}


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.URL]:
    """The URL of an empty database on each of the three systems."""
    if request.param == "sqlite":
        path = tmp_path / "muhasebe.sqlite"
        path.touch()
        yield sa.make_url(f"sqlite:///{path}")
        return
    found = SERVERS[request.param]()
    if found is None:
        absent(f"database server {request.param} on loopback")
    server = sa.make_url(found)
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    name = f"edefter_test_{uuid.uuid4().hex[:10]}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
