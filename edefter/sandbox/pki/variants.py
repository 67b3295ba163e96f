"""The seals that a client must refuse, one for each way of being wrong (signing.md §7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from edefter.sandbox.pki.authority import SandboxPki, SealFile
from edefter.sandbox.pki.certificates import KeyKind

Variant = Literal[
    "expired", "revoked", "not-yet-valid", "wrong-vkn", "encryption", "sha1", "rsa-1024",
    "unknown-root",
]  # fmt: skip
VARIANTS: tuple[Variant, ...] = get_args(Variant)

WRONG_TAX_NUMBER = "9999999999"


def issue_variant(
    pki: SandboxPki,
    variant: Variant,
    tax_number: str,
    title: str,
    *,
    key: KeyKind = "rsa",
    now: datetime | None = None,
) -> SealFile:
    """A seal that is wrong in exactly one way.

    Args:
        pki: its issuer; `unknown-root` comes from a second PKI in a folder below.
        variant: what is wrong with it.
        tax_number, title: the company that it pretends to be of.
        key: of the seal; `rsa-1024` is always RSA.
        now: zone-aware; default the time now.
    """
    moment, day = now or datetime.now(UTC), timedelta(days=1)
    label = f"{tax_number}-{variant}-{key}"
    if variant == "unknown-root":
        stranger = SandboxPki(pki.folder / "unknown-root", now=moment)
        return stranger.issue_seal(tax_number, title, key=key, label=label)
    if variant == "rsa-1024":
        return pki.issue_seal(tax_number, title, rsa_bits=1024, label=label)
    options: dict[Variant, dict[str, Any]] = {
        "expired": {"not_before": moment - 1096 * day, "not_after": moment - day},
        "not-yet-valid": {"not_before": moment + day, "not_after": moment + 1096 * day},
        "encryption": {"encryption": True},
        "sha1": {"sha1": True},
    }
    number = WRONG_TAX_NUMBER if variant == "wrong-vkn" else tax_number
    seal = pki.issue_seal(number, title, key=key, label=label, **options.get(variant, {}))
    if variant == "revoked":
        pki.revoke(seal.certificate, moment - timedelta(hours=1), "keyCompromise")
    return seal
