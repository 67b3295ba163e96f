"""The state database: open it, migrate it, and the few ways to read and change it.

Only `edefter.engine` writes here. Every change of a document's state goes through `transition`,
which checks that the way is allowed and writes the audit record in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from edefter.model.period import Period
from edefter.state import tables as t
from edefter.state.keeping import Keeping
from edefter.state.nights import Nights
from edefter.state.parts import PartedDocuments
from edefter.state.records import UploadRecord


class Store(PartedDocuments, Nights, Keeping):
    """One state database: companies, documents, uploads, evidence and the audit chain.

    Args:
        url: SQLAlchemy URL; SQLite files are made when missing.
        wall: gives the time for records, zone-aware.
    """

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

    def tax_number(self, code: str) -> str:
        """The tax number that a company is registered under; empty = it is not registered."""
        query = sa.select(t.company.c.tax_number).where(t.company.c.code == code)
        with self.engine.connect() as connection:
            return str(connection.scalar(query) or "")

    def companies(self) -> list[dict[str, Any]]:
        """All registrations by code."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(t.company.c.registration).order_by(t.company.c.code)
            )
            return [dict(row[0]) for row in rows]

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

    def note_reading(self, document_id: int, role: str, *, whole: bool) -> None:
        """Record that the portal's copy of a file was right just now.

        Args:
            document_id, role: which.
            whole: it was read back here; else the portal reread it.
        """
        now = self._now()
        values = {"verified_at": now, "challenged_at": now} if whole else {"verified_at": now}
        with self._write() as connection:
            connection.execute(
                sa.update(t.upload)
                .where(t.upload.c.document_id == document_id, t.upload.c.role == role)
                .values(**values)
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
