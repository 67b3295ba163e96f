"""A seal in SoftHSM2, its driver in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from edefter.config.section import SecretRef
from edefter.config.settings import SealSettings
from edefter.errors import ConfigError, SealRefused, WaitingError
from edefter.model.documents import Kind
from edefter.model.environment import Environment
from edefter.sandbox import softhsm
from edefter.sandbox.pki import SandboxPki
from edefter.signature.choice import check_seal
from edefter.signature.port import SealWithPin, SignatureAlgorithm
from edefter.signature.seals.open_seal import open_seal
from edefter.signature.seals.pkcs11.seal import Pkcs11Seal
from edefter.signature.verify import verify_file
from tests.conftest import absent
from tests.support.signed_documents import NOW, VKN, signed_ledger

SANDBOX = {"now": NOW, "environment": Environment.SANDBOX}


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [("rsa", SignatureAlgorithm.RSA_SHA256), ("ec", SignatureAlgorithm.ECDSA_SHA384)],
)
def test_a_file_is_signed(make_token, make_seal, pki: SandboxPki, tmp_path, key, algorithm) -> None:
    make_token(**{f"{VKN}SIGN0": pki.issue_seal(VKN, "Kartlı Şirket", key=key)})
    seal = make_seal()
    assert seal.algorithm is algorithm
    signed = signed_ledger(tmp_path, seal, Kind.Y)
    found = verify_file(signed.file.path, anchors=[pki.root, pki.seal_ca], now=NOW)
    assert found.ok and found.chain


def test_a_token_that_cannot_hash(make_token, make_seal, pki) -> None:
    """Raw CKM_RSA_PKCS over a DigestInfo of ours; the value is checked as any other."""
    make_token(imza=pki.issue_seal(VKN, "Şirket"))
    seal = make_seal()
    assert "RSA_PKCS" in seal._mechanisms if seal.candidates() else False
    seal._mechanisms = frozenset({"RSA_PKCS"})
    assert len(seal.sign(b"veri")) == 256
    seal._mechanisms = frozenset()
    with pytest.raises(SealRefused) as caught:
        seal.sign(b"veri")
    assert caught.value.key == "seal.mechanism"


# choice of the certificate ----------------------------------------------------------------------
def test_of_a_cards_certificates_the_fitting_one_signs(make_token, make_seal, pki) -> None:
    old = pki.issue_seal(VKN, "Eski", not_before=NOW - timedelta(days=900), label="eski")
    new = pki.issue_seal(VKN, "Yeni", not_before=NOW - timedelta(days=5), label="yeni")
    twin = pki.issue_seal(VKN, "Şifreleme", encryption=True, label="sifre")
    other = pki.issue_seal("9999999999", "Başka Şirket", label="baska")
    make_token(ESKI=old, YENI=new, ENCR0=twin, BASKA=other)
    seal = make_seal()
    fitness = check_seal(seal, tax_numbers=[VKN], **SANDBOX)
    assert seal.certificate == new.certificate
    assert [item.key for item in fitness.warnings] == ["signature.seal_several_fit"]
    assert check_seal(seal, tax_numbers=["9999999999"], **SANDBOX).tax_number == "9999999999"
    assert seal.certificate == other.certificate
    assert make_seal(key_label="ESKI").certificate == old.certificate


def test_when_none_fits_each_certificate_has_its_reason(make_token, make_seal, pki) -> None:
    ended = pki.issue_seal(
        VKN, "Bitmiş", not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=1),
        label="bitmis",
    )  # fmt: skip
    twin = pki.issue_seal(VKN, "Şifreleme", encryption=True, label="sifre2")
    other = pki.issue_seal("9999999999", "Başka Şirket", label="baska2")
    make_token(BITMIS=ended, ENCR0=twin, BASKA=other)
    with pytest.raises(SealRefused) as caught:
        check_seal(make_seal(), tax_numbers=[VKN], **SANDBOX)
    text = caught.value.text("tr")
    for words in ("BITMIS: Mührün süresi dolmuş", "ENCR0: Bu sertifika imzalama", "9999999999"):
        assert words in text
    assert "BITMIS: The seal has expired" in caught.value.text("en")


def test_keys_are_told_by_their_public_value(make_token, make_seal, pki) -> None:
    """A renewal written under the id and label of the old key, as careless tools do."""
    for kind in ("rsa", "ec"):
        old = pki.issue_seal(VKN, "Eski", key=kind, not_before=NOW - timedelta(days=900),
                             label=f"eski-{kind}")  # fmt: skip
        new = pki.issue_seal(VKN, "Yeni", key=kind, not_before=NOW - timedelta(days=5),
                             label=f"yeni-{kind}")  # fmt: skip
        token = make_token(kind)
        softhsm.put_key(token, softhsm.PIN, "SIGN0", "01", old)
        softhsm.put_key(token, softhsm.PIN, "SIGN0", "01", new)
        softhsm.put_certificate(token, softhsm.PIN, "SIGN0", "01", old.certificate)
        softhsm.put_certificate(token, softhsm.PIN, "SIGN0", "01", new.certificate)
        seal = make_seal(token_label=kind)
        seal._helper.close()  # SoftHSM2 reads its tokens once
        if kind == "ec":  # nothing tells which key is whose, so none is taken
            assert not any(item.has_key for item in seal.candidates())
            continue
        for held in (old, new):
            chosen = next(c for c in seal.candidates() if c.certificate == held.certificate)
            seal.choose(chosen)
            assert seal.sign(b"veri")


def test_before_a_choice_the_owners_certificate_is_used(make_token, make_seal, pki) -> None:
    """A run that asks GİB only makes no choice; the token may be shared by several companies."""
    own = pki.issue_seal(VKN, "Kendi", not_before=NOW - timedelta(days=90), label="kendi")
    other = pki.issue_seal("9999999999", "Başka", not_before=NOW - timedelta(days=1), label="oteki")
    make_token(A=own, B=other)
    assert make_seal(owners=[VKN]).certificate == own.certificate
    assert make_seal(owners=["9999999999"]).certificate == other.certificate
    with pytest.raises(SealRefused) as caught:
        make_seal(owners=["1111111111"]).certificate  # noqa: B018
    assert caught.value.key == "seal.no_signing_certificate"
    with pytest.raises(SealRefused) as caught:
        check_seal(make_seal(owners=["1111111111"]), tax_numbers=["1111111111"], **SANDBOX)
    assert caught.value.key == "signature.seal_none_fits"  # each with its reason


# which token ------------------------------------------------------------------------------------
def test_a_token_is_told_by_label_or_serial(make_token, make_seal, pki) -> None:
    seal = pki.issue_seal(VKN, "Şirket", label="tek")
    make_token("SIRKET", imza=seal)
    make_token("YEDEK", imza=seal)
    serial = make_seal()._result(make_seal()._ask("token"))["serial"]
    assert make_seal(token_label="", token_serial=serial).certificate == seal.certificate
    with pytest.raises(SealRefused) as caught:
        make_seal(token_label="YEDEK", token_serial=serial).certificate  # noqa: B018
    assert caught.value.key == "seal.token_missing_among"
    assert "SIRKET (" in caught.value.text("tr") and "YEDEK (" in caught.value.text("tr")
    make_token("SIRKET")
    make_seal()._helper.close()
    with pytest.raises(SealRefused) as caught:
        make_seal().certificate  # noqa: B018
    assert caught.value.key == "seal.token_several"


def test_a_library_that_is_none(make_seal, library, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        make_seal(module=tmp_path / "yok.so")
    assert caught.value.key == "seal.library_missing"
    text = tmp_path / "metin.so"
    text.write_text("no library")
    with pytest.raises(ConfigError) as caught:
        make_seal(module=text).certificate  # noqa: B018
    assert caught.value.key == "seal.library_unloadable"
    other = tmp_path / "oteki-bit.so"  # the library's head says 32 bits instead of 64, or reversed
    head = bytearray(softhsm.LIBRARY.read_bytes())
    head[4] = 3 - head[4]
    other.write_bytes(head)
    with pytest.raises(ConfigError) as caught:
        make_seal(module=other).certificate  # noqa: B018
    assert caught.value.key == "seal.library_bitness"


# PIN --------------------------------------------------------------------------------------------
def test_a_wrong_pin_is_tried_once_in_all_runs(make_token, make_seal, pki, helper, monkeypatch,
                                               tmp_path) -> None:  # fmt: skip
    """Counted by OpenSC's spy between us and SoftHSM2."""

    if not softhsm.SPY.exists():
        absent("pkcs11-spy.so (Debian package opensc-pkcs11)")
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="casus"))
    log = tmp_path / "spy.log"
    monkeypatch.setenv("PKCS11SPY", str(softhsm.LIBRARY))
    monkeypatch.setenv("PKCS11SPY_OUTPUT", str(log))
    for _ in range(3):
        seal = make_seal(module=softhsm.SPY, pin="000000")
        with pytest.raises(SealRefused) as caught:
            seal.sign(b"veri")
        assert "000000" not in str(caught.value) + repr(caught.value.facts)
        seal._helper.close()  # a run of its own, with a driver that knows nothing
    assert caught.value.key == "seal.pin_wrong_before"
    assert log.read_text(errors="replace").count("C_Login") == 1
    good = make_seal(module=softhsm.SPY)  # another PIN: somebody has acted
    assert good.sign(b"veri")
    good.sign(b"veri 2")
    assert log.read_text(errors="replace").count("C_Login") == 2
    assert not list((tmp_path / "data").glob("*.json"))
    good._helper.end()
    assert log.read_text(errors="replace").count("C_Finalize") >= 1


def test_wrong_pins_before_are_told(make_token, make_seal, pki) -> None:
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="sayac"))
    with pytest.raises(SealRefused):
        make_seal(pin="000000").sign(b"veri")
    seal = make_seal()
    fitness = check_seal(seal, tax_numbers=[VKN], **SANDBOX)
    assert [item.key for item in fitness.warnings] == ["seal.pin_count_low"]
    seal._helper.close()
    assert check_seal(seal, tax_numbers=[VKN], **SANDBOX).warnings == ()


def test_seals_of_one_token_share_its_memory(make_token, pki, library, tmp_path) -> None:
    """Else three companies with one card and one wrong PIN would lock it."""
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="ortak"))
    told = {}
    for name, wrong in (("a", True), ("b", True), ("c", False)):
        settings = SealSettings(
            kind="pkcs11", module=library, password=SecretRef(env="X"),
            **({"token_label": "SIRKET"} if name != "b" else {"token_serial": told["serial"]}),
        )  # fmt: skip
        pin = "000000" if wrong else softhsm.PIN
        seal = open_seal(name, settings, lambda _, pin=pin: pin, tmp_path / "data")
        assert isinstance(seal, Pkcs11Seal) and isinstance(seal, SealWithPin)
        told = seal._result(seal._ask("token"))
        assert told["count_low"] == (name != "a")
        if not wrong:
            assert seal.sign(b"veri") and not seal.unlock()
            continue
        with pytest.raises(SealRefused) as caught:
            seal.sign(b"veri")
        assert caught.value.key == f"seal.pin_{'incorrect' if name == 'a' else 'wrong_before'}"


def test_a_pin_that_was_not_tried_clears_nothing(make_token, make_seal, pki, tmp_path) -> None:
    """The token is open already, for a seal whose PIN is right."""
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="acik"))
    first = make_seal()
    first.sign(b"veri")
    with first._guard().trying("000000") as attempt:
        attempt.ended = "wrong"
    serial = first._result(first._ask("token"))["serial"]
    for changes in ({}, {"token_label": "", "token_serial": serial}):
        make_seal(pin="111111", **changes).sign(b"veri")
    with pytest.raises(SealRefused) as caught:
        make_seal(pin="000000").sign(b"veri")
    assert caught.value.key == "seal.pin_wrong_before"


def test_a_login_that_did_not_end_is_not_repeated(make_token, make_seal, pki, tmp_path) -> None:
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="yarim"))
    seal = make_seal()
    with seal._guard().trying("471108"):
        pass  # the process ended here
    with pytest.raises(SealRefused) as caught:
        seal.sign(b"veri")
    assert caught.value.key == "seal.pin_trying_before"
    assert "edefter seal unlock kart" in caught.value.remedy("tr")
    assert seal.unlock() and not seal.unlock()
    assert seal.sign(b"veri")


def test_no_pin_and_no_keypad(make_token, make_seal, pki) -> None:
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="tussuz"))
    with pytest.raises(ConfigError):
        make_seal(pin=None).certificate  # noqa: B018


# the helper process -----------------------------------------------------------------------------
def test_a_killed_helper_is_replaced_at_the_next_request(make_token, make_seal, pki, helper):
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="olen"))
    seal = make_seal()
    assert seal.sign(b"veri")
    os.kill(helper.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert seal.sign(b"veri")
    assert helper.generation >= 2


def test_a_helper_that_dies_while_it_is_asked(make_token, make_seal, pki, helper) -> None:
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="asilan"))
    seal = make_seal()
    seal.sign(b"veri")
    os.kill(helper.pid, signal.SIGSTOP)  # as a driver that hangs
    killer = threading.Timer(0.5, os.kill, (helper.pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(WaitingError) as caught:
        seal.sign(b"veri")
    assert caught.value.key == "seal.helper_gone"
    assert seal.sign(b"veri")


def test_a_driver_that_hangs_is_ended(make_token, make_seal, pki, helper) -> None:
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="donan"))
    seal = make_seal(timeout_s=1.0)
    seal.sign(b"veri")
    hanging = helper.pid
    os.kill(hanging, signal.SIGSTOP)
    with pytest.raises(WaitingError) as caught:
        seal.sign(b"veri")
    assert caught.value.key == "seal.helper_silent"
    assert not Path(f"/proc/{hanging}").exists()
    assert seal.sign(b"veri")


def test_the_helper_ends_with_the_service(make_token, make_seal, pki, library) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from edefter.signature.seals.pkcs11.process import helper_of;"
        f"helper = helper_of(Path({str(library)!r})); helper.ensure();"
        "print(helper.pid, flush=True); time.sleep(60)"
    )
    make_token(imza=pki.issue_seal(VKN, "Şirket", label="yetim"))
    service = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    pid = int(service.stdout.readline())
    service.kill()
    service.wait()
    service.stdout.close()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "the helper outlives the service"
        time.sleep(0.05)


def test_many_threads_queue_up(make_token, make_seal, pki) -> None:
    make_token(imza=pki.issue_seal(VKN, "Şirket", key="ec", label="sira"))
    seal = make_seal()
    values: list[bytes] = []
    threads = [
        threading.Thread(target=lambda n=n: values.append(seal.sign(b"%d" % n))) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == len(set(values)) == 8


def test_nothing_secret_is_shown(make_seal) -> None:
    assert "471108" not in repr(make_seal())


def test_a_key_that_wants_a_login_for_each_use(make_token, make_seal, pki, helper, monkeypatch,
                                               tmp_path) -> None:  # fmt: skip
    """CKA_ALWAYS_AUTHENTICATE, as on cards with a qualified certificate."""
    token = make_token()
    held = pki.issue_seal(VKN, "Gerçek Kişi", label="nes")
    softhsm.put_key(token, softhsm.PIN, "imza", "01", held, each_time=True)
    softhsm.put_certificate(token, softhsm.PIN, "imza", "01", held.certificate)
    seal = make_seal()
    check_seal(seal, tax_numbers=[VKN], **SANDBOX)
    assert seal._held[0].each_time
    assert seal.sign(b"veri") != seal.sign(b"veri 2")
    assert not list((tmp_path / "data").glob("*.json"))
    pins = iter([softhsm.PIN, "000000", "000000"])
    seal._pin = lambda: next(pins)
    seal._helper.close()
    for key in ("seal.pin_incorrect", "seal.pin_wrong_before"):  # tried once here, too
        with pytest.raises(SealRefused) as caught:
            seal.sign(b"veri")
        assert caught.value.key == key
