"""Signature methods that we accept, and the check of one signature value.

Refused: everything with SHA-1, RSA below 2048 bits, DSA, HMAC (signing.md §6).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from edefter.xmlsig.problem import Problem, Verdict

MINIMUM_RSA_BITS = 2048

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_RSA: dict[str, hashes.HashAlgorithm] = {
    f"{_MORE}rsa-sha256": hashes.SHA256(),
    f"{_MORE}rsa-sha384": hashes.SHA384(),
    f"{_MORE}rsa-sha512": hashes.SHA512(),
}
_ECDSA: dict[str, hashes.HashAlgorithm] = {
    f"{_MORE}ecdsa-sha256": hashes.SHA256(),
    f"{_MORE}ecdsa-sha384": hashes.SHA384(),
    f"{_MORE}ecdsa-sha512": hashes.SHA512(),
}


def check_value(method: str, public_key: object, data: bytes, value: bytes) -> Problem | None:
    """Check a signature value over canonical SignedInfo bytes.

    Args:
        method: SignatureMethod/@Algorithm.
        public_key: of the signing certificate.
        data: canonical SignedInfo.
        value: decoded SignatureValue; for ECDSA raw r‖s of fixed width (RFC 4050, XML-DSig 1.1).

    Returns:
        None when it fits.
    """
    if method in _RSA and isinstance(public_key, rsa.RSAPublicKey):
        return _check_rsa(public_key, data, value, _RSA[method])
    if method in _ECDSA and isinstance(public_key, ec.EllipticCurvePublicKey):
        return _check_ecdsa(public_key, data, value, _ECDSA[method])
    known = method in _RSA or method in _ECDSA
    key = "xmlsig.method_key" if known else "xmlsig.signature_method"
    return Problem(Verdict.VALUE, key, {"method": method or "-"})


def _check_rsa(
    key: rsa.RSAPublicKey, data: bytes, value: bytes, digest: hashes.HashAlgorithm
) -> Problem | None:
    if key.key_size < MINIMUM_RSA_BITS:
        return Problem(Verdict.VALUE, "xmlsig.weak_key", {"bits": key.key_size})
    try:
        key.verify(value, data, padding.PKCS1v15(), digest)
    except InvalidSignature:
        return Problem(Verdict.VALUE, "xmlsig.value")
    return None


def _check_ecdsa(
    key: ec.EllipticCurvePublicKey, data: bytes, value: bytes, digest: hashes.HashAlgorithm
) -> Problem | None:
    width = (key.curve.key_size + 7) // 8
    if key.curve.key_size < 256 or len(value) != 2 * width:
        return Problem(Verdict.VALUE, "xmlsig.value")
    r, s = int.from_bytes(value[:width]), int.from_bytes(value[width:])
    try:
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))
    except InvalidSignature:
        return Problem(Verdict.VALUE, "xmlsig.value")
    return None
