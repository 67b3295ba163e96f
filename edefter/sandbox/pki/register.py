"""What the test CA remembers for its responder: where it is, and which certificates it revoked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edefter.atomic import write_bytes

_ADDRESS, _REVOKED = "responder-url", "revoked.json"


@dataclass(frozen=True, slots=True)
class Revoked:
    """A revocation.

    Args:
        at: since when, UTC.
        reason: as RFC 5280 §5.3.1 names it, e.g. `keyCompromise`.
    """

    at: datetime
    reason: str = "unspecified"


def responder_url(folder: Path) -> str:
    """Base address of the running responder, or of the last one; empty when there was none."""
    path = folder / _ADDRESS
    return path.read_text(encoding="ascii").strip() if path.is_file() else ""


def set_responder_url(folder: Path, url: str) -> None:
    """Remember where the responder listens; certificates issued from now on name it."""
    write_bytes(folder / _ADDRESS, url.encode("ascii"))


def revocations(folder: Path) -> dict[int, Revoked]:
    """All revocations of one PKI, by serial number."""
    path = folder / _REVOKED
    if not path.is_file():
        return {}
    return {
        int(serial, 16): Revoked(datetime.fromisoformat(item["at"]), item["reason"])
        for serial, item in json.loads(path.read_text(encoding="utf-8")).items()
    }


def add_revocation(folder: Path, serial: int, revoked: Revoked) -> None:
    """Enter a revocation; the responder tells it from its next answer on."""
    known = revocations(folder)
    known[serial] = revoked
    plain = {
        f"{number:x}": {"at": item.at.astimezone(UTC).isoformat(), "reason": item.reason}
        for number, item in known.items()
    }
    write_bytes(folder / _REVOKED, json.dumps(plain, indent=1).encode())
