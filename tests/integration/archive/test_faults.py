"""What the portal or the line may do wrong: each ends in the right error, and heals if it can."""

from __future__ import annotations

import traceback

import pytest

from edefter.archive.errors import (
    ContractViolation,
    PortalFileRefused,
    PortalRefused,
    PortalSetupRefused,
    PortalUnreachable,
    PortalWaiting,
)
from edefter.config.section import SecretRef
from edefter.errors import ClockRefused, EdefterError, ExitCode
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator
from tests.integration.archive.support import API_SECRET, MIB, ledger, vkn

OTHER_FIRM = vkn("200000000")
HEALING = {
    "checksum mismatch once": {"checksum_460": {"times": 1}},
    "wrong offset": {"wrong_offset_409": {"times": 1}},
    "locked by another writer": {"locked_423": {"times": 2, "retry_after_s": 7}},
    "upload expired": {"expired_410": {"times": 1, "skip": 1}},
    "cut before persist": {"cut": {"times": 2, "after_bytes": 1000}},
    "cut after persist": {"cut": {"times": 2, "persist": "after"}},
    "answer lost": {"lose_answer": {"times": 2}},
    "rate limited with Retry-After": {"rate_429": {"times": 2, "retry_after_s": 11}},
    "rate limited without Retry-After": {"rate_429": {"times": 2}},
    "maintenance window": {"maintenance_503": {"times": 2, "retry_after_s": 30}},
    "internal error on upload": {"internal_500": {"times": 2, "channel": "upload"}},
    "error page of a proxy": {"html_error": {"times": 1, "status": 502}},
    "stale token": {"token_expired": {"times": 1}},
}


@pytest.mark.parametrize("name", HEALING)
def test_passing_faults_heal_within_one_call(desk, name):
    client = desk.registered()
    item = desk.item(ledger(size=2 * MIB + 9))
    desk.simulator.set_knobs(**HEALING[name])
    receipt = client.store(item, desk.memory())
    assert desk.stored(receipt.body["portal_file_id"]) == item.path.read_bytes()
    for knob in HEALING[name].values():
        if "retry_after_s" in knob:
            assert desk.time.slept == [knob["retry_after_s"]] * 2


def test_one_damaged_chunk_is_sent_again_alone(desk):
    client = desk.registered()
    desk.simulator.set_knobs(checksum_460={"times": 1, "skip": 1})
    client.store(desk.item(ledger(size=3 * MIB)), desk.memory())
    assert [row["status"] for row in desk.uploads()] == [204, 460, 204, 204]
    assert desk.time.slept == []


def test_two_cuts_in_a_row_halve_the_chunk(desk):
    client = desk.registered(chunk_bytes=2 * MIB)
    desk.simulator.set_knobs(cut={"times": 2, "after_bytes": 1000})
    client.store(desk.item(ledger(size=3 * MIB)), desk.memory())
    kept = [row["persisted_bytes"] for row in desk.uploads() if row["status"] == 204]
    assert kept == [MIB, MIB, MIB]


def test_the_environment_changes_neither_proxy_nor_bundle(desk, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    assert desk.registered().store(desk.item(ledger()), desk.memory()).seq == 1


def test_a_configured_proxy_that_does_not_let_us_through_is_named(desk):
    with pytest.raises(PortalUnreachable) as caught:
        desk.registered(proxy="http://127.0.0.1:9")
    assert caught.value.key == "archive.proxy_refused"
    assert "CONNECT" in caught.value.remedy("tr")


def test_a_chunk_damaged_again_and_again_stops(desk):
    client = desk.registered()
    desk.simulator.set_knobs(checksum_460=True)
    with pytest.raises(PortalFileRefused) as caught:
        client.store(desk.item(ledger(size=MIB)), desk.memory())
    assert caught.value.key == "archive.checksum_repeated"
    assert len(desk.uploads()) == 4  # the first and three more


def test_a_whole_that_differs_is_sent_once_more_from_the_start(desk):
    client = desk.registered()
    desk.simulator.set_knobs(whole_mismatch={"times": 1})
    item = desk.item(ledger(size=MIB))
    receipt = client.store(item, desk.memory())
    assert desk.stored(receipt.body["portal_file_id"]) == item.path.read_bytes()
    assert len(desk.uploads()) == 2
    assert "portal.tus.delete" in desk.calls


def test_a_whole_that_differs_twice_is_refused(desk):
    client = desk.registered()
    desk.simulator.set_knobs(whole_mismatch=True)
    with pytest.raises(PortalFileRefused) as caught:
        client.store(desk.item(ledger(size=MIB)), desk.memory())
    assert caught.value.facts["slug"] == "hash-mismatch"
    assert len(desk.uploads()) == 2


def test_a_file_that_changed_under_our_hands_is_our_own_problem(desk):
    client = desk.registered()
    item = desk.item(ledger(size=MIB))
    item.path.write_bytes(ledger(signature="YW5vdGhlcg==", size=MIB))
    with pytest.raises(PortalFileRefused) as caught:
        client.store(item, desk.memory())
    assert caught.value.key == "archive.file_changed"


def test_acknowledged_bytes_that_vanish_are_a_violation(desk):
    client = desk.registered(retry_limit_s=0.0)
    item = desk.item(ledger(size=3 * MIB))
    desk.simulator.set_knobs(cut={"skip": 2, "after_bytes": 10})
    with pytest.raises(PortalWaiting):
        client.store(item, desk.memory())
    desk.simulator.set_knobs(head_smaller_by=MIB)
    with pytest.raises(ContractViolation) as caught:
        desk.client().store(item, desk.memory())  # known from the memory of the first process
    assert caught.value.key == "archive.offset_lost"
    assert caught.value.facts["acknowledged"] == 2 * MIB
    assert caught.value.facts["offset"] == MIB


def test_acknowledged_bytes_that_vanish_within_one_process(desk):
    client = desk.registered()
    desk.simulator.set_knobs(cut={"skip": 1, "times": 1, "after_bytes": 10}, head_smaller_by=MIB)
    with pytest.raises(ContractViolation) as caught:
        client.store(desk.item(ledger(size=2 * MIB)), desk.memory())
    assert caught.value.key == "archive.offset_lost"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("wrong-hash", "sha256"),
        ("bad-signature", "signature does not verify"),
        ("seq-gap", "a receipt is missing"),
        ("fork", "forked"),
    ],
)
def test_a_wrong_receipt_is_a_violation(desk, fault, words):
    client = desk.registered()
    first = client.store(desk.item(ledger()), desk.memory())
    desk.simulator.set_knobs(receipt=fault)
    with pytest.raises(ContractViolation) as caught:
        client.store(desk.item(ledger(), kind="K"), desk.memory("k"), first)
    assert words in caught.value.facts["what"]
    assert caught.value.exit_code is ExitCode.OPERATOR
    assert "Yerel kopya" in caught.value.text("tr")


def test_a_receipt_of_an_unpinned_key_is_a_violation(desk):
    client = desk.registered()
    client.store(desk.item(ledger()), desk.memory())
    desk.simulator.set_knobs(receipt="unknown-key")
    with pytest.raises(ContractViolation) as caught:
        desk.client().store(desk.item(ledger(), kind="K"), desk.memory("k"))
    assert caught.value.key == "archive.receipt_key_unknown"


def test_keys_pinned_at_first_contact_do_not_follow_the_portal(desk, pki, tmp_path):
    desk.registered().store(desk.item(ledger()), desk.memory())
    other = Simulator("edefter.sandbox.portal", tmp_path / "other", "--pki", str(pki.folder),
                      "--api-secret-file", str(desk.simulator.state / "secret.txt"))  # fmt: skip
    with other:
        desk.simulator = other
        client = desk.registered()
        with pytest.raises(ContractViolation) as caught:
            client.store(desk.item(ledger(), kind="K"), desk.memory("k"))
    assert caught.value.key == "archive.receipt_key_unknown"


@pytest.mark.parametrize(
    "location", ["https://evil.example/files/1", "https://127.0.0.1:1/files/1", "http://127.0.0.1/"]
)
def test_a_foreign_location_gets_no_byte(desk, location):
    client = desk.registered()
    desk.simulator.set_knobs(location=location)
    with pytest.raises(ContractViolation) as caught:
        client.store(desk.item(ledger()), desk.memory())
    assert caught.value.key == "archive.bad_location"
    assert desk.uploads() == []


def test_other_content_under_the_same_package_needs_an_operator(desk):
    client = desk.registered()
    first = client.store(desk.item(ledger()), desk.memory())
    item = desk.item(ledger(signature="YW5vdGhlcg=="))
    with pytest.raises(PortalFileRefused) as caught:
        client.store(item, desk.memory())
    assert caught.value.key == "archive.different_content"
    assert caught.value.exit_code is ExitCode.OPERATOR
    assert caught.value.facts["held_sha256"] == first.sha256
    assert caught.value.facts["given_sha256"] == item.sha256


@pytest.mark.parametrize(
    ("knobs", "key"),
    [
        ({"certificate": "unknown-ca"}, "archive.tls_untrusted"),
        ({"certificate": "expired"}, "archive.tls_untrusted"),
        ({"certificate": "wrong-host"}, "archive.tls_untrusted"),
        ({"tls": "1.1"}, "archive.tls_version"),
    ],
)
def test_a_connection_that_cannot_be_trusted(desk, knobs, key):
    desk.simulator.set_knobs(**knobs)
    with pytest.raises(PortalUnreachable) as caught:
        desk.registered()
    assert caught.value.key == key
    assert caught.value.exit_code is ExitCode.WAITING
    assert desk.time.slept == []  # waiting cures no trust
    if key == "archive.tls_untrusted":
        assert "vekil" in caught.value.remedy("tr")
        assert "portal.ca_bundle" in caught.value.remedy("en")


def test_a_bundle_without_the_portals_root(desk, tmp_path, monkeypatch):
    other = SandboxPki(tmp_path / "other-pki")
    # The environment must not replace the configured bundle.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(desk.ca))
    desk.ca = other.folder / "tls-root.pem"
    with pytest.raises(PortalUnreachable) as caught:
        desk.registered()
    assert caught.value.key == "archive.tls_untrusted"


@pytest.mark.parametrize(
    ("how", "key"),
    [("tls", "archive.client_certificate_refused"), ("http", "archive.firm_refused")],
)
def test_a_refused_client_certificate_is_set_up(desk, how, key):
    client = desk.registered()
    desk.simulator.set_knobs(refuse_client_certificate=how)
    with pytest.raises(PortalSetupRefused) as caught:
        client.store(desk.item(ledger()), desk.memory())
    assert caught.value.key == key
    assert caught.value.exit_code is ExitCode.CONFIG
    assert isinstance(caught.value, PortalRefused)


def test_the_certificate_of_another_firm_is_refused(desk, pki):
    mine = desk.registered()
    desk.simulator.set_knobs()
    stolen = desk.folder / "keys"
    theirs = desk.__class__(desk.simulator, desk.folder / "b", OTHER_FIRM, desk.ca)
    theirs.folder.mkdir()
    theirs.registered()
    keys = theirs.folder / "keys"
    for name in ("client.pem", "client.key"):
        (stolen / f"{desk.firm}-{name}").unlink()
        (stolen / f"{desk.firm}-{name}").write_bytes((keys / f"{OTHER_FIRM}-{name}").read_bytes())
    with pytest.raises(PortalSetupRefused) as caught:
        mine.store(desk.item(ledger()), desk.memory())
    assert caught.value.facts["slug"] == "certificate-unknown"


def test_without_a_certificate_nothing_is_tried_on_the_upload_port(desk):
    desk.registered()
    (desk.folder / "keys" / f"{desk.firm}-client.pem").unlink()
    with pytest.raises(PortalSetupRefused) as caught:
        desk.client().store(desk.item(ledger()), desk.memory())
    assert caught.value.key == "archive.client_certificate_missing"


def test_maintenance_beyond_the_limit_waits_for_the_next_run(desk):
    client = desk.registered(retry_limit_s=100.0)
    desk.simulator.set_knobs(maintenance_503={"retry_after_s": 30})
    with pytest.raises(PortalWaiting) as caught:
        client.store(desk.item(ledger()), desk.memory())
    assert caught.value.exit_code is ExitCode.WAITING
    assert desk.time.slept == [30, 30, 30]


def test_nobody_listening_is_told_after_three_tries(desk):
    facts = {**desk.simulator.facts, "control_url": "https://127.0.0.1:9/api/v1"}
    desk.simulator = type("Elsewhere", (), {"facts": facts})()
    with pytest.raises(PortalUnreachable) as caught:
        desk.registered()
    assert caught.value.key == "archive.unreachable"
    assert "127.0.0.1:9" in caught.value.text("tr")
    assert len(desk.time.slept) == 2


@pytest.mark.parametrize(
    ("knobs", "slug"),
    [
        ({"disk_full_507": True}, "quota-exceeded"),
        ({"too_large": True}, "too-large"),
    ],
)
def test_refusals_of_the_file_are_not_repeated(desk, knobs, slug):
    client = desk.registered()
    desk.simulator.set_knobs(**knobs)
    with pytest.raises(PortalFileRefused) as caught:
        client.store(desk.item(ledger()), desk.memory())
    assert caught.value.facts["slug"] == slug
    assert desk.time.slept == []


@pytest.mark.parametrize(
    ("knobs", "slug"),
    [
        ({"firm_suspended": True}, "firm-suspended"),
        ({"account_locked": True, "token_expired": {"times": 1}}, "account-locked"),
    ],
)
def test_refusals_of_the_firm_are_set_up(desk, knobs, slug):
    client = desk.registered()
    desk.simulator.set_knobs(**knobs)
    with pytest.raises(PortalSetupRefused) as caught:
        client.store(desk.item(ledger()), desk.memory())
    assert caught.value.facts["slug"] == slug


def test_an_unregistered_firm_is_set_up(desk):
    with pytest.raises(PortalSetupRefused) as caught:
        desk.client().store(desk.item(ledger()), desk.memory())
    assert caught.value.facts["slug"] == "firm-unknown"


def test_a_clock_far_off_is_refused(desk):
    desk.simulator.set_knobs(clock_offset_s=1000)
    with pytest.raises(ClockRefused) as caught:
        desk.registered()
    assert caught.value.key == "archive.clock_skew"


def test_the_token_is_renewed_at_four_fifths_of_its_life(desk):
    client = desk.registered()
    desk.time.now += 0.79 * 1800
    client.limits()
    assert desk.calls.count("portal.token") == 1
    desk.time.now += 0.02 * 1800
    client.limits()
    assert desk.calls.count("portal.token") == 2


@pytest.mark.parametrize("fault", ["omit", "duplicate", "change-between-pages"])
def test_the_list_can_lie_as_the_contract_says(desk, fault):
    client = desk.registered()
    for kind in ("Y", "K", "DR"):
        data = ledger() if kind != "DR" else ledger().replace(b":defter", b":defterraporu")
        client.store(desk.item(data, kind=kind), desk.memory(kind))
    desk.simulator.set_knobs(list=fault, page=1)
    expected = {"omit": ["Y", "K"], "duplicate": ["Y", "K", "DR", "DR"],
                "change-between-pages": ["Y", "DR"]}  # fmt: skip
    assert [row["kind"] for row in client.archives()] == expected[fault]


def test_a_restarted_portal_goes_on_and_one_that_lost_its_state_does_not(pki, tmp_path):
    from tests.integration.archive.support import Desk

    secret = tmp_path / "secret"
    secret.write_text(API_SECRET)
    arguments = ["--pki", str(pki.folder), "--api-secret-file", str(secret)]
    first = Simulator("edefter.sandbox.portal", tmp_path / "s", *arguments).start()
    desk = Desk(first, tmp_path, OTHER_FIRM, pki.folder / "tls-root.pem")
    client = desk.registered(retry_limit_s=0.0)
    item = desk.item(ledger(size=2 * MIB))
    first.set_knobs(cut={"skip": 1, "after_bytes": 10})
    with pytest.raises(PortalWaiting):
        client.store(item, desk.memory())
    first.stop()
    first.set_knobs()
    desk.simulator = Simulator("edefter.sandbox.portal", tmp_path / "s", *arguments)
    with desk.simulator:
        desk.mark()
        assert desk.client().store(item, desk.memory()).sha256 == item.sha256
        assert sum(row["received_bytes"] for row in desk.uploads()) == MIB
    desk.simulator = Simulator("edefter.sandbox.portal", tmp_path / "s", *arguments, "--forget")
    with desk.simulator, pytest.raises(PortalSetupRefused) as caught:
        desk.client().store(item, desk.memory())
    assert caught.value.facts["slug"] == "firm-unknown"


LEAKING = {
    "wrong secret": {},
    "the server repeats the secret": {
        "problem": {
            "slug": "bad-metadata",
            "detail": f"cannot parse {API_SECRET}",
            "channel": "control",
            "skip": 1,
        }
    },
    "cut": {"cut": {"after_bytes": 5}},
    "unknown CA": {"certificate": "unknown-ca"},
    "certificate refused": {"refuse_client_certificate": "tls"},
}


@pytest.mark.parametrize("name", LEAKING)
def test_no_error_and_no_log_line_holds_a_secret(desk, name, caplog):
    caplog.set_level("DEBUG")
    secret = "WRONG" if name == "wrong secret" else "SECRET"
    value = "wrong-secret-value" if name == "wrong secret" else API_SECRET
    if name != "wrong secret":
        desk.registered()
    client = desk.client(retry_limit_s=0.0, api_secret=SecretRef(env=secret))
    desk.simulator.set_knobs(**LEAKING[name])
    with pytest.raises(EdefterError) as caught:
        client.store(desk.item(ledger(size=MIB)), desk.memory())
    error = caught.value
    told = "".join(traceback.format_exception(error)) + caplog.text + repr(error.facts)
    told += error.text("tr") + error.text("en") + error.remedy("tr") + error.remedy("en")
    hidden = [value, *(secret for secret in client._redactor._secrets if secret != value)]
    assert len(hidden) > 1 or name in ("wrong secret", "unknown CA")
    if name == "the server repeats the secret":
        assert error.facts["detail"] == "cannot parse ***"
    for secret_text in hidden:
        assert secret_text not in told
