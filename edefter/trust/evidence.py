"""The evidence file beside an archived document: what proved its seals, for the day when nobody
answers any more.

One JSON file for a ledger and the berats made from it: certificates, OCSP answers, CRLs and time
stamp tokens as base64 DER, with the SHA-256 of each document that they belong to. It is read as a
stranger's file: bounded, and nothing in it is believed because it is there.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edefter.atomic import sha256_file
from edefter.certificates import read_der
from edefter.errors import DataError
from edefter.trust.answers import Answer
from edefter.trust.revocation import Standing
from edefter.xmlsig.certificate import fingerprint

SUFFIX = ".evidence.json"
VERSION = 1
_MOST_BYTES = 64 * 1024 * 1024
_MOST_ITEMS = 64
_LARGEST = {
    "certificates": 64 * 1024,
    "ocsp": 256 * 1024,
    "crls": 32 * 1024 * 1024,
    "timestamps": 256 * 1024,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an evidence file holds.

    Args:
        documents: SHA-256 (lower-case hex) by file name.
        certificates: of signers, CAs, responders; none of them is trusted for being here.
        answers: OCSP answers and CRLs.
        timestamps: DER of time stamp tokens that came later than the document.
        gathered_at: when it was put together, UTC; a remark, proves nothing.
    """

    documents: dict[str, str] = field(default_factory=dict)
    certificates: tuple[x509.Certificate, ...] = ()
    answers: tuple[Answer, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    gathered_at: datetime | None = None

    def belongs_to(self, sha256: str) -> bool:
        """Whether it names a document of that hash."""
        return sha256.lower() in self.documents.values()

    def joined(self, other: Evidence) -> Evidence:
        """Both together, each certificate and answer once."""
        certificates = {fingerprint(c): c for c in (*self.certificates, *other.certificates)}
        return Evidence(
            documents={**other.documents, **self.documents},
            certificates=tuple(certificates.values()),
            answers=tuple(dict.fromkeys((*self.answers, *other.answers))),
            timestamps=tuple(dict.fromkeys((*self.timestamps, *other.timestamps))),
            gathered_at=self.gathered_at or other.gathered_at,
        )


def gather_evidence(
    documents: dict[str, str],
    chains: Iterable[Sequence[x509.Certificate]],
    standings: Iterable[Standing],
    *,
    now: datetime,
    timestamps: Iterable[bytes] = (),
) -> Evidence:
    """Put together what is known; asks nobody.

    Args:
        documents: SHA-256 (lower-case hex) by file name.
        chains: paths of the seals that signed them, anchors included.
        standings: from `RevocationChecker`; those with an answer count.
        now: measured time, zone-aware.
        timestamps: DER of tokens that are not in the documents themselves.
    """
    certificates = {fingerprint(item): item for chain in chains for item in chain}
    answers = [item.told.answer for item in standings if item.told is not None]
    return Evidence(
        documents=dict(documents),
        certificates=tuple(certificates.values()),
        answers=tuple(dict.fromkeys(answers)),
        timestamps=tuple(dict.fromkeys(timestamps)),
        gathered_at=now.astimezone(UTC),
    )


def evidence_bytes(evidence: Evidence) -> bytes:
    """The file's content; the same evidence gives the same bytes."""
    raw: dict[str, Any] = {
        "version": VERSION,
        "documents": evidence.documents,
        "certificates": [_text(c.public_bytes(Encoding.DER)) for c in evidence.certificates],
        "ocsp": [_text(a.der) for a in evidence.answers if a.kind == "ocsp"],
        "crls": [_text(a.der) for a in evidence.answers if a.kind == "crl"],
        "timestamps": [_text(token) for token in evidence.timestamps],
    }
    if evidence.gathered_at is not None:
        raw["gathered_at"] = evidence.gathered_at.isoformat(timespec="seconds")
    return (json.dumps(raw, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_evidence(path: Path) -> Evidence:
    """Read an evidence file.

    Raises:
        DataError: too large, no JSON of this form and version, or something in it is malformed.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("larger than 64 MiB")
        raw = json.loads(path.read_bytes())
        if not isinstance(raw, dict) or raw.get("version") != VERSION:
            raise ValueError("not an evidence file of this version")
        return Evidence(
            documents=_documents(raw.get("documents")),
            certificates=tuple(read_der(der) for der in _items(raw, "certificates")),
            answers=(
                *(Answer("ocsp", der) for der in _items(raw, "ocsp")),
                *(Answer("crl", der) for der in _items(raw, "crls")),
            ),
            timestamps=tuple(_items(raw, "timestamps")),
            gathered_at=_moment(raw.get("gathered_at")),
        )
    except (OSError, ValueError, TypeError, RecursionError) as error:
        detail = str(error)[:200] if isinstance(error, ValueError) else type(error).__name__
        raise DataError("trust.evidence_unreadable", file=path.name, detail=detail) from None


def find_evidence(document: Path) -> Evidence | None:
    """All evidence beside a document that names it by its hash.

    Args:
        document: the file; evidence files are looked for in its folder.

    Returns:
        What belongs to it, put together; None when there is none.

    Raises:
        DataError: an evidence file there cannot be read.
    """
    sha256 = sha256_file(document).encode()
    found: Evidence | None = None
    for path in sorted(document.parent.glob(f"*{SUFFIX}")):
        # A month of many branches has many of these; most are told apart without reading them.
        if not _mentions(path, sha256):
            continue
        evidence = read_evidence(path)
        if evidence.belongs_to(sha256.decode()):
            found = evidence if found is None else found.joined(evidence)
    return found


def _mentions(path: Path, sha256: bytes) -> bool:
    try:
        return path.stat().st_size > _MOST_BYTES or sha256 in path.read_bytes().lower()
    except OSError:
        return False


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode("ascii")


def _documents(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict) or not 0 < len(raw) <= _MOST_ITEMS:
        raise ValueError("documents")
    for name, sha256 in raw.items():
        if not isinstance(sha256, str) or len(sha256) != 64 or len(name) > 255:
            raise ValueError("documents")
        int(sha256, 16)
    return {name: sha256.lower() for name, sha256 in raw.items()}


def _items(raw: dict[str, Any], name: str) -> list[bytes]:
    texts = raw.get(name, [])
    if not isinstance(texts, list) or len(texts) > _MOST_ITEMS:
        raise ValueError(name)
    found = []
    for text in texts:
        if not isinstance(text, str) or len(text) > _LARGEST[name] * 4 // 3 + 4:
            raise ValueError(name)
        try:
            found.append(base64.b64decode(text, validate=True))
        except binascii.Error:
            raise ValueError(name) from None
    return found


def _moment(raw: object) -> datetime | None:
    if not isinstance(raw, str):
        return None
    moment = datetime.fromisoformat(raw)
    return moment if moment.tzinfo is not None else None
