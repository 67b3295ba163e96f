"""One pace per endpoint for all processes and machines that share a state database.

GİB counts calls, not our processes: a bureau's workers, a night and a person at the command line
all take their turns from one row (gib-webservice.md §8).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from edefter.state import tables as t

LONGEST_HOLD_S = 60.0
"""A longer Retry-After is handed to the caller instead of being slept through."""
_LONGEST_QUEUE_S = 600.0
"""No queue of slots is longer; what lies further ahead was written by a clock that has been set."""
_ENTER = sa.text(
    "insert into pace (endpoint, next_at, held_until) values (:endpoint, 0, 0) "
    "on conflict (endpoint) do nothing"
)
_DATABASE_CLOCK = sa.text("select extract(epoch from clock_timestamp())")


class SharedPace:
    """The pace of one endpoint, kept in the state database.

    Args:
        engine: of the state database.
        endpoint: what is called, e.g. its address.
        pace_s: least time between the starts of two calls.
        wall: the computer's time; with PostgreSQL the database's own clock serves, so that
            machines need not agree.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        engine: Engine,
        endpoint: str,
        pace_s: float,
        wall: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._engine, self._endpoint, self._pace_s = engine, endpoint, pace_s
        self._wall, self._sleep = wall, sleep
        self._entered = False

    def wait(self) -> float:
        """Take the next slot and wait for it.

        Returns:
            0.0 after waiting; or, without waiting, the seconds that the endpoint still wants us
            to stay away when they are more than `LONGEST_HOLD_S`.
        """
        with self._engine.begin() as connection:
            now, next_at, held_until = self._read(connection)
            if held_until - now > LONGEST_HOLD_S:
                return held_until - now
            if next_at - now > _LONGEST_QUEUE_S:
                next_at = now
            slot = max(now, next_at, held_until)
            if self._pace_s:
                self._write(connection, next_at=slot + self._pace_s)
        if slot > now:
            self._sleep(slot - now)
        return 0.0

    def hold(self, seconds: float) -> None:
        """Obey a Retry-After: no call within `seconds`, from whatever process."""
        with self._engine.begin() as connection:
            now, _, held_until = self._read(connection)
            self._write(connection, held_until=max(held_until, now + seconds))

    def _read(self, connection: Connection) -> tuple[float, float, float]:
        if not self._entered:
            connection.execute(_ENTER, {"endpoint": self._endpoint})
            self._entered = True
        row = connection.execute(
            sa.select(t.pace.c.next_at, t.pace.c.held_until)
            .where(t.pace.c.endpoint == self._endpoint)
            .with_for_update()
        ).one()
        if connection.dialect.name == "postgresql":
            now = float(connection.execute(_DATABASE_CLOCK).scalar_one())
        else:
            now = self._wall().timestamp()
        return now, row.next_at, row.held_until

    def _write(self, connection: Connection, **values: float) -> None:
        connection.execute(
            sa.update(t.pace).where(t.pace.c.endpoint == self._endpoint).values(**values)
        )
