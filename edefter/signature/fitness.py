"""Whether a certificate may sign for this company, here and now (rules of signing.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from cryptography import x509

from edefter import messages
from edefter.errors import SealRefused
from edefter.model.environment import Environment
from edefter.signature.seals.algorithm import algorithm_of
from edefter.telling import Remark
from edefter.trust.path import certificate_chain_problem
from edefter.xmlsig.certificate import (
    common_name,
    fits_environment,
    key_usage,
    may_sign,
    serial_text,
    tax_number,
)

WARN_DAYS = 60
"""Renewal takes card logistics, so the warning comes early (signing.md §2)."""

_TURKEY = timezone(timedelta(hours=3))


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
    warnings: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a certificate has to fulfil here and now.

    Args:
        tax_numbers: VKN/TCKN of the company and of its authorised signers.
        now: measured time, zone-aware.
        environment: which world the run talks to.
        anchors: trust anchors of that environment; None = there are none, and only the sandbox
            goes on.
    """

    tax_numbers: Sequence[str]
    now: datetime
    environment: Environment
    anchors: Sequence[x509.Certificate] | None = None

    def check(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
    ) -> SealFitness:
        """Refuse a certificate that must not sign, naming the rule that excludes it.

        Args:
            certificate: of the seal.
            chain: its issuers as far as they are known, without the root.

        Raises:
            SealRefused: another environment's, another owner's, not a signing certificate, not
                valid now, weak or unknown key, or no path to an anchor.

        Source: signing.md §2.
        """
        facts = certificate_facts(certificate)
        if not fits_environment(certificate, self.environment):
            sandbox = self.environment is Environment.SANDBOX
            key = "signature.seal_real_in_sandbox" if sandbox else "signature.seal_sandbox_only"
            raise SealRefused(key, environment=self.environment.value, **facts)
        algorithm_of(certificate)
        _refuse_usage(certificate, facts)
        owner = tax_number(certificate)
        if owner not in self.tax_numbers:
            raise SealRefused(
                "signature.seal_other_owner",
                found=owner or "-", expected=", ".join(self.tax_numbers) or "-", **facts,
            )  # fmt: skip
        _refuse_validity(certificate, self.now, facts)
        self._refuse_chain(certificate, chain, facts)
        days_left = (certificate.not_valid_after_utc - self.now).days
        warnings: tuple[Remark, ...] = ()
        if days_left <= WARN_DAYS:
            soon = {
                **facts,
                "days_left": days_left,
                "not_after": _show(certificate.not_valid_after_utc),
            }
            warnings = (Remark("signature.seal_expires_soon", soon),)
        return SealFitness(
            tax_number=owner,
            serial=facts["serial"],
            not_after=certificate.not_valid_after_utc.astimezone(UTC),
            days_left=days_left,
            warnings=warnings,
        )

    def _refuse_chain(
        self,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        facts: dict[str, str],
    ) -> None:
        if self.anchors is None and self.environment is Environment.SANDBOX:
            return
        problem = certificate_chain_problem(
            certificate, self.anchors or (), moment=self.now, untrusted=chain
        )
        if problem is not None:
            raise SealRefused(
                "signature.seal_untrusted",
                detail=messages.text(problem.key, "tr", **problem.facts),
                detail_en=messages.text(problem.key, "en", **problem.facts),
                **facts,
            )


def certificate_facts(certificate: x509.Certificate) -> dict[str, str]:
    """Owner and serial number, as messages about a seal name them."""
    return {"subject": common_name(certificate), "serial": serial_text(certificate)}


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


def _show(moment: datetime) -> str:
    """Turkish time, as people read it."""
    return moment.astimezone(_TURKEY).strftime("%d.%m.%Y %H:%M:%S")
