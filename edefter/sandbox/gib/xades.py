"""The simulator's own check of a document's enveloped XAdES signature (signing.md §1)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from edefter.certificates import read_der
from edefter.sandbox.gib import dsig
from edefter.sandbox.gib.dsig import DS, BadSignature
from edefter.sandbox.gib.trust import Trust, Untrusted

XADES = "http://uri.etsi.org/01903/v1.3.2#"
_TYPES = (
    "http://uri.etsi.org/01903#SignedProperties",
    "http://uri.etsi.org/01903/v1.3.2#SignedProperties",
)
_SIGNATURE = f"{{{DS}}}Signature"


@dataclass(frozen=True, slots=True)
class Signed:
    """A document whose signature verified.

    Args:
        root: its tree, without the signature (the enveloped transform took it out).
        tax_number: of the signer.
        signature_value: text without white space.
        signing_time: zone-aware.
    """

    root: etree._Element
    tax_number: str
    signature_value: str
    signing_time: datetime


def check_document(root: etree._Element, trust: Trust, now: datetime) -> Signed:
    """Verify the one enveloped signature of a parsed document; takes it out of the tree.

    Raises:
        BadSignature: with the reason in Turkish.
    """
    signatures = list(root.iter(_SIGNATURE))
    if len(signatures) != 1 or signatures[0].getparent() is not root:
        raise BadSignature("belgede kökün altında tek imza olmalı")
    signature = signatures[0]
    if signature.getnext() is not None:
        raise BadSignature("imza kökün son öğesi olmalı")
    ids = dsig.check_unique_ids(root, "Id", "ID", "id")
    signed_info = dsig.one(signature, f"{{{DS}}}SignedInfo")
    value_element = dsig.one(signature, f"{{{DS}}}SignatureValue")
    if not value_element.get("Id"):
        raise BadSignature("SignatureValue öğesinde Id yok")
    certificate = _certificate(signature)
    qualifying = dsig.one(signature, f"{{{DS}}}Object", f"{{{XADES}}}QualifyingProperties")
    if qualifying.get("Target") != f"#{signature.get('Id')}":
        raise BadSignature("QualifyingProperties bu imzayı göstermiyor")
    properties = dsig.one(qualifying, f"{{{XADES}}}SignedProperties")
    signing_time = _check_properties(properties, certificate, now)
    try:
        tax_number = trust.check(certificate, signing_time)
    except Untrusted as error:
        raise BadSignature(str(error)) from None
    method = dsig.one(signed_info, f"{{{DS}}}CanonicalizationMethod")
    dsig.check_value(
        dsig.one(signed_info, f"{{{DS}}}SignatureMethod").get("Algorithm", ""),
        certificate.public_key(),
        dsig.text_bytes(value_element),
        dsig.canonical(signed_info, method.get("Algorithm", ""), dsig.inclusive_prefixes(method)),
    )
    whole = _check_references(signed_info, properties, ids)
    _take_out(signature)
    dsig.check_digest(whole, _document_form(root, whole), what="belge")
    value = "".join((value_element.text or "").split())
    return Signed(root, tax_number, value, signing_time)


def _certificate(signature: etree._Element) -> x509.Certificate:
    data = dsig.one(signature, f"{{{DS}}}KeyInfo", f"{{{DS}}}X509Data")
    found = data.findall(f"{{{DS}}}X509Certificate")
    if not found:
        raise BadSignature("imzada sertifika yok")
    try:
        return read_der(dsig.text_bytes(found[0]))
    except ValueError:
        raise BadSignature("imzadaki sertifika okunamadı") from None


def _check_properties(
    properties: etree._Element, certificate: x509.Certificate, now: datetime
) -> datetime:
    signed = dsig.one(properties, f"{{{XADES}}}SignedSignatureProperties")
    text = (dsig.one(signed, f"{{{XADES}}}SigningTime").text or "").strip()
    try:
        moment = datetime.fromisoformat(text)
        ahead = moment > now + timedelta(seconds=60)
    except (ValueError, TypeError):
        raise BadSignature("SigningTime okunamadı ya da saat dilimi yok") from None
    if ahead:
        raise BadSignature("SigningTime gelecekte")
    cert = dsig.one(signed, f"{{{XADES}}}SigningCertificate", f"{{{XADES}}}Cert")
    digest = dsig.one(cert, f"{{{XADES}}}CertDigest")
    method = dsig.one(digest, f"{{{DS}}}DigestMethod").get("Algorithm")
    expected = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    if (
        method != dsig.SHA256
        or dsig.text_bytes(dsig.one(digest, f"{{{DS}}}DigestValue")) != expected
    ):
        raise BadSignature("SigningCertificate imza sertifikasını göstermiyor")
    serial = dsig.one(cert, f"{{{XADES}}}IssuerSerial", f"{{{DS}}}X509SerialNumber")
    if (serial.text or "").strip() != str(certificate.serial_number):
        raise BadSignature("SigningCertificate seri numarası uyuşmuyor")
    return moment


def _check_references(
    signed_info: etree._Element, properties: etree._Element, ids: dict[str, etree._Element]
) -> etree._Element:
    """Check the SignedProperties reference; returns the one of the whole document."""
    references = signed_info.findall(f"{{{DS}}}Reference")
    whole = [r for r in references if r.get("URI") == ""]
    bound = [r for r in references if r.get("Type") in _TYPES]
    if len(whole) != 1 or len(bound) != 1 or len(references) != 2 or whole[0] is bound[0]:
        raise BadSignature("belge ve SignedProperties birer kez imzalanmalı")
    if ids.get(bound[0].get("URI", "").removeprefix("#")) is not properties:
        raise BadSignature("SignedProperties bu imzaya ait değil")
    transforms = bound[0].findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    form = dsig.INCLUSIVE
    prefixes: tuple[str, ...] = ()
    if transforms:
        form = transforms[0].get("Algorithm", "")
        prefixes = dsig.inclusive_prefixes(transforms[0])
    if len(transforms) > 1:
        raise BadSignature("SignedProperties için tek dönüşüm beklenir")
    dsig.check_digest(bound[0], dsig.canonical(properties, form, prefixes), what="SignedProperties")
    return whole[0]


def _document_form(root: etree._Element, reference: etree._Element) -> bytes:
    """Canonical form of the whole document, instructions before the root included."""
    transforms = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    names = [transform.get("Algorithm", "") for transform in transforms]
    if not names or names[0] != dsig.ENVELOPED or len(names) > 2:
        raise BadSignature("enveloped-signature dönüşümü eksik")
    form = names[1] if len(names) == 2 else dsig.INCLUSIVE
    if form not in dsig.CANONICAL_FORMS:
        raise BadSignature("dönüşüm kabul edilmiyor")
    exclusive, _ = dsig.CANONICAL_FORMS[form]
    prefixes = dsig.inclusive_prefixes(transforms[-1]) if len(names) == 2 else ()
    # URI="" itself drops comments, whatever form follows.
    return etree.tostring(
        root.getroottree(),
        method="c14n",
        exclusive=exclusive,
        with_comments=False,
        inclusive_ns_prefixes=list(prefixes) if exclusive else None,
    )


def _take_out(signature: etree._Element) -> None:
    """Remove an element, but keep the text behind it."""
    parent, before = signature.getparent(), signature.getprevious()
    assert parent is not None
    if signature.tail:
        if before is not None:
            before.tail = (before.tail or "") + signature.tail
        else:
            parent.text = (parent.text or "") + signature.tail
    parent.remove(signature)


def fingerprint(certificate: x509.Certificate) -> str:
    """Base64 SHA-256 of a certificate, as in CertDigest."""
    return base64.b64encode(
        hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    ).decode()
