"""What a forger needs: seals that sign anything, and a signed document that can be taken apart.

Everything is done by lxml and `cryptography`; of our own code only the block's builder is used, so
that a forgery differs from what we write in the one thing that it is about.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from edefter.sandbox import tsa
from edefter.sandbox.pki import SandboxPki, SealFile
from edefter.signature.port import SignatureAlgorithm
from edefter.signature.profile import build_signature

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DS}enveloped-signature"
NAMES = {"ds": DS, "xades": XADES, "ds11": "http://www.w3.org/2009/xmldsig11#"}
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_ROOT_START = re.compile(rb"<[A-Za-z_][\w.:-]*(?: [^<>]*)?>")
_ROOT_END = re.compile(rb"</[A-Za-z_][\w.:-]*>\Z")

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def b64(data: bytes) -> str:
    """Base64 in one line."""
    return base64.b64encode(data).decode("ascii")


@dataclass(frozen=True, slots=True)
class ForgersSeal:
    """A seal without any scruple: every certificate, every key, every hash.

    Args:
        key: signs.
        certificate: goes into the signature.
    """

    key: Key
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @classmethod
    def open(cls, file: SealFile) -> ForgersSeal:
        """The seal of a sandbox PKCS#12 file."""
        key, certificate, _ = pkcs12.load_key_and_certificates(
            file.path.read_bytes(), file.password.encode()
        )
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        assert certificate is not None
        return cls(key, certificate)

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """What its kind of key signs with."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return SignatureAlgorithm.RSA_SHA256
        return SignatureAlgorithm.ECDSA_SHA384

    def sign(self, data: bytes) -> bytes:
        """The signature value as XML-DSig wants it."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.der(data))
        return r.to_bytes(48) + s.to_bytes(48)

    def der(self, data: bytes) -> bytes:
        """An ECDSA signature as DER, which XML-DSig does not want."""
        assert isinstance(self.key, ec.EllipticCurvePrivateKey)
        return self.key.sign(data, ec.ECDSA(hashes.SHA384()))

    def sha1(self, data: bytes) -> bytes:
        """An RSA signature over SHA-1."""
        assert isinstance(self.key, rsa.RSAPrivateKey)
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA1())


def signed_raw(
    unsigned: bytes, seal: ForgersSeal, *, when: datetime | None = None, spelling: bytes = b""
) -> bytes:
    """Sign as we do, but without looking at certificate, time or canonical form.

    Args:
        unsigned: document in canonical form.
        seal: signs.
        when: SigningTime; default now.
        spelling: the same document in other bytes, which are hashed as they lie and written.
    """
    written = spelling or unsigned
    start = _ROOT_START.search(unsigned)
    end, place = _ROOT_END.search(unsigned), _ROOT_END.search(written)
    assert start is not None and end is not None and place is not None
    digest = hashlib.sha256(written.removeprefix(DECLARATION)).digest()
    block = build_signature(
        start[0], end[0], digest, seal,
        signing_time=when or datetime.now(UTC), claimed_role="Tedarikçi",
    )  # fmt: skip
    return written[: place.start()] + block.xml + written[place.start() :]


def byte_shortcut_accepts(signed: bytes) -> bool:
    """Whether a verifier that hashes the bytes around the signature finds the stated digest."""
    start, end = signed.index(b"<ds:Signature "), signed.index(b"</ds:Signature>")
    content = signed[:start] + signed[end + len(b"</ds:Signature>") :]
    stated = re.search(rb"<ds:DigestValue>([^<]*)<", signed)
    digest = hashlib.sha256(content.removeprefix(DECLARATION)).digest()
    return stated is not None and b64(digest).encode() == stated[1]


@dataclass(slots=True)
class Draft:
    """A signed document as a tree: change it, then `sealed` or `bytes`."""

    data: bytes
    tree: Any = field(init=False)

    def __post_init__(self) -> None:
        self.tree = etree.ElementTree(etree.fromstring(self.data))

    @property
    def root(self) -> Any:
        """The root element."""
        return self.tree.getroot()

    @property
    def signature(self) -> Any:
        """The signature below the root."""
        return self.root.findall("ds:Signature", NAMES)[-1]

    def at(self, path: str) -> Any:
        """The first element at a path below the signature."""
        found = self.signature.find(path, NAMES)
        assert found is not None, path
        return found

    @property
    def properties(self) -> Any:
        """SignedProperties."""
        return self.at("ds:Object/xades:QualifyingProperties/xades:SignedProperties")

    @property
    def references(self) -> list[Any]:
        """The references, in order."""
        return list(self.signature.findall("ds:SignedInfo/ds:Reference", NAMES))

    def add_reference(self, uri: str, transforms: Sequence[str] = (), digest: str = "AAAA") -> None:
        """One more reference at the end."""
        steps = "".join(f'<ds:Transform Algorithm="{name}"/>' for name in transforms)
        holder = f"<ds:Transforms>{steps}</ds:Transforms>" if transforms else ""
        self.at("ds:SignedInfo").append(
            element(
                f'<ds:Reference URI="{uri}">{holder}'
                '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
                f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
            )
        )

    def content(self) -> Any:
        """A copy of the document without its signature."""
        copy = etree.ElementTree(etree.fromstring(etree.tostring(self.tree)))
        copy.getroot().remove(copy.getroot().findall("ds:Signature", NAMES)[-1])
        return copy

    def sealed(
        self,
        seal: ForgersSeal,
        *,
        digests: dict[int, bytes] | None = None,
        value: Any = None,
    ) -> bytes:
        """Digest and sign anew; the result's signature value fits whatever stands there now.

        Args:
            seal: signs.
            digests: of references by number, instead of those that belong there.
            value: called with the canonical SignedInfo instead of `seal.sign`.
        """
        for number, reference in enumerate(self.references):
            digest = (digests or {}).get(number) or self._digest(reference.get("URI"))
            if digest is not None:
                reference.find("ds:DigestValue", NAMES).text = b64(digest)
        info = etree.tostring(self.at("ds:SignedInfo"), method="c14n", with_comments=True)
        self.at("ds:SignatureValue").text = b64((value or seal.sign)(info))
        return self.bytes()

    def _digest(self, uri: str | None) -> bytes | None:
        if uri == "":
            return hashlib.sha256(etree.tostring(self.content(), method="c14n")).digest()
        if uri is None or not uri.startswith("#"):
            return None
        for node in self.root.iter(etree.Element):
            if uri[1:] in (node.get("Id"), node.get("id")):
                return hashlib.sha256(etree.tostring(node, method="c14n")).digest()
        return None

    def bytes(self) -> bytes:
        """The document in canonical form."""
        return DECLARATION + etree.tostring(self.tree, method="c14n")


def element(text: str) -> Any:
    """An element from text with the prefixes ds and xades."""
    return etree.fromstring(f'<x xmlns:ds="{DS}" xmlns:xades="{XADES}">{text}</x>')[0]


def time_stamp(pki: SandboxPki, data: bytes) -> bytes:
    """A token by the authority of a PKI, made without a server."""
    imprint = {
        "hash_algorithm": {"algorithm": "sha256"},
        "hashed_message": hashlib.sha256(data).digest(),
    }
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    return bytes(tsa.token(request, tsa.Authority.open(pki, ""), {}).dump())


def with_stamp(signed: bytes, token: bytes) -> bytes:
    """The signed document with a time stamp in its unsigned properties."""
    added = (
        "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>"
        f'<ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
        f"<xades:EncapsulatedTimeStamp>{b64(token)}</xades:EncapsulatedTimeStamp>"
        "</xades:SignatureTimeStamp></xades:UnsignedSignatureProperties>"
        "</xades:UnsignedProperties>"
    ).encode()
    head, tag, rest = signed.rpartition(b"</xades:QualifyingProperties>")
    return head + added + tag + rest


def stamped_value(signed: bytes) -> bytes:
    """What a time stamp has to cover."""
    return etree.tostring(Draft(signed).at("ds:SignatureValue"), method="c14n")
