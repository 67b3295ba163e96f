"""A signer's certificate at the time of signing: by evidence, and by asking only where told to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from edefter.telling import Remark
from edefter.trust.anchors import is_authority
from edefter.trust.answers import AboutAnother, Refused, Status, Told, judge
from edefter.trust.evidence import Evidence
from edefter.trust.judgement import Outcome, SigningMoment, outcome, outcome_problem
from edefter.trust.path import Chain, find_chain
from edefter.trust.revocation import RevocationChecker, Standing, says_where
from edefter.xmlsig.certificate import common_name
from edefter.xmlsig.problem import Problem


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a signature stands.

    Args:
        outcome: the conclusion.
        chain: the path at the claimed signing time.
        standings: of the signer's certificate first, then of the CAs; empty without a path.
        problem: the finding that goes with the outcome, or None.
    """

    outcome: Outcome
    chain: Chain
    standings: tuple[Standing, ...]
    problem: Problem | None


def validate_with_evidence(
    certificate: x509.Certificate,
    evidence: Evidence | None,
    anchors: Sequence[x509.Certificate],
    moment: SigningMoment,
    *,
    untrusted: Iterable[x509.Certificate] = (),
    checker: RevocationChecker | None = None,
    now: datetime | None = None,
) -> Judgement:
    """Judge a signer's certificate at the time of signing; without a checker nobody is asked.

    Args:
        certificate: the signer's.
        evidence: what was kept with the document; None = nothing was.
        anchors: the operator's trust anchors; those that have expired since count as they stood
            at the signing time. Certificates in the evidence are steps on the way, never anchors.
        moment: the claimed time, and what proves it.
        untrusted: further issuers, e.g. from the document; like those in the evidence.
        checker: asked, at `now`, about certificates of which the evidence does not know enough.
        now: measured time, zone-aware; needed with a checker.

    Source: ETSI EN 319 102-1 §5.6; signing.md §5.
    """
    known = evidence or Evidence()
    issuers = [item for item in (*known.certificates, *untrusted) if is_authority(item)]
    chain = find_chain(certificate, anchors, moment=moment.claimed, untrusted=issuers)
    if chain.problem is not None:
        return Judgement(Outcome.UNTRUSTED, chain, (), chain.problem)
    paths = [chain.certificates[place:] for place in range(max(1, len(chain.certificates) - 1))]
    standings = tuple(_standing(path, known, moment) for path in paths)
    if checker is not None and now is not None:
        standings = tuple(
            checker.check(path, now=now)
            if standing.status is Status.UNKNOWN and says_where(path[0])
            else standing
            for path, standing in zip(paths, standings, strict=True)
        )
    found = outcome(standings, moment)
    return Judgement(found, chain, standings, outcome_problem(found, standings))


def _standing(
    chain: Sequence[x509.Certificate], evidence: Evidence, moment: SigningMoment
) -> Standing:
    certificate = chain[0]
    remarks: list[Remark] = []
    told = list(_told(chain, evidence, remarks))
    revoked = [item for item in told if item.status is Status.REVOKED]
    if revoked:
        first = min(revoked, key=lambda item: item.revoked_at or item.this_update)
        return Standing(certificate, Status.REVOKED, first, tuple(remarks))
    good = [
        item
        for item in told
        if item.status is Status.GOOD
        and item.covers(moment.claimed, certificate.not_valid_after_utc)
    ]
    if good:
        latest = max(good, key=lambda item: item.this_update)
        return Standing(certificate, Status.GOOD, latest, tuple(remarks))
    return Standing(certificate, Status.UNKNOWN, None, tuple(remarks))


def _told(
    chain: Sequence[x509.Certificate], evidence: Evidence, remarks: list[Remark]
) -> Iterator[Told]:
    if len(chain) < 2:
        return
    for answer in evidence.answers:
        try:
            yield judge(answer, chain)
        except AboutAnother:
            continue
        except Refused as error:
            facts = {
                "subject": common_name(chain[0]),
                "kind": answer.kind.upper(),
                "detail": str(error),
            }
            remarks.append(Remark("trust.answer_refused", facts))
