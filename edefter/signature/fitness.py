"""Whether a seal may sign for this company, here and now (selection rule of signing.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cryptography import x509

from edefter import messages
from edefter.errors import SealRefused
from edefter.model.environment import Environment
from edefter.signature.port import Seal
from edefter.signature.seals.pkcs12 import algorithm_of
from edefter.trust.path import certificate_chain_problem, load_anchors
from edefter.xmlsig.certificate import (
    common_name,
    fits_environment,
    key_usage,
    may_sign,
    serial_text,
    tax_number,
)

__all__ = ["FitnessWarning", "SealFitness", "check_seal", "load_anchors"]

WARN_DAYS = 60
"""Renewal takes card logistics, so the warning comes early (signing.md §2)."""

_TURKEY = timezone(timedelta(hours=3))


@dataclass(frozen=True, slots=True)
class FitnessWarning:
    """A remark that does not stop signing: message key and its facts."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFitness:
    """A seal that may sign.

    Args:
        tax_number: of its owner.
        serial: hex.
        not_after: end of validity, UTC.
        days_left: whole days until then.
        warnings: remarks, e.g. that it expires soon.
    """

    tax_number: str
    serial: str
    not_after: datetime
    days_left: int
    warnings: tuple[FitnessWarning, ...] = ()


def check_seal(
    seal: Seal,
    *,
    tax_numbers: Sequence[str],
    now: datetime,
    environment: Environment,
    anchors: Sequence[x509.Certificate] | None = None,
) -> SealFitness:
    """Refuse a seal that must not sign, naming the rule that excludes it.

    Args:
        seal: any seal; nothing is signed.
        tax_numbers: VKN/TCKN of the company and of its authorised signers.
        now: measured time, zone-aware.
        environment: which world the run talks to.
        anchors: trust anchors of that environment; with none, only the sandbox goes on.

    Returns:
        What is worth knowing about the seal, with a warning from 60 days before its end.

    Raises:
        SealRefused: another environment's, another owner's, not a signing certificate, not valid
            now, weak or unknown key, or no path to an anchor.
    """
    certificate = seal.certificate
    facts = {"subject": common_name(certificate), "serial": serial_text(certificate)}
    if not fits_environment(certificate, environment):
        sandbox = environment is Environment.SANDBOX
        key = "signature.seal_real_in_sandbox" if sandbox else "signature.seal_sandbox_only"
        raise SealRefused(key, environment=environment.value, **facts)
    algorithm_of(certificate)
    _refuse_usage(certificate, facts)
    owner = tax_number(certificate)
    if owner not in tax_numbers:
        raise SealRefused(
            "signature.seal_other_owner",
            found=owner or "-", expected=", ".join(tax_numbers) or "-", **facts,
        )  # fmt: skip
    _refuse_validity(certificate, now, facts)
    _refuse_chain(seal, environment, now, anchors, facts)
    days_left = (certificate.not_valid_after_utc - now).days
    warnings: tuple[FitnessWarning, ...] = ()
    if days_left <= WARN_DAYS:
        soon = {
            **facts,
            "days_left": days_left,
            "not_after": _show(certificate.not_valid_after_utc),
        }
        warnings = (FitnessWarning("signature.seal_expires_soon", soon),)
    return SealFitness(
        tax_number=owner,
        serial=facts["serial"],
        not_after=certificate.not_valid_after_utc.astimezone(UTC),
        days_left=days_left,
        warnings=warnings,
    )


def _refuse_usage(certificate: x509.Certificate, facts: dict[str, str]) -> None:
    if may_sign(certificate):
        return
    usage = key_usage(certificate)
    if usage is None:
        detail = "key usage: -"
    else:
        names = ("digital_signature", "key_encipherment", "key_agreement")
        detail = "key usage: " + (", ".join(n for n in names if getattr(usage, n)) or "-")
    raise SealRefused("signature.seal_not_for_signing", detail=detail, **facts)


def _refuse_validity(certificate: x509.Certificate, now: datetime, facts: dict[str, str]) -> None:
    if now > certificate.not_valid_after_utc:
        raise SealRefused(
            "signature.seal_expired",
            not_after=_show(certificate.not_valid_after_utc), now=_show(now), **facts,
        )  # fmt: skip
    if now < certificate.not_valid_before_utc:
        raise SealRefused(
            "signature.seal_not_yet_valid",
            not_before=_show(certificate.not_valid_before_utc), now=_show(now), **facts,
        )  # fmt: skip


def _refuse_chain(
    seal: Seal,
    environment: Environment,
    now: datetime,
    anchors: Sequence[x509.Certificate] | None,
    facts: dict[str, str],
) -> None:
    if anchors is None and environment is Environment.SANDBOX:
        return
    problem = certificate_chain_problem(
        seal.certificate, anchors or (), moment=now, untrusted=seal.chain
    )
    if problem is not None:
        raise SealRefused(
            "signature.seal_untrusted",
            detail=messages.text(problem.key, "tr", **problem.facts),
            detail_en=messages.text(problem.key, "en", **problem.facts),
            **facts,
        )


def _show(moment: datetime) -> str:
    """Turkish time, as people read it."""
    return moment.astimezone(_TURKEY).strftime("%d.%m.%Y %H:%M:%S")
