"""The doctor against real sockets: each cause is told apart, and named."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edefter.config.settings import Settings
from edefter.engine.doctor.probes import run_doctor
from edefter.engine.doctor.results import DoctorReport, ProbeResult
from edefter.errors import ExitCode
from edefter.sandbox.process import Simulator

from .servers import answer, dropping, listening, replying, tls_context, tunnelling

TIMEOUT_S = 1.5


@pytest.fixture(scope="module")
def clocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator("edefter.sandbox.ntp", tmp_path_factory.mktemp("ntp"), "--count", "3") as found:
        yield found


@pytest.fixture
def ntp(clocks: Simulator) -> Iterator[Simulator]:
    clocks.set_knobs()
    yield clocks
    clocks.set_knobs()


@pytest.fixture(scope="module")
def server_pair(pki) -> tuple[Path, Path]:
    return pki.issue_server("doctor")


@pytest.fixture(scope="module")
def client_pair(pki) -> tuple[Path, Path]:
    """A client certificate as the portal issues them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST 1234567808")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    certificate, key_path = pki.folder / "doctor-client.pem", pki.folder / "doctor-client.key"
    certificate.write_bytes(pki.issue_client(request.sign(key, hashes.SHA256())))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, key_path


def settings(ntp: Simulator, gib: dict | None = None, portal: dict | None = None) -> Settings:
    return Settings.model_validate(
        {
            "environment": "sandbox",
            "clock": {
                "servers": [f"127.0.0.1:{port}" for port in ntp.facts["ports"]],
                "timeout_s": 0.5,
            },
            "gib": gib or {},
            "portal": portal or {"enabled": False},
            "doctor": {"timeout_s": TIMEOUT_S},
        }
    )


def of_gib(report: DoctorReport) -> list[ProbeResult]:
    first = report.results[0].target
    return [result for result in report.results if result.target == first]


def shape(results: list[ProbeResult]) -> list[tuple[str, str, str]]:
    return [(item.step, item.state, item.key.removeprefix("doctor.")) for item in results]


def probe_gib(ntp: Simulator, port: int, **more: object) -> DoctorReport:
    return run_doctor(settings(ntp, {"base_url": f"https://127.0.0.1:{port}", **more}))


DNS, TCP, TLS = ("dns", "ok", "dns_ok"), ("tcp", "ok", "tcp_ok"), ("tls", "ok", "tls_ok")
HTTP, DATE = ("http", "ok", "http_ok"), ("clock", "ok", "date_ok")


def test_all_is_well(ntp: Simulator, pki, server_pair, client_pair) -> None:
    roots = str(pki.folder / "tls-root.pem")
    seen: list[bytes] = []
    plain = tls_context(*server_pair)
    mutual = tls_context(*server_pair, pki.folder / "client-ca.pem")
    with (
        listening(replying(answer(), seen), plain) as gib,
        listening(replying(answer("401 Unauthorized"), seen), plain) as control,
        listening(replying(answer("204 No Content"), seen), mutual) as upload,
        listening(replying(b"")) as kamusm,
    ):
        found = settings(
            ntp,
            {"base_url": f"https://127.0.0.1:{gib}", "ca_bundle": roots},
            {
                "control_url": f"https://localhost:{control}/api/v1",
                "upload_url": f"https://localhost:{upload}/files/",
                "ca_bundle": roots,
                "client_certificate": client_pair[0],
                "client_key": client_pair[1],
            },
        )
        found = found.model_copy(
            update={
                "doctor": found.doctor.model_copy(
                    update={"plain_endpoints": (f"127.0.0.1:{kamusm}", "zd.kamusm.gov.tr:80")}
                )
            }
        )
        report = run_doctor(found)
    assert [item for item in report.results if item.state != "ok"] == []
    assert (report.state, report.exit_code, report.findings) == ("ok", ExitCode.OK, ())
    by_target: dict[str, list[str]] = {}
    for item in report.results:
        by_target.setdefault(item.target, []).append(item.step)
    assert by_target == {
        f"127.0.0.1:{gib}": ["dns", "tcp", "tls", "http", "clock"],
        f"localhost:{control}": ["dns", "tcp", "tls", "http", "clock"],
        f"localhost:{upload}": ["dns", "tcp", "tls", "client_certificate", "http", "clock"],
        f"127.0.0.1:{kamusm}": ["dns", "tcp"],
        **{f"127.0.0.1:{port}": ["ntp"] for port in ntp.facts["ports"]},
        "clock": ["clock"],
    }
    asked = sorted(head.split(b" HTTP")[0] for head in seen)
    assert asked == [
        b"GET /edefter/services/EDefterWsPort/edefter.wsdl",
        b"HEAD /api/v1",
        b"OPTIONS /files/",
    ]
    assert not any(b"uthorization" in head for head in seen)
    tls = next(item for item in report.results if item.step == "tls")
    assert tls.facts["version"] == "TLSv1.3"
    assert "edefter sandbox TEST" in tls.facts["issuer"]


def test_refused(ntp: Simulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    report = probe_gib(ntp, port)
    assert shape(of_gib(report)) == [DNS, ("tcp", "fail", "tcp_refused")]
    assert report.exit_code is ExitCode.WAITING
    assert f"127.0.0.1:{port}: bağlantı reddedildi" in report.advice_tr
    assert "connection refused" in report.advice("en")


def test_silently_dropped(ntp: Simulator) -> None:
    with dropping() as port:
        report = probe_gib(ntp, port)
    assert shape(of_gib(report)) == [DNS, ("tcp", "fail", "tcp_dropped")]
    assert "sessizce düşürülüyor" in of_gib(report)[1].text("tr")
    assert "1.5 saniye" in of_gib(report)[1].text("tr")


def test_unknown_name(ntp: Simulator) -> None:
    report = run_doctor(settings(ntp, {"base_url": "https://yok.invalid"}))
    assert shape(of_gib(report)) == [("dns", "fail", "dns_failed")]
    assert report.exit_code is ExitCode.CONFIG, "a foreign host in the sandbox"


def test_unknown_ca_shows_its_issuer(ntp: Simulator, server_pair) -> None:
    seen: list[bytes] = []
    with listening(replying(answer(), seen), tls_context(*server_pair)) as port:
        report = probe_gib(ntp, port)
    assert shape(of_gib(report)) == [DNS, TCP, ("tls", "fail", "tls_unknown_ca")]
    assert "TEST edefter tls-root" in of_gib(report)[-1].text("tr")
    assert "Doğrulama kapatılamaz" in of_gib(report)[-1].remedy("tr")
    assert report.exit_code is ExitCode.CONFIG
    assert set(seen) <= {b""}, "nothing is sent to a server that is not trusted"


def test_wrong_host_name_shows_whose_it_is(ntp: Simulator, pki) -> None:
    pair = pki.issue_server("doctor-other", hosts=("baska.example",))
    with listening(replying(answer()), tls_context(*pair)) as port:
        report = probe_gib(ntp, port, ca_bundle=pki.folder / "tls-root.pem")
    assert shape(of_gib(report)) == [DNS, TCP, ("tls", "fail", "tls_hostname")]
    assert "baska.example" in of_gib(report)[-1].text("tr")


def test_expired_certificate(ntp: Simulator, pki) -> None:
    ended = datetime.now(UTC) - timedelta(hours=1)
    pair = pki.issue_server("doctor-old", not_after=ended)
    with listening(replying(answer()), tls_context(*pair)) as port:
        report = probe_gib(ntp, port, ca_bundle=pki.folder / "tls-root.pem")
    assert shape(of_gib(report)) == [DNS, TCP, ("tls", "fail", "tls_time")]
    assert ended.date().isoformat() in of_gib(report)[-1].text("en")


@pytest.mark.parametrize(
    ("status", "last"),
    [
        ("407 Proxy Authentication Required", ("proxy", "fail", "proxy_intercepts")),
        ("200 OK", ("http", "fail", "http_plain")),
    ],
)
def test_plain_http_in_the_servers_place(ntp: Simulator, status: str, last: tuple) -> None:
    def handle(line: socket.socket) -> None:
        line.recv(4096)  # answers whatever comes, also a TLS hello
        line.sendall(answer(status))

    with listening(handle) as port:
        report = probe_gib(ntp, port)
    assert shape(of_gib(report)) == [DNS, TCP, ("tls", "fail", "tls_not_tls"), last]


def test_cut_handshake_and_silence(ntp: Simulator, pki, server_pair) -> None:
    with listening(lambda line: None) as port:
        report = probe_gib(ntp, port)
    assert shape(of_gib(report))[-1] == ("tls", "fail", "tls_cut")

    def silent(line: socket.socket) -> None:
        line.recv(4096)
        line.recv(4096)

    with listening(silent, tls_context(*server_pair)) as port:
        report = probe_gib(ntp, port, ca_bundle=pki.folder / "tls-root.pem")
    assert shape(of_gib(report)) == [DNS, TCP, TLS, ("http", "fail", "http_silent")]
    assert report.exit_code is ExitCode.WAITING


def test_unreadable_roots(ntp: Simulator, server_pair, tmp_path: Path) -> None:
    (tmp_path / "kok.pem").write_text("bozuk")
    with listening(replying(answer()), tls_context(*server_pair)) as port:
        for path in (tmp_path / "yok.pem", tmp_path / "kok.pem"):
            report = probe_gib(ntp, port, ca_bundle=path)
            assert shape(of_gib(report)) == [DNS, TCP, ("tls", "fail", "tls_no_roots")]


@pytest.mark.parametrize(
    ("status", "shift_s", "http", "date"),
    [
        ("503 Service Unavailable", 0, ("http", "warn", "http_status"), DATE),
        ("404 Not Found", 0, ("http", "warn", "http_status"), DATE),
        (
            "302 Found\r\nLocation: https://uyg.edefter.gov.tr/x",
            0,
            ("http", "warn", "http_redirect"),
            DATE,
        ),
        ("407 Proxy Authentication Required", 0, ("proxy", "fail", "proxy_intercepts"), DATE),
        ("200 OK", 12, HTTP, ("clock", "warn", "date_off")),
        ("200 OK", -90, HTTP, ("clock", "fail", "date_far")),
        ("200 OK", None, HTTP, ("clock", "warn", "date_missing")),
    ],
)
def test_answers(
    ntp: Simulator, pki, server_pair, status: str, shift_s: float | None, http: tuple, date: tuple
) -> None:
    bare = f"HTTP/1.1 {status}\r\n\r\n".encode()
    reply = bare if shift_s is None else answer(status, shift_s=shift_s)
    with listening(replying(reply), tls_context(*server_pair)) as port:
        report = probe_gib(ntp, port, ca_bundle=pki.folder / "tls-root.pem")
    assert shape(of_gib(report)) == [DNS, TCP, TLS, http, date]


def test_server_date_takes_part_in_the_verdict(ntp: Simulator, pki, server_pair) -> None:
    with listening(replying(answer(shift_s=-90)), tls_context(*server_pair)) as port:
        report = probe_gib(ntp, port, ca_bundle=pki.folder / "tls-root.pem")
    assert report.results[-1].key == "clock.refused_cross_check"
    assert "gib (127.0.0.1)" in report.results[-1].text("tr")
    assert report.exit_code is ExitCode.REFUSED


# -- proxies -----------------------------------------------------------------------------------


def test_through_a_proxy(ntp: Simulator, pki, server_pair) -> None:
    seen: list[bytes] = []
    with (
        listening(replying(answer()), tls_context(*server_pair)) as port,
        listening(tunnelling(seen)) as proxy,
    ):
        report = probe_gib(
            ntp, port,
            ca_bundle=pki.folder / "tls-root.pem", proxy=f"http://vekil:gizli@127.0.0.1:{proxy}",
        )  # fmt: skip
    assert shape(of_gib(report)) == [DNS, TCP, ("proxy", "ok", "proxy_ok"), TLS, HTTP, DATE]
    assert seen[0].startswith(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic dmVraWw6Z2l6bGk=" in seen[0]
    assert "gizli" not in json.dumps(report.to_mapping(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (answer("407 Proxy Authentication Required"), "proxy_auth"),
        (answer("403 Forbidden"), "proxy_refused"),
        (b"merhaba", "proxy_silent"),
        (b"", "proxy_silent"),
    ],
    ids=["407", "403", "no HTTP", "silence"],  # replies hold a time: workers must agree on names
)
def test_proxy_says_no(ntp: Simulator, reply: bytes, key: str) -> None:
    with listening(replying(reply)) as proxy:
        found = settings(
            ntp,
            {"base_url": "https://127.0.0.1:1", "proxy": f"127.0.0.1:{proxy}"},
        )
        report = run_doctor(found)
    assert shape(of_gib(report)) == [DNS, TCP, ("proxy", "fail", key)]
    assert report.exit_code is ExitCode.CONFIG


# -- client certificates -----------------------------------------------------------------------


def probe_upload(ntp: Simulator, pki, port: int, pair: tuple[Path, Path] | None) -> list:
    found = settings(
        ntp,
        None,
        {
            "control_url": "https://127.0.0.1:1/",
            "upload_url": f"https://127.0.0.1:{port}/files/",
            "ca_bundle": pki.folder / "tls-root.pem",
        },
    )
    report = run_doctor(found, client_pair=pair)
    return [item for item in report.results if item.target == f"127.0.0.1:{port}"]


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_client_certificate(
    ntp: Simulator, pki, server_pair, client_pair, version: str, tmp_path: Path
) -> None:
    import ssl

    context = tls_context(*server_pair, pki.folder / "client-ca.pem")
    context.maximum_version = ssl.TLSVersion[version]
    foreign = pki.issue_server("doctor-foreign-client")
    with listening(replying(answer("204 No Content")), context) as port:
        good = probe_upload(ntp, pki, port, client_pair)
        none = probe_upload(ntp, pki, port, None)
        bad = probe_upload(ntp, pki, port, foreign)
        missing = probe_upload(ntp, pki, port, (tmp_path / "yok.pem", tmp_path / "yok.key"))
    accepted = ("client_certificate", "ok", "client_ok")
    assert shape(good) == [DNS, TCP, TLS, accepted, HTTP, DATE]
    assert shape(none)[-1] == ("client_certificate", "warn", "client_needed")
    assert shape(bad)[-1] == ("client_certificate", "fail", "client_refused")
    assert shape(missing)[-1] == ("client_certificate", "fail", "client_unreadable")


# -- time servers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knobs", "states", "last", "code"),
    [
        ({}, ["ok", "ok", "ok"], "doctor.clock_ok", ExitCode.OK),
        ({"ports": {"0": {"drop": True}}}, ["warn", "ok", "ok"], "doctor.clock_ok", ExitCode.OK),
        ({"offset_s": 9}, ["ok", "ok", "ok"], "clock.warn_skew", ExitCode.OK),
        ({"offset_s": 45}, ["ok", "ok", "ok"], "clock.refused_skew", ExitCode.REFUSED),
        ({"drop": True}, ["fail"] * 3, "clock.refused_no_answer", ExitCode.REFUSED),
        ({"stratum": 16}, ["fail"] * 3, "clock.refused_no_answer", ExitCode.REFUSED),
    ],
)
def test_time(ntp: Simulator, pki, server_pair, knobs: dict, states: list, last: str, code) -> None:
    ntp.set_knobs(**knobs)
    with listening(replying(answer()), tls_context(*server_pair)) as port:
        report = probe_gib(ntp, port, ca_bundle=pki.folder / "tls-root.pem")
    servers = [item for item in report.results if item.step == "ntp"]
    assert [item.state for item in servers] == states
    assert report.results[-1].key == last
    assert report.exit_code is code
    assert "?" not in report.results[-1].text("tr")


# -- configuration and advice ------------------------------------------------------------------


def production(tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {
            "environment": "production",
            "trust_anchors": tmp_path,
            "gib": {"base_url": "https://uyg.edeften.gov.tr"},
            "portal": {"control_url": "https://firma.myedeften.com.tr/api/v1"},
            "doctor": {"timeout_s": 0.2},
            "clock": {"timeout_s": 0.2},
        }
    )


def test_lookalikes_and_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> list:
        raise socket.gaierror(-2, "kapalı")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    report = run_doctor(production(tmp_path), version="1.0.0")
    rules = [finding.rule for finding in report.findings]
    assert rules.count("CFG-01") == 2
    assert {"CFG-10", "CFG-15"} <= set(rules)
    assert report.exit_code is ExitCode.CONFIG
    for advice in (report.advice_tr, report.advice_en):
        for part in (
            "*.edefter.gov.tr, *.gib.gov.tr — TCP 443",
            "*.myedefter.com.tr — TCP 443, TCP 4443",
            "time.ume.tubitak.gov.tr",
            "UDP 123",
            "depo.kamusm.gov.tr",
            "cisdupmms3.kurumsal.kamusm.gov.tr",
            "zd.kamusm.gov.tr — TCP 80",
            "edeften.gov.tr",
        ):
            assert part in advice
    assert "Sayın ağ/güvenlik duvarı yöneticisi" in report.advice_tr
    kamusm = [item for item in report.results if "kamusm" in item.target]
    assert {item.state for item in kamusm} == {"warn"}
    assert any(item.target == "uyg.edefter.gov.tr:443" for item in report.results)
    mapping = json.loads(json.dumps(report.to_mapping("en"), ensure_ascii=False))
    assert mapping["exit_code"] == 2
    assert all(item["text"] and "?" not in item["text"] for item in mapping["results"])


def test_too_few_time_servers_are_a_finding(ntp: Simulator) -> None:
    found = settings(ntp, {"base_url": "https://127.0.0.1:1"})
    clock = found.clock.model_copy(update={"servers": ("127.0.0.1:1",)})
    report = run_doctor(found.model_copy(update={"clock": clock}))
    assert [finding.rule for finding in report.findings] == ["CFG-03"]
    assert not [item for item in report.results if item.step == "ntp"]
