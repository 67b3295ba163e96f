"""Time stamps from the sandbox's authority, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edefter.config.section import SecretRef
from edefter.config.settings import TimestampSettings
from edefter.errors import ConfigError, OperatorNeeded, WaitingError
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator
from edefter.timestamp.budget import Budget
from edefter.timestamp.client import TimestampClient
from edefter.timestamp.token import check_token

PASSWORD = "çok-gizli-parola"


def start(pki: SandboxPki, folder: Path, *words: str) -> Simulator:
    return Simulator("edefter.sandbox.tsa", folder, "--pki", str(pki.folder), *words)


@pytest.fixture(scope="module")
def plain(pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with start(pki, tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture(scope="module")
def kamusm(pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("kamusm")
    (folder / "password").write_text(PASSWORD)
    words = ("--customer", "31337", "--password-file", str(folder / "password"))
    with start(pki, folder / "state", *words) as running:
        yield running


@pytest.fixture
def make(pki: SandboxPki, plain: Simulator, tmp_path: Path):
    plain.set_knobs()

    def client(limit: int = 0, anchors=None, **changes) -> TimestampClient:
        given = {"url": plain.facts["url"], "profile": "rfc3161", "timeout_s": 2.0, **changes}
        return TimestampClient(
            TimestampSettings(**given),
            secret=lambda _: PASSWORD,
            budget=Budget(tmp_path / "data" / "stamps.json", limit),
            anchors=[pki.root, pki.seal_ca] if anchors is None else anchors,
        )

    yield client
    plain.set_knobs()


def now() -> datetime:
    return datetime.now(UTC)


def test_a_stamp_proves_when_bytes_existed(make, pki) -> None:
    stamp = make().stamp(b"veri", now=now())
    check = check_token(stamp.token, b"veri", anchors=[pki.root])
    assert check.ok and check.gen_time == stamp.gen_time
    (problem,) = check_token(stamp.token, b"veri2", anchors=[pki.root]).problems
    assert problem.key == "timestamp.imprint"


@pytest.mark.parametrize(
    "knobs",
    [
        {"bare": True},
        {"no_chain": True},
        {"status": "granted_with_mods"},
        {"bare": True, "no_chain": True},
    ],
)
def test_unusual_answers_are_taken(make, plain, pki, knobs) -> None:
    plain.set_knobs(**knobs)
    stamp = make().stamp(b"veri", now=now())
    assert check_token(stamp.token, b"veri", anchors=[pki.root]).ok


@pytest.mark.parametrize(
    ("knobs", "kind", "words"),
    [
        ({"wrong_nonce": True}, OperatorNeeded, "bu isteğin yanıtı değil"),
        ({"wrong_imprint": True}, OperatorNeeded, "bu imzaya ait değil"),
        ({"broken": True}, OperatorNeeded, "imzası geçersiz"),
        ({"certificate": "expired"}, OperatorNeeded, "süresi"),
        ({"certificate": "no-eku"}, OperatorNeeded, "yalnızca zaman damgası için değil"),
        ({"no_certificates": True}, OperatorNeeded, "sertifika bulunamadı"),
        ({"offset_s": 3600}, OperatorNeeded, "saatten"),
        ({"status": "rejection"}, OperatorNeeded, "no credit left"),
        ({"garbage": True}, OperatorNeeded, "okunamıyor"),
        ({"fault": 403}, OperatorNeeded, "müşteri numarasını"),
        ({"fault": 404}, OperatorNeeded, "HTTP 404"),
        ({"fault": 503}, WaitingError, "HTTP 503"),
        ({"cut": True}, WaitingError, "yanıt vermedi"),
        ({"delay_s": 5}, WaitingError, "yanıt vermedi"),
        ({"drip_s": 0.01}, WaitingError, "answer too slow"),
    ],
)
def test_misbehaviour_is_asked_for_once_and_has_a_sentence(make, plain, knobs, kind, words) -> None:
    before = len(plain.received())
    plain.set_knobs(**knobs)
    with pytest.raises(kind) as caught:
        make().stamp(b"veri", now=now())
    assert words in caught.value.text("tr")
    assert caught.value.remedy("tr") and caught.value.remedy("en")
    assert len(plain.received()) == before + 1


def test_an_authority_that_nobody_trusts(make, tmp_path) -> None:
    other = SandboxPki(tmp_path / "other")
    with pytest.raises(OperatorNeeded) as caught:
        make(anchors=[other.root]).stamp(b"veri", now=now())
    assert caught.value.key == "timestamp.unproven"


def test_a_policy_can_be_asked_for(make) -> None:
    from asn1crypto import cms

    token = make(policy="1.2.3.4").stamp(b"veri", now=now()).token
    info = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    assert info["policy"].dotted == "1.2.3.4"


# what it costs ----------------------------------------------------------------------------------
def test_the_budget_is_counted_before_each_request(make, plain, tmp_path) -> None:
    client = make(limit=2)
    assert client.stamp(b"1", now=now()).left == 1
    plain.set_knobs(cut=True)
    with pytest.raises(WaitingError):
        client.stamp(b"2", now=now())  # whether it was charged, nobody knows
    plain.set_knobs()
    before = len(plain.received())
    with pytest.raises(OperatorNeeded) as caught:
        make(limit=2).stamp(b"3", now=now())
    assert caught.value.key == "timestamp.budget_empty"
    (tmp_path / "data" / "stamps.json").write_bytes(b"{")
    with pytest.raises(OperatorNeeded) as caught:
        make().stamp(b"4", now=now())
    assert caught.value.key == "timestamp.budget_damaged"
    assert len(plain.received()) == before


# Kamu SM ----------------------------------------------------------------------------------------
def test_kamu_sm_knows_us_by_its_header(make, kamusm, pki) -> None:
    given = {"url": kamusm.facts["url"], "profile": "kamusm", "password": SecretRef(env="X")}
    stamp = make(customer="31337", **given).stamp(b"veri", now=now())
    assert check_token(stamp.token, b"veri", anchors=[pki.root]).ok
    for wrong in ("31338", "1"):
        with pytest.raises(OperatorNeeded) as caught:
            make(customer=wrong, **given).stamp(b"veri", now=now())
        assert caught.value.key == "timestamp.identity"
        assert PASSWORD not in str(caught.value) + repr(caught.value.facts)


@pytest.mark.parametrize("changes", [{"customer": ""}, {"customer": "x"}, {"password": None}])
def test_kamu_sm_without_what_it_needs(make, changes) -> None:
    given = {"profile": "kamusm", "customer": "31337", "password": SecretRef(env="X"), **changes}
    with pytest.raises(ConfigError):
        make(**given)


# tokens of strangers ----------------------------------------------------------------------------
def test_no_byte_of_a_token_can_be_changed(make, pki) -> None:
    """Whatever is changed, it is a problem or still the same statement; never an exception."""
    token = make().stamp(b"veri", now=now()).token
    good = check_token(token, b"veri", anchors=[pki.root])
    accepted = 0
    for position in range(0, len(token), 7):
        changed = token[:position] + bytes([token[position] ^ 0x55]) + token[position + 1 :]
        check = check_token(changed, b"veri", anchors=[pki.root])
        if check.ok:
            assert check.gen_time == good.gen_time and check.certificate == good.certificate
            accepted += 1
    assert accepted < len(token) / 7 / 2
    for size in range(0, len(token), 97):
        assert not check_token(token[:size], b"veri", anchors=[pki.root]).ok
