"""The evidence file is a stranger's file: bounded, typed, and believed only where it proves."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from edefter.errors import DataError
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.revocation.answers import certificate_list, ocsp_answer
from edefter.trust.answers import Answer, Refused, judge, nonce_of
from edefter.trust.evidence import (
    SUFFIX,
    Evidence,
    evidence_bytes,
    find_evidence,
    gather_evidence,
    read_evidence,
)
from edefter.trust.judgement import Outcome, SigningMoment
from edefter.trust.offline import validate_with_evidence
from tests.support.hangs import ends

NOW = datetime.now(UTC).replace(microsecond=0)
SHA = hashlib.sha256(b"defter").hexdigest()


def evidence(pki: SandboxPki, **changes: Any) -> Evidence:
    given_ = {
        "documents": {"defter.xml": SHA},
        "certificates": (pki.seal_ca, pki.root),
        "answers": (Answer("ocsp", b"0\x03\n\x01\x06"), Answer("crl", b"0\x00")),
        "timestamps": (b"0\x02\x05\x00",),
        "gathered_at": NOW,
    }
    return Evidence(**{**given_, **changes})  # type: ignore[arg-type]


def test_what_is_written_is_read(pki: SandboxPki, tmp_path: Path) -> None:
    path = tmp_path / f"defter{SUFFIX}"
    path.write_bytes(evidence_bytes(evidence(pki)))
    assert read_evidence(path) == evidence(pki)
    assert evidence_bytes(read_evidence(path)) == path.read_bytes()


def test_each_item_once(pki: SandboxPki) -> None:
    chains = [(pki.seal_ca, pki.root), (pki.root,)]
    gathered = gather_evidence({"a": SHA}, chains, [], now=NOW, timestamps=[b"1", b"1"])
    assert len(gathered.certificates) == 2
    assert gathered.timestamps == (b"1",)
    twice = gathered.joined(gathered)
    assert twice == gathered


def test_found_by_the_hash_of_the_document(pki: SandboxPki, tmp_path: Path) -> None:
    document = tmp_path / "defter.xml"
    document.write_bytes(b"defter")
    assert find_evidence(document) is None
    (tmp_path / f"a{SUFFIX}").write_bytes(evidence_bytes(evidence(pki, timestamps=(b"1",))))
    (tmp_path / f"b{SUFFIX}").write_bytes(evidence_bytes(evidence(pki, timestamps=(b"2",))))
    (tmp_path / f"c{SUFFIX}").write_bytes(b"rubbish of somebody else")
    found = find_evidence(document)
    assert found is not None
    assert found.timestamps == (b"1", b"2"), "later tokens may come in a file of their own"
    document.write_bytes(b"defter!")
    assert find_evidence(document) is None


def spoilt(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        raw = json.loads(data)
        change(raw)
        return json.dumps(raw).encode()

    return spoil


SPOILERS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda data: data[:-20],
    "list": lambda _: b"[]",
    "deep": lambda _: b"[" * 200_000,
    "not UTF-8": lambda data: data.replace(b"defter", b"\xff\xfe"),
    "version": spoilt(lambda raw: raw.update(version=2)),
    "no documents": spoilt(lambda raw: raw.update(documents={})),
    "documents as list": spoilt(lambda raw: raw.update(documents=["a"])),
    "short hash": spoilt(lambda raw: raw.update(documents={"a": "ab"})),
    "no hex": spoilt(lambda raw: raw.update(documents={"a": "z" * 64})),
    "hash as number": spoilt(lambda raw: raw.update(documents={"a": 5})),
    "too many": spoilt(lambda raw: raw.update(ocsp=["AA=="] * 65)),
    "not base64": spoilt(lambda raw: raw.update(ocsp=["?"])),
    "number": spoilt(lambda raw: raw.update(crls=[1])),
    "text for list": spoilt(lambda raw: raw.update(crls="AA==")),
    "too long": spoilt(lambda raw: raw.update(ocsp=["A" * 400_000])),
    "no certificate": spoilt(
        lambda raw: raw.update(certificates=[base64.b64encode(b"0\x03\x02\x01\x05").decode()])
    ),
    "no time": spoilt(lambda raw: raw.update(gathered_at="yesterday")),
}


@pytest.mark.parametrize("name", SPOILERS)
def test_malformed_files_are_refused(pki: SandboxPki, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"defter{SUFFIX}"
    path.write_bytes(SPOILERS[name](evidence_bytes(evidence(pki))))
    with ends(), pytest.raises(DataError) as refused:
        read_evidence(path)
    assert refused.value.key == "trust.evidence_unreadable"
    assert path.name in refused.value.text("tr")


def test_a_huge_file_is_not_read(pki: SandboxPki, tmp_path: Path) -> None:
    path = tmp_path / f"defter{SUFFIX}"
    with path.open("wb") as sink:
        sink.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(DataError, match="evidence_unreadable"):
        read_evidence(path)


@given(st.binary(max_size=300), st.sampled_from(["ocsp", "crl"]))
def test_rubbish_answers_are_refused_and_never_a_crash(
    pki: SandboxPki, der: bytes, kind: Any
) -> None:
    with pytest.raises(Refused):
        judge(Answer(kind, der), (pki.seal_ca, pki.root))
    assert nonce_of(der) is None


@pytest.mark.parametrize("kind", ["ocsp", "crl"])
def test_damaged_answers_are_refused_and_never_a_crash(pki: SandboxPki, kind: Any) -> None:
    """One byte of a right answer changed: refused, or the byte did not matter to what it says."""
    if kind == "ocsp":
        builder = ocsp.OCSPRequestBuilder().add_certificate(pki.seal_ca, pki.root, hashes.SHA1())
        whole = ocsp_answer(pki, builder.build().public_bytes(Encoding.DER), NOW, {})
    else:
        whole = certificate_list(pki, "root", NOW, {})
    chain = (pki.seal_ca, pki.root)
    right = judge(Answer(kind, whole), chain)
    refused = 0
    for place in range(0, len(whole), 2):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place // 2 % 8
        try:
            told = judge(Answer(kind, bytes(damaged)), chain)
        except Refused:
            refused += 1
        else:
            assert (told.status, told.this_update) == (right.status, right.this_update), place
    assert refused > len(whole) * 0.4


def test_certificates_in_the_evidence_are_no_anchors(pki: SandboxPki, tmp_path: Path) -> None:
    stranger = SandboxPki(tmp_path / "stranger")
    seal = stranger.issue_seal("1234567808", "Şişe").certificate
    brought = evidence(pki, certificates=(seal, stranger.seal_ca, stranger.root))
    judged = validate_with_evidence(seal, brought, [pki.root, pki.seal_ca], SigningMoment(NOW))
    assert judged.outcome is Outcome.UNTRUSTED
    assert judged.problem is not None
