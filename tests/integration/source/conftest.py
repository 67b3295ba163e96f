"""Real database servers, each with a database of its own for this run, or a skip by name."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.conftest import absent

SERVERS = {
    "postgresql": os.environ.get(
        "EDEFTER_TEST_POSTGRESQL", "postgresql+psycopg://root@127.0.0.1:5432/postgres"
    ),
    "mariadb": os.environ.get(
        "EDEFTER_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/mysql?charset=utf8mb4"
    ),
}


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.URL]:
    """The URL of an empty database on each of the three systems."""
    if request.param == "sqlite":
        path = tmp_path / "muhasebe.sqlite"
        path.touch()
        yield sa.make_url(f"sqlite:///{path}")
        return
    server = sa.make_url(SERVERS[request.param])
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    name = f"edefter_test_{uuid.uuid4().hex[:10]}"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except (DBAPIError, ImportError):
        absent(f"database server {request.param} on loopback")
    try:
        yield server.set(database=name)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
