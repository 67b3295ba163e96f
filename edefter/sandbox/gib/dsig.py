"""XML-DSig primitives of the simulator: canonical forms, digests, signature values."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DS}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

# URI -> (exclusive, comments)
CANONICAL_FORMS = {
    INCLUSIVE: (False, False),
    f"{INCLUSIVE}#WithComments": (False, True),
    EXCLUSIVE: (True, False),
    f"{EXCLUSIVE}WithComments": (True, True),
}
_DIGESTS = {
    SHA256: "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_SHA1 = f"{DS}sha1"
_SIGNATURES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    RSA_SHA256: ("rsa", hashes.SHA256()),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": ("rsa", hashes.SHA384()),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": ("rsa", hashes.SHA512()),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": ("ec", hashes.SHA256()),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": ("ec", hashes.SHA384()),
}


class BadSignature(Exception):
    """A signature or a part of it is not acceptable; the text is Turkish, as GİB would write."""


class BadAlgorithm(BadSignature):
    """The algorithm itself is not accepted."""


def parse(data: bytes) -> etree._Element:
    """Parse without DTD, entities and network.

    Raises:
        ValueError: not well-formed, or with a document type declaration.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise ValueError("XML iyi biçimlendirilmemiş") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise ValueError("DOCTYPE bulunamaz")
    return root


def one(parent: etree._Element, *path: str) -> etree._Element:
    """The only descendant by a path of qualified names.

    Raises:
        BadSignature: it is missing or there are several.
    """
    found = parent
    for step in path:
        children = found.findall(step)
        if len(children) != 1:
            raise BadSignature(f"{etree.QName(step).localname} bir tane olmalı")
        found = children[0]
    return found


def text_bytes(element: etree._Element) -> bytes:
    """Base64 content of an element.

    Raises:
        BadSignature: no base64.
    """
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("base64 içerik bozuk") from None


def canonical(element: etree._Element, algorithm: str, prefixes: tuple[str, ...] = ()) -> bytes:
    """Canonical form of an element in its document.

    Raises:
        BadAlgorithm: no accepted canonical form.
    """
    try:
        exclusive, comments = CANONICAL_FORMS[algorithm]
    except KeyError:
        raise BadAlgorithm("kanonikleştirme yöntemi kabul edilmiyor") from None
    return etree.tostring(
        element,
        method="c14n",
        exclusive=exclusive,
        with_comments=comments,
        inclusive_ns_prefixes=list(prefixes) if exclusive else None,
        with_tail=False,
    )


def inclusive_prefixes(method: etree._Element) -> tuple[str, ...]:
    """The PrefixList below a transform or canonicalization method."""
    found = method.find(f"{{{EXCLUSIVE}}}InclusiveNamespaces")
    return tuple(found.get("PrefixList", "").split()) if found is not None else ()


def check_digest(
    reference: etree._Element, data: bytes, *, what: str, allow_sha1: bool = False
) -> None:
    """Compare a Reference's digest with `data`.

    Raises:
        BadAlgorithm: digest method not accepted.
        BadSignature: the digest differs.
    """
    method = one(reference, f"{{{DS}}}DigestMethod").get("Algorithm", "")
    name = "sha1" if allow_sha1 and method == _SHA1 else _DIGESTS.get(method)
    if name is None:
        raise BadAlgorithm("özet algoritması kabul edilmiyor")
    expected = text_bytes(one(reference, f"{{{DS}}}DigestValue"))
    if hashlib.new(name, data).digest() != expected:
        raise BadSignature(f"özet değeri uyuşmuyor ({what})")


def check_value(algorithm: str, key: PublicKeyTypes, value: bytes, data: bytes) -> None:
    """Verify a signature value over `data`.

    Raises:
        BadAlgorithm: SHA-1 or another method, or one that does not fit the key.
        BadSignature: it does not verify.
    """
    kind, hashing = _SIGNATURES.get(algorithm, ("", hashes.SHA256()))
    try:
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            if key.key_size < 2048:
                raise BadAlgorithm("RSA anahtarı 2048 bitten kısa")
            key.verify(value, data, padding.PKCS1v15(), hashing)
        elif kind == "ec" and isinstance(key, ec.EllipticCurvePublicKey):
            width = (key.curve.key_size + 7) // 8
            if len(value) != 2 * width:
                raise BadSignature("imza değeri ham r||s biçiminde değil")
            r, s = (int.from_bytes(half, "big") for half in (value[:width], value[width:]))
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashing))
        else:
            raise BadAlgorithm("imza algoritması kabul edilmiyor")
    except InvalidSignature:
        raise BadSignature("imza doğrulanamadı") from None


def check_unique_ids(root: etree._Element, *attributes: str) -> dict[str, etree._Element]:
    """All elements by their Id.

    Raises:
        BadSignature: an Id stands twice.
    """
    found: dict[str, etree._Element] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute in attributes:
            value = element.get(attribute)
            if value is None:
                continue
            if value in found:
                raise BadSignature(f"Id iki kez kullanılmış: {value}")
            found[value] = element
    return found
