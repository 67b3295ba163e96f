"""OCSP, then the CRL: what is believed, what is not, and where nobody is asked."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from edefter.config.settings import TrustSettings
from edefter.sandbox.pki import issue_variant
from edefter.sandbox.pki.register import set_responder_url
from edefter.trust.answers import Status
from edefter.trust.fetch import Fetcher
from edefter.trust.judgement import standing_problems
from edefter.trust.revocation import RevocationChecker
from tests.integration.trust.conftest import VKN, Desk

HOUR = timedelta(hours=1)


def seal(desk: Desk, label: str = "trust", **options: Any) -> Any:
    return desk.pki.issue_seal(VKN, "Şişe", key="ec", label=label, **options).certificate


def remarks(standing: Any) -> list[str]:
    return [item.key.partition(".")[2] for item in standing.remarks]


def test_good_by_ocsp_and_nothing_else_is_asked(desk: Desk) -> None:
    standing = desk.ask(seal(desk))
    assert standing.status is Status.GOOD
    assert standing.told is not None
    assert standing.told.answer.kind == "ocsp"
    assert desk.questions() == ["ocsp"]
    assert standing_problems([standing], "strict") == ()


@pytest.mark.parametrize("kind", ["ocsp", "crl"])
@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_revoked(desk: Desk, kind: str, key: Any) -> None:
    revoked = issue_variant(desk.pki, "revoked", VKN, "Şişe", key=key, now=desk.now).certificate
    if kind == "crl":
        desk.responder.set_knobs(ocsp={"http_status": 503})
    standing = desk.ask(revoked)
    assert standing.status is Status.REVOKED
    assert standing.told is not None
    assert standing.told.answer.kind == kind
    assert standing.told.revoked_at == desk.now - HOUR
    assert standing.told.reason == "key_compromise"
    for mode in ("lenient", "strict"):
        [problem] = standing_problems([standing], mode)  # type: ignore[arg-type]
        assert (problem.key, problem.severity) == ("trust.revoked", "error")


@pytest.mark.parametrize("kind", ["ocsp", "crl"])
def test_revoked_in_the_very_second_of_the_answer(desk: Desk, kind: str) -> None:
    revoked = seal(desk)
    desk.pki.revoke(revoked, desk.now + timedelta(minutes=5))  # ahead of the answer even
    if kind == "crl":
        desk.responder.set_knobs(ocsp={"http_status": 503})
    assert desk.ask(revoked).status is not Status.GOOD


@pytest.mark.parametrize(
    ("knobs", "remark"),
    [
        ({"bad_signature": True}, "answer_refused"),
        ({"responder": "stranger"}, "answer_refused"),
        ({"responder": "no-eku"}, "answer_refused"),
        ({"sha1": True}, "answer_refused"),
        ({"nonce": "wrong"}, "answer_refused"),
        ({"answer": "other-certificate"}, "answer_refused"),
        ({"answer": "unknown"}, "not_known_there"),
        ({"ocsp_status": "try_later"}, "answer_refused"),
        ({"ocsp_status": "unauthorized"}, "answer_refused"),
        ({"garbage": True}, "answer_refused"),
        ({"this_update_s": -7200}, "answer_refused"),  # ended an hour ago
        ({"this_update_s": 7200}, "answer_refused"),  # from the future
        ({"this_update_s": -90_000, "no_next_update": True}, "answer_refused"),
        ({"http_status": 500}, "no_answer"),
        ({"redirect": "http://127.0.0.1:1/ocsp"}, "no_answer"),
        ({"size_bytes": 70_000}, "no_answer"),
    ],
)
def test_an_ocsp_answer_that_cannot_be_believed_leaves_it_to_the_crl(
    desk: Desk, knobs: dict[str, Any], remark: str
) -> None:
    good = seal(desk)
    desk.responder.set_knobs(ocsp=knobs)
    standing = desk.ask(good)
    assert remarks(standing) == [remark]
    assert standing.status is Status.GOOD
    assert standing.told is not None
    assert standing.told.answer.kind == "crl"


@pytest.mark.parametrize(
    "knobs",
    [
        {"bad_signature": True},
        {"crl_signer": "stranger"},
        {"garbage": True},
        {"this_update_s": -7200},
        {"this_update_s": 7200},
    ],
)
def test_a_crl_that_cannot_be_believed_tells_nothing(desk: Desk, knobs: dict[str, Any]) -> None:
    good = seal(desk)
    desk.responder.set_knobs(ocsp={"http_status": 500}, crl=knobs)
    standing = desk.ask(good)
    assert standing.status is Status.UNKNOWN
    assert remarks(standing) == ["no_answer", "answer_refused"]
    severities = {
        mode: standing_problems([standing], mode)[0].severity  # type: ignore[arg-type]
        for mode in ("lenient", "strict")
    }
    assert severities == {"lenient": "warning", "strict": "error"}


@pytest.mark.parametrize(
    "knobs", [{"responder": "issuer"}, {"nonce": "none"}, {"no_next_update": True}]
)
def test_rarer_right_answers(desk: Desk, knobs: dict[str, Any]) -> None:
    good = seal(desk)
    desk.responder.set_knobs(ocsp=knobs)
    standing = desk.ask(good)
    assert (standing.status, remarks(standing)) == (Status.GOOD, [])


def test_no_answer_at_all(desk: Desk) -> None:
    good = seal(desk)
    desk.responder.set_knobs(http_status=503)
    standing = desk.ask(good)
    assert standing.status is Status.UNREACHABLE
    lenient = standing_problems([standing], "lenient")
    assert [item.severity for item in lenient] == ["warning"] * 3
    assert standing_problems([standing], "strict")[0].severity == "error"


def test_a_server_that_drips_meets_the_limit_of_time(desk: Desk) -> None:
    good = seal(desk)
    desk.responder.set_knobs(drip_s=0.05)  # no single wait is long; a whole answer takes a minute
    standing = desk.ask(good, timeout_s=1.0)
    assert standing.status is Status.UNREACHABLE
    assert {item.facts["detail"] for item in standing.remarks} == {"answer too slow"}


def test_addresses_in_a_strangers_certificate_are_never_contacted(desk: Desk) -> None:
    heard: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Trap) as trap:
        threading.Thread(target=trap.serve_forever, daemon=True).start()
        set_responder_url(desk.pki.folder, f"http://127.0.0.1:{trap.server_port}")
        try:
            foreign = seal(desk, "foreign")
        finally:
            set_responder_url(desk.pki.folder, desk.responder.facts["url"])
        standing = desk.ask(foreign)
        assert standing.status is Status.UNREACHABLE
        assert remarks(standing) == ["host_not_allowed"] * 2
        assert standing.remarks[0].facts["host"] == f"127.0.0.1:{trap.server_port}"
        # The trap does hear what is sent to it, and a redirect is not followed into it either.
        desk.responder.set_knobs(redirect=f"http://127.0.0.1:{trap.server_port}/x")
        assert desk.ask(seal(desk)).status is Status.UNREACHABLE
        assert heard == []
        assert desk.ask(foreign, hosts=(f"127.0.0.1:{trap.server_port}",)).status is not Status.GOOD
        assert heard
        trap.shutdown()


def test_no_proxy_of_the_environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    good = seal(desk)
    assert desk.ask(good).status is Status.GOOD
    assert desk.ask(good, proxy="http://127.0.0.1:1").status is Status.UNREACHABLE


def test_the_cache_answers_until_the_end_and_serves_the_deadline(desk: Desk) -> None:
    good = seal(desk)
    assert desk.ask(good, cache=True).status is Status.GOOD
    assert desk.ask(good, cache=True).status is Status.GOOD
    assert desk.questions() == ["ocsp"], "the second answer came from the cache"
    # Older than max_age_s it is asked for anew …
    assert desk.ask(good, cache=True, now=desk.now + HOUR / 2, max_age_s=60).status is Status.GOOD
    assert desk.questions() == ["ocsp", "ocsp"]
    # … and when nobody answers, it still serves until its own end.
    desk.responder.set_knobs(http_status=503)
    later = desk.now + HOUR / 2 + timedelta(minutes=5)
    assert desk.ask(good, cache=True, now=later, max_age_s=60).status is Status.GOOD
    assert desk.ask(good, cache=True, now=desk.now + 3 * HOUR).status is Status.UNREACHABLE


def test_a_tampered_or_foreign_cache_is_not_believed(desk: Desk) -> None:
    revoked = issue_variant(desk.pki, "revoked", VKN, "Şişe", now=desk.now).certificate
    good = seal(desk)
    assert desk.ask(good, cache=True).status is Status.GOOD
    assert desk.ask(revoked, cache=True).status is Status.REVOKED
    files = sorted(desk.cache.glob("*.ocsp.json"))
    assert len(files) == 2
    first, second = (path.read_bytes() for path in files)
    files[0].write_bytes(second)  # each has the other's answer, rightly signed
    files[1].write_bytes(first)
    assert desk.ask(good, cache=True).status is Status.GOOD
    assert desk.ask(revoked, cache=True).status is Status.REVOKED
    for junk in (b"", b"[]", b'{"der": 1}', b'{"fetched_at":"2026-01-01","der":""}', b"[" * 99_999):
        for path in desk.cache.glob("*.json"):
            path.write_bytes(junk)
        assert desk.ask(revoked, cache=True).status is Status.REVOKED


def test_a_certificate_without_addresses_is_not_known(desk: Desk) -> None:
    set_responder_url(desk.pki.folder, "")
    try:
        silent = seal(desk)
    finally:
        set_responder_url(desk.pki.folder, desk.responder.facts["url"])
    standing = desk.ask(silent)
    assert (standing.status, remarks(standing)) == (Status.UNKNOWN, ["no_address"])


def test_openssl_believes_the_responder_too(desk: Desk, tmp_path: Path, tool: Any) -> None:
    """The simulator's answers are right by an implementation that is neither ours nor pyhanko's."""
    openssl = tool("openssl")
    good, revoked = seal(desk), issue_variant(desk.pki, "revoked", VKN, "Ş", now=desk.now)
    for name, certificate in (("good", good), ("revoked", revoked.certificate)):
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        shown = subprocess.run(
            [openssl, "ocsp", "-issuer", str(desk.pki.folder / "seal-ca.pem"),
             "-cert", str(tmp_path / f"{name}.pem"), "-url", f"http://{desk.host}/ocsp",
             "-CAfile", str(desk.pki.folder / "root.pem"),
             "-verify_other", str(desk.pki.folder / "seal-ca.pem")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert f"{name}.pem: {name}" in shown.stdout, shown
        assert "Response verify OK" in shown.stderr, shown
    fetched = tmp_path / "ca.crl"
    fetch = shutil.which("curl")
    if fetch:
        subprocess.run([fetch, "-s", "-o", fetched, f"http://{desk.host}/seal-ca.crl"], check=True)
        checked = subprocess.run(
            [openssl, "crl", "-in", str(fetched), "-inform", "DER", "-noout",
             "-CAfile", str(desk.pki.folder / "seal-ca.pem")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "verify OK" in checked.stderr, checked


def test_a_silent_host_is_not_waited_for_by_every_company(desk: Desk) -> None:
    with socket.socket() as mute:  # takes connections and never says a word
        mute.bind(("127.0.0.1", 0))
        mute.listen(16)
        host = f"127.0.0.1:{mute.getsockname()[1]}"
        set_responder_url(desk.pki.folder, f"http://{host}")
        try:
            seals = [seal(desk, f"mute{number}") for number in range(3)]
        finally:
            set_responder_url(desk.pki.folder, desk.responder.facts["url"])
        fetcher = Fetcher((host,), timeout_s=0.3)
        checker = RevocationChecker(TrustSettings(hosts=(host,)), None, fetcher=fetcher)
        details = [
            remark.facts["detail"]
            for certificate in seals
            for remark in checker.check(desk.chain(certificate), now=desk.now).remarks
        ]
    assert details == ["ReadTimeout", *["silent a moment ago"] * 5]


def test_who_blocks_the_responder_does_not_revive_a_seal(desk: Desk) -> None:
    revoked = issue_variant(desk.pki, "revoked", VKN, "Şişe", now=desk.now).certificate
    assert desk.ask(revoked, cache=True).status is Status.REVOKED
    desk.responder.set_knobs(http_status=503)
    assert desk.ask(revoked, cache=True, now=desk.now + 30 * HOUR).status is Status.REVOKED
    # Nor does an answer that is stale: what it says of a revocation stays true.
    desk.responder.set_knobs(this_update_s=-7200)
    assert desk.ask(revoked).status is Status.REVOKED
