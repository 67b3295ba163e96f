"""The simulator's check of WS-Security: parts, digests, freshness, token and trust (§5)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from edefter.certificates import read_der
from edefter.sandbox.gib import dsig
from edefter.sandbox.gib.dsig import DS, BadAlgorithm, BadSignature
from edefter.sandbox.gib.soap import SOAP, WSSE, Fault
from edefter.sandbox.gib.trust import Trust, Untrusted, check_order

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
PKIPATH = f"{_OASIS}x509-token-profile-1.0#X509PKIPathv1"
X509V3 = f"{_OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
_ID = f"{{{WSU}}}Id"


@dataclass(frozen=True, slots=True)
class Policy:
    """What is tolerated.

    Args:
        max_age_s: oldest message.
        max_future_s: how far ahead of our clock it may be.
        accept_ec: whether ecdsa signatures are taken.
    """

    max_age_s: float = 300.0
    max_future_s: float = 60.0
    accept_ec: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed the message.

    Args:
        tax_number: subject serialNumber of the certificate.
        signature_value: base64, for the replay memory.
    """

    tax_number: str
    signature_value: str


def check_message(message: etree._Element, trust: Trust, now: datetime, policy: Policy) -> Caller:
    """Verify a message.

    Raises:
        Fault: with the wsse fault code that WSS4J would use.
    """
    try:
        return _check(message, trust, now, policy)
    except BadAlgorithm as error:
        raise Fault(str(error), subcode="UnsupportedAlgorithm") from None
    except BadSignature as error:
        raise Fault(str(error), subcode="FailedCheck") from None
    except Untrusted as error:
        raise Fault(str(error), subcode="FailedAuthentication") from None


def _check(message: etree._Element, trust: Trust, now: datetime, policy: Policy) -> Caller:
    header = message.find(f"{{{SOAP}}}Header")
    found = header.findall(f"{{{WSSE}}}Security") if header is not None else []
    if len(found) != 1:
        raise Fault("Security başlığı bulunamadı", subcode="InvalidSecurity")
    security = found[0]
    ids = dsig.check_unique_ids(message, _ID, "Id")
    signature = _child(security, f"{{{DS}}}Signature")
    timestamp = _child(security, f"{{{WSU}}}Timestamp")
    path = _token(signature, ids)
    tax_number = trust.check(path[-1], now, tuple(path[:-1]))
    signed_info = dsig.one(signature, f"{{{DS}}}SignedInfo")
    method = dsig.one(signed_info, f"{{{DS}}}SignatureMethod").get("Algorithm", "")
    if "ecdsa" in method and not policy.accept_ec:
        raise BadAlgorithm("yalnızca rsa-sha256 kabul edilir")
    c14n = dsig.one(signed_info, f"{{{DS}}}CanonicalizationMethod")
    value = dsig.text_bytes(dsig.one(signature, f"{{{DS}}}SignatureValue"))
    canonical = dsig.canonical(
        signed_info, c14n.get("Algorithm", ""), dsig.inclusive_prefixes(c14n)
    )
    dsig.check_value(method, path[-1].public_key(), value, canonical)
    _check_references(message, signed_info, ids, timestamp)
    _check_freshness(timestamp, now, policy)
    return Caller(tax_number, base64.b64encode(value).decode())


def _check_references(
    message: etree._Element,
    signed_info: etree._Element,
    ids: dict[str, etree._Element],
    timestamp: etree._Element,
) -> None:
    """Exactly the Body of this envelope and the Timestamp of this header must be signed."""
    body = dsig.one(message, f"{{{SOAP}}}Body")
    signed: list[etree._Element] = []
    for reference in signed_info.findall(f"{{{DS}}}Reference"):
        target = ids.get(reference.get("URI", "").removeprefix("#"))
        if target is None:
            raise BadSignature("imzalanan bölüm bulunamadı")
        transforms = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
        if len(transforms) != 1:
            raise BadSignature("tek dönüşüm beklenir")
        canonical = dsig.canonical(
            target, transforms[0].get("Algorithm", ""), dsig.inclusive_prefixes(transforms[0])
        )
        # GİB's sample message still has SHA-1 reference digests.
        dsig.check_digest(reference, canonical, what=etree.QName(target).localname, allow_sha1=True)
        signed.append(target)
    if len(signed) != 2 or body not in signed or timestamp not in signed:
        raise BadSignature("Timestamp ve Body imzalanmalı, başka bölüm imzalanmamalı")


def _check_freshness(timestamp: etree._Element, now: datetime, policy: Policy) -> None:
    try:
        created, expires = (
            datetime.fromisoformat((timestamp.findtext(f"{{{WSU}}}{name}") or "").strip())
            for name in ("Created", "Expires")
        )
        late = expires <= now or created < now - timedelta(seconds=policy.max_age_s)
        early = created > now + timedelta(seconds=policy.max_future_s) or expires <= created
    except (ValueError, TypeError):
        raise Fault("Timestamp okunamadı", subcode="InvalidSecurity") from None
    if late or early:
        raise Fault("The message has expired", subcode="MessageExpired")


def _token(signature: etree._Element, ids: dict[str, etree._Element]) -> list[x509.Certificate]:
    """The token's certificates, end entity last."""
    reference = dsig.one(signature, f"{{{DS}}}KeyInfo", f"{{{WSSE}}}SecurityTokenReference")
    direct = dsig.one(reference, f"{{{WSSE}}}Reference")
    token = ids.get(direct.get("URI", "").removeprefix("#"))
    if token is None or token.tag != f"{{{WSSE}}}BinarySecurityToken":
        raise Fault("Token bulunamadı", subcode="SecurityTokenUnavailable")
    kind = token.get("ValueType")
    if kind not in (PKIPATH, X509V3) or token.get("EncodingType") != BASE64:
        raise Fault("Token türü desteklenmiyor", subcode="UnsupportedSecurityToken")
    if direct.get("ValueType") != kind:
        raise Fault("Token türü uyuşmuyor", subcode="InvalidSecurityToken")
    # WS-I BSP: a PKIPath reference names its token type.
    token_type = reference.get(f"{{{WSSE11}}}TokenType")
    if token_type != kind and (kind == PKIPATH or token_type is not None):
        raise Fault("TokenType eksik ya da yanlış", subcode="InvalidSecurity")
    try:
        data = base64.b64decode("".join((token.text or "").split()), validate=True)
        path = _certificates(data) if kind == PKIPATH else [_certificate(data)]
    except (ValueError, binascii.Error):
        raise Fault("Token okunamadı", subcode="InvalidSecurityToken") from None
    check_order(path)
    return path


def _certificate(data: bytes) -> x509.Certificate:
    certificate = read_der(data)
    if certificate.public_bytes(Encoding.DER) != data:
        raise ValueError("trailing data")
    return certificate


def _certificates(data: bytes) -> list[x509.Certificate]:
    """The members of a DER SEQUENCE OF Certificate."""
    content, rest = _der(data)
    if rest or not content:
        raise ValueError("not one sequence")
    found = []
    while content:
        _, following = _der(content)
        found.append(_certificate(content[: len(content) - len(following)]))
        content = following
    return found


def _der(data: bytes) -> tuple[bytes, bytes]:
    """Content of the first SEQUENCE in `data`, and what follows it."""
    if len(data) < 2 or data[0] != 0x30:
        raise ValueError("no sequence")
    begin, length = 2, data[1]
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise ValueError("length")
        begin, length = 2 + octets, int.from_bytes(data[2 : 2 + octets], "big")
    if begin + length > len(data):
        raise ValueError("cut off")
    return data[begin : begin + length], data[begin + length :]


def _child(security: etree._Element, tag: str) -> etree._Element:
    found = security.findall(tag)
    if len(found) != 1:
        raise Fault(f"{etree.QName(tag).localname} eksik", subcode="InvalidSecurity")
    return found[0]
