"""What is known of keeping: copies at second places, legal holds, reports of what was proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from edefter.state import tables as t
from edefter.state.database import AuditedDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRecord:
    """One file at a second place.

    Args:
        path: there.
        sha256: of the plain content, lower-case hex.
        stored_sha256, stored_bytes: of what lies there; another content when it is encrypted.
        reread_at: when it was last read back and was right; UTC text, None = never.
    """

    path: str
    sha256: str
    stored_sha256: str
    stored_bytes: int
    reread_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold on a fiscal year: nothing of it may be deleted, whatever its age.

    Args:
        id: its number.
        company: code.
        year_start: first day of the fiscal year, ISO.
        reason: the operator's words.
        placed_at: UTC text.
        released_at: UTC text; None = it stands.
    """

    id: int
    company: str
    year_start: str
    reason: str
    placed_at: str
    released_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """An order to delete a fiscal year whose retention is over.

    Args:
        year_start: first day of the fiscal year, ISO.
        reason: the operator's words.
        root: of the hash tree of what was to be deleted.
        files: how many files that were.
        ordered_at: UTC text.
        done_at: UTC text; None = it was ordered and did not come to its end yet.
    """

    year_start: str
    reason: str
    root: str
    files: int
    ordered_at: str
    done_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRecord:
    """A signed report of what was proven.

    Args:
        at: UTC text.
        safe: whether every proof held.
        sha256: of the payload, lower-case hex; the next report carries it.
        jws: the report, compact JWS.
    """

    at: str
    safe: bool
    sha256: str
    jws: str


class Keeping(AuditedDatabase):
    """The tables `copied`, `hold`, `disposal` and `report`."""

    # -- copies ------------------------------------------------------------------------------

    def copies(self, company: str, place: str) -> dict[str, CopyRecord]:
        """What is recorded of a company's files at a second place, by path."""
        query = sa.select(t.copied).where(t.copied.c.company == company, t.copied.c.place == place)
        with self.engine.connect() as connection:
            return {
                row["path"]: CopyRecord(
                    **{name: row[name] for name in CopyRecord.__dataclass_fields__}
                )
                for row in connection.execute(query.order_by(t.copied.c.path)).mappings()
            }

    def note_copy(self, company: str, place: str, copy: CopyRecord) -> None:
        """Record that a file is at a second place now, or is about to be."""
        values = {name: getattr(copy, name) for name in CopyRecord.__dataclass_fields__}
        values["copied_at"] = self._now()
        where = (t.copied.c.place == place, t.copied.c.path == copy.path)
        with self._write() as connection:
            changed = connection.execute(
                sa.update(t.copied).where(*where).values(**values)
            ).rowcount
            if not changed:
                connection.execute(
                    sa.insert(t.copied).values(company=company, place=place, **values)
                )

    def note_reread(self, place: str, path: str) -> None:
        """Record that a copy was read back just now and was right."""
        with self._write() as connection:
            connection.execute(
                sa.update(t.copied)
                .where(t.copied.c.place == place, t.copied.c.path == path)
                .values(reread_at=self._now())
            )

    # -- holds -------------------------------------------------------------------------------

    def holds(self, company: str, *, standing: bool = True) -> list[Hold]:
        """Legal holds of a company, oldest first.

        Args:
            company: code.
            standing: only those that were not released.
        """
        query = sa.select(t.hold).where(t.hold.c.company == company).order_by(t.hold.c.id)
        if standing:
            query = query.where(t.hold.c.released_at.is_(None))
        with self.engine.connect() as connection:
            return [
                Hold(**{name: row[name] for name in Hold.__dataclass_fields__})
                for row in connection.execute(query).mappings()
            ]

    def place_hold(self, company: str, year_start: str, reason: str) -> int:
        """Place a legal hold on a fiscal year; audited. Returns its number."""
        with self._write() as connection:
            values = {"company": company, "year_start": year_start, "reason": reason}
            inserted = connection.execute(
                sa.insert(t.hold).values(placed_at=self._now(), **values)
            ).inserted_primary_key
            number = int(inserted[0]) if inserted else 0
            evidence = {"hold": number, "year_start": year_start, "reason": reason}
            self._audit(
                connection, company=company, action="hold.placed", cause="operator",
                evidence=evidence,
            )  # fmt: skip
        return number

    def release_hold(self, company: str, number: int, reason: str) -> bool:
        """Release a legal hold; audited. Returns whether it stood."""
        with self._write() as connection:
            done = connection.execute(
                sa.update(t.hold)
                .where(
                    t.hold.c.id == number, t.hold.c.company == company,
                    t.hold.c.released_at.is_(None),
                )
                .values(released_at=self._now(), released_because=reason)
            ).rowcount  # fmt: skip
            if done:
                self._audit(
                    connection, company=company, action="hold.released", cause="operator",
                    evidence={"hold": number, "reason": reason},
                )  # fmt: skip
        return bool(done)

    # -- disposals ---------------------------------------------------------------------------

    def disposals(self, company: str) -> list[Disposal]:
        """Orders to delete fiscal years of a company, by year."""
        query = sa.select(t.disposal).where(t.disposal.c.company == company)
        with self.engine.connect() as connection:
            return [
                Disposal(**{name: row[name] for name in Disposal.__dataclass_fields__})
                for row in connection.execute(query.order_by(t.disposal.c.year_start)).mappings()
            ]

    def order_disposal(
        self, company: str, year_start: str, *, reason: str, root: str, files: int
    ) -> None:
        """Record the order before anything is deleted; audited."""
        values = {"year_start": year_start, "reason": reason, "root": root, "files": files}
        with self._write() as connection:
            connection.execute(
                sa.insert(t.disposal).values(company=company, ordered_at=self._now(), **values)
            )
            self._audit(
                connection, company=company, action="disposal.ordered", cause="operator",
                evidence=values,
            )  # fmt: skip

    def end_disposal(self, company: str, year_start: str) -> None:
        """Record that everything of an ordered year is gone; audited."""
        with self._write() as connection:
            connection.execute(
                sa.update(t.disposal)
                .where(t.disposal.c.company == company, t.disposal.c.year_start == year_start)
                .values(done_at=self._now())
            )
            self._audit(
                connection, company=company, action="disposal.done", cause="order",
                evidence={"year_start": year_start},
            )  # fmt: skip

    # -- reports -----------------------------------------------------------------------------

    def reports(self, company: str) -> list[ReportRecord]:
        """Signed reports of a company, oldest first."""
        query = sa.select(t.report).where(t.report.c.company == company).order_by(t.report.c.id)
        with self.engine.connect() as connection:
            return [
                ReportRecord(
                    at=row["at"], safe=bool(row["safe"]), sha256=row["sha256"], jws=row["jws"]
                )
                for row in connection.execute(query).mappings()
            ]

    def add_report(self, company: str, report: ReportRecord, evidence: Mapping[str, Any]) -> None:
        """Keep a signed report; audited."""
        with self._write() as connection:
            connection.execute(
                sa.insert(t.report).values(
                    company=company, at=report.at, safe=int(report.safe), sha256=report.sha256,
                    jws=report.jws,
                )
            )  # fmt: skip
            self._audit(
                connection, company=company, action="archive.proven", cause="proof",
                evidence={"report_sha256": report.sha256, "safe": report.safe, **evidence},
            )  # fmt: skip
