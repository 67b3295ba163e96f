"""Is the own seal revoked, and what is kept to prove it in ten years (signing.md §5)."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from edefter import messages
from edefter.archive.manifest import Role
from edefter.certificates import read_der
from edefter.errors import ClockRefused, SealRefused
from edefter.messages import Lang
from edefter.model.finding import Severity
from edefter.signature.port import Seal
from edefter.state.records import FileRecord
from edefter.trust.anchors import is_authority
from edefter.trust.evidence import SUFFIX, evidence_bytes, gather_evidence
from edefter.trust.fetch import Fetcher
from edefter.trust.judgement import standing_problems
from edefter.trust.path import Chain, find_chain
from edefter.trust.revocation import RevocationChecker, Standing
from edefter.xmlsig.certificate import fingerprint
from edefter.xmlsig.problem import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from edefter.engine.job import Job

_TAIL_BYTES = 256 * 1024
_MOST_SIGNERS = 8
_CERTIFICATE = re.compile(rb"X509Certificate>([A-Za-z0-9+/=\s]{1,90000})</")


@lru_cache(maxsize=4)
def _fetcher(hosts: tuple[str, ...], timeout_s: float, proxy: str) -> Fetcher:
    """One for all companies of a process: it remembers which host keeps silent."""
    return Fetcher(hosts, timeout_s=timeout_s, proxy=proxy)


class Trusting:
    """Asks about revocation for one job; each certificate is asked about once.

    Args:
        job: settings, anchors, listener and the archive.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        trust = job.settings.trust
        self._checker = RevocationChecker(
            trust,
            job.services.data_dir / "revocation",
            fetcher=_fetcher(trust.hosts, trust.timeout_s, trust.proxy),
        )
        self._known: dict[str, tuple[Chain, list[Standing]]] = {}

    def ask(
        self, certificate: x509.Certificate, untrusted: Iterable[x509.Certificate], now: datetime
    ) -> tuple[Chain, list[Standing]]:
        """The path of a certificate, and what is known about it and the CAs above it.

        Args:
            certificate: a signer's.
            untrusted: further issuers, e.g. of the PKCS#12 file.
            now: measured time, zone-aware.

        Returns:
            Nothing is asked, and no standing given, where the path has a problem.
        """
        key = fingerprint(certificate)
        if key not in self._known:
            chain = find_chain(certificate, self._job.anchors, moment=now, untrusted=untrusted)
            if chain.problem is not None:
                return chain, []  # the path is judged and refused elsewhere
            standings = self._checker.check_chain(chain.certificates, now=now)
            self._known[key] = (chain, standings)
        return self._known[key]

    def require_unrevoked(self, now: datetime) -> tuple[Problem, ...]:
        """Refuse a seal that is revoked, or in strict mode of unknown status.

        Args:
            now: measured time, zone-aware.

        Returns:
            Warnings, for the listener.

        Raises:
            SealRefused: with the reason; nothing is signed.

        Source: signing.md §5.
        """
        seal, mode = self._job.seal, self._job.settings.trust.mode
        _, standings = self.ask(seal.certificate, seal.chain, now)
        problems = standing_problems(standings, mode)
        for problem in problems:
            if problem.severity is not Severity.ERROR:
                continue
            if problem.key == "trust.revoked":
                raise SealRefused("trust.seal_revoked", **problem.facts)
            raise SealRefused(
                "trust.seal_not_known",
                detail=_texts(problems[1:], "tr"),
                detail_en=_texts(problems[1:], "en"),
                **problem.facts,
            )
        return problems


def _texts(problems: Iterable[Problem], lang: Lang) -> str:
    return " ".join(messages.text(item.key, lang, **item.facts) for item in problems)


def archive_evidence(job: Job, files: dict[str, FileRecord], folder: Path) -> None:
    """Put the evidence of a document's seals beside its archive copies; never stops the archive.

    One file for the ledger and the berats made from it. Once filed it stays: its answers are those
    of that day.

    Args:
        job: the month.
        files: the archived files by role; the ledger gives the name.
        folder: the month folder of the archive.
    """
    ledger = files["ledger"]
    name = f"{ledger.stored.name.stem}.{ledger.sha256[:12]}{SUFFIX}"
    if (folder / name).is_file():
        # Filed by a killed run perhaps, which had no time for the books.
        job.vault.put_bytes((folder / name).read_bytes(), name, folder, Role.OTHER)
        return
    try:
        now = job.measured_time("evidence")
    except ClockRefused:
        now = job.services.wall()  # answers carry their own times; the archive must not wait
    carried: dict[str, x509.Certificate] = {}
    for record in files.values():
        for certificate in certificates_in(folder / record.stored.name.xml):
            carried.setdefault(fingerprint(certificate), certificate)
    # The seal is not opened for this: a token may be far away when only the archive is left to do.
    opened: Seal | None = vars(job).get("seal")
    issuers = [*(opened.chain if opened else ()), *filter(is_authority, carried.values())]
    chains: list[tuple[x509.Certificate, ...]] = []
    found: list[Standing] = []
    for certificate in carried.values():
        if is_authority(certificate):
            continue
        chain, standings = job.trusting.ask(certificate, issuers, now)
        chains.append(chain.certificates)
        found += standings
        if not any(standing.told for standing in standings[:1]):
            problems = (
                (chain.problem,) if chain.problem else standing_problems(standings, "lenient")
            )
            job.warn(
                "trust.evidence_not_gathered",
                **job.facts, file=ledger.name,
                detail=_texts(problems, "tr"), detail_en=_texts(problems, "en"),
            )  # fmt: skip
    documents = {record.stored.name.xml: record.sha256 for record in files.values()}
    evidence = gather_evidence(documents, chains, found, now=now)
    job.vault.put_bytes(evidence_bytes(evidence), name, folder, Role.OTHER)


def certificates_in(path: Path) -> list[x509.Certificate]:
    """Certificates that the signatures at the end of a document carry, each once, at most eight.

    Args:
        path: ledger or berat of any size; only its last 256 KiB are read. What the certificates
            are worth is judged by those who use them.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as document:
        size = document.seek(0, os.SEEK_END)
        document.seek(max(0, size - _TAIL_BYTES))
        tail = document.read()
    found: dict[str, x509.Certificate] = {}
    for match in _CERTIFICATE.finditer(tail):
        try:
            certificate = read_der(base64.b64decode(match[1]))
        except (ValueError, binascii.Error):
            continue
        found.setdefault(fingerprint(certificate), certificate)
        if len(found) == _MOST_SIGNERS:
            break
    return list(found.values())
