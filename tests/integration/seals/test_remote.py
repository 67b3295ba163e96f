"""A remote seal against the sandbox's CSC service, over real TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edefter.errors import ConfigError, SealRefused, WaitingError
from edefter.model.documents import Kind
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator
from edefter.signature.port import SignatureAlgorithm
from edefter.signature.seals.pin_guard import PinGuard
from edefter.signature.seals.remote import RemoteSeal
from edefter.signature.verify import verify_file
from tests.support.signed_documents import NOW, VKN, signed_ledger

TOKEN, PIN = "erisim-anahtari-1234", "471108"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> SandboxPki:
    return SandboxPki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module", params=["rsa", "ec"])
def service(
    pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("remote")
    seal = pki.issue_seal(VKN, "Uzak Mühür", key=request.param)
    (folder / "token").write_text(TOKEN)
    (folder / "pin").write_text(PIN)
    arguments = ["--pki", str(pki.folder), "--seal", str(seal.path)]
    arguments += ["--token-file", str(folder / "token"), "--pin-file", str(folder / "pin")]
    with Simulator("edefter.sandbox.remote_seal", folder / "state", *arguments) as running:
        yield running


@pytest.fixture
def make(pki: SandboxPki, service: Simulator, tmp_path: Path):
    service.set_knobs()

    def seal(**changes) -> RemoteSeal:
        given = {
            "url": service.facts["url"],
            "credential": service.facts["credential"],
            "token": TOKEN,
            "pin": PIN,
            "guard": PinGuard(tmp_path / "uzak.pin.json", "uzak"),
            "timeout_s": 5.0,
            "ca_bundle": pki.folder / "tls-root.pem",
        }
        return RemoteSeal("uzak", **{**given, **changes})

    yield seal
    service.set_knobs()


def asked(service: Simulator) -> list[str]:
    return [item["operation"] for item in service.received()]


def test_a_file_is_signed(make, pki, tmp_path: Path) -> None:
    signed = signed_ledger(tmp_path, make(), Kind.Y)
    found = verify_file(signed.file.path, anchors=[pki.root, pki.seal_ca], now=NOW)
    assert found.ok and found.chain


def test_a_service_that_gives_raw_values(make, service) -> None:
    service.set_knobs(raw=True)
    seal = make()
    value = seal.sign(b"veri")
    assert len(value) == (96 if seal.algorithm is SignatureAlgorithm.ECDSA_SHA384 else 256)


def test_one_signature_is_asked_for_once(make, service) -> None:
    seal = make()
    before = len(asked(service))
    seal.sign(b"veri")
    seal.sign(b"veri 2")
    assert asked(service)[before:] == ["info", *["authorize", "signHash"] * 2]


@pytest.mark.parametrize(
    ("knobs", "kind", "key"),
    [
        ({"fault": 503, "on": "signHash"}, WaitingError, "signature.remote_silent"),
        ({"cut": True, "on": "signHash"}, WaitingError, "signature.remote_silent"),
        ({"delay_s": 9, "on": "signHash"}, WaitingError, "signature.remote_silent"),
        ({"drip_s": 0.05, "on": "signHash"}, WaitingError, "signature.remote_silent"),
        ({"fault": 404}, SealRefused, "signature.remote_refused"),
        ({"garbage": True}, SealRefused, "signature.remote_strange"),
        ({"garbage": True, "on": "signHash"}, SealRefused, "signature.remote_strange"),
        ({"large": True}, WaitingError, "signature.remote_silent"),
        ({"redirect": "https://127.0.0.1:1/"}, SealRefused, "signature.remote_refused"),
        ({"status": "disabled"}, SealRefused, "signature.remote_disabled"),
        ({"wrong": True, "on": "signHash"}, SealRefused, "signature.remote_wrong_signature"),
    ],
)
def test_misbehaviour_has_a_sentence(make, service, knobs, kind, key) -> None:
    seal = make(timeout_s=1.0)
    before = len(asked(service))
    service.set_knobs(**knobs)
    with pytest.raises(kind) as caught:
        seal.sign(b"veri")
    assert caught.value.key == key and caught.value.remedy("tr") and caught.value.remedy("en")
    assert asked(service)[before:].count("signHash") <= 1  # never on our own a second time


def test_a_wrong_pin_is_tried_once(make, service) -> None:
    seal = make(pin="000000")
    before = asked(service).count("authorize")
    for key in ("signature.remote_pin", "seal.pin_wrong_before", "seal.pin_wrong_before"):
        with pytest.raises(SealRefused) as caught:
            seal.sign(b"veri")
        assert caught.value.key == key
        assert "000000" not in str(caught.value) + repr(caught.value.facts)
        seal = make(pin="000000")  # a run of its own
    assert asked(service).count("authorize") == before + 1
    make().sign(b"veri")  # the right one resets the service's count


@pytest.mark.parametrize(
    ("knobs", "key"),
    [
        ({"fault": 503}, "seal.ok"),
        ({"fault": 504}, "seal.pin_trying_before"),
        ({"cut": True}, "seal.pin_trying_before"),
    ],
)
def test_a_pin_whose_try_did_not_end(make, service, knobs, key) -> None:
    """An answer says that it was not wrong; silence says nothing, and a person has to."""
    seal = make(timeout_s=1.0)
    service.set_knobs(**knobs, on="authorize")
    with pytest.raises(WaitingError):
        seal.sign(b"veri")
    service.set_knobs()
    if key == "seal.ok":
        assert make().sign(b"veri")
        return
    with pytest.raises(SealRefused) as caught:
        make().sign(b"veri")
    assert caught.value.key == key


def test_a_wrong_token_is_refused_without_showing_it(make) -> None:
    with pytest.raises(SealRefused) as caught:
        make(token="yanlis-anahtar").certificate  # noqa: B018
    assert caught.value.key == "signature.remote_token"
    assert "yanlis-anahtar" not in str(caught.value) + repr(caught.value.facts)


def test_tls_is_verified(make, pki, tmp_path: Path) -> None:
    other = SandboxPki(tmp_path / "other")
    with pytest.raises(SealRefused) as caught:
        make(ca_bundle=other.folder / "tls-root.pem").certificate  # noqa: B018
    assert caught.value.key == "signature.remote_tls"
    with pytest.raises(ConfigError):
        make(url="http://127.0.0.1:1/csc/v2")


def test_nothing_listens(make) -> None:
    with pytest.raises(WaitingError):
        make(url="https://127.0.0.1:1/csc/v2").certificate  # noqa: B018


def test_secrets_are_not_shown(make) -> None:
    assert TOKEN not in repr(make()) and PIN not in repr(make())
