"""What a seal's key signs with, and the one form of an ECDSA value."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edefter.errors import SealRefused
from edefter.signature.port import SignatureAlgorithm
from edefter.xmlsig.algorithms import MINIMUM_RSA_BITS
from edefter.xmlsig.certificate import serial_text

_P384_BYTES = 48


def algorithm_of(certificate: x509.Certificate) -> SignatureAlgorithm:
    """What the key of `certificate` signs with (signing.md §1, rule 5).

    Raises:
        SealRefused: RSA below 2048 bits, another curve than P-384, another kind of key.
    """
    key = certificate.public_key()
    serial = serial_text(certificate)
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MINIMUM_RSA_BITS:
            raise SealRefused("signature.seal_weak_key", bits=key.key_size, serial=serial)
        return SignatureAlgorithm.RSA_SHA256
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return SignatureAlgorithm.ECDSA_SHA384
    found = key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__
    raise SealRefused("signature.seal_key_kind", found=found, serial=serial)


def public_value(certificate: x509.Certificate) -> str:
    """Modulus or curve point (uncompressed, SEC 1 §2.3.3) of the certificate's key, in hex.

    Returns:
        empty for other kinds of keys.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        modulus = key.public_numbers().n
        return modulus.to_bytes((modulus.bit_length() + 7) // 8).hex()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()
    return ""


def fixed_width(value: bytes) -> bytes:
    """An ECDSA value of P-384 as r‖s of 96 bytes, whatever a seal gives (XML-DSig 1.1 §6.4.3).

    Args:
        value: r‖s of any even width, or DER (RFC 3279 §2.2.3).

    Returns:
        r‖s; bytes that are neither come back as they are, for the check of the value to refuse.
    """
    if len(value) == 2 * _P384_BYTES:
        return value
    try:
        r, s = decode_dss_signature(value)
    except ValueError:
        half = len(value) // 2
        r, s = int.from_bytes(value[:half]), int.from_bytes(value[half:])
    try:
        return r.to_bytes(_P384_BYTES) + s.to_bytes(_P384_BYTES)
    except OverflowError:
        return value
