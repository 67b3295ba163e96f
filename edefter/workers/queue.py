"""The queue of visits: procrastinate in a schema of its own beside the state tables.

Nothing of value lies in it: a job says "visit this company in this night", and what is missing is
queued again from the night's own table. A job is written in the transaction of the change that
it follows from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Engine

from edefter.errors import ConfigError

SCHEMA = "edefter_queue"
QUEUE = "months"
TASK = "visit"
_SCHEMA_LOCK = 0x6564656671756500  # "edefque"
_JOBS = sa.table(
    "procrastinate_jobs",
    sa.column("id"),
    sa.column("status"),
    sa.column("args", JSONB),
    sa.column("scheduled_at"),
    sa.column("attempts"),
    schema=SCHEMA,
)
_STATUS = sa.cast(_JOBS.c.status, sa.Text)
_WORKERS = sa.table(
    "procrastinate_workers", *map(sa.column, ("id", "last_heartbeat")), schema=SCHEMA
)


@dataclass(frozen=True, slots=True)
class QueuedVisit:
    """One job as it stands in the queue.

    Args:
        company: whose.
        night: in which.
        status: `todo`, `doing` or `failed`.
        due_at: when it may begin; None = at once.
        attempts: how often it was taken up again after a worker died.
    """

    company: str
    night: int
    status: str
    due_at: datetime | None
    attempts: int


class VisitQueue:
    """The queue in one state database.

    Args:
        engine: of the state database.

    Raises:
        ConfigError: the state is not in PostgreSQL, procrastinate is not installed, or the queue
            was made by another version of it.
    """

    def __init__(self, engine: Engine) -> None:
        if engine.dialect.name != "postgresql":
            raise ConfigError("workers.needs_postgresql")
        try:
            import procrastinate
        except ImportError:
            raise ConfigError("workers.not_installed") from None
        self._engine = engine
        self._version = procrastinate.__version__
        self._app = procrastinate.App(
            connector=procrastinate.SyncPsycopgConnector(kwargs=connection_words(engine))
        )
        self._ensure_schema()

    # -- the schema --------------------------------------------------------------------------

    def _ensure_schema(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            made_by = connection.scalar(
                sa.text("select obj_description(to_regnamespace(:schema), 'pg_namespace')"),
                {"schema": SCHEMA},
            )
            if made_by is None:
                connection.execute(sa.text(f"create schema {SCHEMA}"))
                with _within(connection):
                    from procrastinate.schema import SchemaManager

                    script = SchemaManager(self._app.connector).get_schema()
                    connection.connection.driver_connection.execute(script)  # type: ignore[union-attr]
                label = f"edefter: procrastinate {self._version}"
                connection.execute(sa.text(f"comment on schema {SCHEMA} is '{label}'"))
            elif made_by.rpartition(" ")[2] != self._version:
                raise ConfigError(
                    "workers.other_version", made_by=made_by, version=self._version, schema=SCHEMA
                )

    # -- writing -----------------------------------------------------------------------------

    def add(
        self, connection: Connection, night: int, visits: Iterable[tuple[str, str, datetime | None]]
    ) -> None:
        """Queue visits in a transaction of the state database; a company is queued once at most.

        Args:
            connection: of the transaction.
            night: in which.
            visits: (company code, tax number, when it may begin; None = at once).
        """
        from procrastinate.exceptions import AlreadyEnqueued
        from procrastinate.jobs import Job, Status

        with _within(connection):
            for code, tax_number, due_at in visits:
                job = Job(
                    id=None,
                    status=Status.TODO.value,
                    queue=QUEUE,
                    task_name=TASK,
                    lock=f"company:{tax_number}",
                    queueing_lock=f"visit:{code}",
                    task_kwargs={"night": night, "company": code},
                    scheduled_at=due_at,
                )
                try:
                    with connection.begin_nested():
                        self._app.job_manager.defer_job(
                            job, connection=connection.connection.driver_connection
                        )
                except AlreadyEnqueued:
                    continue

    def drop_waiting(self, night: int) -> None:
        """Take the visits of a night that is over out of the queue."""
        with self._engine.begin() as connection:
            of_night = sa.cast(_JOBS.c.args["night"].astext, sa.BigInteger) == night
            with _within(connection):
                connection.execute(sa.delete(_JOBS).where(_STATUS != "doing", of_night))

    # -- looking -----------------------------------------------------------------------------

    def visits(self) -> list[QueuedVisit]:
        """What is in the queue now, what is being done first, then by time."""
        query = (
            sa.select(_JOBS.c.args, _STATUS.label("status"), _JOBS.c.scheduled_at, _JOBS.c.attempts)
            .where(_STATUS.in_(("todo", "doing", "failed")))
            .order_by(_STATUS, _JOBS.c.scheduled_at.asc().nulls_first(), _JOBS.c.id)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [
            QueuedVisit(
                row.args["company"], int(row.args["night"]), row.status, row.scheduled_at,
                row.attempts,
            )
            for row in rows
        ]  # fmt: skip

    def workers(self, within_s: float) -> int:
        """How many workers gave a sign of life within so many seconds."""
        query = sa.select(sa.func.count()).where(
            _WORKERS.c.last_heartbeat > sa.func.now() - sa.text(f"interval '{within_s:g} seconds'")
        )
        with self._engine.connect() as connection:
            return int(connection.scalar(query) or 0)


def reset_queue(engine: Engine) -> None:
    """Delete the queue with everything in it; no worker may be at work.

    Args:
        engine: of the state database.

    Raises:
        ConfigError: the state is not in PostgreSQL.
    """
    if engine.dialect.name != "postgresql":
        raise ConfigError("workers.needs_postgresql")
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        connection.execute(sa.text(f"drop schema if exists {SCHEMA} cascade"))


@contextmanager
def _within(connection: Connection) -> Iterator[None]:
    """Names without a schema mean the queue's for a while (its functions use such)."""
    path = connection.scalar(sa.text("select current_setting('search_path')"))
    change = sa.text("select set_config('search_path', :path, true)")
    connection.execute(change, {"path": f"{SCHEMA}, {path}"})
    yield
    connection.execute(change, {"path": path})


def connection_words(engine: Engine) -> dict[str, Any]:
    """What psycopg needs to connect to the state database with the queue's schema in front.

    Args:
        engine: of the state database.
    """
    url = engine.url
    words: dict[str, Any] = {
        "host": url.host, "port": url.port, "dbname": url.database, "user": url.username,
        "password": url.password, **url.query,
    }  # fmt: skip
    given = {name: value for name, value in words.items() if value is not None}
    options = f"-c search_path={SCHEMA},public"
    return {**given, "options": f"{given.get('options', '')} {options}".strip()}
