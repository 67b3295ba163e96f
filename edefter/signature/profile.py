"""The XAdES-BES block after the profile of signing.md §1, built on a skeleton of the document.

The skeleton is the root's own start and end tag around the block: what inclusive canonicalisation
sees at the signature's place are the namespaces of the root, and nothing else of a 200 MB ledger.

Choices: SignedInfo is canonicalised inclusively *with comments*, letter for letter as in GİB's
example (there are no comments, so the bytes are the same either way). Digests are SHA-256 for
both kinds of keys. KeyInfo names one certificate, as the guide's example does; verifiers take the
sub-CA from their trust store. ECKeyValue stands in a default namespace because the guides allow
no prefix for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edefter.signature.port import Seal
from edefter.xmlsig.certificate import rfc2253
from edefter.xmlsig.check import encode
from edefter.xmlsig.names import (
    C14N_WITH_COMMENTS,
    CANONICALIZATIONS,
    DS11,
    ENVELOPED,
    INCLUSIVE,
    SHA256,
    SIGNED_PROPERTIES_TYPE,
    ds,
    xades,
)
from edefter.xmlsig.parsing import Element, canonical, parse
from edefter.xmlsig.problem import Problem, Unreadable, Verdict

TURKISH_TIME = timezone(timedelta(hours=3))
"""Fixed since 2016; SigningTime is local Turkish time (signing.md §1, rule 8)."""


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """A finished ds:Signature: its bytes and the text of its SignatureValue."""

    xml: bytes
    value: str


def build_signature(
    root_start: bytes,
    root_end: bytes,
    document_digest: bytes,
    seal: Seal,
    *,
    signing_time: datetime,
    claimed_role: str,
) -> SignatureBlock:
    """Sign a document whose digest is known.

    Args:
        root_start, root_end: the root's tags as they stand in the file; `ds` and `xades` must be
            declared there.
        document_digest: SHA-256 of the canonical document without signature.
        seal: signs once.
        signing_time: zone-aware; written as Turkish time, to the second.
        claimed_role: text of ClaimedRole; empty leaves SignerRole out.

    Raises:
        SealRefused, WaitingError: from the seal.
        Unreadable: the root's tags do not fit the block.
    """
    identifier = f"Signature_{document_digest.hex()[:16]}"
    certificate = seal.certificate
    block = _Block(
        identifier=identifier,
        method=seal.algorithm.value,
        document_digest=encode(document_digest),
        key_info=_key_info(certificate),
        properties=_properties(identifier, certificate, signing_time, claimed_role),
    )
    properties = _at_place(root_start, root_end, block.render(), _PROPERTIES_PATH)
    digest = encode(hashlib.sha256(canonical(properties, INCLUSIVE)).digest())
    signed_info = _at_place(root_start, root_end, block.render(digest), ds("SignedInfo"))
    data = canonical(signed_info, CANONICALIZATIONS[C14N_WITH_COMMENTS])
    value = encode(seal.sign(data))
    return SignatureBlock(block.render(digest, value).encode(), value)


_PROPERTIES_PATH = f"{ds('Object')}/{xades('QualifyingProperties')}/{xades('SignedProperties')}"


def _at_place(root_start: bytes, root_end: bytes, block: str, path: str) -> Element:
    root = parse(root_start + block.encode() + root_end).getroot()
    found = root.find(f"{ds('Signature')}/{path}")
    if found is None:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.structure", {"what": "ds, xades"}))
    return found


@dataclass(frozen=True, slots=True)
class _Block:
    identifier: str
    method: str
    document_digest: str
    key_info: str
    properties: str

    def render(self, properties_digest: str = "", value: str = "") -> str:
        """The block as canonical text: no empty-element tags, no white space between elements."""
        return (
            f'<ds:Signature Id="{self.identifier}"><ds:SignedInfo>'
            f"{_algorithm('CanonicalizationMethod', C14N_WITH_COMMENTS)}"
            f"{_algorithm('SignatureMethod', self.method)}"
            f'<ds:Reference URI=""><ds:Transforms>{_algorithm("Transform", ENVELOPED)}'
            f"</ds:Transforms>{_digest(self.document_digest)}</ds:Reference>"
            f'<ds:Reference Type="{SIGNED_PROPERTIES_TYPE}"'
            f' URI="#{_properties_id(self.identifier)}">'
            f"{_digest(properties_digest)}</ds:Reference></ds:SignedInfo>"
            f'<ds:SignatureValue Id="{self.identifier}-Value">{value}</ds:SignatureValue>'
            f"{self.key_info}<ds:Object>{self.properties}</ds:Object></ds:Signature>"
        )


def _properties_id(identifier: str) -> str:
    return f"{identifier}-SignedProperties"


def _algorithm(element: str, uri: str) -> str:
    return f'<ds:{element} Algorithm="{uri}"></ds:{element}>'


def _digest(value: str) -> str:
    return f"{_algorithm('DigestMethod', SHA256)}<ds:DigestValue>{value}</ds:DigestValue>"


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _key_info(certificate: x509.Certificate) -> str:
    return (
        f"<ds:KeyInfo><ds:KeyValue>{_key_value(certificate)}</ds:KeyValue><ds:X509Data>"
        f"<ds:X509SubjectName>{_text(rfc2253(certificate.subject))}</ds:X509SubjectName>"
        f"<ds:X509Certificate>{encode(_der(certificate))}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo>"
    )


def _key_value(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return (
            f"<ds:RSAKeyValue><ds:Modulus>{encode(_unsigned(numbers.n))}</ds:Modulus>"
            f"<ds:Exponent>{encode(_unsigned(numbers.e))}</ds:Exponent></ds:RSAKeyValue>"
        )
    assert isinstance(key, ec.EllipticCurvePublicKey)  # Seal.algorithm refused everything else
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return (
        f'<ECKeyValue xmlns="{DS11}"><NamedCurve URI="urn:oid:1.3.132.0.34"></NamedCurve>'
        f"<PublicKey>{encode(point)}</PublicKey></ECKeyValue>"
    )


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _properties(
    identifier: str, certificate: x509.Certificate, signing_time: datetime, claimed_role: str
) -> str:
    moment = signing_time.astimezone(TURKISH_TIME).isoformat(timespec="seconds")
    role = (
        "<xades:SignerRole><xades:ClaimedRoles><xades:ClaimedRole>"
        f"{_text(claimed_role)}"
        "</xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRole>"
        if claimed_role
        else ""
    )
    return (
        f'<xades:QualifyingProperties Target="#{identifier}">'
        f'<xades:SignedProperties Id="{_properties_id(identifier)}">'
        f"<xades:SignedSignatureProperties><xades:SigningTime>{moment}</xades:SigningTime>"
        "<xades:SigningCertificate><xades:Cert><xades:CertDigest>"
        f"{_digest(encode(hashlib.sha256(_der(certificate)).digest()))}</xades:CertDigest>"
        f"<xades:IssuerSerial><ds:X509IssuerName>{_text(rfc2253(certificate.issuer))}"
        f"</ds:X509IssuerName><ds:X509SerialNumber>{certificate.serial_number}"
        "</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>"
        f"{role}</xades:SignedSignatureProperties></xades:SignedProperties>"
        "</xades:QualifyingProperties>"
    )


def _text(value: str) -> str:
    return escape(value, {"\r": "&#xD;"})
