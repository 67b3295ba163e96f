"""What a time stamp token proves: that some bytes existed at a time, by an authority we trust."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from edefter.certificates import extension, read_der
from edefter.trust.path import find_chain
from edefter.xmlsig.certificate import common_name
from edefter.xmlsig.problem import Problem, Verdict

MAX_TOKEN_BYTES = 256 * 1024
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_TOKEN = "1.2.840.113549.1.9.16.1.4"  # noqa: S105 - the OID of TSTInfo


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """What a token says and whether it may be believed.

    Args:
        gen_time: when it was stamped, UTC; None when the token cannot be read.
        certificate: the authority's; None when it is not known.
        certificates: all that came with the token, as evidence.
        problems: what is wrong; empty = it proves the time.
    """

    gen_time: datetime | None
    certificate: x509.Certificate | None
    certificates: tuple[x509.Certificate, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the time is proven."""
        return not self.problems


class _Wrong(Exception):
    """Reading cannot go on; carries the problem."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.problem = _problem(key, **facts)


def _problem(key: str, **facts: object) -> Problem:
    return Problem(Verdict.TIMESTAMP, f"timestamp.{key}", dict(facts))


def check_token(
    token: bytes,
    data: bytes,
    *,
    anchors: Sequence[x509.Certificate],
    untrusted: Sequence[x509.Certificate] = (),
    nonce: int | None = None,
) -> TokenCheck:
    """Check a token over `data`; the authority's path is judged at the time of the stamp.

    Args:
        token: DER of the TimeStampToken (a CMS SignedData), at most 256 kB.
        data: the bytes that were stamped, not their hash.
        anchors: trust anchors; Kamu SM leaves root and sub-CA out of its tokens.
        untrusted: further certificates, e.g. from evidence.
        nonce: of the request; None = an old token, whose request is gone.

    Returns:
        Time, authority and everything that is wrong; never raises for what the token holds.

    Source: RFC 3161 §2.4.2; RFC 5816 (ESSCertIDv2); signing.md §4.
    """
    gen_time: datetime | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    certificate: x509.Certificate | None = None
    problems: list[Problem] = []
    try:
        signed, info = _open(token)
        gen_time = _time(info)
        certificates = _certificates(signed)
        problems += _imprint(info, data)
        if nonce is not None and info["nonce"].native != nonce:
            problems.append(_problem("nonce"))
        signer = _only_signer(signed)
        certificate = _signer_certificate(signer, (*certificates, *untrusted, *anchors))
        problems += _binding(signer, certificate)
        problems += _usage(certificate)
        problems += _signature(token, certificate, certificates, untrusted, anchors, gen_time)
    except _Wrong as wrong:
        problems.append(wrong.problem)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # asn1crypto parses late: what is malformed shows when it is touched.
        problems.append(_problem("unreadable"))
    return TokenCheck(gen_time, certificate, certificates, tuple(problems))


def _open(token: bytes) -> tuple[Any, Any]:
    if len(token) > MAX_TOKEN_BYTES:
        raise _Wrong("unreadable")
    content = cms.ContentInfo.load(token, strict=True)
    if content["content_type"].native != "signed_data":
        raise _Wrong("unreadable")
    signed = content["content"]
    inside = signed["encap_content_info"]
    if inside["content_type"].dotted != _TOKEN:
        raise _Wrong("unreadable")
    return signed, tsp.TSTInfo.load(inside["content"].contents, strict=True)


def _time(info: Any) -> datetime:
    moment: datetime = info["gen_time"].native
    if moment.tzinfo is None:
        raise _Wrong("unreadable")
    return moment.astimezone(UTC)


def _certificates(signed: Any) -> tuple[x509.Certificate, ...]:
    found = []
    held = signed["certificates"]
    for item in held if held.native is not None else ():
        if item.name == "certificate":
            found.append(read_der(item.chosen.dump()))
    return tuple(found)


def _imprint(info: Any, data: bytes) -> list[Problem]:
    imprint = info["message_imprint"]
    name = imprint["hash_algorithm"]["algorithm"].native
    if name not in _HASHES:
        return [_problem("hash", algorithm=name)]
    if imprint["hashed_message"].native != _HASHES[name](data).digest():
        return [_problem("imprint")]
    return []


def _only_signer(signed: Any) -> Any:
    signers = signed["signer_infos"]
    if len(signers) != 1:
        raise _Wrong("unreadable")
    return signers[0]


def _signer_certificate(signer: Any, known: Sequence[x509.Certificate]) -> x509.Certificate:
    sid = signer["sid"]
    if sid.name != "issuer_and_serial_number":
        raise _Wrong("unreadable")
    issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
    for certificate in known:
        if certificate.serial_number == serial and certificate.issuer.public_bytes() == issuer:
            return certificate
    raise _Wrong("certificate_missing")


def _binding(signer: Any, certificate: x509.Certificate) -> list[Problem]:
    """The signed attribute names this very certificate; no other can be put in its place."""
    der = certificate.public_bytes(Encoding.DER)
    for attribute in signer["signed_attrs"]:
        kind = attribute["type"].native
        if kind not in ("signing_certificate", "signing_certificate_v2"):
            continue
        named = attribute["values"][0]["certs"][0]
        name = "sha1"
        if kind == "signing_certificate_v2":
            name = named["hash_algorithm"]["algorithm"].native
        if hashlib.new(name, der).digest() == named["cert_hash"].native:
            return []
        return [_problem("binding")]
    return [_problem("binding")]


def _usage(certificate: x509.Certificate) -> list[Problem]:
    """The certificate is for time stamps and for nothing else (RFC 3161 §2.3)."""
    found = extension(certificate, x509.ExtendedKeyUsage)
    if (
        found is None
        or not found.critical
        or list(found.value) != [ExtendedKeyUsageOID.TIME_STAMPING]
    ):
        return [_problem("usage", subject=common_name(certificate))]
    return []


def _signature(
    token: bytes,
    certificate: x509.Certificate,
    certificates: Sequence[x509.Certificate],
    untrusted: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    gen_time: datetime,
) -> list[Problem]:
    chain = find_chain(certificate, anchors, moment=gen_time, untrusted=(*certificates, *untrusted))
    if chain.problem is not None:
        return [Problem(Verdict.TIMESTAMP, chain.problem.key, chain.problem.facts)]
    root = chain.certificates[-1]
    if root.subject != root.issuer:
        # OpenSSL, which checks the CMS signature, wants the whole path.
        return [_problem("root_missing", subject=common_name(root))]
    answer = decode_timestamp_response(granted(token))
    verifier = VerifierBuilder(
        tsa_certificate=certificate,
        intermediates=list(chain.certificates[1:-1]),
        roots=[root],
    ).build()
    try:
        verifier.verify(answer, answer.tst_info.message_imprint.message)
    except VerificationError:
        return [_problem("signature")]
    return []


def granted(token: bytes) -> bytes:
    """A TimeStampResp around a token: what stored tokens and Kamu SM's bare answers lack."""
    content = cms.ContentInfo.load(token)
    answer = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": content})
    return bytes(answer.dump())
