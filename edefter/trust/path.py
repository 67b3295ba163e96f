"""Trust anchors and the path from a certificate to one of them.

A simple check on purpose: names, signatures, CA flags, key usage and validity at one moment. All
callers go through `certificate_chain_problem`, behind which a full RFC 5280 validator with
revocation can be put without touching them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hashes import SHA256

from edefter.errors import ConfigError
from edefter.xmlsig.certificate import common_name, key_usage
from edefter.xmlsig.problem import Problem, Verdict

_MAX_LENGTH = 8
_MAX_UNTRUSTED = 4  # a document must not buy us a search through its own maze of certificates


def load_anchors(folder: Path) -> tuple[x509.Certificate, ...]:
    """Read the trust anchors of one environment.

    Sub-CAs may lie there too: signatures carry only the signer's own certificate, so the path is
    built from this folder.

    Args:
        folder: holds PEM files (`*.pem`, `*.crt`, one or several certificates each).

    Returns:
        Each certificate once; empty when the folder is empty or missing.

    Raises:
        ConfigError: a file there is no PEM certificate.
    """
    found: dict[bytes, x509.Certificate] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix not in (".pem", ".crt"):
            continue
        try:
            certificates = x509.load_pem_x509_certificates(path.read_bytes())
        except (ValueError, OSError) as error:
            raise ConfigError(
                "xmlsig.anchor_unreadable", file=path.name, detail=type(error).__name__
            ) from None
        for certificate in certificates:
            found.setdefault(certificate.fingerprint(SHA256()), certificate)
    return tuple(found.values())


def certificate_chain_problem(
    certificate: x509.Certificate,
    anchors: Sequence[x509.Certificate],
    *,
    moment: datetime,
    untrusted: Iterable[x509.Certificate] = (),
) -> Problem | None:
    """Look for a path from `certificate` to an anchor that was valid at `moment`.

    Args:
        certificate: the signer's.
        anchors: trusted certificates (roots, and sub-CAs kept with them).
        moment: zone-aware.
        untrusted: further issuers, e.g. from the document or the PKCS#12 file.

    Returns:
        None when there is a path, else the first thing that is wrong with the best one.
    """
    if not anchors:
        return Problem(Verdict.CHAIN, "xmlsig.no_anchors")
    known = {item.fingerprint(SHA256()) for item in anchors}
    pool = [*anchors, *list(untrusted)[:_MAX_UNTRUSTED]]
    return _climb((certificate,), pool, known, moment)


def _climb(
    path: tuple[x509.Certificate, ...],
    pool: Sequence[x509.Certificate],
    known: set[bytes],
    moment: datetime,
) -> Problem | None:
    """Problem of the best way on from the last certificate of `path`."""
    certificate, below = path[-1], len(path) - 1  # below: CA certificates under an issuer of it
    problem = _own_problem(certificate, moment)
    if problem is not None:
        return problem
    trusted = certificate.fingerprint(SHA256()) in known
    if certificate.subject == certificate.issuer:
        return None if trusted else _untrusted(certificate)
    if below >= _MAX_LENGTH:
        return _untrusted(certificate)
    best: Problem | None = None
    for issuer in pool:
        if issuer.subject != certificate.issuer or issuer in path:
            continue
        problem = _issue_problem(certificate, issuer, below)
        problem = problem or _climb((*path, issuer), pool, known, moment)
        if problem is None:
            return None
        best = best or problem
    # A pinned sub-CA whose own issuer is not in the folder is an anchor in its own right.
    if trusted and below and best is None:
        return None
    return best or _untrusted(certificate)


def _own_problem(certificate: x509.Certificate, moment: datetime) -> Problem | None:
    facts = {"subject": common_name(certificate), "moment": moment.isoformat(timespec="seconds")}
    if moment < certificate.not_valid_before_utc:
        return Problem(Verdict.CHAIN, "xmlsig.chain_not_yet_valid", facts)
    if moment > certificate.not_valid_after_utc:
        return Problem(Verdict.CHAIN, "xmlsig.chain_expired", facts)
    for extension in certificate.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            return Problem(Verdict.CHAIN, "xmlsig.chain_broken", facts)
    return None


def _issue_problem(
    certificate: x509.Certificate, issuer: x509.Certificate, below: int
) -> Problem | None:
    """Whether `issuer` may have issued, and did issue, `certificate`."""
    facts = {"subject": common_name(certificate), "issuer": common_name(issuer)}
    broken = Problem(Verdict.CHAIN, "xmlsig.chain_broken", facts)
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return broken
    usage = key_usage(issuer)
    if not basic.ca or (usage is not None and not usage.key_cert_sign):
        return broken
    if basic.path_length is not None and below > basic.path_length:
        return broken
    if isinstance(certificate.signature_hash_algorithm, hashes.SHA1 | hashes.MD5):
        return broken
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return broken
    return None


def _untrusted(certificate: x509.Certificate) -> Problem:
    return Problem(Verdict.CHAIN, "xmlsig.chain_untrusted", {"subject": common_name(certificate)})
