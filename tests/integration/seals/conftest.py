"""SoftHSM2 tokens; the helper ends with each test, since the driver reads its files once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edefter.sandbox import softhsm
from edefter.sandbox.pki import SealFile
from edefter.signature.seals.pin_guard import PinGuard
from edefter.signature.seals.pkcs11.process import HelperProcess, helper_of
from edefter.signature.seals.pkcs11.seal import Pkcs11Seal
from tests.conftest import absent


@pytest.fixture
def library(tool) -> Path:
    if softhsm.LIBRARY is None:
        absent("SoftHSM2 (Debian package softhsm2)")
    assert softhsm.LIBRARY is not None
    tool("softhsm2-util", "softhsm2")
    tool("pkcs11-tool", "opensc")
    return softhsm.LIBRARY


@pytest.fixture
def helper(library: Path) -> Iterator[HelperProcess]:
    running = helper_of(library)
    running.close()
    yield running
    running.close()


@pytest.fixture
def make_token(
    tmp_path: Path, helper: HelperProcess, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., softhsm.Token]:
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "hsm" / "softhsm2.conf"))

    def make(label: str = "SIRKET", **seals: SealFile) -> softhsm.Token:
        return softhsm.make_token(tmp_path / "hsm", label, seals)

    return make


@pytest.fixture
def make_seal(tmp_path: Path, library: Path) -> Callable[..., Pkcs11Seal]:
    def make(**changes) -> Pkcs11Seal:
        pin = changes.pop("pin", softhsm.PIN)
        given = {
            "module": library,
            "token_label": "SIRKET",
            "token_serial": "",
            "key_label": "",
            "pin": None if pin is None else lambda: pin,
            "guard_of": lambda token: PinGuard(tmp_path / "data" / f"{token}.pin.json", "kart"),
            "timeout_s": 20.0,
        }
        return Pkcs11Seal("kart", **{**given, **changes})

    return make
