"""A sealed digest becomes a signed, proven and judged ledger, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.ledgers import build
from edefter.atomic import sha256_file
from edefter.engine.piecework import judge_file, look_at, sign_book
from edefter.errors import InternalError
from edefter.model.files import SignedFile, StoredFile
from edefter.sandbox.pki import SandboxPki
from edefter.signature.sign import make_ready, seal_digest
from edefter.signature.verify import verify_file
from edefter.validation.report import Report
from edefter.xmlsig.certificate import fingerprint
from tests.support.signed_documents import NOW, seal_of


@pytest.fixture
def ledger(tmp_path: Path) -> StoredFile:
    (tmp_path / "signed").mkdir()
    return build(900, tmp_path, seed=3).yevmiye


def signed_by(
    pki: SandboxPki, ledger: StoredFile, folder: Path, *, proven: bool = True
) -> tuple[SignedFile, Report]:
    seal = seal_of(pki)
    proof = judge_file(ledger.path, signed=False).proof if proven else None
    ready = make_ready(ledger)
    block = seal_digest(ready, seal, signing_time=NOW)
    return sign_book(ready, block, folder, NOW, fingerprint(seal.certificate), proof)


@pytest.mark.parametrize("proven", [True, False])
def test_the_record_speaks_of_the_file(
    pki: SandboxPki, ledger: StoredFile, tmp_path: Path, proven: bool
) -> None:
    signed, report = signed_by(pki, ledger, tmp_path / "signed", proven=proven)
    assert signed.file.sha256 == sha256_file(signed.file.path)
    assert signed.file.size_bytes == signed.file.path.stat().st_size
    assert report.sha256_before == ledger.sha256
    assert not ledger.path.exists()
    assert verify_file(signed.file.path, now=NOW, must_be_canonical=True).ok
    # The seal of the tests is not the company's of the benchmark; nothing else is wrong.
    assert list(look_at(signed).findings) == list(report.findings)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b">D<", b">C<"), (b"</gl-cor:accountingEntries>", b"</gl-cor:accountingEntries >")],
)
@pytest.mark.parametrize("proven", [True, False])
def test_changed_since_its_digest_was_taken(
    pki: SandboxPki, ledger: StoredFile, tmp_path: Path, old: bytes, new: bytes, proven: bool
) -> None:
    seal = seal_of(pki)
    proof = judge_file(ledger.path, signed=False).proof if proven else None
    ready = make_ready(ledger)
    block = seal_digest(ready, seal, signing_time=NOW)
    data = ledger.path.read_bytes().replace(old, new, 1)
    ledger.path.write_bytes(data[: ready.offset] + ready.root_end)
    if len(new) != len(old):
        ready = replace(
            ready, source=replace(ledger, size_bytes=len(data)), offset=ready.offset + 1
        )
        ledger.path.write_bytes(data)
    with pytest.raises(InternalError):
        sign_book(ready, block, tmp_path / "signed", NOW, "", proof)
    assert not list((tmp_path / "signed").iterdir())
