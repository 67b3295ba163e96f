"""Where the real test databases are: by environment, else loopback, else the local socket."""

from __future__ import annotations

import os
from functools import cache

import sqlalchemy as sa

POSTGRESQL = (
    "postgresql+psycopg://root@127.0.0.1:5432/postgres",
    "postgresql+psycopg://root@/postgres?host=/var/run/postgresql",
)
MARIADB = (
    "mysql+pymysql://root@127.0.0.1:3306/mysql?charset=utf8mb4",
    "mysql+pymysql://root@localhost/mysql?charset=utf8mb4&unix_socket=/run/mysqld/mysqld.sock",
)


@cache
def _first_that_answers(variable: str, candidates: tuple[str, ...]) -> str | None:
    given = os.environ.get(variable)
    for url in (given,) if given else candidates:
        engine = sa.create_engine(url, connect_args={"connect_timeout": 5})
        try:
            with engine.connect():
                return url
        except sa.exc.SQLAlchemyError:
            continue
        finally:
            engine.dispose()
    return None


def postgresql_url() -> str | None:
    """URL of a PostgreSQL where databases may be made, or None (`EDEFTER_TEST_POSTGRESQL`)."""
    return _first_that_answers("EDEFTER_TEST_POSTGRESQL", POSTGRESQL)


def mariadb_url() -> str | None:
    """URL of a MariaDB where databases may be made, or None (`EDEFTER_TEST_MARIADB`)."""
    return _first_that_answers("EDEFTER_TEST_MARIADB", MARIADB)
