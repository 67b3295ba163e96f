"""Revocation of the own seal at signing, and the evidence that the archive keeps."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from edefter.engine.trusting import certificates_in
from edefter.sandbox.pki import issue_variant
from edefter.signature.verify import verify_file
from edefter.trust.anchors import is_authority, load_anchors
from edefter.trust.evidence import SUFFIX, find_evidence
from edefter.trust.judgement import Outcome, SigningMoment, TimeProof
from edefter.trust.offline import validate_with_evidence
from tests.acceptance.test_refusals import closes, nothing_signed, stopped
from tests.support.office import Office


def test_a_revoked_seal_signs_nothing(office: Office) -> None:
    revoked = issue_variant(office.world.pki, "revoked", office.tax_number, "İPTAL")
    office.write_config(seal=revoked)
    stopped(office, office.run("2026-01"), 4, "iptal edilmiş", "key_compromise")
    nothing_signed(office)


def test_nobody_answers(office: Office) -> None:
    """Strict refuses; lenient signs, says so, and files what evidence there is."""
    office.world.revocation.set_knobs(http_status=503)
    office.write_config(trust__mode="strict")
    stopped(office, office.run("2026-01"), 4, 'trust.mode = "lenient"', "HTTP 503")
    nothing_signed(office)
    office.write_config()
    answer = office.run("2026-01")
    assert answer.code == 0, answer.out + answer.err
    assert "iptal durumu sorulamadı" in answer.err
    assert _outcomes(office) == {Outcome.UNKNOWN}


def test_evidence_lies_beside_the_archive_copies(office: Office) -> None:
    closes(office, "2026-01")
    assert len(office.archived(f"*{SUFFIX}")) == 2, "one for the yevmiye, one for the kebir"
    assert _outcomes(office) == {Outcome.VALID_AT_CLAIMED_TIME}
    assert _outcomes(office, TimeProof.COUNTERSIGNATURE) == {Outcome.VALID}
    approved = [path for path in office.archived() if path.name.startswith("GIB-")]
    for path in approved:  # GİB's own seal is in there too
        assert len(_signers(path)) == 2
    assert office.edefter("archive", "verify", "--company", "ornek").code == 0


def _signers(document: Path) -> list[x509.Certificate]:
    return [item for item in certificates_in(document) if not is_authority(item)]


def _outcomes(office: Office, proof: TimeProof = TimeProof.CLAIM) -> set[Outcome]:
    """How ledgers, berats and approved berats stand by evidence alone."""
    anchors = load_anchors(office.world.folder / "anchors")
    documents: list[Path] = office.archived()
    assert len(documents) == 6
    found = set()
    for document in documents:
        signed_at = verify_file(document).signing_time
        evidence = find_evidence(document)
        assert signed_at is not None
        assert evidence is not None, document.name
        for certificate in _signers(document):
            moment = SigningMoment(signed_at, signed_at, proof)
            found.add(validate_with_evidence(certificate, evidence, anchors, moment).outcome)
    return found
