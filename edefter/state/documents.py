"""Documents: their states, files and counters; every change is audited in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from edefter.errors import InternalError
from edefter.model.documents import BOOKS, Kind
from edefter.model.files import Counters, SignedFile, StoredFile
from edefter.model.period import Period
from edefter.state import tables as t
from edefter.state.database import AuditedDatabase
from edefter.state.records import Document, FileRecord
from edefter.state.states import ADOPTED_FROM, State, allowed


class Documents(AuditedDatabase):
    """The table `document` and its files."""

    def documents(
        self,
        company: str,
        branch: str | None = None,
        period: Period | None = None,
        *,
        kinds: Collection[Kind] = BOOKS,
    ) -> list[Document]:
        """Documents of a company, ordered by branch, period, part, kind (Y before K).

        Args:
            company: whose.
            branch, period: of one only; None = of all.
            kinds: the two books unless others are asked for.
        """
        query = sa.select(t.document).where(
            t.document.c.company == company, t.document.c.kind.in_(kinds)
        )
        if branch is not None:
            query = query.where(t.document.c.branch == branch)
        if period is not None:
            query = query.where(t.document.c.period == period.compact)
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        found = [Document.from_row(row) for row in rows]
        order = list(Kind)
        return sorted(found, key=lambda d: (d.branch, d.period, d.part, order.index(d.kind)))

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
                document_key(company, branch, period, kind, part),
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
            if to is not before.state and to not in allowed(before.kind, before.state):
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
            key = document_key(company, branch, period, kind, part)
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
        self,
        company: str,
        branch: str,
        from_day: str,
        before_day: str,
        *,
        kinds: Collection[Kind] = BOOKS,
    ) -> tuple[Counters | None, bool]:
        """Counters after the last part of the fiscal year before a day.

        Args:
            company, branch: whose books.
            from_day: first day of the fiscal year, ISO.
            before_day: first day of the part to be built, ISO.
            kinds: of which books; yevmiye and kebir count together, an envanter apart.

        Returns:
            (counters, known): no earlier part → zero counters and True; an earlier part that was
            adopted without counters → None and False.
        """
        earlier = [
            d
            for d in self.documents(company, branch, kinds=kinds)
            if from_day <= d.first_day and (d.last_day < before_day or d.first_day < before_day)
        ]
        if not earlier:
            return Counters(), True
        # Parts may share a day, and a day may even be divided over several.
        last = max(_place(d) for d in earlier)
        known = [d.counters_after for d in earlier if _place(d) == last]
        for counters in known:
            if counters is not None:
                return counters, True
        return None, False


def _place(document: Document) -> tuple[str, str, str]:
    """Where a part stands among those of its book."""
    return document.first_day, document.last_day, document.part


def document_key(
    company: str, branch: str, period: Period, kind: Kind, part: str
) -> dict[str, str]:
    """What names one document in the tables and in the audit chain."""
    return {
        "company": company,
        "branch": branch,
        "period": period.compact,
        "kind": kind.value,
        "part": part,
    }
