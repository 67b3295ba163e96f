"""The state database: open it, migrate it, and the few ways to read and change it.

Only `edefter.engine` writes here. Every change of a document's state goes through `transition`,
which checks that the way is allowed and writes the audit record in the same transaction; each
audit record carries the hash of the one before, so that a removed or altered record shows.
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
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from edefter.errors import InternalError
from edefter.model.documents import Kind
from edefter.model.files import Counters, SignedFile, StoredFile
from edefter.model.period import Period
from edefter.state import tables as t
from edefter.state.records import Document, FileRecord, UploadRecord
from edefter.state.states import ADOPTED_FROM, ALLOWED, State

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
GENESIS = "0" * 64
_MIGRATION_LOCK = 0x6564656674657200  # "edefter": two first starts at once must not both migrate


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Store:
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
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()

    def _now(self) -> str:
        return _utc_text(self._wall())

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    # -- companies ---------------------------------------------------------------------------

    def put_company(self, code: str, tax_number: str, registration: Mapping[str, Any]) -> None:
        """Register a company or replace its registration; audited."""
        now = self._now()
        with self._write() as connection:
            known = connection.execute(
                sa.select(t.company.c.code).where(t.company.c.code == code)
            ).first()
            values = {
                "tax_number": tax_number,
                "registration": dict(registration),
                "updated_at": now,
            }
            if known:
                connection.execute(
                    sa.update(t.company).where(t.company.c.code == code).values(**values)
                )
            else:
                connection.execute(sa.insert(t.company).values(code=code, created_at=now, **values))
            self._audit(
                connection,
                company=code,
                action="company.edited" if known else "company.added",
                cause="operator",
                evidence={"registration": dict(registration)},
            )

    def company(self, code: str) -> dict[str, Any] | None:
        """The registration of one company, or None."""
        with self.engine.connect() as connection:
            row = connection.execute(
                sa.select(t.company.c.registration).where(t.company.c.code == code)
            ).first()
        return dict(row[0]) if row else None

    def companies(self) -> list[dict[str, Any]]:
        """All registrations by code."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(t.company.c.registration).order_by(t.company.c.code)
            )
            return [dict(row[0]) for row in rows]

    # -- documents ---------------------------------------------------------------------------

    def documents(
        self, company: str, branch: str | None = None, period: Period | None = None
    ) -> list[Document]:
        """Documents of a company, ordered by branch, period, part, kind (Y before K)."""
        query = sa.select(t.document).where(t.document.c.company == company)
        if branch is not None:
            query = query.where(t.document.c.branch == branch)
        if period is not None:
            query = query.where(t.document.c.period == period.compact)
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        found = [Document.from_row(row) for row in rows]
        return sorted(found, key=lambda d: (d.branch, d.period, d.part, d.kind is Kind.K))

    def document(self, document_id: int) -> Document:
        """One document.

        Raises:
            InternalError: no such id.
        """
        with self.engine.connect() as connection:
            return self._document(connection, document_id)

    def _document(
        self, connection: Connection, document_id: int, *, lock: bool = False
    ) -> Document:
        query = sa.select(t.document).where(t.document.c.id == document_id)
        if lock:  # read, decide, write: nobody may come between (no-op on SQLite)
            query = query.with_for_update()
        row = connection.execute(query).mappings().first()
        if row is None:
            raise InternalError("state.no_document", document=document_id)
        return Document.from_row(row)

    def open_document(
        self,
        *,
        company: str,
        branch: str,
        period: Period,
        kind: Kind,
        part: str,
        first_day: str,
        last_day: str,
        creation_date: str,
        source_application: str,
        counters_before: Mapping[str, int],
    ) -> Document:
        """The document of that key; made as DRAFT when missing. What is fixed once stays."""
        with self._write() as connection:
            return self._open(
                connection,
                _key(company, branch, period, kind, part),
                first_day=first_day,
                last_day=last_day,
                creation_date=creation_date,
                source_application=source_application,
                counters_before=dict(counters_before),
            )

    def _open(self, connection: Connection, key: Mapping[str, str], **fixed: Any) -> Document:
        where = [t.document.c[name] == value for name, value in key.items()]
        query = sa.select(t.document).where(*where)
        row = connection.execute(query).mappings().first()
        if row is not None:
            return Document.from_row(row)
        now = self._now()
        connection.execute(
            sa.insert(t.document).values(
                **key, **fixed, state=State.DRAFT.value, created_at=now, updated_at=now
            )
        )
        self._audit(
            connection,
            **key,
            action="document.opened",
            to_state=State.DRAFT.value,
            cause="build",
            evidence={"creation_date": fixed["creation_date"]},
        )
        return Document.from_row(connection.execute(query).mappings().one())

    def transition(
        self,
        document_id: int,
        to: State,
        *,
        cause: str,
        evidence: Mapping[str, Any] | None = None,
        files: Mapping[str, StoredFile | SignedFile] | None = None,
        **fields: Any,
    ) -> Document:
        """Move a document to another state, with files and fields, in one transaction.

        Args:
            document_id: which.
            to: new state; the same state is allowed only to change fields.
            cause: short machine words, e.g. `gib.accepted`.
            evidence: what proves it (texts of GİB, hashes); never a secret.
            files: files by role that now exist.
            fields: other columns of the document.

        Raises:
            InternalError: the way from the present state is not allowed.
        """
        with self._write() as connection:
            before = self._document(connection, document_id, lock=True)
            if to is not before.state and to not in ALLOWED[before.state]:
                raise InternalError(
                    "state.not_allowed", document=before.label, before=before.state, to=to
                )
            now = self._now()
            connection.execute(
                sa.update(t.document)
                .where(t.document.c.id == document_id)
                .values(state=to.value, updated_at=now, **fields)
            )
            hashes = {}
            for role, item in (files or {}).items():
                hashes[role] = self._put_file(connection, document_id, role, item, now)
            self._audit(
                connection,
                company=before.company,
                branch=before.branch,
                period=before.period.compact,
                kind=before.kind.value,
                part=before.part,
                action="document.state" if to is not before.state else "document.note",
                from_state=before.state.value,
                to_state=to.value,
                cause=cause,
                evidence={**(evidence or {}), **({"files": hashes} if hashes else {})},
            )
            return self._document(connection, document_id)

    def adopt(
        self,
        *,
        company: str,
        branch: str,
        period: Period,
        kind: Kind,
        part: str,
        first_day: str,
        last_day: str,
        approved: StoredFile,
        cause: str,
        approved_at: str,
        evidence: Mapping[str, Any],
    ) -> Document:
        """Take over a document that was approved elsewhere, in one transaction.

        Its GIB- berat is held and verified. A document that waits for the operator's decision is
        taken over too: the operator decided for the version at GİB.

        Args:
            company, branch, period, kind, part: its key; kind is the ledger's.
            first_day, last_day: what it covers, ISO.
            approved: the GIB- berat.
            cause: short machine words.
            approved_at: ISO instant, or empty when GİB's signature names none.
            evidence: control number and package id; kept as the document's totals.

        Raises:
            InternalError: the document stands elsewhere than in `ADOPTED_FROM`.
        """
        with self._write() as connection:
            key = _key(company, branch, period, kind, part)
            opened = self._open(
                connection,
                key,
                first_day=first_day,
                last_day=last_day,
                creation_date=last_day,
                source_application="",
                counters_before=None,
            )
            before = self._document(connection, opened.id, lock=True)
            if before.state not in ADOPTED_FROM:
                raise InternalError(
                    "state.not_allowed",
                    document=before.label,
                    before=before.state,
                    to=State.APPROVED,
                )
            now = self._now()
            connection.execute(sa.delete(t.file).where(t.file.c.document_id == before.id))
            connection.execute(
                sa.update(t.document)
                .where(t.document.c.id == before.id)
                .values(
                    state=State.APPROVED.value,
                    adopted=1,
                    first_day=first_day,
                    last_day=last_day,
                    counters_after=sa.null(),
                    totals=dict(evidence),
                    approved_at=approved_at,
                    updated_at=now,
                )
            )
            self._put_file(connection, before.id, "approved", approved, now)
            self._audit(
                connection,
                **key,
                action="document.adopted",
                from_state=before.state.value,
                to_state=State.APPROVED.value,
                cause=cause,
                evidence={**evidence, "sha256": approved.sha256},
            )
            return self._document(connection, before.id)

    def _put_file(
        self,
        connection: Connection,
        document_id: int,
        role: str,
        item: StoredFile | SignedFile,
        now: str,
    ) -> str:
        stored = item.file if isinstance(item, SignedFile) else item
        values: dict[str, Any] = {
            "name": stored.path.name,
            "path": str(stored.path),
            "size_bytes": stored.size_bytes,
            "sha256": stored.sha256,
            "signature_value": None,
            "signing_time": None,
            "certificate_sha256": None,
            "created_at": now,
        }
        if isinstance(item, SignedFile):
            values |= {
                "signature_value": item.signature_value,
                "signing_time": item.signing_time.isoformat(),
                "certificate_sha256": item.certificate_sha256,
            }
        where = (t.file.c.document_id == document_id, t.file.c.role == role)
        connection.execute(sa.delete(t.file).where(*where))
        connection.execute(sa.insert(t.file).values(document_id=document_id, role=role, **values))
        return stored.sha256

    def files(self, document_id: int) -> dict[str, FileRecord]:
        """Files of a document by role."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(t.file).where(t.file.c.document_id == document_id)
            ).mappings()
            return {row["role"]: FileRecord.from_row(row) for row in rows}

    def last_counters(
        self, company: str, branch: str, from_day: str, before_day: str
    ) -> tuple[Counters | None, bool]:
        """Counters after the last part of the fiscal year before a day.

        Args:
            company, branch: whose books.
            from_day: first day of the fiscal year, ISO.
            before_day: first day of the part to be built, ISO.

        Returns:
            (counters, known): no earlier part → zero counters and True; an earlier part that was
            adopted without counters → None and False.
        """
        earlier = [
            d
            for d in self.documents(company, branch)
            if from_day <= d.first_day and (d.last_day < before_day or d.first_day < before_day)
        ]
        if not earlier:
            return Counters(), True
        last = max(d.first_day for d in earlier)
        known = [d.counters_after for d in earlier if d.first_day == last]
        for counters in known:
            if counters is not None:
                return counters, True
        return None, False

    # -- uploads -----------------------------------------------------------------------------

    def upload(self, document_id: int, role: str) -> UploadRecord | None:
        """What is known of the portal upload of one file."""
        with self.engine.connect() as connection:
            row = (
                connection.execute(
                    sa.select(t.upload).where(
                        t.upload.c.document_id == document_id, t.upload.c.role == role
                    )
                )
                .mappings()
                .first()
            )
        return UploadRecord.from_row(row) if row else None

    def last_receipt(self, company: str) -> str | None:
        """The newest portal receipt of a company, as received; None = none yet."""
        query = (
            sa.select(t.upload.c.receipt)
            .join(t.document, t.document.c.id == t.upload.c.document_id)
            .where(t.document.c.company == company, t.upload.c.receipt.is_not(None))
            .order_by(t.upload.c.receipt_seq.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return str(row[0]) if row else None

    def save_upload(self, document_id: int, role: str, sha256: str, **values: Any) -> None:
        """Record the intent, the memory or the receipt of an upload."""
        where = (t.upload.c.document_id == document_id, t.upload.c.role == role)
        now = self._now()
        with self._write() as connection:
            changed = connection.execute(
                sa.update(t.upload).where(*where).values(sha256=sha256, updated_at=now, **values)
            ).rowcount
            if not changed:
                connection.execute(
                    sa.insert(t.upload).values(
                        document_id=document_id,
                        role=role,
                        sha256=sha256,
                        updated_at=now,
                        **{"state": "intended", **values},
                    )
                )
            if values.get("state") == "stored":
                document = self._document(connection, document_id)
                self._audit(
                    connection,
                    company=document.company,
                    branch=document.branch,
                    period=document.period.compact,
                    kind=document.kind.value,
                    part=document.part,
                    action="portal.receipt",
                    cause="portal.stored",
                    evidence={
                        "role": role,
                        "sha256": sha256,
                        "receipt_id": values.get("receipt_id"),
                        "receipt_sha256": values.get("receipt_sha256"),
                    },
                )

    # -- evidence ----------------------------------------------------------------------------

    def add_measurement(
        self,
        *,
        company: str,
        branch: str,
        period: str,
        purpose: str,
        verdict: str,
        offset_ms: int | None,
        evidence: Mapping[str, Any],
    ) -> None:
        """Keep one clock measurement with the period it served."""
        with self._write() as connection:
            connection.execute(
                sa.insert(t.measurement).values(
                    company=company,
                    branch=branch,
                    period=period,
                    purpose=purpose,
                    verdict=verdict,
                    offset_ms=offset_ms,
                    evidence=dict(evidence),
                    at=self._now(),
                )
            )

    def measurements(self, company: str, period: Period) -> list[dict[str, Any]]:
        """Clock measurements kept with one period, oldest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(t.measurement)
                .where(
                    t.measurement.c.company == company,
                    t.measurement.c.period == period.compact,
                )
                .order_by(t.measurement.c.id)
            ).mappings()
            return [dict(row) for row in rows]

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


def _key(company: str, branch: str, period: Period, kind: Kind, part: str) -> dict[str, str]:
    return {
        "company": company,
        "branch": branch,
        "period": period.compact,
        "kind": kind.value,
        "part": part,
    }


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
