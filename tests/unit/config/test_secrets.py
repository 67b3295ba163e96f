"""Secrets come from their place and appear nowhere else."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from edefter.config.secrets import SecretReader
from edefter.config.section import SecretRef
from edefter.errors import ConfigError


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "parola.txt"
    path.write_bytes("çok gizli \r\nikinci satır".encode())
    path.chmod(0o600)
    return path


def test_first_line_of_a_file(secret_file: Path) -> None:
    assert SecretReader({})(SecretRef(file=secret_file)) == "çok gizli "


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_file_open_to_others_is_refused(secret_file: Path, mode: int) -> None:
    secret_file.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        SecretReader({})(SecretRef(file=secret_file))
    assert caught.value.key == "config.secret_file_open"
    assert f"{mode:04o}" in caught.value.text("tr")
    assert "chmod 600" in caught.value.remedy("tr")
    assert "gizli" not in str(caught.value)


def test_environment() -> None:
    reader = SecretReader({"PAROLA": "gizli"})
    assert reader(SecretRef(env="PAROLA")) == "gizli"
    assert "gizli" not in repr(reader)


def test_prompt() -> None:
    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        return "gizli"

    assert SecretReader({}, prompt)(SecretRef(prompt="Mühür parolası")) == "gizli"
    assert asked == ["Mühür parolası"]


def test_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return {("edefter/a", "muhur"): "gizli"}.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

        def delete_password(self, service: str, username: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    try:
        assert SecretReader({})(SecretRef(keyring="edefter/a/muhur")) == "gizli"
        with pytest.raises(ConfigError) as caught:
            SecretReader({})(SecretRef(keyring="edefter/yok"))
        assert caught.value.key == "config.secret_empty"
    finally:
        keyring.set_keyring(before)


def test_keyring_locked() -> None:
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        with pytest.raises(ConfigError) as caught:
            SecretReader({})(SecretRef(keyring="edefter/muhur"))
    finally:
        keyring.set_keyring(before)
    assert caught.value.key == "config.secret_keyring_locked"


def test_keyring_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", types.ModuleType("keyring"))
    monkeypatch.setitem(sys.modules, "keyring.errors", None)
    with pytest.raises(ConfigError) as caught:
        SecretReader({})(SecretRef(keyring="edefter/muhur"))
    assert caught.value.key == "config.secret_no_keyring"
    assert "edefter[keyring]" in caught.value.remedy("en")


@pytest.mark.parametrize(
    ("ref", "key"),
    [
        (SecretRef(env="YOK"), "config.secret_empty"),
        (SecretRef(prompt="?"), "config.secret_nobody"),
        (SecretRef(file=Path("yok.txt")), "config.secret_file_unreadable"),
        (SecretRef(keyring="tek"), "config.secret_keyring_shape"),
    ],
)
def test_missing(ref: SecretRef, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        SecretReader({})(ref)
    assert caught.value.key == key
    assert caught.value.text("tr")
    assert caught.value.remedy("en")


def test_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_bytes(b"\xff\xfe\x00")
    path.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        SecretReader({})(SecretRef(file=path))
    assert caught.value.key == "config.secret_not_utf8"
