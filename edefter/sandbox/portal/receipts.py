"""Receipts: JWS ES384 over canonical JSON, chained per firm (portal.md §8)."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from edefter.atomic import write_bytes
from edefter.sandbox.portal.knobs import Knobs

COORDINATE_BYTES = 48


def canonical(body: dict[str, Any]) -> bytes:
    """RFC 8785 for texts, whole numbers, lists and objects with ASCII keys."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class ReceiptOffice:
    """Issues receipts and keeps each firm's chain.

    Args:
        folder: of the chains, one JSON-lines file per firm; the key lies beside it.
        knobs: `receipt` = wrong-hash, seq-gap, fork, bad-signature or unknown-key.
    """

    def __init__(self, folder: Path, knobs: Knobs) -> None:
        self._folder = folder
        self._knobs = knobs
        path = folder.parent / "receipt-key.pem"
        if path.exists():
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            self._key = key
        else:
            self._key = ec.generate_private_key(ec.SECP384R1())
            write_bytes(
                path,
                self._key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ),
            )
        numbers = self._key.public_key().public_numbers()
        self._jwk = {
            "kty": "EC",
            "crv": "P-384",
            "alg": "ES384",
            "use": "sig",
            "x": _b64url(numbers.x.to_bytes(COORDINATE_BYTES, "big")),
            "y": _b64url(numbers.y.to_bytes(COORDINATE_BYTES, "big")),
        }
        self.key_id = hashlib.sha256(canonical(self._jwk)).hexdigest()[:16]

    def keys(self) -> dict[str, Any]:
        """The JWK set published at `/keys`."""
        return {"keys": [{**self._jwk, "kid": self.key_id}]}

    def chain(self, firm: str) -> list[dict[str, Any]]:
        """All receipts of a firm, oldest first: `{receipt, receipt_sha256, seq}`."""
        path = self._folder / f"{firm}.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def issue(self, firm: str, facts: dict[str, Any]) -> dict[str, Any]:
        """Make, sign, chain and keep one receipt; call under the storage lock.

        Args:
            firm: VKN/TCKN.
            facts: everything but key_id, seq, receipt_id and the link.
        """
        chain = self.chain(firm)
        body = {
            **facts,
            "protocol_version": "1",
            "key_id": self.key_id,
            "seq": chain[-1]["seq"] + 1 if chain else 1,
            "receipt_id": str(uuid.uuid4()),
            "prev_receipt_sha256": chain[-1]["receipt_sha256"] if chain else "0" * 64,
        }
        knob = self._knobs.take("receipt")
        fault = knob["value"] if knob else ""
        if fault == "wrong-hash":
            body["sha256"] = hashlib.sha256(b"something else").hexdigest()
        elif fault == "seq-gap":
            body["seq"] += 1
        elif fault == "fork":
            body["prev_receipt_sha256"] = hashlib.sha256(b"another chain").hexdigest()
        key_id = "unknown" if fault == "unknown-key" else self.key_id
        body["key_id"] = key_id
        payload = canonical(body)
        head = canonical({"alg": "ES384", "kid": key_id, "typ": "edefter-receipt+json"})
        signed = f"{_b64url(head)}.{_b64url(payload)}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA384())))
        signature = bytearray(
            r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
        )
        if fault == "bad-signature":
            signature[-1] ^= 1
        receipt = {
            "receipt": f"{signed}.{_b64url(bytes(signature))}",
            "receipt_sha256": hashlib.sha256(payload).hexdigest(),
            "seq": body["seq"],
        }
        with (self._folder / f"{firm}.jsonl").open("a", encoding="utf-8") as sink:
            sink.write(json.dumps(receipt) + "\n")
        return receipt
