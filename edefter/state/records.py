"""What the store gives back: frozen copies of rows in the field's own types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from edefter.model.documents import DocumentName, Kind
from edefter.model.files import Counters, SignedFile, StoredFile
from edefter.model.period import Period
from edefter.state.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One row of `document`; instants are ISO text in UTC, days ISO text."""

    id: int
    company: str
    branch: str
    period: Period
    kind: Kind
    part: str
    state: State
    intent: str | None
    intent_at: str | None
    unknown_since: str | None
    not_found_at: str | None
    asked_at: str | None
    asked_times: int
    first_day: str
    last_day: str
    creation_date: str
    source_application: str
    counters_before: Counters | None
    counters_after: Counters | None
    totals: dict[str, Any] | None
    ettn: str | None
    accepted_at: str | None
    gib_code: int | None
    gib_text: str | None
    rejected_text: str | None
    send_after: str | None
    approved_at: str | None
    revision: int
    adopted: bool

    @classmethod
    def from_row(cls, row: Mapping[Any, Any]) -> Document:
        """Read one row."""
        values = {name: row[name] for name in cls.__dataclass_fields__}
        values["period"] = Period.parse(values["period"])
        values["kind"] = Kind(values["kind"])
        values["state"] = State(values["state"])
        values["adopted"] = bool(values["adopted"])
        for name in ("counters_before", "counters_after"):
            values[name] = Counters(**values[name]) if values[name] else None
        return cls(**values)

    @property
    def label(self) -> str:
        """Short name for messages: company, period, kind, part, branch."""
        branch = f"-{self.branch}" if self.branch else ""
        return f"{self.company} {self.period} {self.kind}-{self.part}{branch}"

    @property
    def creation_day(self) -> date:
        """creationDate of the documents."""
        return date.fromisoformat(self.creation_date)

    def name(self, tax_number: str, kind: Kind | None = None) -> DocumentName:
        """File name of this document (or of another kind of the same part)."""
        return DocumentName(tax_number, self.period, kind or self.kind, self.part, self.branch)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One row of `file`."""

    role: str
    name: str
    path: Path
    size_bytes: int
    sha256: str
    signature_value: str | None
    signing_time: str | None
    certificate_sha256: str | None

    @classmethod
    def from_row(cls, row: Mapping[Any, Any]) -> FileRecord:
        """Read one row."""
        values = {name: row[name] for name in cls.__dataclass_fields__}
        values["path"] = Path(values["path"])
        return cls(**values)

    @property
    def stored(self) -> StoredFile:
        """As the value that travels between steps."""
        return StoredFile(
            path=self.path,
            name=DocumentName.parse(self.name),
            size_bytes=self.size_bytes,
            sha256=self.sha256,
        )

    @property
    def signed(self) -> SignedFile:
        """As a signed file; only for roles that are signed."""
        assert self.signature_value and self.signing_time and self.certificate_sha256
        return SignedFile(
            file=self.stored,
            signature_value=self.signature_value,
            signing_time=datetime.fromisoformat(self.signing_time),
            certificate_sha256=self.certificate_sha256,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """One row of `upload`."""

    role: str
    sha256: str
    state: str
    memory: dict[str, str] | None
    receipt_id: str | None
    receipt_seq: int | None
    receipt_sha256: str | None
    receipt: str | None
    stored_at: str | None
    verified_at: str | None
    challenged_at: str | None

    @classmethod
    def from_row(cls, row: Mapping[Any, Any]) -> UploadRecord:
        """Read one row."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})
