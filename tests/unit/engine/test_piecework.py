"""A sealed digest becomes a signed, proven and judged ledger, or nothing at all."""

from __future__ import annotations

import hashlib
import uuid
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.ledgers import build
from edefter.atomic import TEMPORARY_SUFFIX, sha256_file
from edefter.engine.piecework import (
    MadeBook,
    SignedBook,
    judge_file,
    look_at,
    make_berat,
    make_book,
    sign_book,
)
from edefter.errors import InternalError
from edefter.gib.deflating import Deflated, Deflating
from edefter.gib.package import build_package
from edefter.ledger.making import PlannedPart
from edefter.model.documents import BOOKS
from edefter.model.files import StoredFile
from edefter.sandbox.pki import SandboxPki
from edefter.signature.sign import make_ready, seal_digest, sign_file
from edefter.signature.verify import verify_file
from edefter.xmlsig.certificate import fingerprint
from tests.support.signed_documents import NOW, seal_of


@pytest.fixture
def ledger(tmp_path: Path) -> StoredFile:
    (tmp_path / "signed").mkdir()
    return build(900, tmp_path, seed=3).yevmiye


def signed_by(
    pki: SandboxPki, ledger: StoredFile, folder: Path, *, proven: bool = True, deflate: str = ""
) -> SignedBook:
    seal = seal_of(pki)
    proof = judge_file(ledger.path, signed=False).proof if proven else None
    ready = make_ready(ledger)
    block = seal_digest(ready, seal, signing_time=NOW)
    return sign_book(ready, block, folder, NOW, fingerprint(seal.certificate), proof, deflate)


@pytest.mark.parametrize("proven", [True, False])
def test_the_record_speaks_of_the_file(
    pki: SandboxPki, ledger: StoredFile, tmp_path: Path, proven: bool
) -> None:
    made = signed_by(pki, ledger, tmp_path / "signed", proven=proven)
    signed, report = made.signed, made.report
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
        sign_book(ready, block, tmp_path / "signed", NOW, "", proof, "zlib")
    assert not list((tmp_path / "signed").iterdir())


@pytest.mark.parametrize("deflate", ["zlib", "fast"])
def test_a_package_of_what_was_compressed_while_it_was_judged(
    pki: SandboxPki, ledger: StoredFile, tmp_path: Path, deflate: str
) -> None:
    made = signed_by(pki, ledger, tmp_path / "signed", deflate=deflate)
    assert made.deflated is not None and made.deflated.sha256 == made.signed.file.sha256
    (tmp_path / "b").mkdir()
    unsigned = make_berat(made.signed, tmp_path, uuid.UUID(int=1), None)
    assert unsigned is not None
    berat = sign_file(unsigned, tmp_path / "b", seal_of(pki), signing_time=NOW)

    def package(ahead: Deflated | None) -> bytes:
        built = build_package(
            berat, made.signed, tmp_path, kebir_upload_until="202412", deflate=deflate, ahead=ahead
        )
        with zipfile.ZipFile(built.path) as archive:
            assert archive.testzip() is None
            assert archive.read(made.signed.file.name.xml) == made.signed.file.path.read_bytes()
        return built.path.read_bytes()

    assert package(made.deflated) == package(None)
    other = replace(made.deflated, sha256="0" * 64)
    made.deflated.path.write_bytes(b"spoiled")
    assert package(other) == package(None)  # it speaks of another ledger, so it is not used


def test_a_full_disk_ends_the_compressing_alone(
    pki: SandboxPki, ledger: StoredFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(deflating: Deflating) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Deflating, "_compress", full)
    monkeypatch.setattr("edefter.gib.deflating.CHUNK_BYTES", 1 << 16)
    made = signed_by(pki, ledger, tmp_path / "signed", deflate="zlib")
    assert made.deflated is None and made.report.well_formed
    assert made.signed.file.sha256 == sha256_file(made.signed.file.path)
    assert [path.name for path in (tmp_path / "signed").iterdir()] == [ledger.name.xml]


def test_what_is_not_proven_is_not_packed_ahead(
    pki: SandboxPki, ledger: StoredFile, tmp_path: Path
) -> None:
    made = signed_by(pki, ledger, tmp_path / "signed", proven=False, deflate="zlib")
    packed = list((tmp_path / "signed").glob(f"*{TEMPORARY_SUFFIX}"))
    assert (made.deflated is None) == (not packed)


def test_a_book_is_proven_by_the_hash_of_who_wrote_it(
    pki: SandboxPki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is hashed while it is judged first, and nothing is judged twice afterwards."""
    made: list[MadeBook] = []
    monkeypatch.setattr(
        PlannedPart,
        "write",
        lambda plan, folder, *_: made.extend(make_book(plan, kind, folder) for kind in BOOKS),
    )
    (tmp_path / "signed").mkdir()
    with pytest.raises(AttributeError):
        build(900, tmp_path, seed=3)
    assert [each.report.proof is not None for each in made] == [True, True]
    monkeypatch.setattr("edefter.engine.piecework.prove", None)  # the long way is not needed
    seal = seal_of(pki)
    for each in made:
        assert each.report.sha256 == ""
        file = each.book.file
        hashed = judge_file(file.path, signed=False)
        assert hashed.sha256 == file.sha256 and hashed.proof is not None
        assert each.report.proof is not None
        assert each.report.proof.size_bytes == hashed.proof.size_bytes + 1  # a line feed
        assert each.report.proof.line == hashed.proof.line + 1
        before = file.path.read_bytes()[: each.report.proof.size_bytes]
        assert each.report.proof.sha256 == hashlib.sha256(before).hexdigest()
        assert each.report.proof.line == before.count(b"\n") + 1
        ready = make_ready(file, each.book.digest)
        block = seal_digest(ready, seal, signing_time=NOW)
        signed = sign_book(ready, block, tmp_path / "signed", NOW, "", each.report.proof, "")
        assert verify_file(signed.signed.file.path, now=NOW, must_be_canonical=True).ok
