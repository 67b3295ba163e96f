"""What a token can say before and at login, by a module that does nothing else (odd_token.c)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edefter.errors import EdefterError, ExitCode
from edefter.signature.seals.pin_guard import PinGuard
from edefter.signature.seals.pkcs11.process import helper_of
from edefter.signature.seals.pkcs11.seal import Pkcs11Seal
from tests.support.c_modules import compiled


@pytest.fixture(scope="session")
def module(tool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tool("gcc", "gcc")
    return compiled("odd_token", tmp_path_factory.mktemp("odd"))


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    log = tmp_path / "logins"
    monkeypatch.setenv("ODD_TOKEN_LOG", str(log))
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def make(module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logins):
    def seal(state: str) -> Pkcs11Seal:
        monkeypatch.setenv("ODD_TOKEN", state)
        helper_of(module).close()
        return Pkcs11Seal(
            "kart", module=module, token_label="SIRKET", token_serial="", key_label="",
            pin=lambda: "471108", guard_of=lambda _: PinGuard(tmp_path / "kart.json", "kart"),
            timeout_s=1.0,
        )  # fmt: skip

    yield seal
    helper_of(module).close()


@pytest.mark.parametrize(
    ("state", "key", "code", "tries"),
    [
        ("final_try", "seal.pin_final_try", ExitCode.REFUSED, 0),
        ("locked", "seal.pin_locked", ExitCode.REFUSED, 0),
        ("gone", "seal.token_missing_among", ExitCode.REFUSED, 0),
        ("count_low", "seal.no_certificate", ExitCode.REFUSED, 1),
        ("removed", "seal.device_removed", ExitCode.REFUSED, 1),
        ("device", "seal.device_error", ExitCode.WAITING, 1),
        ("luna", "seal.link_lost", ExitCode.WAITING, 1),
        ("pin_locked", "seal.pin_locked", ExitCode.REFUSED, 1),
        ("hang", "seal.helper_silent", ExitCode.WAITING, 1),
        ("crash", "seal.helper_gone", ExitCode.WAITING, 1),
    ],
)
def test_each_state_has_its_sentence_and_no_second_login(
    make, logins, state: str, key: str, code: ExitCode, tries: int
) -> None:
    seal = make(state)
    with pytest.raises(EdefterError) as caught:
        seal.sign(b"veri")
    assert (caught.value.key, caught.value.exit_code) == (key, code)
    assert caught.value.remedy("tr") and caught.value.remedy("en")
    assert "471108" not in str(caught.value) + repr(caught.value.facts)
    assert logins() == tries
    if state in ("hang", "crash", "device", "removed", "luna"):
        # Whether the PIN was tried is not known: the next run leaves it alone.
        with pytest.raises(EdefterError) as caught:
            make("").sign(b"veri")
        assert caught.value.key == "seal.pin_trying_before"
        assert logins() == tries
