"""Is a certificate revoked? OCSP first, then the CRL, from allowed hosts alone (signing.md §5)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from edefter.certificates import extension
from edefter.config.settings import TrustSettings
from edefter.telling import Remark
from edefter.trust.answers import Answer, Refused, Status, Told, judge, nonce_of
from edefter.trust.cache import AnswerCache, Kept
from edefter.trust.fetch import Fetcher, NotAllowed, Unreachable
from edefter.xmlsig.certificate import common_name, fingerprint, serial_text

_MOST_ADDRESSES = 3  # of each kind; a certificate may name many


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about one certificate.

    Args:
        certificate: whose.
        status: good, revoked, unknown (nobody could tell) or unreachable (nobody answered).
        told: the answer that decides; None without one.
        remarks: what went wrong on the way to it.
    """

    certificate: x509.Certificate
    status: Status
    told: Told | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """What a message about it names."""
        revoked_at = self.told.revoked_at if self.told else None
        return {
            "subject": common_name(self.certificate),
            "serial": serial_text(self.certificate),
            "since": revoked_at.isoformat(timespec="seconds") if revoked_at else "-",
            "reason": (self.told.reason if self.told else "") or "-",
        }


class RevocationChecker:
    """Asks, judges and remembers.

    Args:
        settings: allow list, limits, mode.
        folder: of the cache; None = nothing is kept.
        fetcher: None = as the settings say.
    """

    def __init__(
        self, settings: TrustSettings, folder: Path | None, *, fetcher: Fetcher | None = None
    ) -> None:
        self._settings = settings
        self._cache = AnswerCache(folder)
        self._fetcher = fetcher or Fetcher(
            settings.hosts, timeout_s=settings.timeout_s, proxy=settings.proxy
        )

    def check_chain(self, chain: Sequence[x509.Certificate], *, now: datetime) -> list[Standing]:
        """The standing of the signer's certificate and of every CA that says where to ask.

        Args:
            chain: from the signer's certificate to the anchor, already found valid.
            now: measured time, zone-aware.
        """
        found = [self.check(chain, now=now)]
        for above in range(1, len(chain) - 1):
            if says_where(chain[above]):
                found.append(self.check(chain[above:], now=now))
        return found

    def check(self, chain: Sequence[x509.Certificate], *, now: datetime) -> Standing:
        """The standing of `chain[0]`.

        Args:
            chain: the certificate and those above it up to the anchor, already found valid.
            now: measured time, zone-aware; freshness is judged by it.

        Source: RFC 6960; RFC 5280 §6.3; signing.md §5.
        """
        certificate = chain[0]
        if len(chain) < 2:
            return Standing(certificate, Status.UNKNOWN, None, (Remark("trust.no_issuer"),))
        questions = list(self._questions(chain))
        if not questions:
            named = Remark("trust.no_address", {"subject": common_name(certificate)})
            return Standing(certificate, Status.UNKNOWN, None, (named,))
        remarks: list[Remark] = []
        answered = False
        for kind, url in questions:
            told, heard = self._ask(kind, url, chain, now, remarks)
            answered = answered or heard
            if told is not None and told.status is not Status.UNKNOWN:
                return Standing(certificate, told.status, told, tuple(remarks))
        status = Status.UNKNOWN if answered else Status.UNREACHABLE
        return Standing(certificate, status, None, tuple(remarks))

    def _questions(self, chain: Sequence[x509.Certificate]) -> Iterator[tuple[str, str]]:
        for url in _ocsp_urls(chain[0])[:_MOST_ADDRESSES]:
            yield "ocsp", url
        for url in _crl_urls(chain[0])[:_MOST_ADDRESSES]:
            yield "crl", url

    def _ask(
        self,
        kind: str,
        url: str,
        chain: Sequence[x509.Certificate],
        now: datetime,
        remarks: list[Remark],
    ) -> tuple[Told | None, bool]:
        """What this address tells, and whether anybody answered at all."""
        question = f"{url} {fingerprint(chain[0])}" if kind == "ocsp" else url
        kept = self._cache.load(kind, question)
        held = _from_cache(kept, chain, now)
        recent = kept is not None and kept.recent(now, self._settings.max_age_s)
        if held is not None and recent and held.fresh(now):
            return held, True
        where = {"subject": common_name(chain[0]), "kind": kind.upper()}
        try:
            answer = self._fetch(kind, url, chain)
            told = judge(answer, chain)
            if not told.fresh(now) and told.status is not Status.REVOKED:
                raise Refused("stale or from the future")
        except NotAllowed as error:
            remarks.append(Remark("trust.host_not_allowed", {**where, "host": error.host}))
            return held, held is not None
        except Unreachable as error:
            remarks.append(Remark("trust.no_answer", {**where, "detail": str(error)}))
            return held, held is not None  # older than we like, yet meant to be used until its end
        except Refused as error:
            remarks.append(Remark("trust.answer_refused", {**where, "detail": str(error)}))
            return held, True
        if told.status is Status.UNKNOWN:
            remarks.append(Remark("trust.not_known_there", where))
        else:
            self._cache.keep(answer, question, now)
        return told, True

    def _fetch(self, kind: str, url: str, chain: Sequence[x509.Certificate]) -> Answer:
        if kind == "crl":
            return Answer("crl", self._fetcher.crl(url))
        nonce = secrets.token_bytes(16)
        # SHA-1 names the issuer here and protects nothing; many responders know no other.
        request = (
            ocsp.OCSPRequestBuilder()
            .add_certificate(chain[0], chain[1], hashes.SHA1())  # noqa: S303
            .add_extension(x509.OCSPNonce(nonce), critical=False)
            .build()
        )
        answer = Answer("ocsp", self._fetcher.ocsp(url, request.public_bytes(Encoding.DER)))
        if nonce_of(answer.der) not in (None, nonce):  # answers made ahead have none (RFC 6960)
            raise Refused("nonce of another question")
        return answer


def _from_cache(kept: Kept | None, chain: Sequence[x509.Certificate], now: datetime) -> Told | None:
    if kept is None:
        return None
    try:
        told = judge(kept.answer, chain)
    except Refused:
        return None
    # An old "revoked" is better than nothing: who blocks the responder must not revive a seal.
    return told if told.fresh(now) or told.status is Status.REVOKED else None


def says_where(certificate: x509.Certificate) -> bool:
    """Whether a certificate names an OCSP responder or a CRL."""
    return bool(_ocsp_urls(certificate) or _crl_urls(certificate))


def _ocsp_urls(certificate: x509.Certificate) -> list[str]:
    access = extension(certificate, x509.AuthorityInformationAccess)
    return [
        item.access_location.value
        for item in (access.value if access else ())
        if item.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(item.access_location, x509.UniformResourceIdentifier)
    ]


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    points = extension(certificate, x509.CRLDistributionPoints)
    return [
        name.value
        for point in (points.value if points else ())
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
        and name.value.lower().startswith(("http://", "https://"))
    ]
