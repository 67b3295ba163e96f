"""What an OCSP answer or a CRL says about a certificate, and whether it may be believed.

Each answer is judged at the moment it was made: who signed it must have been allowed to *then*, for
responders' certificates are short-lived and answers are kept for ten years. Whether it is still
fresh, or covers a signing time, is another question (`Told.covers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from pyhanko_certvalidator.errors import (
    CRLNoMatchesError,
    CRLValidationIndeterminateError,
    OCSPNoMatchesError,
    OCSPValidationIndeterminateError,
    RevokedError,
)
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from edefter.trust import bridge
from edefter.xmlsig.certificate import key_usage

ANSWER_AGE = timedelta(days=1)
"""How long an answer that names no end counts as fresh (signing.md §5)."""


class Status(StrEnum):
    """What is known about a certificate's revocation."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"  # asked, and nobody could or would tell
    UNREACHABLE = "unreachable"  # nobody answered


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came, to be kept as evidence."""

    kind: Literal["ocsp", "crl"]
    der: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What a believable answer says.

    Args:
        status: good, revoked, or unknown (the responder does not know the certificate).
        answer: the answer itself.
        this_update: when it was true, UTC.
        next_update: until when it is meant to be used, or None.
        revoked_at, reason: of a revocation; the reason e.g. `key_compromise` (RFC 5280 §5.3.1).
    """

    status: Status
    answer: Answer
    this_update: datetime
    next_update: datetime | None = None
    revoked_at: datetime | None = None
    reason: str = ""

    @property
    def end(self) -> datetime:
        """Until when it may be used."""
        return self.next_update or self.this_update + ANSWER_AGE

    def fresh(self, now: datetime, tolerance: timedelta = timedelta(minutes=1)) -> bool:
        """Whether it may be used at `now`; tolerance is for clocks that differ a little."""
        return self.this_update - tolerance <= now <= self.end

    def covers(self, moment: datetime, not_after: datetime) -> bool:
        """Whether "good" says that the certificate was not revoked at `moment`.

        Args:
            moment: signing time.
            not_after: end of the certificate. Issuers may forget revocations of what has expired,
                so what they say after that proves nothing.
        """
        return self.end >= moment and self.this_update <= not_after


class Refused(Exception):
    """An answer that must not be believed; the text says why (for logs and findings)."""


class AboutAnother(Refused):
    """An answer about another certificate, or of another issuer; right in its place perhaps."""


def judge(answer: Answer, chain: Sequence[x509.Certificate]) -> Told:
    """Judge one answer about `chain[0]`.

    Args:
        answer: from the network, the cache or an evidence file; nothing in it is trusted.
        chain: the certificate and those above it up to the anchor, at least two, already found
            valid.

    Raises:
        AboutAnother: it says nothing about this certificate.
        Refused: malformed, or not signed by somebody who may.

    Source: RFC 6960 §3.2, §4.2.2.2; RFC 5280 §6.3.
    """
    if len(chain) < 2:
        raise Refused("no issuer")
    try:
        return (_judge_ocsp if answer.kind == "ocsp" else _judge_crl)(answer, chain)
    except (OCSPNoMatchesError, CRLNoMatchesError):
        raise AboutAnother("it is about another certificate") from None
    except bridge.REFUSALS as error:
        raise Refused(f"{type(error).__name__}: {str(error)[:200]}") from None


def nonce_of(der: bytes) -> bytes | None:
    """The nonce in an OCSP answer; None when there is none or the answer is unreadable."""
    try:
        extensions = ocsp.load_der_ocsp_response(der).extensions
        return extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except bridge.REFUSALS:
        return None


def _judge_ocsp(answer: Answer, chain: Sequence[x509.Certificate]) -> Told:
    response = ocsp.load_der_ocsp_response(answer.der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise Refused(f"OCSP status {response.response_status.name}")
    _refuse_weak(response.signature_hash_algorithm)
    certificate = chain[0]
    ours = [r for r in response.responses if r.serial_number == certificate.serial_number]
    if not ours:
        raise AboutAnother("it is about another certificate")
    if len(ours) > 1:
        raise Refused("several statuses of this certificate")
    single = ours[0]
    this_update, next_update = single.this_update_utc, single.next_update_utc
    path = bridge.validation_path(chain)
    # One second on: the validator overlooks a revocation of the very second it judges at.
    context = bridge.context(path, this_update + timedelta(seconds=1), ocsps=[answer.der])
    try:
        bridge.finish(verify_ocsp_response(bridge.plain(certificate), path, context))
    except RevokedError as error:
        return Told(
            Status.REVOKED, answer, this_update, next_update,
            error.revocation_dt, str(error.reason.native),
        )  # fmt: skip
    except OCSPValidationIndeterminateError as error:
        if error.failures:
            raise Refused("; ".join(str(failure[0]) for failure in error.failures)) from None
        return Told(Status.UNKNOWN, answer, this_update, next_update)
    return Told(Status.GOOD, answer, this_update, next_update)


def _judge_crl(answer: Answer, chain: Sequence[x509.Certificate]) -> Told:
    listed = x509.load_der_x509_crl(answer.der)
    _refuse_weak(listed.signature_hash_algorithm)
    certificate = chain[0]
    this_update, next_update = listed.last_update_utc, listed.next_update_utc
    path = bridge.validation_path(chain)
    context = bridge.context(path, this_update + timedelta(seconds=1), crls=[answer.der])
    if _is_by(listed, chain[1]):
        # Told to the validator, which finds no way to an issuer that is itself a pinned sub-CA.
        context.revinfo_manager.record_crl_issuer(  # type: ignore[no-untyped-call]
            asn1_crl.CertificateList.load(answer.der), bridge.plain(chain[1])
        )
    try:
        bridge.finish(verify_crl(bridge.plain(certificate), path, context, use_deltas=False))
    except RevokedError as error:
        return Told(
            Status.REVOKED, answer, this_update, next_update,
            error.revocation_dt, str(error.reason.native),
        )  # fmt: skip
    except CRLValidationIndeterminateError as error:
        reasons = "; ".join(str(failure[0]) for failure in error.failures)
        raise Refused(reasons or "the list does not cover this certificate") from None
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is not None and listed.issuer == certificate.issuer:
        # Dated ahead of its own list: the validator waits for that day, we do not.
        return Told(Status.REVOKED, answer, this_update, next_update, entry.revocation_date_utc)
    return Told(Status.GOOD, answer, this_update, next_update)


def _is_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether the issuer of the certificate itself made the list, and may make lists."""
    usage = key_usage(issuer)
    key = issuer.public_key()
    return (
        listed.issuer == issuer.subject
        and (usage is None or usage.crl_sign)
        and isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
        and listed.is_signature_valid(key)
    )


def _refuse_weak(digest: hashes.HashAlgorithm | None) -> None:
    if isinstance(digest, hashes.SHA1 | hashes.MD5):
        raise Refused(f"signed with {digest.name}")
