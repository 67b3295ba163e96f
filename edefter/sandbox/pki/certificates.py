"""How one certificate of the test PKI is put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, ObjectIdentifier

from edefter.certificates import read_der
from edefter.model.environment import SANDBOX_MARKER_OID

SIGNING_EKU = ObjectIdentifier("2.16.792.1.2.1.1.5.7.50.1")
ENCRYPTION_EKU = ObjectIdentifier("2.16.792.1.2.1.1.5.7.50.2")
SEAL_POLICY = ObjectIdentifier("2.16.792.1.2.1.1.5.7.4.1")

KeyKind = Literal["rsa", "ec"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Extension = tuple[x509.ExtensionType, bool]


def new_key(kind: KeyKind, rsa_bits: int = 2048) -> PrivateKey:
    """A new key: RSA with `rsa_bits`, or P-384."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
    return ec.generate_private_key(ec.SECP384R1())


def key_pem(key: PrivateKey) -> bytes:
    """The key as unencrypted PKCS#8; test keys only."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def subject_name(common_name: str, serial_number: str | None = None) -> x509.Name:
    """Subject of signing.md §2: with a serialNumber that of a seal, else that of a CA or server."""
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "edefter sandbox TEST"),
    ]
    if serial_number is not None:
        parts = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number),
        ]
    # X.520 allows 64 characters; the library counts bytes, so cut there without halving a letter.
    short = common_name.encode()[:64].decode(errors="ignore")
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, short)])


def usage(
    *, ca: bool = False, digital_signature: bool = True, key_encipherment: bool = False
) -> x509.KeyUsage:
    """Key usage of a CA, a signing or an encryption certificate."""
    return x509.KeyUsage(
        digital_signature=digital_signature and not ca,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def where_to_ask(url: str, issuer: str) -> tuple[Extension, ...]:
    """AIA and CRL distribution point that lead to the sandbox's responder.

    Args:
        url: base address of the responder, without a slash at the end; empty = neither.
        issuer: file stem of the issuing CA, e.g. `seal-ca`.
    """
    if not url:
        return ()
    access = [
        (AuthorityInformationAccessOID.OCSP, f"{url}/ocsp"),
        (AuthorityInformationAccessOID.CA_ISSUERS, f"{url}/{issuer}.crt"),
    ]
    described = [
        x509.AccessDescription(oid, x509.UniformResourceIdentifier(address))
        for oid, address in access
    ]
    point = x509.DistributionPoint(
        [x509.UniformResourceIdentifier(f"{url}/{issuer}.crl")], None, None, None
    )
    return (
        (x509.AuthorityInformationAccess(described), False),
        (x509.CRLDistributionPoints([point]), False),
    )


def build(
    subject: x509.Name,
    key: PrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: PrivateKey,
    *,
    not_before: datetime,
    not_after: datetime,
    ca: bool = False,
    key_usage: x509.KeyUsage | None = None,
    extensions: Sequence[Extension] = (),
    marked: bool = True,
) -> x509.Certificate:
    """Build and sign one certificate.

    Args:
        subject, key: of the certificate.
        issuer: None = self-signed.
        issuer_key: signs, with SHA-384 (EC) or SHA-256 (RSA).
        not_before, not_after: validity, zone-aware.
        ca: basic constraints.
        key_usage: default after `ca`.
        extensions: further ones, with their critical flags.
        marked: with the sandbox marker.
    """
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(key_usage or usage(ca=ca), critical=True)
    )
    if issuer is not None:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
        builder = builder.add_extension(identifier, critical=False)
    if marked:
        marker = x509.UnrecognizedExtension(ObjectIdentifier(SANDBOX_MARKER_OID), b"\x0c\x04TEST")
        builder = builder.add_extension(marker, critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    digest = hashes.SHA384() if isinstance(issuer_key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(issuer_key, digest or hashes.SHA256())


def signed_with_sha1(
    certificate: x509.Certificate, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """The same certificate signed anew with ECDSA and SHA-1, as no issuer does any more.

    The library refuses to build such a certificate, so the algorithm is exchanged in the finished
    one and the signature made over that.
    """
    plain = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    old = algos.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})
    signed_part = plain["tbs_certificate"].copy()
    signed_part["signature"] = old
    value = issuer_key.sign(signed_part.dump(force=True), ec.ECDSA(hashes.SHA1()))  # noqa: S303
    spoiled = asn1_x509.Certificate(
        {"tbs_certificate": signed_part, "signature_algorithm": old, "signature_value": value}
    )
    return read_der(spoiled.dump(force=True))
