"""A ledger gets its signature in the file that it is; whatever goes wrong, nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edefter.errors import InternalError
from edefter.model.documents import DocumentName
from edefter.model.files import StoredFile
from edefter.sandbox.pki import SandboxPki
from edefter.signature.profile import SignatureBlock
from edefter.signature.sign import Ready, make_ready, restore, seal_digest, splice
from edefter.signature.verify import verify_file
from tests.support.signed_documents import NOW, VKN, ledger_bytes, seal_of, store

NAME = DocumentName.parse(f"{VKN}-202601-Y-000000")


@pytest.fixture
def source(tmp_path: Path) -> StoredFile:
    (tmp_path / "signed").mkdir()
    return store(tmp_path / "unsigned", NAME, ledger_bytes())


def sealed(pki: SandboxPki, source: StoredFile) -> tuple[Ready, SignatureBlock]:
    ready = make_ready(source)
    assert ready.sha256 == source.sha256
    return ready, seal_digest(ready, seal_of(pki), signing_time=NOW)


def test_the_file_itself_is_signed(pki: SandboxPki, source: StoredFile, tmp_path: Path) -> None:
    ready, block = sealed(pki, source)
    path = splice(ready, block, tmp_path / "signed", signing_time=NOW)
    assert path == tmp_path / "signed" / NAME.xml
    assert not source.path.exists()
    assert path.read_bytes() == ledger_bytes().replace(ready.root_end, block.xml + ready.root_end)
    assert verify_file(path, now=NOW, must_be_canonical=True).ok


def test_a_digest_that_was_taken_before_is_as_good(pki: SandboxPki, source: StoredFile) -> None:
    ready, _ = sealed(pki, source)
    assert make_ready(source, ready.digest) == ready


def test_a_signature_of_something_else_is_not_put_in(
    pki: SandboxPki, source: StoredFile, tmp_path: Path
) -> None:
    ready, _ = sealed(pki, source)
    other = store(tmp_path / "o", NAME, ledger_bytes().replace(b">D<", b">C<", 1))
    _, block = sealed(pki, other)
    with pytest.raises(InternalError) as caught:
        splice(ready, block, tmp_path / "signed", signing_time=NOW)
    assert caught.value.key == "signature.own_output_invalid"
    assert source.path.read_bytes() == ledger_bytes()


@pytest.mark.parametrize("change", [b"\n", b"<!-- -->"])
def test_a_file_of_another_length_is_refused(
    pki: SandboxPki, source: StoredFile, tmp_path: Path, change: bytes
) -> None:
    ready, block = sealed(pki, source)
    source.path.write_bytes(ledger_bytes().replace(ready.root_end, change + ready.root_end))
    changed = source.path.read_bytes()
    with pytest.raises(InternalError) as caught:
        splice(ready, block, tmp_path / "signed", signing_time=NOW)
    assert caught.value.key == "signature.not_signable"
    assert source.path.read_bytes() == changed


def test_a_full_disk_leaves_the_file_as_it_was(
    pki: SandboxPki, source: StoredFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, block = sealed(pki, source)
    real, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        splice(ready, block, tmp_path / "signed", signing_time=NOW)
    assert source.path.read_bytes() == ledger_bytes()
    assert not list((tmp_path / "signed").iterdir())


# restore ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("written", [0, 1, 9, 17, 18, 400, 10**9])
def test_killed_at_any_byte_it_is_there_again(
    pki: SandboxPki, source: StoredFile, tmp_path: Path, written: int, moved: bool
) -> None:
    """`written` bytes of signature and end tag had reached the disk."""
    ready, block = sealed(pki, source)
    tail = (block.xml + ready.root_end)[:written]
    whole = bytearray(ledger_bytes())
    whole[ready.offset : ready.offset + len(tail)] = tail
    signed = tmp_path / "signed" / NAME.xml
    (signed if moved else source.path).write_bytes(whole)
    if moved:
        source.path.unlink()
    assert restore(source, signed)
    assert source.path.read_bytes() == ledger_bytes()
    assert not signed.exists()


def test_what_is_another_file_is_not_touched(source: StoredFile, tmp_path: Path) -> None:
    signed = tmp_path / "signed" / NAME.xml
    other = ledger_bytes().replace(b">D<", b">C<", 1)
    for path in (source.path, signed):
        path.write_bytes(other + b"<!-- longer than it was -->")
    assert not restore(source, signed)
    assert source.path.read_bytes() == signed.read_bytes()
    source.path.write_bytes(ledger_bytes()[:200])
    signed.unlink()
    assert not restore(source, signed)
    source.path.unlink()
    assert not restore(source, signed)
