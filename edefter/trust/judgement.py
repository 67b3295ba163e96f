"""What a revocation means for a signature, and for a seal about to sign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from edefter.model.finding import Severity
from edefter.trust.answers import Status
from edefter.trust.revocation import Standing
from edefter.xmlsig.problem import Problem, Verdict


class TimeProof(StrEnum):
    """What proves that a signature existed at a time."""

    CLAIM = "claim"  # only the signer's own SigningTime
    TIMESTAMP = "timestamp"  # a time stamp token
    COUNTERSIGNATURE = "countersignature"  # GİB's counter-signature


class Outcome(StrEnum):
    """How a signature stands, after path, revocation and time."""

    VALID = "valid"  # and something besides the signer proves the time
    VALID_AT_CLAIMED_TIME = "valid at the claimed signing time"
    REVOKED = "revoked"  # before it signed
    REVOKED_LATER = "revoked later"  # after the time that it claims, and nothing proves that time
    UNKNOWN = "unknown"  # nothing believable is known about revocation
    UNTRUSTED = "untrusted"  # no valid path at the signing time


@dataclass(frozen=True, slots=True)
class SigningMoment:
    """When a signature was made, and who says so.

    Args:
        claimed: the signer's SigningTime, zone-aware.
        proven: the signature existed by then; None = nothing proves it.
        proof: what proves `proven`.
    """

    claimed: datetime
    proven: datetime | None = None
    proof: TimeProof = TimeProof.CLAIM


def outcome(standings: Sequence[Standing], moment: SigningMoment) -> Outcome:
    """How a signature stands whose path is valid at the claimed time.

    Args:
        standings: of the signer's certificate first, then of the CAs that were asked about.
        moment: when it was signed.

    Returns:
        The worst that any certificate of the path gives. A CA of which nothing is known does not
        count: it lies in the operator's folder.

    Source: ETSI EN 319 102-1 §5.2.6, §5.6 (past signature validation), without re-stamping.
    """
    first = standings[0]
    proven = _proven(moment, first)
    later = False
    for standing in standings:
        since = standing.told.revoked_at if standing.told else None
        if standing.status is not Status.REVOKED:
            continue
        if since is None or since <= moment.claimed:
            return Outcome.REVOKED
        later = later or proven is None or since <= proven
    if later:
        return Outcome.REVOKED_LATER
    if not _known_at(first, moment.claimed):
        return Outcome.UNKNOWN
    return Outcome.VALID if proven is not None else Outcome.VALID_AT_CLAIMED_TIME


def _known_at(standing: Standing, moment: datetime) -> bool:
    """Whether the standing tells of that moment; one revoked later was good until then."""
    if standing.told is None or standing.status not in (Status.GOOD, Status.REVOKED):
        return False
    end = standing.certificate.not_valid_after_utc
    return standing.status is Status.REVOKED or standing.told.covers(moment, end)


def _proven(moment: SigningMoment, first: Standing) -> datetime | None:
    """The proven time, unless it comes too late to say that the certificate was still valid."""
    if moment.proof is TimeProof.CLAIM or moment.proven is None:
        return None
    return moment.proven if moment.proven <= first.certificate.not_valid_after_utc else None


def outcome_problem(found: Outcome, standings: Sequence[Standing]) -> Problem | None:
    """The outcome as a finding; None for the two valid ones.

    Only `REVOKED` and `REVOKED_LATER` are errors; whether not knowing is one depends on the mode
    (`standing_problems`).
    """
    worst = next((item for item in standings if item.status is Status.REVOKED), standings[0])
    if found is Outcome.REVOKED:
        return Problem(Verdict.REVOCATION, "trust.revoked", worst.facts)
    if found is Outcome.REVOKED_LATER:
        return Problem(Verdict.REVOCATION, "trust.revoked_later", worst.facts)
    if found is Outcome.UNKNOWN:
        facts = standings[0].facts
        return Problem(Verdict.REVOCATION, "trust.not_known", facts, Severity.WARNING)
    return None


def standing_problems(
    standings: Iterable[Standing], mode: Literal["lenient", "strict"]
) -> tuple[Problem, ...]:
    """What the standing of certificates at this moment means under the policy.

    Args:
        standings: from `RevocationChecker.check_chain`, the signer's certificate first.
        mode: strict = not knowing about the signer's certificate is an error; lenient = a warning.

    Returns:
        A revoked certificate is an error in both modes. What went wrong on the way follows as
        warnings only where it led to not knowing.

    Source: signing.md §5.
    """
    found: list[Problem] = []
    for place, standing in enumerate(standings):
        if standing.status is Status.REVOKED:
            found.append(Problem(Verdict.REVOCATION, "trust.revoked", standing.facts))
        elif standing.status is not Status.GOOD:
            strict = mode == "strict" and place == 0
            severity = Severity.ERROR if strict else Severity.WARNING
            key = "trust.not_known" if standing.status is Status.UNKNOWN else "trust.not_reachable"
            found.append(Problem(Verdict.REVOCATION, key, standing.facts, severity))
            found += [
                Problem(Verdict.REVOCATION, remark.key, remark.facts, Severity.WARNING)
                for remark in standing.remarks
            ]
    return tuple(found)
