"""Nights that several workers share: their months, and how each of them came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from edefter.model.period import Period
from edefter.state import tables as t
from edefter.state.database import AuditedDatabase, utc_text

Also = Callable[[Connection], None]
"""What else is written in the same transaction: the jobs that follow."""
AlsoOfNight = Callable[[Connection, int], None]
"""The same when a night begins; it gets the night's number."""
KEPT_DAYS = 60
"""Rows of nights are kept so long."""


@dataclass(frozen=True, slots=True)
class Night:
    """One night.

    Args:
        id: its number.
        goal: the last step to take, as of `edefter.engine.running.Goal`.
        begun_at, until_at: when it began, and the end of its budget; UTC.
    """

    id: int
    goal: int
    begun_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class MonthOfNight:
    """One month of a night.

    Args:
        company, branch, period: which.
        visits: how often it was worked at.
        exit_code: of the last visit; None = its turn did not come.
        again_at: when another visit is worth it; None = as soon as possible.
        over: nothing more of it this night.
        told: the report of the last visit by language; None = none.
    """

    company: str
    branch: str
    period: Period
    visits: int = 0
    exit_code: int | None = None
    again_at: datetime | None = None
    over: bool = False
    told: Mapping[str, Any] | None = None


class Nights(AuditedDatabase):
    """The tables `night` and `night_month`."""

    def open_night(self) -> Night | None:
        """The night that is going on: not ended, its budget not over."""
        query = sa.select(t.night).where(
            t.night.c.ended_at.is_(None), t.night.c.until_at > self._now()
        )
        with self.engine.connect() as connection:
            row = connection.execute(query.order_by(t.night.c.id.desc())).mappings().first()
        return _night(row) if row else None

    def night(self, night_id: int) -> Night | None:
        """A night that is going on, by its number; None = it is over."""
        found = self.open_night()
        return found if found is not None and found.id == night_id else None

    def begin_night(
        self, until_at: datetime, goal: int, months: Iterable[MonthOfNight], also: AlsoOfNight
    ) -> Night:
        """Begin a night, or add months to the one that is going on, in one transaction.

        Args:
            until_at: the end of its budget; that of a night that goes on stays as it is.
            goal: the last step to take.
            months: its work list.
            also: writes the jobs.
        """
        with self._write() as connection:
            self._lock_nights(connection)
            query = sa.select(t.night).where(
                t.night.c.ended_at.is_(None), t.night.c.until_at > self._now()
            )
            row = connection.execute(query).mappings().first()
            if row is None:
                self._forget_old_nights(connection)
                values = {"goal": goal, "begun_at": self._now(), "until_at": utc_text(until_at)}
                connection.execute(sa.insert(t.night).values(**values))
                row = connection.execute(query).mappings().one()
            night = _night(row)
            known = {
                (m.company, m.branch, m.period) for m in self._months(connection, night.id, None)
            }
            for place, month in enumerate(months, start=len(known)):
                if (month.company, month.branch, month.period) not in known:
                    connection.execute(
                        sa.insert(t.night_month).values(
                            night=night.id, company=month.company, branch=month.branch,
                            period=month.period.compact, place=place,
                        )
                    )  # fmt: skip
            also(connection, night.id)
            return night

    def _forget_old_nights(self, connection: Connection) -> None:
        """What months came to stays with them; how a night went serves for some weeks only."""
        ago = utc_text(self._wall() - timedelta(days=KEPT_DAYS))
        old = sa.select(t.night.c.id).where(t.night.c.until_at < ago)
        connection.execute(sa.delete(t.night_month).where(t.night_month.c.night.in_(old)))
        connection.execute(sa.delete(t.night).where(t.night.c.until_at < ago))

    def _lock_nights(self, connection: Connection) -> None:
        """Two that begin at once begin one night; SQLite's BEGIN IMMEDIATE does the same."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("lock table night in share row exclusive mode"))

    def months_of_night(self, night_id: int, company: str | None = None) -> list[MonthOfNight]:
        """The months of a night in the order of its work list; of one company, or of all."""
        with self.engine.connect() as connection:
            return self._months(connection, night_id, company)

    def _months(
        self, connection: Connection, night_id: int, company: str | None
    ) -> list[MonthOfNight]:
        query = sa.select(t.night_month).where(t.night_month.c.night == night_id)
        if company is not None:
            query = query.where(t.night_month.c.company == company)
        rows = connection.execute(query.order_by(t.night_month.c.place)).mappings()
        return [
            MonthOfNight(
                company=row["company"],
                branch=row["branch"],
                period=Period.parse(row["period"]),
                visits=row["visits"],
                exit_code=row["exit_code"],
                again_at=datetime.fromisoformat(row["again_at"]) if row["again_at"] else None,
                over=bool(row["over"]),
                told=row["told"],
            )
            for row in rows
        ]

    def record_visits(self, night_id: int, visited: Iterable[MonthOfNight], also: Also) -> None:
        """Record how visits came out, and what follows from them, in one transaction.

        Args:
            night_id: of the night.
            visited: the months as they stand now; `visits` is counted up here.
            also: writes the jobs that follow.
        """
        with self._write() as connection:
            for month in visited:
                connection.execute(
                    sa.update(t.night_month)
                    .where(
                        t.night_month.c.night == night_id,
                        t.night_month.c.company == month.company,
                        t.night_month.c.branch == month.branch,
                        t.night_month.c.period == month.period.compact,
                    )
                    .values(
                        visits=t.night_month.c.visits + 1,
                        exit_code=month.exit_code,
                        again_at=utc_text(month.again_at) if month.again_at else None,
                        over=int(month.over),
                        told=dict(month.told or {}),
                    )
                )
            also(connection)

    def end_night(self, night_id: int) -> None:
        """No visit begins any more."""
        with self._write() as connection:
            connection.execute(
                sa.update(t.night)
                .where(t.night.c.id == night_id, t.night.c.ended_at.is_(None))
                .values(ended_at=self._now())
            )


def _night(row: RowMapping) -> Night:
    return Night(
        id=row["id"],
        goal=row["goal"],
        begun_at=datetime.fromisoformat(row["begun_at"]),
        until_at=datetime.fromisoformat(row["until_at"]),
    )
