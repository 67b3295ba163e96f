"""What `edefter verify` answers: each question by itself, conclusions apart, links of files."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edefter.model.documents import DocumentName, Kind
from edefter.model.environment import Environment
from edefter.model.files import StoredFile
from edefter.sandbox.pki import SandboxPki, SealFile
from edefter.signature import sign
from edefter.trust.judgement import Outcome, TimeProof
from edefter.verification.judge import CRYPTO, Ground, Question, judge
from edefter.verification.links import link
from edefter.verification.report import as_json, conclusions, proof_words
from tests.support.signed_documents import (
    NOW,
    VKN,
    countersign,
    ledger_bytes,
    opened,
    seal_of,
    signed_berat,
    signed_ledger,
    store,
)

GIB = "3900383669"
NAME = DocumentName.parse(f"{VKN}-202601-Y-000000")


@pytest.fixture
def ground(pki: SandboxPki) -> Ground:
    return Ground(
        anchors=[pki.root, pki.seal_ca], environment=Environment.SANDBOX, gib_tax_number=GIB,
        now=NOW, with_rules=False,
    )  # fmt: skip


def changed(path: Path, old: bytes, new: bytes) -> Path:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    return path


def test_a_good_ledger(pki, ground, tmp_path) -> None:
    found = judge(signed_ledger(tmp_path, seal_of(pki)).file.path, ground)
    asked = {question for question, answer in found.answers.items() if answer}
    assert set(CRYPTO) | {Question.CHAIN, Question.OWNER, Question.KEY_USAGE} <= asked
    assert found.ok and dict(conclusions(found)) == {"crypto": True, "rules": None, "trust": True}
    # Nobody was asked about revocation, and no evidence lies beside it.
    assert found.outcome is Outcome.UNKNOWN and Question.REVOCATION not in found.answers
    assert found.proof is TimeProof.CLAIM and proof_words(found, "tr", "") == ""


def test_without_anchors_trust_is_not_known(pki, ground, tmp_path) -> None:
    found = judge(signed_ledger(tmp_path, seal_of(pki)).file.path, replace(ground, anchors=()))
    assert dict(conclusions(found)) == {"crypto": True, "rules": None, "trust": None}


@pytest.mark.parametrize(
    ("old", "new", "question"),
    [
        (b"46.90.04", b"46.90.05", Question.INTEGRITY),
        (b"<xades:SigningTime>2", b"<xades:SigningTime>1", Question.INTEGRITY),
        (b'<ds:Reference Type="http://uri.etsi.org/01903#', b'<ds:Reference Type="urn:x#x',
         Question.VALUE),
        (b"</ds:SignedInfo>", b"<ds:Extra></ds:Extra></ds:SignedInfo>", Question.VALUE),
        (b"<xbrli:xbrl", b"<!-- x --><xbrli:xbrl", None),
    ],
)  # fmt: skip
def test_one_change_one_answer(pki, ground, tmp_path, old, new, question) -> None:
    path = changed(signed_ledger(tmp_path, seal_of(pki)).file.path, old, new)
    found = judge(path, ground)
    if question is None:  # a comment is no part of what was signed
        assert found.ok
        return
    assert not found.ok and found.answers[question] is False
    assert dict(conclusions(found))["crypto"] is False
    assert found.findings.has_errors


@pytest.mark.parametrize(
    ("seal", "question"),
    [
        ({"encryption": True}, Question.KEY_USAGE),
        ({"tax_number": "9999999999"}, Question.OWNER),
        ({"not_before": NOW - timedelta(days=9), "not_after": NOW - timedelta(days=1)},
         Question.TIME),
    ],
)  # fmt: skip
def test_cryptography_may_hold_and_trust_not(pki, ground, tmp_path, seal, question) -> None:

    given = {"tax_number": VKN, "title": "Uygunsuz", "label": f"uygunsuz-{question}", **seal}
    source = store(tmp_path / "unsigned", NAME, ledger_bytes())
    found = judge(_signed_anyway(source, tmp_path, pki.issue_seal(**given)), ground)
    assert found.answers[question] is False and not found.ok
    assert dict(conclusions(found)) == {"crypto": True, "rules": None, "trust": False}


def _signed_anyway(source: StoredFile, folder: Path, file: SealFile) -> Path:
    """As a careless program would: ours refuses such a seal even after signing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign, "_verify_block", lambda *_: None)
        signed = sign.sign_file(source, folder, opened(file), signing_time=NOW, proven=False)
    return signed.file.path


@pytest.mark.parametrize("content", [b"", b"<a", b"<a/>", b"<!DOCTYPE a><a/>", b"\x00" * 40])
def test_a_broken_document_is_a_finding(ground, tmp_path, content) -> None:
    path = tmp_path / "1234567808-202601-Y-000000.xml"
    path.write_bytes(content)
    found = judge(path, ground)
    assert not found.ok and found.findings.has_errors
    assert as_json(found, "tr")["questions"]["structure"] is False


# between files --------------------------------------------------------------------------------
def test_files_that_belong_together(pki, ground, tmp_path) -> None:
    ledger = signed_ledger(tmp_path, seal_of(pki), Kind.K)
    berat = signed_berat(tmp_path, seal_of(pki), ledger)
    approved = tmp_path / f"GIB-{berat.file.name.xml}"
    approved.write_bytes(countersign(berat.file.path.read_bytes(), seal_of(pki, tax_number=GIB)))
    files = [judge(path, ground) for path in (ledger.file.path, berat.file.path, approved)]
    link(files, ground)
    assert [item.ok for item in files] == [True] * 3
    assert [item.answers.get(Question.LINKS) for item in files] == [None, True, True]
    assert files[2].answers[Question.COUNTERSIGNATURE] and files[2].approved_at == NOW
    # GİB's signature covers the berat, and the berat the ledger's signature value.
    assert [item.proof for item in files] == [TimeProof.COUNTERSIGNATURE] * 3
    assert [item.proven_at for item in files] == [NOW] * 3


def test_a_ledger_signed_again(pki, ground, tmp_path) -> None:
    ledger = signed_ledger(tmp_path, seal_of(pki))
    berat = signed_berat(tmp_path, seal_of(pki), ledger)
    signed_ledger(tmp_path, seal_of(pki))
    files = [judge(path, ground) for path in (ledger.file.path, berat.file.path)]
    link(files, ground)
    assert files[0].ok and not files[1].ok
    assert files[0].proof is TimeProof.CLAIM
    assert [item.rule for item in files[1].findings if item.rule.startswith("SIG-LEDGER")]


def test_a_cancelled_set_belongs_to_itself(pki, ground, tmp_path) -> None:
    """It bears the names of the set that replaced it, one folder above."""
    paths = []
    for folder in (tmp_path, tmp_path / "iptal"):
        folder.mkdir(exist_ok=True)
        ledger = signed_ledger(folder, seal_of(pki))
        paths += [ledger.file.path, signed_berat(folder, seal_of(pki), ledger).file.path]
    files = [judge(path, ground) for path in paths]
    link(files, ground)
    assert [item.answers.get(Question.LINKS) for item in files] == [None, True, None, True]
    # A berat whose ledger might be either of two is not asked about.
    (tmp_path / "b").mkdir()
    moved = paths[1].rename(tmp_path / "b" / paths[1].name)
    files = [judge(path, ground) for path in (paths[0], paths[2], moved)]
    link(files, ground)
    assert files[2].answers.get(Question.LINKS) is None


def test_an_approved_berat_of_another(pki, ground, tmp_path) -> None:
    ledger = signed_ledger(tmp_path, seal_of(pki))
    sent = signed_berat(tmp_path, seal_of(pki), ledger)
    (tmp_path / "b").mkdir()
    other = signed_berat(tmp_path / "b", seal_of(pki), ledger)
    approved = tmp_path / f"GIB-{sent.file.name.xml}"
    approved.write_bytes(countersign(other.file.path.read_bytes(), seal_of(pki, tax_number=GIB)))
    files = [judge(path, ground) for path in (sent.file.path, approved)]
    link(files, ground)
    assert files[0].ok and files[1].answers[Question.LINKS] is False


def test_a_counter_signature_by_somebody_else(pki, ground, tmp_path) -> None:
    berat = signed_berat(tmp_path, seal_of(pki), signed_ledger(tmp_path, seal_of(pki)))
    approved = tmp_path / f"GIB-{berat.file.name.xml}"
    approved.write_bytes(countersign(berat.file.path.read_bytes(), seal_of(pki)))
    found = judge(approved, ground)
    assert found.answers[Question.COUNTERSIGNATURE] is False
    assert dict(conclusions(found))["crypto"] is True
    assert found.proof is TimeProof.CLAIM
