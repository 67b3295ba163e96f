"""The port to the authority (GİB): submit, ask status, fetch the approved berat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from edefter.model.files import Package


class BatchState(StrEnum):
    """What a status answer means, after the decision rule of gib-webservice.md §7."""

    PENDING = "pending"  # queued, or berat ok and ledger waiting
    DONE = "done"  # code 0 and no "bekleniyor" in the text
    REJECTED = "rejected"  # the text says error
    NOT_FOUND = "not_found"  # code 304: never arrived
    UNKNOWN = "unknown"  # anything else; never success


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """GİB took a package in; the legal upload time if all checks succeed later.

    Args:
        package_id: as asked.
        text: the raw answer.
        received_at: Date header of GİB's answer if there is one, else computer time; UTC.
    """

    package_id: str
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStatus:
    """Answer to getBatchStatus.

    Args:
        package_id: as answered (the newest package of that id).
        code: durumKodu; None when GİB answered with a fault code only.
        text: durumAciklama, unchanged.
        state: what it means.
        answered_at: UTC.
    """

    package_id: str
    code: int | None
    text: str
    state: BatchState
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Answer to receiveDocumentFile, already unpacked from a zip if it was one.

    Args:
        file_name: name of the XML document (`GIB-….xml`).
        data: its bytes.
        received_at: UTC.
    """

    file_name: str
    data: bytes
    received_at: datetime


class Authority(Protocol):
    """GİB as the engine sees it.

    Every method may raise:
        GibFault: GİB answered with a code (`.code`); its class decides exit code and retry.
        AnswerUnknown: cut or timed out after bytes were sent; only a status question helps.
        GibUnreachable: nothing was sent (DNS, TCP, TLS, maintenance page); safe to retry.
    """

    def send(self, package: Package) -> Accepted:
        """Upload one package (sendDocumentFile). Call only after the intent was recorded."""

    def status(self, package_id: str) -> BatchStatus:
        """Ask for the newest package of that id (getBatchStatus); 304 = NOT_FOUND state."""

    def fetch(self, package_id: str, folder: Path) -> Fetched:
        """Fetch the approved berat (receiveDocumentFile)."""


class Pacing(Protocol):
    """How fast the authority may be called; may be shared by processes."""

    def wait(self) -> float:
        """Take the next slot and wait for it; or, without waiting, the seconds to stay away."""

    def hold(self, seconds: float) -> None:
        """Obey a Retry-After: no call within `seconds`."""
