"""A driver that goes wrong in the middle of a signature (relay_token.c before SoftHSM2)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from edefter.errors import EdefterError, ExitCode, WaitingError
from edefter.model.documents import Kind
from edefter.sandbox.pki import SandboxPki, SealFile
from edefter.signature.seals.pkcs11.process import helper_of
from edefter.signature.seals.pkcs11.seal import Pkcs11Seal
from edefter.signature.verify import verify_file
from tests.support.c_modules import compiled
from tests.support.signed_documents import NOW, VKN, signed_ledger


@pytest.fixture(scope="session")
def relay(tool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tool("gcc", "gcc")
    return compiled("relay_token", tmp_path_factory.mktemp("relay"))


@pytest.fixture(scope="session")
def stamp(pki: SandboxPki) -> SealFile:
    return pki.issue_seal(VKN, "Şirket", label="kotu-surucu")


@pytest.fixture
def plan(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "plan"
    monkeypatch.setenv("RELAY_TO", str(library))
    monkeypatch.setenv("RELAY_PLAN", str(path))
    return path


@pytest.fixture
def seal(
    relay: Path, plan: Path, stamp: SealFile, make_token, make_seal: Callable[..., Pkcs11Seal]
):
    make_token(SIGN0=stamp)
    helper_of(relay).close()
    yield make_seal(module=relay, timeout_s=2.0)
    helper_of(relay).close()


REFUSED, WAITING = ExitCode.REFUSED, ExitCode.WAITING


@pytest.mark.parametrize(
    ("what", "key", "code"),
    [
        ("0x32", "seal.device_removed", REFUSED),
        ("0xE0", "seal.token_missing", REFUSED),
        ("0xB3", "seal.session_lost", WAITING),  # CKR_SESSION_HANDLE_INVALID
        ("0x91", "seal.session_lost", WAITING),  # CKR_OPERATION_NOT_INITIALIZED
        ("0x101", "seal.session_lost", WAITING),  # CKR_USER_NOT_LOGGED_IN
        ("0x7", "seal.arguments_bad", REFUSED),
        ("0x30", "seal.device_error", WAITING),
        ("0x80000387", "seal.link_lost", WAITING),
        ("0x80000384", "seal.link_lost", WAITING),
        ("0x8000BEEF", "seal.other", REFUSED),
        ("hang", "seal.helper_silent", WAITING),
        ("crash", "seal.helper_gone", WAITING),
        ("flip", "seal.wrong_signature", REFUSED),
    ],
)
def test_a_file_is_left_out_and_the_next_run_signs_it(
    seal: Pkcs11Seal, plan: Path, pki: SandboxPki, tmp_path: Path, what: str, key: str,
    code: ExitCode,
) -> None:  # fmt: skip
    plan.write_text(f"1 {what}")
    assert seal.sign(b"veri")
    before = seal._helper.generation
    with pytest.raises(EdefterError) as caught:
        signed_ledger(tmp_path, seal, Kind.Y)
    assert (caught.value.key, caught.value.exit_code) == (key, code)
    assert caught.value.remedy("tr") and caught.value.remedy("en")
    assert not plan.exists()  # it happened once: nothing was asked for again by us
    assert not list(tmp_path.rglob("*.part-tmp")) and not list((tmp_path / "signed").glob("*.xml"))
    signed = signed_ledger(tmp_path, seal, Kind.Y)
    assert verify_file(signed.file.path, anchors=[pki.root, pki.seal_ca], now=NOW).ok
    if key != "seal.wrong_signature":
        assert seal._helper.generation > before  # with a fresh session


def test_the_pin_stands_nowhere_but_in_the_pipe(seal: Pkcs11Seal) -> None:
    seal.sign(b"veri")
    helper = Path(f"/proc/{seal._helper.pid}")
    for name in ("cmdline", "environ"):
        assert b"471108" not in (helper / name).read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_for_the_service_do_not_cut_a_signature(seal: Pkcs11Seal, number: int) -> None:
    seal.sign(b"veri")
    helper = seal._helper.pid
    assert helper is not None
    os.kill(helper, number)
    assert seal.sign(b"veri 2")
    assert seal._helper.pid == helper


def test_a_module_in_the_current_folder_is_not_imported(
    seal: Pkcs11Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pkcs11.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    assert seal.sign(b"veri")


def test_a_login_that_takes_too_long_is_not_repeated(
    seal: Pkcs11Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELAY_SLOW_MS", "4000")
    with pytest.raises(WaitingError):
        seal.sign(b"veri")
    monkeypatch.setenv("RELAY_SLOW_MS", "0")
    with pytest.raises(EdefterError) as caught:
        seal.sign(b"veri")
    assert caught.value.key == "seal.pin_trying_before"
    assert seal.unlock() and seal.sign(b"veri")
