"""Compact JWS (RFC 7515) with ES384 alone, over canonical JSON: receipts and our own reports."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from edefter.archive.canonical import canonical_json
from edefter.archive.errors import ContractViolation

ALGORITHM = "ES384"
COORDINATE_BYTES = 48
Keys = dict[str, ec.EllipticCurvePublicKey]


class Flaw(Exception):
    """What is wrong with a receipt, in a few English words (becomes the fact of the error)."""


def b64url(text: str) -> bytes:
    """Decode base64url without padding.

    Raises:
        ValueError: not base64url.
    """
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error


def to_b64url(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def open_jws(jws: str, keys: Keys, place: str) -> tuple[dict[str, Any], bytes]:
    """Verify a compact JWS; returns the decoded payload and its bytes.

    Args:
        jws: `header.payload.signature`.
        keys: pinned keys.
        place: file of the pins, for the message.

    Raises:
        Flaw: form, algorithm, signature or payload is wrong.
        ContractViolation: signed with a key that is not pinned.
    """
    try:
        head_text, payload_text, signature_text = jws.split(".")
        head = json.loads(b64url(head_text))
        payload, signature = b64url(payload_text), b64url(signature_text)
        algorithm, key_id = head["alg"], str(head["kid"])
    except (ValueError, KeyError, TypeError) as error:
        raise Flaw("not a compact JWS") from error
    # The algorithm is ours to choose: `none` and other families are never taken from the header.
    if algorithm != ALGORITHM or "crit" in head:
        raise Flaw(f"signature algorithm is not {ALGORITHM}")
    if key_id not in keys:
        pinned = ", ".join(sorted(keys)) or "-"
        raise ContractViolation(
            "archive.receipt_key_unknown", key_id=key_id, pinned=pinned, place=place
        )
    if len(signature) != 96:
        raise Flaw("signature of another length")
    r, s = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
    try:
        keys[key_id].verify(
            encode_dss_signature(r, s),
            f"{head_text}.{payload_text}".encode("ascii"),
            ec.ECDSA(hashes.SHA384()),
        )
    except InvalidSignature:
        raise Flaw("the signature does not verify") from None
    try:
        body = json.loads(payload)
        if not isinstance(body, dict) or canonical_json(body) != payload:
            raise Flaw("the content is not canonical JSON")
    except ValueError as error:
        raise Flaw("the content is not canonical JSON") from error
    if body.get("key_id", key_id) != key_id:
        raise Flaw("the content names another key")
    return body, payload


def sign_jws(body: dict[str, Any], key: ec.EllipticCurvePrivateKey, kind: str) -> str:
    """Sign a payload.

    Args:
        body: the payload; written in its canonical form.
        key: on P-384.
        kind: media type without `application/`, for the header.

    Returns:
        The compact JWS; its header carries the public key.

    Raises:
        ValueError: the payload has no canonical form.
    """
    jwk = public_jwk(key.public_key())
    head = {"alg": ALGORITHM, "jwk": jwk, "kid": thumbprint(jwk), "typ": kind}
    signed = f"{to_b64url(canonical_json(head))}.{to_b64url(canonical_json(body))}"
    r, s = decode_dss_signature(key.sign(signed.encode("ascii"), ec.ECDSA(hashes.SHA384())))
    raw = r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
    return f"{signed}.{to_b64url(raw)}"


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """A P-384 public key as a JWK."""
    numbers = key.public_numbers()
    return {
        "crv": "P-384", "kty": "EC",
        "x": to_b64url(numbers.x.to_bytes(COORDINATE_BYTES, "big")),
        "y": to_b64url(numbers.y.to_bytes(COORDINATE_BYTES, "big")),
    }  # fmt: skip


def thumbprint(jwk: dict[str, str]) -> str:
    """What names a key (RFC 7638): SHA-256 over its canonical members, base64url."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return to_b64url(hashlib.sha256(canonical_json(members)).digest())
