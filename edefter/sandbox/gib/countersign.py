"""GİB's approval: a counter-signature inserted into the berat's bytes (signing.md §1 [SIM]).

Nothing of the berat is serialised again: the new element is spliced in before the end tag of
`UnsignedSignatureProperties`, or of `QualifyingProperties` when there is none yet. Canonical forms
are taken from the document as it will be, parsed anew after each splice.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from lxml import etree

from edefter.sandbox.gib import dsig
from edefter.sandbox.gib.dsig import DS
from edefter.sandbox.gib.xades import XADES, fingerprint
from edefter.sandbox.pki import SEAL_PASSWORD

_TURKISH_TIME = timezone(timedelta(hours=3))
_COUNTERSIGNED = "http://uri.etsi.org/01903#CountersignedSignature"
_SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_ID = "GIB-Onay"


class CounterSeal:
    """GİB's seal.

    Args:
        path: PKCS#12 file of the sandbox PKI.
    """

    def __init__(self, path: Path) -> None:
        key, certificate, issuers = pkcs12.load_key_and_certificates(
            path.read_bytes(), SEAL_PASSWORD.encode()
        )
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        assert certificate is not None
        self._key = key
        self.certificate: x509.Certificate = certificate
        self.issuers: list[x509.Certificate] = list(issuers)

    @property
    def algorithm(self) -> str:
        """Signature method that fits the key."""
        kind = "rsa-sha256" if isinstance(self._key, rsa.RSAPrivateKey) else "ecdsa-sha384"
        return f"http://www.w3.org/2001/04/xmldsig-more#{kind}"

    def sign(self, data: bytes) -> bytes:
        """XML-DSig signature value over `data`."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA384())))
        width = (self._key.curve.key_size + 7) // 8
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def countersign(berat: bytes, seal: CounterSeal, moment: datetime) -> bytes:
    """The berat with GİB's counter-signature.

    Args:
        berat: verified bytes.
        seal: signs.
        moment: goes into SigningTime, zone-aware.
    """
    root = dsig.parse(berat)
    target = dsig.one(root, f"{{{DS}}}Signature", f"{{{DS}}}SignatureValue")
    target_digest = _digest(dsig.canonical(target, dsig.INCLUSIVE))
    marks = {"properties": "@@PROPERTIES@@", "value": "@@VALUE@@"}
    block = _block(target.get("Id", ""), target_digest, seal, moment, marks)
    document = _insert(berat, block)
    properties = _find(document, f"{{{XADES}}}SignedProperties", f"{_ID}-SP")
    digest = _digest(dsig.canonical(properties, dsig.INCLUSIVE))
    document = document.replace(marks["properties"].encode(), digest.encode())
    signature = _find(document, f"{{{DS}}}Signature", _ID)
    signed_info = dsig.one(signature, f"{{{DS}}}SignedInfo")
    value = seal.sign(dsig.canonical(signed_info, dsig.INCLUSIVE))
    return document.replace(marks["value"].encode(), base64.b64encode(value))


def _block(
    target_id: str, digest: str, seal: CounterSeal, moment: datetime, marks: dict[str, str]
) -> str:
    certificate = seal.certificate
    # With its sub-CA, so that whoever holds only the root can build the path.
    ders = "".join(
        f"<ds:X509Certificate>{base64.b64encode(c.public_bytes(Encoding.DER)).decode()}"
        "</ds:X509Certificate>"
        for c in (certificate, *seal.issuers)
    )
    sha256 = f'<ds:DigestMethod Algorithm="{dsig.SHA256}"/>'
    when = moment.astimezone(_TURKISH_TIME).isoformat(timespec="seconds")
    return (
        f'<xades:CounterSignature xmlns:xades="{XADES}"><ds:Signature xmlns:ds="{DS}" Id="{_ID}">'
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{dsig.INCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{seal.algorithm}"/>'
        f'<ds:Reference Type="{_COUNTERSIGNED}" URI="#{escape(target_id)}">{sha256}'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
        f'<ds:Reference Type="{_SIGNED_PROPERTIES}" URI="#{_ID}-SP">{sha256}'
        f"<ds:DigestValue>{marks['properties']}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        f'<ds:SignatureValue Id="{_ID}-SV">{marks["value"]}</ds:SignatureValue>'
        "<ds:KeyInfo><ds:X509Data><ds:X509SubjectName>"
        f"{escape(certificate.subject.rfc4514_string())}</ds:X509SubjectName>"
        f"{ders}</ds:X509Data></ds:KeyInfo>"
        f'<ds:Object><xades:QualifyingProperties Target="#{_ID}">'
        f'<xades:SignedProperties Id="{_ID}-SP"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{when}</xades:SigningTime><xades:SigningCertificate><xades:Cert>"
        f"<xades:CertDigest>{sha256}<ds:DigestValue>{fingerprint(certificate)}</ds:DigestValue>"
        "</xades:CertDigest><xades:IssuerSerial><ds:X509IssuerName>"
        f"{escape(certificate.issuer.rfc4514_string())}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber>"
        "</xades:IssuerSerial></xades:Cert></xades:SigningCertificate>"
        "</xades:SignedSignatureProperties></xades:SignedProperties>"
        "</xades:QualifyingProperties></ds:Object></ds:Signature></xades:CounterSignature>"
    )


def _insert(berat: bytes, block: str) -> bytes:
    inner = list(re.finditer(rb"</([\w.\-]+:)?UnsignedSignatureProperties\s*>", berat))
    if inner:
        place = inner[-1].start()
        return berat[:place] + block.encode() + berat[place:]
    outer = list(re.finditer(rb"</([\w.\-]+:)?QualifyingProperties\s*>", berat))
    place = outer[-1].start()
    wrapped = (
        f'<xades:UnsignedProperties xmlns:xades="{XADES}"><xades:UnsignedSignatureProperties>'
        f"{block}</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
    )
    return berat[:place] + wrapped.encode() + berat[place:]


def _find(document: bytes, tag: str, identifier: str) -> etree._Element:
    return next(e for e in dsig.parse(document).iter(tag) if e.get("Id") == identifier)


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
