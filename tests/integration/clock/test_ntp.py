"""The real client against the real NTP simulator, over UDP."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edefter.clock.guard import ClockGuard
from edefter.clock.https_date import HttpsDateProbe, parse_http_date
from edefter.clock.ntp import NtpTimeSource, split_server
from edefter.config.settings import ClockSettings
from edefter.errors import ClockRefused
from edefter.sandbox.process import Simulator


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator("edefter.sandbox.ntp", tmp_path_factory.mktemp("ntp"), "--count", "3") as found:
        yield found


@pytest.fixture
def simulator(running: Simulator) -> Iterator[Simulator]:
    running.set_knobs()
    yield running
    running.set_knobs()


def servers(simulator: Simulator) -> tuple[str, ...]:
    return tuple(f"127.0.0.1:{port}" for port in simulator.facts["ports"])


def guard(simulator: Simulator, **more) -> ClockGuard:
    settings = ClockSettings(servers=servers(simulator), timeout_s=1.0, **more)
    return ClockGuard(settings, NtpTimeSource())


@pytest.mark.parametrize("version", [3, 4])
def test_right_time(simulator: Simulator, version: int) -> None:
    answer = NtpTimeSource(version).ask(servers(simulator)[0], 2.0)
    assert answer.problem == ""
    assert abs(answer.offset_s) < 0.5
    assert answer.stratum == 2
    assert simulator.received()[-1]["valid"] is True


@pytest.mark.parametrize("offset_s", [45.0, -45.0, 7.25])
def test_offset(simulator: Simulator, offset_s: float) -> None:
    simulator.set_knobs(offset_s=offset_s)
    assert NtpTimeSource().ask(servers(simulator)[0], 2.0).offset_s == pytest.approx(
        offset_s, abs=0.5
    )


def test_offset_is_counted_from_the_given_clock(simulator: Simulator) -> None:
    slow = NtpTimeSource(wall=lambda: datetime.now(UTC) - timedelta(seconds=45))
    assert slow.ask(servers(simulator)[0], 2.0).offset_s == pytest.approx(45, abs=0.5)


@pytest.mark.parametrize(
    ("knobs", "problem"),
    [
        ({"drop": True}, "no_answer"),
        ({"delay_s": 2.0}, "no_answer"),
        ({"garbage": True}, "packet"),
        ({"mode": 5}, "packet"),
        ({"wrong_origin": True}, "origin"),
    ],
)
def test_unusable(simulator: Simulator, knobs: dict, problem: str) -> None:
    simulator.set_knobs(**knobs)
    assert NtpTimeSource().ask(servers(simulator)[0], 0.5).problem == problem


@pytest.mark.parametrize("server", ["", "a b", "host:x", "host:0", "[::1", "host:70000"])
def test_malformed_server(server: str) -> None:
    assert NtpTimeSource().ask(server, 0.1).problem == "address"


def test_unknown_name() -> None:
    assert NtpTimeSource().ask("yok.invalid", 0.3).problem == "name"


def test_closed_port_is_no_answer() -> None:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert NtpTimeSource().ask(f"127.0.0.1:{port}", 0.3).problem in ("unreachable", "no_answer")


@pytest.mark.parametrize(
    ("server", "parts"),
    [
        ("a.example", ("a.example", 123)),
        ("a.example:1123", ("a.example", 1123)),
        ("[::1]:99", ("::1", 99)),
        ("[::1]", ("::1", 123)),
        ("2001:db8::1", ("2001:db8::1", 123)),
    ],
)
def test_split_server(server: str, parts: tuple[str, int]) -> None:
    assert split_server(server) == parts


@pytest.mark.parametrize(
    ("knobs", "verdict", "reason"),
    [
        ({}, "ok", ""),
        ({"jitter_s": 0.3}, "ok", ""),
        ({"offset_s": 10}, "warn", "clock.warn_skew"),
        ({"offset_s": 45}, "refused", "clock.refused_skew"),
        ({"offset_s": -45}, "refused", "clock.refused_skew"),
        ({"drop": True}, "refused", "clock.refused_no_answer"),
        ({"stratum": 16}, "refused", "clock.refused_no_answer"),
        ({"stratum": 0}, "refused", "clock.refused_no_answer"),
        ({"leap": 3}, "refused", "clock.refused_no_answer"),
        ({"root_dispersion_s": 16}, "refused", "clock.refused_no_answer"),
        ({"ports": {"0": {"offset_s": 3600}}}, "ok", ""),
        ({"ports": {"0": {"drop": True}}}, "ok", ""),
        ({"ports": {"0": {"drop": True}, "1": {"leap": 3}}}, "refused", "clock.refused_no_answer"),
        (
            {"ports": {"0": {"drop": True}, "1": {"offset_s": 9}}},
            "refused",
            "clock.refused_conflict",
        ),
    ],
)
def test_policy_over_real_packets(
    simulator: Simulator, knobs: dict, verdict: str, reason: str
) -> None:
    simulator.set_knobs(**knobs)
    kept = []
    watch = guard(simulator)
    watch.on_measurement = lambda purpose, found: kept.append(found)
    if verdict == "refused":
        with pytest.raises(ClockRefused):
            watch.require("sign")
    else:
        watch.require("sign")
    assert [(found.verdict, found.reason) for found in kept] == [(verdict, reason)]


def test_simulator_ignores_what_is_no_question(simulator: Simulator) -> None:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.3)
        client.sendto(b"\x24" + b"\0" * 47, ("127.0.0.1", simulator.port))  # mode 4: an answer
        with pytest.raises(TimeoutError):
            client.recvfrom(100)
    assert simulator.received()[-1]["valid"] is False


@pytest.fixture
def https_server(pki) -> Iterator[tuple[str, Path]]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(302)
            self.send_header("Location", "https://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    certificate, key = pki.issue_server("clock-date")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/", pki.folder / "tls-root.pem"
    server.shutdown()
    server.server_close()


def test_date_of_a_real_https_answer(https_server: tuple[str, Path]) -> None:
    url, roots = https_server
    seen = HttpsDateProbe(source="gib", url=url, ca_bundle=roots)()
    assert seen is not None
    assert seen.host == "127.0.0.1"
    assert abs((seen.date - datetime.now(UTC)).total_seconds()) < 3


def test_no_date_from_an_untrusted_server(https_server: tuple[str, Path]) -> None:
    assert HttpsDateProbe(source="gib", url=https_server[0])() is None


def test_http_dates() -> None:
    moment = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
    assert parse_http_date("Tue, 03 Feb 2026 09:00:00 GMT") == moment
    assert parse_http_date("dün") is None
    assert parse_http_date(None) is None
