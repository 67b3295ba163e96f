"""The path from a certificate to a trust anchor, judged at one moment.

We look for the candidates ourselves, because the search must stay small whatever certificates a
document brings along, and have each judged by pyhanko-certvalidator after RFC 5280 §6.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko_certvalidator.validate import async_validate_path

from edefter.certificates import extension
from edefter.trust import bridge
from edefter.trust.anchors import is_authority, load_anchors
from edefter.xmlsig.certificate import common_name
from edefter.xmlsig.problem import Problem, Verdict

__all__ = ["Chain", "certificate_chain_problem", "find_chain", "load_anchors"]

_MAX_LENGTH = 8
_MAX_UNTRUSTED = 4  # a document must not buy us a search through its own maze of certificates
_MAX_CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class Chain:
    """The best path that was found.

    Args:
        certificates: from the signer's to the anchor, both included; shorter when there is none.
        problem: None when the path holds.
    """

    certificates: tuple[x509.Certificate, ...]
    problem: Problem | None = None

    @property
    def issuers(self) -> tuple[x509.Certificate, ...]:
        """The certificates above the signer's."""
        return self.certificates[1:]


def certificate_chain_problem(
    certificate: x509.Certificate,
    anchors: Sequence[x509.Certificate],
    *,
    moment: datetime,
    untrusted: Iterable[x509.Certificate] = (),
) -> Problem | None:
    """What is wrong with the best path from `certificate` to an anchor at `moment`.

    Args:
        certificate: the signer's.
        anchors: trusted certificates (roots, and sub-CAs kept with them).
        moment: zone-aware.
        untrusted: further issuers, e.g. from the document or the PKCS#12 file.

    Returns:
        None when there is a path.

    Source: RFC 5280 §6.1; signing.md §6.
    """
    return find_chain(certificate, anchors, moment=moment, untrusted=untrusted).problem


def find_chain(
    certificate: x509.Certificate,
    anchors: Sequence[x509.Certificate],
    *,
    moment: datetime,
    untrusted: Iterable[x509.Certificate] = (),
) -> Chain:
    """Look for a path from `certificate` to an anchor that was valid at `moment`.

    Nothing is fetched, and revocation is not asked for (`edefter.trust.revocation`).

    Args:
        certificate: the signer's.
        anchors: what lies in the trust folder. A certificate there whose issuer lies there too is
            a step on the way; one whose issuer does not is an anchor, root or not.
        moment: zone-aware.
        untrusted: further issuers; only the first four are looked at.

    Returns:
        The path, or the first thing that is wrong with the best one.

    Source: RFC 5280 §6.1.
    """
    alone = (certificate,)
    if not anchors:
        return Chain(alone, Problem(Verdict.CHAIN, "xmlsig.no_anchors"))
    problem = _time_problem(certificate, moment)
    if problem is not None:
        return Chain(alone, problem)
    tops = {_print(item) for item in anchors if _is_top(item, anchors)}
    pool = [*anchors, *islice(untrusted, _MAX_UNTRUSTED)]
    wrong: list[Chain] = []
    dead_ends: list[Chain] = []
    for path, reached in islice(_candidates(alone, pool, tops), _MAX_CANDIDATES):
        if not reached:
            dead_ends.append(Chain(path, _untrusted(path[-1])))
            continue
        problem = _judge(path, moment)
        if problem is None:
            return Chain(path)
        wrong.append(Chain(path, problem))
    return (wrong or dead_ends)[0]


def _candidates(
    path: tuple[x509.Certificate, ...], pool: Sequence[x509.Certificate], tops: set[bytes]
) -> Iterator[tuple[tuple[x509.Certificate, ...], bool]]:
    """Paths by name, depth first, each with whether it reaches an anchor."""
    last = path[-1]
    self_signed = last.subject == last.issuer
    if _print(last) in tops and (self_signed or len(path) > 1):
        yield path, True
        return
    issuers = [item for item in pool if item.subject == last.issuer and item not in path]
    if self_signed or len(path) > _MAX_LENGTH or not issuers:
        yield path, False
        return
    for issuer in issuers:
        yield from _candidates((*path, issuer), pool, tops)


def _is_top(certificate: x509.Certificate, anchors: Sequence[x509.Certificate]) -> bool:
    if certificate.subject == certificate.issuer:
        return True
    return not any(_names(certificate, item) for item in anchors)


def _names(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `certificate` says that it is from `issuer`, by name and by key where both tell."""
    if issuer.subject != certificate.issuer:
        return False
    asked = extension(certificate, x509.AuthorityKeyIdentifier)
    has = extension(issuer, x509.SubjectKeyIdentifier)
    if asked is None or has is None:
        return True
    return asked.value.key_identifier in (None, has.value.digest)


def _judge(path: tuple[x509.Certificate, ...], moment: datetime) -> Problem | None:
    for certificate in path:
        problem = _time_problem(certificate, moment)
        if problem is not None:
            return problem
    anchor, below = path[-1], path[-2] if len(path) > 1 else path[-1]
    broken = Problem(
        Verdict.CHAIN,
        "xmlsig.chain_broken",
        {"subject": common_name(below), "issuer": common_name(anchor)},
    )
    try:
        for certificate in path:
            _ = certificate.extensions  # the validator would take one of two of the same kind
        # The validator takes it for granted that an anchor may issue.
        if len(path) > 1 and not is_authority(anchor):
            return broken
        towards = bridge.validation_path(path)
        bridge.finish(async_validate_path(bridge.context(towards, moment), towards))
    except bridge.REFUSALS:
        return broken
    return None


def _time_problem(certificate: x509.Certificate, moment: datetime) -> Problem | None:
    facts = {"subject": common_name(certificate), "moment": moment.isoformat(timespec="seconds")}
    if moment < certificate.not_valid_before_utc:
        return Problem(Verdict.CHAIN, "xmlsig.chain_not_yet_valid", facts)
    if moment > certificate.not_valid_after_utc:
        return Problem(Verdict.CHAIN, "xmlsig.chain_expired", facts)
    return None


def _untrusted(certificate: x509.Certificate) -> Problem:
    return Problem(Verdict.CHAIN, "xmlsig.chain_untrusted", {"subject": common_name(certificate)})


def _print(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(SHA256())
