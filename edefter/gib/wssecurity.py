"""WS-Security for zeep: signed Timestamp and Body with any seal (gib-webservice.md §5).

zeep's own signature knows only X509v3 and PEM keys; this plug-in takes a `Seal`, so the key may be
on a card. The prefixes `soap`, `web`, `wsse` are those of GİB's sample message, because its
InclusiveNamespaces lists name them.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from edefter.clock.port import WallClock
from edefter.gib.payload import FilePayload
from edefter.signature.port import Seal

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WEB = "http://webservice.edefter.gib.gov.tr/"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
TOKEN_TYPES = {
    "pkipath": f"{_OASIS}x509-token-profile-1.0#X509PKIPathv1",
    "x509v3": f"{_OASIS}x509-token-profile-1.0#X509v3",
}
_SIGNED_INFO_PREFIXES = ("soap", "web")
_TIMESTAMP_PREFIXES = ("wsse", "soap", "web")
_BODY_PREFIXES = ("web",)
_SKELETON = (
    f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:web="{WEB}"><soap:Header>'
    f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"/></soap:Header>'
    f'<soap:Body xmlns:wsu="{WSU}"/></soap:Envelope>'
).encode()


def pki_path(certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]) -> bytes:
    """DER of a PKIPath: from the CA side down to the end entity, without a self-signed root.

    Args:
        certificate: the end entity; stands last.
        chain: its issuers upwards.
    """
    upwards = [cert for cert in chain if cert.subject != cert.issuer]
    path = [*reversed(upwards), certificate]
    content = b"".join(cert.public_bytes(Encoding.DER) for cert in path)
    size = len(content)
    if size < 0x80:
        length = bytes([size])
    else:
        octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(octets)]) + octets
    return b"\x30" + length + content


class MessageSecurity:
    """zeep's `wsse` object: signs what goes out.

    Args:
        seal: signs; may block and fail with its own typed errors.
        token: form of the security token.
        life_s: life of the Timestamp, 30 … 300 s.
        wall: computer time, UTC.

    Attributes:
        payload: the file that the next message carries; set before each call.
    """

    def __init__(
        self, seal: Seal, token: Literal["pkipath", "x509v3"], life_s: int, wall: WallClock
    ) -> None:
        self._seal = seal
        self._token = token
        self._life_s = life_s
        self._wall = wall
        self.payload: FilePayload | None = None

    def apply(
        self, envelope: etree._Element, headers: dict[str, str]
    ) -> tuple[etree._Element, dict[str, str]]:
        """Give the message new Ids, a fresh Timestamp and a signature over it and the Body.

        Raises:
            SealRefused, WaitingError: from the seal; nothing was sent.
            OSError: the payload cannot be read.
        """
        message, security, body = _rebuilt(envelope)
        unique = uuid.uuid4().hex
        body.set(etree.QName(WSU, "Id"), f"id-{unique}-body")
        # The costly part first: the Timestamp's short life must not be spent on it.
        body_digest = self._body_digest(body)
        token_id = f"X509-{unique}"
        self._append_token(security, token_id)
        signature = etree.SubElement(
            security, etree.QName(DS, "Signature"), {"Id": f"SIG-{unique}"}, nsmap={"ds": DS}
        )
        timestamp = self._append_timestamp(security, f"TS-{unique}")
        signed_info = self._append_signed_info(signature)
        timestamp_digest = hashlib.sha256(_canonical(timestamp, _TIMESTAMP_PREFIXES)).digest()
        _append_reference(signed_info, f"TS-{unique}", _TIMESTAMP_PREFIXES, timestamp_digest)
        _append_reference(signed_info, f"id-{unique}-body", _BODY_PREFIXES, body_digest)
        value = self._seal.sign(_canonical(signed_info, _SIGNED_INFO_PREFIXES))
        etree.SubElement(signature, etree.QName(DS, "SignatureValue")).text = base64.b64encode(
            value
        ).decode()
        self._append_key_info(signature, token_id, unique)
        return message, headers

    def verify(self, envelope: etree._Element) -> etree._Element:
        """Accept an answer: none of GİB's is known to be signed at SOAP level (§5).

        The trust in an answer is TLS plus GİB's signature inside the approved berat.
        """
        return envelope

    def _body_digest(self, body: etree._Element) -> bytes:
        digest = hashlib.sha256()
        canonical = _canonical(body, _BODY_PREFIXES)
        if self.payload is None:
            digest.update(canonical)
        else:
            for piece in self.payload.spliced(canonical):
                digest.update(piece)
        return digest.digest()

    def _append_token(self, security: etree._Element, token_id: str) -> None:
        certificate = self._seal.certificate
        value = (
            pki_path(certificate, self._seal.chain)
            if self._token == "pkipath"  # noqa: S105 - a form, no secret
            else certificate.public_bytes(Encoding.DER)
        )
        token = etree.SubElement(security, etree.QName(WSSE, "BinarySecurityToken"))
        token.set("EncodingType", BASE64)
        token.set("ValueType", TOKEN_TYPES[self._token])
        token.set(etree.QName(WSU, "Id"), token_id)
        token.text = base64.b64encode(value).decode()

    def _append_timestamp(self, security: etree._Element, timestamp_id: str) -> etree._Element:
        created = self._wall()
        timestamp = etree.SubElement(security, etree.QName(WSU, "Timestamp"))
        timestamp.set(etree.QName(WSU, "Id"), timestamp_id)
        moments = {"Created": created, "Expires": created + timedelta(seconds=self._life_s)}
        for name, moment in moments.items():
            etree.SubElement(timestamp, etree.QName(WSU, name)).text = utc_text(moment)
        return timestamp

    def _append_signed_info(self, signature: etree._Element) -> etree._Element:
        signed_info = etree.SubElement(signature, etree.QName(DS, "SignedInfo"))
        method = etree.SubElement(
            signed_info, etree.QName(DS, "CanonicalizationMethod"), {"Algorithm": EXC_C14N}
        )
        _append_prefixes(method, _SIGNED_INFO_PREFIXES)
        etree.SubElement(
            signed_info,
            etree.QName(DS, "SignatureMethod"),
            {"Algorithm": str(self._seal.algorithm)},
        )
        return signed_info

    def _append_key_info(self, signature: etree._Element, token_id: str, unique: str) -> None:
        key_info = etree.SubElement(signature, etree.QName(DS, "KeyInfo"), {"Id": f"KI-{unique}"})
        reference = etree.SubElement(
            key_info, etree.QName(WSSE, "SecurityTokenReference"), nsmap={"wsse11": WSSE11}
        )
        reference.set(etree.QName(WSSE11, "TokenType"), TOKEN_TYPES[self._token])
        reference.set(etree.QName(WSU, "Id"), f"STR-{unique}")
        etree.SubElement(
            reference,
            etree.QName(WSSE, "Reference"),
            {"URI": f"#{token_id}", "ValueType": TOKEN_TYPES[self._token]},
        )


def utc_text(moment: datetime) -> str:
    """`2026-05-04T09:08:07.123Z`: UTC with milliseconds, as in GİB's sample."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )


def _rebuilt(
    envelope: etree._Element,
) -> tuple[etree._Element, etree._Element, etree._Element]:
    """zeep's envelope under the sample's prefixes: message, Security header, Body."""
    # Parsed, not built: lxml ignores an InclusiveNamespaces prefix that no parser of this thread
    # has met yet, so a message made of Elements alone would be hashed wrongly.
    message = etree.fromstring(_SKELETON)
    security, body = message[0][0], message[1]
    old_body = envelope.find(f"{{{SOAP}}}Body")
    assert old_body is not None, "zeep made an envelope without a Body"
    for child in list(old_body):
        body.append(child)
    return message, security, body


def _canonical(element: etree._Element, prefixes: tuple[str, ...]) -> bytes:
    return etree.tostring(
        element, method="c14n", exclusive=True, inclusive_ns_prefixes=list(prefixes)
    )


def _append_prefixes(parent: etree._Element, prefixes: tuple[str, ...]) -> None:
    etree.SubElement(
        parent,
        etree.QName(EXC_C14N, "InclusiveNamespaces"),
        {"PrefixList": " ".join(prefixes)},
        nsmap={"ec": EXC_C14N},
    )


def _append_reference(
    signed_info: etree._Element, target_id: str, prefixes: tuple[str, ...], digest: bytes
) -> None:
    reference = etree.SubElement(
        signed_info, etree.QName(DS, "Reference"), {"URI": f"#{target_id}"}
    )
    transforms = etree.SubElement(reference, etree.QName(DS, "Transforms"))
    transform = etree.SubElement(transforms, etree.QName(DS, "Transform"), {"Algorithm": EXC_C14N})
    _append_prefixes(transform, prefixes)
    etree.SubElement(reference, etree.QName(DS, "DigestMethod"), {"Algorithm": SHA256})
    value = etree.SubElement(reference, etree.QName(DS, "DigestValue"))
    value.text = base64.b64encode(digest).decode()
