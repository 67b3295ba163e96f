"""Which of a seal's certificates signs (selection rule of signing.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509

from edefter.errors import SealRefused
from edefter.model.environment import Environment
from edefter.signature.fitness import Rules, SealFitness, certificate_facts
from edefter.signature.port import Candidate, Seal, SealWithChoice
from edefter.telling import Remark


@dataclass(frozen=True, slots=True)
class Chosen:
    """The certificate that signs.

    Args:
        candidate: the certificate.
        fitness: what is worth knowing about it.
    """

    candidate: Candidate
    fitness: SealFitness


def choose(
    candidates: Sequence[Candidate],
    *,
    tax_numbers: Sequence[str],
    now: datetime,
    environment: Environment,
    anchors: Sequence[x509.Certificate] | None = None,
) -> Chosen:
    """The one that may sign; of several the newest, with a warning.

    Args:
        candidates: all certificates that could be meant, at least one.
        tax_numbers, now, environment, anchors: as of `Rules`.

    Raises:
        SealRefused: none may sign; each candidate is named with the rule that excludes it.

    Source: signing.md §2.
    """
    rules = Rules(tax_numbers=tax_numbers, now=now, environment=environment, anchors=anchors)
    fitting: list[Chosen] = []
    refused: list[tuple[Candidate, SealRefused]] = []
    for candidate in candidates:
        facts = certificate_facts(candidate.certificate)
        try:
            fitness = rules.check(candidate.certificate, candidate.chain)
            if not candidate.has_key:
                raise SealRefused("signature.seal_key_missing", **facts)
            fitting.append(Chosen(candidate, fitness))
        except SealRefused as problem:
            refused.append((candidate, problem))
    if not fitting:
        raise _none_fits(refused)
    newest = max(fitting, key=lambda item: item.candidate.certificate.not_valid_before_utc)
    if len(fitting) == 1:
        return newest
    facts = certificate_facts(newest.candidate.certificate)
    several = Remark("signature.seal_several_fit", {**facts, "count": len(fitting)})
    return replace(newest, fitness=_with(newest.fitness, several))


def _none_fits(refused: Sequence[tuple[Candidate, SealRefused]]) -> SealRefused:
    if len(refused) == 1:
        return refused[0][1]
    reasons = {
        lang: " ".join(
            f"({number}) {item.label or '-'}: {problem.text(lang)}"
            for number, (item, problem) in enumerate(refused, start=1)
        )
        for lang in ("tr", "en")
    }
    return SealRefused(
        "signature.seal_none_fits",
        count=len(refused), reasons_tr=reasons["tr"], reasons_en=reasons["en"],
    )  # fmt: skip


def _with(fitness: SealFitness, *remarks: Remark) -> SealFitness:
    return replace(fitness, warnings=(*fitness.warnings, *remarks))


def check_seal(
    seal: Seal,
    *,
    tax_numbers: Sequence[str],
    now: datetime,
    environment: Environment,
    anchors: Sequence[x509.Certificate] | None = None,
) -> SealFitness:
    """Refuse a seal that must not sign; of several certificates the fitting one signs from now on.

    Args:
        seal: any seal; nothing is signed.
        tax_numbers, now, environment, anchors: as of `Rules`.

    Returns:
        What is worth knowing about the seal, with a warning from 60 days before its end.

    Raises:
        SealRefused: no certificate may sign, each with its rule; or the token cannot be used.
        WaitingError: the token or service did not answer.
        ConfigError: the token's library cannot be loaded.

    Source: signing.md §2.
    """
    if not isinstance(seal, SealWithChoice):
        rules = Rules(tax_numbers=tax_numbers, now=now, environment=environment, anchors=anchors)
        return rules.check(seal.certificate, seal.chain)
    chosen = choose(
        seal.candidates(),
        tax_numbers=tax_numbers, now=now, environment=environment, anchors=anchors,
    )  # fmt: skip
    seal.choose(chosen.candidate)
    return _with(chosen.fitness, *seal.remarks())
