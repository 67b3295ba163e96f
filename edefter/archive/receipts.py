"""The portal's receipt: a JWS (ES384) over canonical JSON, chained per firm (portal.md §8).

The answer is `{"receipt": "<compact JWS>", "receipt_sha256": "<hex of the payload>"}`. A receipt
counts only when its signature verifies with a pinned key, the payload is canonical and hashes to
what was said, it speaks of our very file, its times are in order, and it links to the receipt
before where that one is known. Everything else is a contract violation: the local copy is then
the only safe one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from edefter.archive.canonical import canonical_json
from edefter.archive.jws import Flaw, Keys, b64url, open_jws
from edefter.archive.port import ArchiveItem, Receipt

FIRST = "0" * 64
SAFE_STATES = ("stored", "replicated", "notified")


def parse_keys(document: Any) -> Keys:
    """Public keys of a JWK set by their `kid`; keys of other kinds are left out.

    Raises:
        ValueError: not a JWK set, or a P-384 key that is not on the curve.
    """
    rows = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise ValueError("not a JWK set")
    keys: Keys = {}
    for row in rows:
        if not isinstance(row, dict) or (row.get("kty"), row.get("crv")) != ("EC", "P-384"):
            continue
        x, y = (int.from_bytes(b64url(str(row.get(name, ""))), "big") for name in ("x", "y"))
        numbers = ec.EllipticCurvePublicNumbers(x, y, ec.SECP384R1())
        keys[str(row.get("kid", ""))] = numbers.public_key()
    return keys


def load_keys(path: Path) -> Keys:
    """Pinned keys from a JWK set file.

    Raises:
        OSError: no such file.
        ValueError: not a JWK set.
    """
    return parse_keys(json.loads(path.read_text(encoding="utf-8")))


def open_receipt(answer: Any, keys: Keys, place: str) -> Receipt:
    """Verify signature, own hash and times of a receipt answer.

    Args:
        answer: decoded JSON `{"receipt": jws, "receipt_sha256": hex}`.

    Raises:
        Flaw: something is wrong.
        ContractViolation: signed with a key that is not pinned.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("receipt"), str):
        raise Flaw("no signed receipt in the answer")
    body, payload = open_jws(answer["receipt"], keys, place)
    if hashlib.sha256(payload).hexdigest() != answer.get("receipt_sha256"):
        raise Flaw("its own SHA-256 differs")
    moments = [_moment(body, name) for name in ("received_at", "stored_at")]
    if body.get("replicated_at"):
        moments.append(_moment(body, "replicated_at"))
    if moments != sorted(moments):
        raise Flaw("its times are not in order")
    seq = body.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 1:
        raise Flaw("no sequence number")
    state = body.get("state")
    if state not in SAFE_STATES:
        raise Flaw("its state is not a safe one")
    return Receipt(
        receipt_id=str(body.get("receipt_id", "")),
        seq=seq,
        sha256=str(body.get("sha256", "")),
        state=state,
        stored_at=moments[1],
        raw=answer["receipt"],
        body=body,
    )


def held_receipt(raw: str) -> Receipt:
    """A receipt that was verified when it was received and is held since.

    Args:
        raw: the compact JWS as kept.

    Raises:
        ValueError: it is no receipt (the place it was kept in was damaged).
    """
    try:
        body = json.loads(b64url(raw.split(".")[1]))
        return Receipt(
            receipt_id=str(body["receipt_id"]),
            seq=int(body["seq"]),
            sha256=str(body["sha256"]),
            state=str(body["state"]),
            stored_at=_moment(body, "stored_at"),
            raw=raw,
            body=body,
        )
    except (IndexError, KeyError, TypeError, Flaw) as error:
        raise ValueError("no receipt") from error


def check_item(receipt: Receipt, item: ArchiveItem) -> None:
    """The receipt speaks of this very file.

    Raises:
        Flaw: it speaks of something else, first of all of another SHA-256.
    """
    expected = {
        "sha256": item.sha256,
        "size": item.size_bytes,
        "firm_vkn": item.firm,
        "package_id": item.package_id,
        "kind": item.kind,
        "period": item.period,
        "branch": item.branch,
        "part": item.part,
        "file_name": item.file_name,
    }
    for name, value in expected.items():
        if receipt.body.get(name) != value:
            raise Flaw(f"its {name} is {receipt.body.get(name)!r}, expected {value!r}")


def payload_sha256(receipt: Receipt) -> str:
    """What the next receipt of the firm must carry as `prev_receipt_sha256`."""
    return hashlib.sha256(canonical_json(receipt.body)).hexdigest()


def check_link(receipt: Receipt, previous: Receipt | None) -> None:
    """`receipt` is the direct successor of `previous` (None = it is the firm's first).

    Raises:
        Flaw: a gap in the sequence, another predecessor (fork), or time running backwards.
    """
    expected_seq = 1 if previous is None else previous.seq + 1
    if receipt.seq != expected_seq:
        raise Flaw(f"sequence number {receipt.seq}, expected {expected_seq}: a receipt is missing")
    expected = FIRST if previous is None else payload_sha256(previous)
    if receipt.body.get("prev_receipt_sha256") != expected:
        raise Flaw("it does not link to the receipt before: the chain was forked or changed")
    if previous is not None and receipt.stored_at < previous.stored_at:
        raise Flaw("it is older than the receipt before")


def check_chain(receipts: Iterable[Receipt], previous: Receipt | None) -> Receipt | None:
    """Audit a run of receipts that begins right after `previous`; returns the last one.

    Raises:
        Flaw: see `check_link`.
    """
    for receipt in receipts:
        check_link(receipt, previous)
        previous = receipt
    return previous


def _moment(body: dict[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(body[name]))
    except (KeyError, ValueError) as error:
        raise Flaw(f"no time {name}") from error
    if moment.tzinfo is None:
        raise Flaw(f"time {name} has no zone")
    return moment
