"""Every knob of the simulator, and what the client makes of it: what was sent, what is unknown."""

from __future__ import annotations

import logging
import socket
import time
from datetime import UTC, datetime

import pytest
import requests
from lxml import etree

from edefter.gib.client import GibClient
from edefter.gib.codes import CODES, CodeClass, Operation
from edefter.gib.errors import (
    AnswerUnknown,
    EnvironmentMixed,
    GibAnswerUnusable,
    GibFault,
    GibHttpRefused,
    GibRedirected,
    GibSecurityFault,
    GibUnreachable,
)
from edefter.gib.port import BatchState
from edefter.gib.wssecurity import MessageSecurity
from edefter.model.documents import Kind
from edefter.model.environment import Environment
from edefter.sandbox.pki import SandboxPki
from tests.integration.gib.support import (
    VKN,
    Recorder,
    client_for,
    open_test_seal,
    wait_for,
)
from tests.integration.gib.test_cycle import approved_ok

QUICK = {"berat_delay_s": 0, "ledger_delay_s": 0}
NOWHERE = f"{VKN}-202301-YB-000000"


def ask(client: GibClient, operation: Operation, package, folder):
    if operation is Operation.SEND:
        return client.send(package)
    if operation is Operation.STATUS:
        return client.status(package.package_id)
    return client.fetch(package.package_id, folder)


def verdicts(gib, package_id: str) -> list[str]:
    return [r["verdict"] for r in gib.received() if r["package_id"] == package_id]


@pytest.mark.parametrize("style", ["detail", "reason", "generic"])
@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_in_every_style(gib, pki, seal, refused_month, tmp_path, code, style):
    operation = CODES[code].operation
    gib.set_knobs(fault={str(operation): code, "times": 1}, fault_style=style, **QUICK)
    made = refused_month
    with client_for(gib, pki, seal) as client:
        if code == 304 and style != "generic":
            assert client.status(made.yb.package_id).state is BatchState.NOT_FOUND
            return
        with pytest.raises((GibFault, AnswerUnknown)) as caught:
            ask(client, operation, made.yb, tmp_path)
        error = caught.value
        gib.set_knobs(**QUICK)
        assert client.status(made.yb.package_id).state is BatchState.NOT_FOUND
    if style == "generic":
        assert isinstance(error, AnswerUnknown) == (operation is Operation.SEND)
        assert error.code is None and error.retryable
    elif code == 113:
        assert isinstance(error, AnswerUnknown) and error.code == 113
    else:
        assert isinstance(error, GibFault)
        assert (error.code, error.code_class) == (code, CODES[code].code_class)
        assert error.package_id == made.yb.package_id in error.text("tr")


def test_a_fault_for_one_time_lets_the_next_upload_pass(gib, pki, seal, month):
    made = month()
    gib.set_knobs(fault={"sendDocumentFile": 110, "times": 1}, **QUICK)
    with client_for(gib, pki, seal) as client:
        with pytest.raises(GibFault):
            client.send(made.yb)
        assert client.send(made.yb)


@pytest.mark.parametrize("code", [777, 201, 302])
def test_codes_outside_the_guide_are_permanent(gib, pki, seal, code):
    gib.set_knobs(fault={"getBatchStatus": code})
    with client_for(gib, pki, seal) as client, pytest.raises(GibFault) as caught:
        client.status(NOWHERE)
    expected = CodeClass.UNKNOWN if code == 777 else CodeClass.SETUP
    assert caught.value.code_class is expected and not caught.value.retryable


@pytest.mark.parametrize("where", ["before_read", "after_read"])
def test_a_cut_before_acceptance_is_unknown_and_nothing_is_there(gib, pki, seal, month, where):
    made = month()
    gib.set_knobs(cut={"sendDocumentFile": where, "times": 1}, **QUICK)
    with client_for(gib, pki, seal) as client:
        with pytest.raises(AnswerUnknown):
            client.send(made.yb)
        assert client.status(made.yb.package_id).state is BatchState.NOT_FOUND
        client.send(made.yb)
    assert verdicts(gib, made.yb.package_id).count("accepted") == 1


def test_a_cut_after_acceptance_is_unknown_and_the_package_is_there(gib, pki, seal, month):
    made = month()
    gib.set_knobs(cut={"sendDocumentFile": "after_accept", "times": 1}, **QUICK)
    with client_for(gib, pki, seal) as client:
        with pytest.raises(AnswerUnknown):
            client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
    assert verdicts(gib, made.yb.package_id)[:2] == ["accepted", "cut:after_accept"]


def test_a_queue_error_may_hide_an_accepted_package(gib, pki, seal, month):
    made = month()
    gib.set_knobs(fault={"sendDocumentFile": 113, "times": 1}, fault_after_accept=True, **QUICK)
    with client_for(gib, pki, seal) as client:
        with pytest.raises(AnswerUnknown):
            client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)


def test_a_closed_port_means_that_nothing_was_sent(gib, pki, seal, refused_month):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{free.getsockname()[1]}"
    with (
        client_for(gib, pki, seal, base_url=url) as client,
        pytest.raises(GibUnreachable) as caught,
    ):
        client.send(refused_month.yb)
    assert caught.value.key == "gib.unreachable" and "refused" in caught.value.reason.lower()


def test_an_unknown_name_means_that_nothing_was_sent(gib, pki, seal):
    url = "https://gib.sandbox.invalid"
    with client_for(gib, pki, seal, base_url=url) as client, pytest.raises(GibUnreachable):
        client.status(NOWHERE)


def test_a_server_of_an_unknown_ca_gets_nothing(
    gib, pki, seal, refused_month, tmp_path, monkeypatch
):
    made = refused_month
    before = len(gib.received())
    other = SandboxPki(tmp_path / "other")
    # The environment may not widen what the configuration trusts (§14, client trap).
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pki.folder / "tls-root.pem"))
    bundle = other.folder / "tls-root.pem"
    with (
        client_for(gib, pki, seal, ca_bundle=bundle) as client,
        pytest.raises(GibUnreachable) as caught,
    ):
        client.send(made.yb)
    assert caught.value.key == "gib.unreachable_tls"
    assert "certificate" in caught.value.reason
    assert len(gib.received()) == before


def test_the_environment_cannot_add_a_proxy(gib, pki, seal, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with client_for(gib, pki, seal) as client:
        assert client.status(NOWHERE).state is BatchState.NOT_FOUND
    with (
        client_for(gib, pki, seal, proxy="http://u:geheim@127.0.0.1:1") as client,
        pytest.raises(GibUnreachable) as caught,
    ):
        client.status(NOWHERE)
    assert "geheim" not in str(caught.value) + repr(caught.value.facts)


@pytest.mark.parametrize(
    ("client_s", "server_s", "refused"),
    [(0, 0, False), (45, 0, False), (400, 0, True), (-90, 0, True), (0, 400, True), (0, -90, True)],
)
def test_a_wrong_clock_on_either_side(gib, pki, seal, client_s, server_s, refused):
    gib.set_knobs(clock_shift_s=server_s)
    recorder = Recorder()
    with client_for(gib, pki, seal, recorder, clock_ahead_s=client_s) as client:
        if not refused:
            assert client.status(NOWHERE).state is BatchState.NOT_FOUND
        else:
            with pytest.raises(GibSecurityFault) as caught:
                client.status(NOWHERE)
            assert caught.value.key == "gib.security_expired"
            assert "saat" in caught.value.remedy("tr")
    shift = (recorder.dates[0][1] - datetime.now(UTC)).total_seconds()
    assert abs(shift - server_s) < 5


def test_hidden_security_faults_are_recognised(gib, pki, seal):
    gib.set_knobs(fault_style="generic")
    with (
        client_for(gib, pki, seal, clock_ahead_s=4000) as client,
        pytest.raises(GibSecurityFault) as caught,
    ):
        client.status(NOWHERE)
    assert caught.value.subcode == ""


def test_seals_that_the_service_must_not_take(gib, pki, seal, ec_seal, tmp_path):
    twin = open_test_seal(pki.issue_seal(VKN, "Şişe", encryption=True, label="gib-twin"))
    foreign = open_test_seal(SandboxPki(tmp_path / "other").issue_seal(VKN, "Şişe"))
    for bad in (twin, foreign):
        with client_for(gib, pki, bad) as client, pytest.raises(GibSecurityFault) as caught:
            client.status(NOWHERE)
        assert caught.value.subcode == "FailedAuthentication"
    gib.set_knobs(accept_ec=False)
    with client_for(gib, pki, ec_seal) as client, pytest.raises(GibSecurityFault) as caught:
        client.status(NOWHERE)
    assert caught.value.subcode == "UnsupportedAlgorithm"


def test_production_never_takes_a_sandbox_seal(gib, pki, seal):
    with pytest.raises(EnvironmentMixed):
        client_for(gib, pki, seal, environment=Environment.PRODUCTION)


def test_a_redirect_is_not_followed(gib, pki, seal, refused_month):
    made = refused_month
    gib.set_knobs(redirect=f"{gib.facts['url']}/")
    with client_for(gib, pki, seal) as client:
        with pytest.raises(GibRedirected) as caught:
            client.send(made.yb)
        gib.set_knobs(**QUICK)
        assert client.status(made.yb.package_id).state is BatchState.NOT_FOUND
    assert gib.facts["url"] in caught.value.text("tr")


def test_gateway_answers(gib, pki, seal, refused_month):
    made = refused_month
    with client_for(gib, pki, seal) as client:
        for status in (500, 502, 503):
            gib.set_knobs(http_status={"*": status})
            with pytest.raises(AnswerUnknown):
                client.send(made.yb)
        gib.set_knobs(maintenance=True)
        with pytest.raises(AnswerUnknown):
            client.send(made.yb)
        with pytest.raises(GibUnreachable) as caught:
            client.status(made.yb.package_id)
        assert caught.value.key == "gib.maintenance"
        gib.set_knobs(http_status=503, html=True)
        with pytest.raises(GibUnreachable):
            client.status(made.yb.package_id)
        gib.set_knobs()
        assert client.status(made.yb.package_id).state is BatchState.NOT_FOUND
    with (
        client_for(gib, pki, seal, service_path="/yanlis") as client,
        pytest.raises(GibHttpRefused),
    ):
        client.send(made.yb)


def test_retry_after_is_obeyed_and_told(gib, pki, seal):
    recorder = Recorder()
    with client_for(gib, pki, seal, recorder) as client:
        gib.set_knobs(http_status={"*": 503, "times": 1}, retry_after_s=30)
        with pytest.raises(AnswerUnknown) as caught:
            client.status(NOWHERE)
        assert caught.value.retry_after_s == 30
        client.status(NOWHERE)
        assert 25 < recorder.slept_s[-1] <= 30
        gib.set_knobs(http_status={"*": 429, "times": 1}, retry_after_s=600)
        with pytest.raises(GibUnreachable):
            client.status(NOWHERE)
        before = len(gib.received())
        with pytest.raises(GibUnreachable) as caught:
            client.status(NOWHERE)
        assert caught.value.key == "gib.throttled" and 500 < caught.value.retry_after_s <= 600
        assert len(gib.received()) == before


def test_calls_keep_their_pace(gib, pki, seal):
    recorder = Recorder()
    with client_for(gib, pki, seal, recorder, pace_s=5) as client:
        client.status(NOWHERE)
        client.status(NOWHERE)
    assert len(recorder.slept_s) == 1 and 4 < recorder.slept_s[0] <= 5


def test_a_dripping_answer_is_given_up(gib, pki, seal):
    gib.set_knobs(slow={"*": {"chunk_bytes": 8, "pause_s": 0.1}})
    begun = time.monotonic()
    with (
        client_for(gib, pki, seal, read_timeout_s=0.5) as client,
        pytest.raises(AnswerUnknown) as caught,
    ):
        client.status(NOWHERE)
    assert caught.value.reason == "answer too slow" and time.monotonic() - begun < 3


@pytest.mark.parametrize("knobs", [{}, {"mtom": True}, {"receive": "bare_xml"}])
def test_the_approved_berat_comes_in_every_wrapping(gib, pki, seal, month, tmp_path, knobs):
    made = month()
    gib.set_knobs(**knobs, **QUICK)
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        assert approved_ok(client.fetch(made.yb.package_id, tmp_path), made, pki)


@pytest.mark.parametrize("content", ["empty_zip", "garbage"])
def test_an_unusable_attachment_is_kept_aside(gib, pki, seal, month, tmp_path, content):
    made = month()
    gib.set_knobs(receive=content, **QUICK)
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        if content == "garbage":  # a zip with one member that is no XML: the berat step's duty
            assert not approved_ok(client.fetch(made.yb.package_id, tmp_path), made, pki)
            return
        with pytest.raises(GibAnswerUnusable) as caught:
            client.fetch(made.yb.package_id, tmp_path)
    assert (tmp_path / caught.value.facts["kept"]).read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    "content", ["other_taxpayer", "tampered", "no_countersignature", "broken_countersignature"]
)
def test_wrong_content_never_passes_as_approved(gib, pki, seal, month, tmp_path, content):
    made = month()
    gib.set_knobs(receive=content, **QUICK)
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        assert not approved_ok(client.fetch(made.yb.package_id, tmp_path), made, pki)
        gib.set_knobs(**QUICK)
        assert approved_ok(client.fetch(made.yb.package_id, tmp_path), made, pki)


def test_rejection_keeps_the_whole_text_and_may_be_sent_again(gib, pki, seal, month):
    made = month()
    gib.set_knobs(reject="Şema doğrulaması başarısız: gl-cor:amount", **QUICK)
    with client_for(gib, pki, seal) as client:
        client.send(made.kb)
        status = wait_for(client, made.kb.package_id, BatchState.REJECTED)
        assert "Şema doğrulaması başarısız: gl-cor:amount" in status.text
        gib.set_knobs(**QUICK)
        client.send(made.kb)
        wait_for(client, made.kb.package_id, BatchState.DONE)


def test_pending_for_some_polls_and_late_approval(gib, pki, seal, month, tmp_path):
    made = month()
    gib.set_knobs(pending_polls=2, approval_delay_s=600, **QUICK)
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        with pytest.raises(GibFault) as caught:
            client.fetch(made.yb.package_id, tmp_path)
    assert caught.value.code == 204
    assert verdicts(gib, made.yb.package_id).count("status:2") == 2


def test_roles_and_suspension(gib, pki, seal, refused_month):
    made = refused_month
    expected = {"unknown_signers": 101, "without_role": 102, "suspended": 114}
    with client_for(gib, pki, seal) as client:
        for knob, code in expected.items():
            gib.set_knobs(**{knob: [VKN]})
            with pytest.raises(GibFault) as caught:
                client.send(made.yb)
            assert caught.value.code == code
        gib.set_knobs(max_package_bytes=1000)
        with pytest.raises(GibFault) as caught:
            client.send(made.yb)
        assert caught.value.code_class is CodeClass.SPLIT


def test_what_the_clock_guard_raises_stops_the_call(gib, pki, seal, refused_month):
    class Stopped(Exception):
        pass

    class Guard(Recorder):
        def before_call(self, operation: str) -> None:
            raise Stopped(operation)

    before = len(gib.received())
    with client_for(gib, pki, seal, Guard()) as client, pytest.raises(Stopped, match="send"):
        client.send(refused_month.yb)
    assert len(gib.received()) == before


def test_nothing_of_an_envelope_is_ever_logged(gib, pki, seal, month, caplog):
    made = month()
    caplog.set_level(logging.DEBUG)
    with client_for(gib, pki, seal) as client:
        logging.getLogger("zeep.transports").setLevel(logging.DEBUG)
        try:
            client.send(made.yb)
            wait_for(client, made.yb.package_id, BatchState.DONE)
        finally:
            logging.getLogger("zeep.transports").setLevel(logging.NOTSET)
    assert "GIB took a package in" in caplog.text
    for word in ("Envelope", "BinarySecurityToken", "binaryData", "UEsD"):
        assert word not in caplog.text


def test_the_same_bytes_are_not_taken_twice(gib, pki, seal):
    security = MessageSecurity(seal, "pkipath", 60, lambda: datetime.now(UTC))
    plain = etree.fromstring(
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        '<w:getBatchStatus xmlns:w="http://webservice.edefter.gib.gov.tr/">'
        f"<paketID>{NOWHERE}</paketID></w:getBatchStatus></s:Body></s:Envelope>"
    )
    body = etree.tostring(security.apply(plain, {})[0])
    with requests.Session() as session:
        session.trust_env = False
        answers = [
            session.post(gib.facts["url"], data=body, verify=str(pki.folder / "tls-root.pem")).text
            for _ in range(2)
        ]
    assert "Paket bulunamamıştır" in answers[0]
    assert "InvalidSecurity" in answers[1]


def test_answers_about_another_package_are_never_success(gib, pki, seal, month, monkeypatch):
    made = month()
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        monkeypatch.setattr("edefter.gib.client.same_package", lambda asked, named: asked != named)
        assert client.status(made.yb.package_id).state is BatchState.UNKNOWN
    assert made.signed[Kind.YB].file.name.package_id == made.yb.package_id
