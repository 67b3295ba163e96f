"""A document of ten years ago verifies from its archived evidence alone, offline."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edefter.config.settings import TrustSettings
from edefter.model.documents import DocumentName
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.pki.register import set_responder_url
from edefter.sandbox.process import Simulator
from edefter.signature.sign import sign_file
from edefter.signature.verify import verify_file
from edefter.trust.anchors import load_anchors
from edefter.trust.evidence import (
    SUFFIX,
    Evidence,
    evidence_bytes,
    find_evidence,
    gather_evidence,
)
from edefter.trust.judgement import Outcome, SigningMoment, TimeProof
from edefter.trust.offline import Judgement, validate_with_evidence
from edefter.trust.path import find_chain
from edefter.trust.revocation import RevocationChecker
from tests.support.signed_documents import VKN, ledger_bytes, opened, store

NOW = datetime.now(UTC).replace(microsecond=0)
THEN = NOW - timedelta(days=3653)
DAY = timedelta(days=1)


def back_s() -> int:
    """How far behind those clocks are now: a whole run reads this module long before."""
    return round((THEN - datetime.now(UTC)).total_seconds())


@dataclass
class Archive:
    """What is left of that time: document, evidence and the operator's anchors."""

    folder: Path
    document: Path
    anchors_folder: Path

    def judge(self, evidence: Evidence | None, moment: SigningMoment | None = None) -> Judgement:
        verified = verify_file(self.document)
        assert verified.certificate is not None
        assert verified.signing_time is not None
        return validate_with_evidence(
            verified.certificate,
            evidence,
            load_anchors(self.anchors_folder),
            moment or SigningMoment(verified.signing_time),
        )


@dataclass
class Past:
    pki: SandboxPki
    responder: Simulator


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """A CA, a seal and a responder whose clocks stood ten years ago; all expired since."""
    folder = tmp_path_factory.mktemp("past")
    pki = SandboxPki(folder / "pki", now=THEN, root_years=8, ca_years=6)
    responder = Simulator(
        "edefter.sandbox.revocation", folder / "revocation", "--pki", str(pki.folder)
    )
    with responder:
        set_responder_url(pki.folder, responder.facts["url"])
        responder.set_knobs(offset_s=back_s())
        yield Past(pki, responder)


def archived(past: Past, folder: Path, *, ocsp: bool = True) -> Archive:
    """Sign at that time, ask at that time, archive document and evidence."""
    seal = opened(past.pki.issue_seal(VKN, "Eski Şişe A.Ş.", label=folder.name))
    name = DocumentName.parse(f"{VKN}-202601-Y-000000")
    source = store(folder / "unsigned", name, ledger_bytes())
    signed = sign_file(source, folder, seal, signing_time=THEN)
    chain = find_chain(seal.certificate, [past.pki.root, past.pki.seal_ca], moment=THEN)
    assert chain.problem is None
    silent = {} if ocsp else {"ocsp": {"http_status": 503}}
    past.responder.set_knobs(offset_s=back_s(), **silent)
    settings = TrustSettings(hosts=(f"127.0.0.1:{past.responder.port}",))
    standings = RevocationChecker(settings, None).check_chain(chain.certificates, now=THEN)
    evidence = gather_evidence(
        {name.xml: signed.file.sha256}, [chain.certificates], standings, now=THEN
    )
    (folder / f"{name.stem}{SUFFIX}").write_bytes(evidence_bytes(evidence))
    anchors = folder / "anchors"
    past.pki.export_anchors(anchors)
    return Archive(folder, signed.file.path, anchors)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("somebody used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("ocsp", [True, False], ids=["OCSP", "CRL"])
@pytest.mark.parametrize("anchors", ["root and sub-CA", "root alone", "sub-CA alone"])
def test_ten_years_later(
    past: Past, tmp_path: Path, request: pytest.FixtureRequest, ocsp: bool, anchors: str
) -> None:
    archive = archived(past, tmp_path, ocsp=ocsp)
    request.getfixturevalue("offline")
    if anchors == "root alone":  # then the sub-CA comes from the evidence
        (archive.anchors_folder / "seal-ca.pem").unlink()
    if anchors == "sub-CA alone":
        (archive.anchors_folder / "root.pem").unlink()
    for certificate in load_anchors(archive.anchors_folder):
        assert certificate.not_valid_after_utc < NOW, "the CAs have expired since"
    evidence = find_evidence(archive.document)
    found = archive.judge(evidence)
    assert found.chain.certificates[0].not_valid_after_utc < NOW
    assert found.outcome is Outcome.VALID_AT_CLAIMED_TIME
    assert found.outcome.value == "valid at the claimed signing time"
    assert found.problem is None
    for proof in (TimeProof.TIMESTAMP, TimeProof.COUNTERSIGNATURE):
        proven = SigningMoment(THEN, THEN + DAY, proof)
        assert archive.judge(evidence, proven).outcome is Outcome.VALID
    late = SigningMoment(THEN, NOW, TimeProof.TIMESTAMP)  # stamped when the seal had expired
    assert archive.judge(evidence, late).outcome is Outcome.VALID_AT_CLAIMED_TIME


def test_without_evidence_nothing_is_known(past: Past, tmp_path: Path) -> None:
    archive = archived(past, tmp_path / "this")
    other = archived(past, tmp_path / "other")
    assert archive.judge(None).outcome is Outcome.UNKNOWN
    # Another document's evidence is not taken for this one's …
    mine = next(archive.folder.glob(f"*{SUFFIX}"))
    shutil.copy(next(other.folder.glob(f"*{SUFFIX}")), mine)
    assert find_evidence(archive.document) is None
    # … and would prove nothing about this seal if it were.
    assert archive.judge(find_evidence(other.document)).outcome is Outcome.UNKNOWN


def test_an_unknown_anchor_stays_unknown_whatever_the_evidence_brings(
    past: Past, tmp_path: Path
) -> None:
    archive = archived(past, tmp_path)
    stranger = SandboxPki(tmp_path / "stranger", now=THEN)
    stranger.export_anchors(archive.anchors_folder)
    assert archive.judge(find_evidence(archive.document)).outcome is Outcome.UNTRUSTED


@pytest.mark.parametrize("ocsp", [True, False], ids=["OCSP", "CRL"])
def test_a_revocation_in_the_evidence_counts(past: Past, tmp_path: Path, ocsp: bool) -> None:
    archive = archived(past, tmp_path, ocsp=ocsp)
    certificate = verify_file(archive.document).certificate
    assert certificate is not None
    chain = find_chain(certificate, load_anchors(archive.anchors_folder), moment=THEN)
    revoked_at = THEN + 30 * DAY
    past.pki.revoke(certificate, revoked_at, "keyCompromise")
    silent = {} if ocsp else {"ocsp": {"http_status": 503}}
    past.responder.set_knobs(offset_s=(THEN + 60 * DAY - NOW).total_seconds(), **silent)
    settings = TrustSettings(hosts=(f"127.0.0.1:{past.responder.port}",))
    checker = RevocationChecker(settings, None)
    standings = checker.check_chain(chain.certificates, now=THEN + 60 * DAY)
    first = find_evidence(archive.document)
    assert first is not None
    evidence = first.joined(
        gather_evidence({}, [chain.certificates], standings, now=THEN + 60 * DAY)
    )
    # Signed before, says the signer; nobody else says so.
    found = archive.judge(evidence)
    assert found.outcome is Outcome.REVOKED_LATER
    assert found.problem is not None
    assert found.problem.key == "trust.revoked_later"
    for proven, expected in (
        (THEN + DAY, Outcome.VALID),
        (revoked_at, Outcome.REVOKED_LATER),
        (revoked_at + DAY, Outcome.REVOKED_LATER),
    ):
        moment = SigningMoment(THEN, proven, TimeProof.TIMESTAMP)
        assert archive.judge(evidence, moment).outcome is expected
    after = SigningMoment(revoked_at + DAY, revoked_at + DAY, TimeProof.TIMESTAMP)
    assert archive.judge(evidence, after).outcome is Outcome.REVOKED
    # "Good" of an earlier day says nothing about a later signing.
    assert archive.judge(first, SigningMoment(THEN + 40 * DAY)).outcome is Outcome.UNKNOWN


def test_asking_today_about_a_seal_that_expired_long_ago_proves_nothing(
    past: Past, tmp_path: Path
) -> None:
    """Issuers may forget revocations of what has expired; "good" said now is no proof."""
    archive = archived(past, tmp_path)
    certificate = verify_file(archive.document).certificate
    assert certificate is not None
    past.responder.set_knobs()  # its clock is right again; it says "good"
    checker = RevocationChecker(TrustSettings(hosts=(f"127.0.0.1:{past.responder.port}",)), None)
    for evidence, expected in (
        (None, Outcome.UNKNOWN),
        (find_evidence(archive.document), Outcome.VALID_AT_CLAIMED_TIME),
    ):
        judged = validate_with_evidence(
            certificate, evidence, load_anchors(archive.anchors_folder), SigningMoment(THEN),
            checker=checker, now=datetime.now(UTC),
        )  # fmt: skip
        assert judged.outcome is expected
    # Asked in time, without any evidence, the network tells the same as evidence would.
    past.responder.set_knobs(offset_s=back_s() + DAY.total_seconds())
    judged = validate_with_evidence(
        certificate, None, load_anchors(archive.anchors_folder), SigningMoment(THEN),
        checker=checker, now=THEN + DAY,
    )  # fmt: skip
    assert judged.outcome is Outcome.VALID_AT_CLAIMED_TIME
