"""The port to the archive portal: offer, send, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveItem:
    """One file offered to the portal.

    Args:
        path: the finished file.
        file_name: its final name.
        package_id: `1234567808-202601-YB-000000`; for a ledger its own stem.
        kind: `Y`, `K`, `YB`, `KB`, `GIB-YB`, `GIB-KB`, `DR`, `BUNDLE`.
        period: YYYYMM.
        branch, part: as in the name; branch may be empty.
        size_bytes, sha256: of the file.
        ledger_signature_sha256: SHA-256 of the ledger's SignatureValue text, hex; may be empty.
        firm: VKN/TCKN.
    """

    path: Path
    file_name: str
    package_id: str
    kind: str
    period: str
    branch: str
    part: str
    size_bytes: int
    sha256: str
    ledger_signature_sha256: str
    firm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The portal's receipt for one stored file, verified on reception.

    Args:
        receipt_id: the portal's id.
        seq: position in the firm's receipt chain.
        sha256: what the portal says it stored.
        state: archive state (`stored`, `replicated`, `notified`).
        stored_at: UTC.
        raw: the receipt as received (JWS or JSON text), kept beside the ledger.
        body: its decoded fields.
    """

    receipt_id: str
    seq: int
    sha256: str
    state: str
    stored_at: datetime
    raw: str
    body: dict[str, Any]


class Portal(Protocol):
    """The archive portal as the engine sees it.

    Every method may raise:
        PortalUnreachable: nothing reached it; a later run continues (exit 3).
        PortalWaiting: it is still verifying, busy or cut; a later run continues (exit 3).
        PortalRefused: it refused the file or the firm (exit 6 for other content, 2 for set-up).
        ContractViolation: it broke the contract (wrong hash in a receipt …), exit 6.
    """

    def register(self, company: Any) -> None:
        """Register the firm (idempotent) and obtain the client certificate if none is held."""

    def store(self, item: ArchiveItem, resume: UploadMemory) -> Receipt:
        """Declare, upload (resuming) and finalize one file; idempotent by content."""


class UploadMemory(Protocol):
    """Where an upload remembers its place, so that a new process continues it."""

    def load(self) -> dict[str, str]:
        """What was saved last, or an empty mapping."""

    def save(self, values: dict[str, str]) -> None:
        """Keep `values` durably before going on."""
