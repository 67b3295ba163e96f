"""One holder of a name over all machines that share a PostgreSQL state database.

The lock belongs to a database session: it ends with the process, however that ends, so a crash
leaves no stale lock. With SQLite there is one machine only, and the engine's file lock suffices.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

_HOLDER = sa.text(
    "select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid "
    "where l.locktype = 'advisory' and l.granted and l.objsubid = 1 "
    "and l.database = (select oid from pg_database where datname = current_database()) "
    "and l.classid::bigint = :high and l.objid::bigint = :low"
)


@contextmanager
def exclusive(engine: Engine, name: str, who: str) -> Iterator[str | None]:
    """Try to hold `name` for the length of the block.

    Args:
        engine: of the state database.
        name: what is held, e.g. `company:1234567808`.
        who: how others see the holder, at most 63 bytes of it.

    Yields:
        None when it is held here now; else who holds it (empty when that cannot be told).
    """
    if engine.dialect.name != "postgresql":
        yield None
        return
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    # A connection of its own, outside the pool: closing it ends the session and so the lock.
    own = sa.create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with own.connect() as connection:
        label = sa.func.set_config(
            "application_name", who.encode()[:63].decode(errors="ignore"), False
        )
        connection.execute(sa.select(label))
        if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
            yield None
        else:
            yield _holder(connection, number)


def _holder(connection: Connection, number: int) -> str:
    unsigned = number & 0xFFFFFFFFFFFFFFFF
    halves = {"high": unsigned >> 32, "low": unsigned & 0xFFFFFFFF}
    return str(connection.scalar(_HOLDER, halves) or "")
