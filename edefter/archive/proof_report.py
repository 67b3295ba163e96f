"""Signed reports of what was proven, each carrying the hash of the one before.

A report says what the archive held on a day and which proofs held. It is a JWS with a key of the
installation's own (the seal is for ledgers), so that a later forger needs that key, and cannot
take a report out of the chain or put one in without its being seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edefter.archive.canonical import canonical_json
from edefter.archive.errors import ContractViolation
from edefter.archive.findings import finding
from edefter.archive.jws import Flaw, b64url, open_jws, public_jwk, sign_jws, thumbprint
from edefter.archive.keys import own_key
from edefter.archive.receipts import parse_keys
from edefter.model.finding import Finding

KIND = "edefter-proof+json"
FIRST = "0" * 64
KEY_NAME = "report-key.pem"


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report.

    Args:
        jws: compact.
        sha256: of the payload, lower-case hex.
        key_id: RFC 7638 thumbprint of the key.
    """

    jws: str
    sha256: str
    key_id: str


def sign_report(body: dict[str, Any], before_sha256: str, key_folder: Path) -> SignedReport:
    """Sign a report.

    Args:
        body: what was proven.
        before_sha256: of the report before; empty = it is the first.
        key_folder: where the key is; made there when missing, readable by its owner alone.

    Raises:
        ValueError: the body has no canonical form.
        OSError: the key cannot be read or written.
    """
    body = {**body, "prev_report_sha256": before_sha256 or FIRST}
    key = own_key(key_folder / KEY_NAME)
    jws = sign_jws(body, key, KIND)
    sha256 = hashlib.sha256(canonical_json(body)).hexdigest()
    return SignedReport(jws, sha256, thumbprint(public_jwk(key.public_key())))


def read_report(jws: str) -> dict[str, Any]:
    """The payload of a report, its signature checked with the key that it carries.

    Whose key that is, `audit_reports` tells.

    Raises:
        Flaw: form or signature is wrong.
    """
    try:
        jwk = json.loads(b64url(jws.split(".", maxsplit=1)[0]))["jwk"]
        keys = parse_keys({"keys": [{**jwk, "kid": thumbprint(jwk)}]})
        body, _ = open_jws(jws, keys, "jwk")
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Flaw("not a report") from error
    except ContractViolation:
        raise Flaw("signed with another key than it carries") from None
    return body


def content_of(jws: str) -> dict[str, Any] | None:
    """The payload of a report for showing; None when it does not verify."""
    try:
        return read_report(jws)
    except Flaw:
        return None


def key_id_of(jws: str) -> str:
    """The thumbprint of the key that a report carries; empty when it carries none."""
    try:
        return thumbprint(json.loads(b64url(jws.split(".", maxsplit=1)[0]))["jwk"])
    except (ValueError, KeyError, TypeError):
        return ""


def audit_reports(reports: Iterable[tuple[str, str]], known_keys: Iterable[str]) -> list[Finding]:
    """Audit a chain of reports from the first.

    Args:
        reports: (when, compact JWS), oldest first.
        known_keys: thumbprints of keys that this installation is known to have signed with.

    Returns:
        What is wrong: a signature or key (`ARC-70`), or a link of the chain (`ARC-71`).
    """
    keys = set(known_keys)
    before, found = FIRST, []
    for moment, jws in reports:
        try:
            body = read_report(jws)
        except Flaw as flaw:
            found.append(finding("ARC-70", "archive.finding_report_forged", moment, what=str(flaw)))
            continue
        if key_id_of(jws) not in keys:
            what = "signed with a key that is not known here"
            found.append(finding("ARC-70", "archive.finding_report_forged", moment, what=what))
        if body.get("prev_report_sha256") != before:
            found.append(finding("ARC-71", "archive.finding_report_chain", moment))
        before = hashlib.sha256(canonical_json(body)).hexdigest()
    return found
