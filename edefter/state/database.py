"""The state database itself: opening, migrating, transactions, and the audit chain.

Each audit record carries the hash of the one before, so that a removed or altered record shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from edefter.state import tables as t

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
HEAD = "0005"
"""The newest migration."""
_VERSION = sa.table("alembic_version", sa.column("version_num"))  # Alembic's own
GENESIS = "0" * 64
_MIGRATION_LOCK = 0x6564656674657200  # "edefter": two first starts at once must not both migrate


def utc_text(moment: datetime) -> str:
    """An instant as this database keeps it: ISO 8601, UTC, always of the same length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class AuditedDatabase:
    """One state database.

    Args:
        url: SQLAlchemy URL; SQLite files are made when missing.
        wall: gives the time for records, zone-aware.
    """

    def __init__(self, url: str, wall: Callable[[], datetime]) -> None:
        self._wall = wall
        self.engine = _make_engine(url)
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE does the same
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            if not _is_current(connection):
                _upgrade(connection)

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()

    def _now(self) -> str:
        return utc_text(self._wall())

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    # -- audit -------------------------------------------------------------------------------

    def note(self, *, company: str, action: str, cause: str, **values: Any) -> None:
        """Write an audit record that changes no document."""
        with self._write() as connection:
            evidence = values.pop("evidence", {})
            self._audit(
                connection,
                company=company,
                action=action,
                cause=cause,
                evidence=evidence,
                **values,
            )

    def _audit(self, connection: Connection, **values: Any) -> None:
        head = connection.execute(
            sa.select(t.audit_head.c.seq, t.audit_head.c.hash)
            .where(t.audit_head.c.id == 1)
            .with_for_update()
        ).one()
        record = {
            "seq": head.seq + 1,
            "at": self._now(),
            "branch": "",
            "period": "",
            "kind": "",
            "part": "",
            "from_state": None,
            "to_state": None,
            **values,
            "prev_hash": head.hash,
        }
        record["hash"] = audit_hash(record)
        connection.execute(sa.insert(t.audit).values(**record))
        connection.execute(
            sa.update(t.audit_head)
            .where(t.audit_head.c.id == 1)
            .values(seq=record["seq"], hash=record["hash"])
        )

    def audit_records(self) -> Iterator[dict[str, Any]]:
        """All audit records, oldest first."""
        with self.engine.connect() as connection:
            for row in connection.execute(sa.select(t.audit).order_by(t.audit.c.seq)).mappings():
                yield dict(row)

    def verify_audit(self) -> int | None:
        """Check the audit chain.

        Returns:
            None when it is whole, else the first sequence number that does not fit.
        """
        previous, expected = GENESIS, 1
        for record in self.audit_records():
            claimed = record["hash"]
            if (
                record["seq"] != expected
                or record["prev_hash"] != previous
                or audit_hash(record) != claimed
            ):
                return int(expected)
            previous, expected = claimed, expected + 1
        with self.engine.connect() as connection:
            head = connection.execute(sa.select(t.audit_head)).one()
        return None if (head.seq, head.hash) == (expected - 1, previous) else expected

    def audit_end(self) -> tuple[int, str]:
        """Number of audit records, and the hash of the last one."""
        with self.engine.connect() as connection:
            head = connection.execute(sa.select(t.audit_head)).one()
        return int(head.seq), str(head.hash)


def _is_current(connection: Connection) -> bool:
    """Whether the newest migration is in; asked first because Alembic takes long to load."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return False
    return connection.execute(sa.select(_VERSION.c.version_num)).scalars().all() == [HEAD]


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def audit_hash(record: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a record without its own hash, hex."""
    body = {name: value for name, value in record.items() if name != "hash"}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _make_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": 60})

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock at once: read-then-write (audit head) cannot interleave.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
