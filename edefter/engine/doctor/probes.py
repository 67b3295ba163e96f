"""`edefter doctor`: every endpoint step by step, the clocks, the configuration, and the advice."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from edefter import __version__
from edefter.clock.guard import LEAST_SERVERS, ClockGuard, distinct_servers
from edefter.clock.https_date import ServerDate, parse_http_date
from edefter.clock.ntp import NtpTimeSource, host_clock
from edefter.clock.port import Measurement, Monotonic, TimeSource, WallClock
from edefter.clock.refusal import warning_facts
from edefter.config.checks import environment_findings, lookalike_findings
from edefter.config.section import SecretRef
from edefter.config.settings import ClockSettings, Settings
from edefter.engine.doctor.advice import advice_text
from edefter.engine.doctor.endpoints import Endpoint, endpoints_of
from edefter.engine.doctor.network import Prober, ask_http, connect, look_up, pass_proxy
from edefter.engine.doctor.results import DoctorReport, ProbeResult
from edefter.engine.doctor.tls import (
    ClientCertificateError,
    context_for,
    peer_certificate,
    shake_hands,
)
from edefter.engine.doctor.token import token_result
from edefter.errors import ClockRefused
from edefter.messages import LANGS

_SERVER_ERROR = 500
_ALERTS = ("ALERT", "CERTIFICATE_REQUIRED")


@dataclass(slots=True)
class Seen:
    """What the probes of one endpoint gave."""

    results: list[ProbeResult] = field(default_factory=list)
    date: ServerDate | None = None


def run_doctor(
    settings: Settings,
    *,
    time_source: TimeSource | None = None,
    wall: WallClock = host_clock,
    monotonic: Monotonic = time.monotonic,
    version: str = __version__,
    client_pair: tuple[Path, Path] | None = None,
    secret: Callable[[SecretRef], str] | None = None,
) -> DoctorReport:
    """Probe everything that the configuration names.

    Args:
        settings: configuration with absolute paths.
        time_source: asks NTP servers; None = real NTP.
        wall, monotonic: the computer's clocks.
        version: version of the program, for the check against the approval letter.
        client_pair: PEM files of the client certificate and key that registration stored, when
            the configuration names none.
        secret: resolves the references of the portal's credentials; None = they are not tried.

    Returns:
        The report; failures are results, nothing is raised for them. Nothing is sent but probes:
        a WSDL request, HEAD, OPTIONS and NTP questions, all without identity; and, to a portal
        whose certificate verified, the request for a token.

    Source: portal.md §11, gib-webservice.md §2 and §5.
    """
    endpoints = endpoints_of(settings, client_pair)
    timeout_s = settings.doctor.timeout_s
    with ThreadPoolExecutor(max_workers=max(1, len(endpoints))) as pool:
        seen = list(pool.map(lambda item: probe(item, settings, timeout_s, wall), endpoints))
    results = [result for one in seen for result in one.results]
    token = token_result(settings, results, secret, wall, monotonic)
    results += [token] if token is not None else []
    dates = [one.date for one in seen if one.date is not None]
    source = time_source or NtpTimeSource(settings.clock.ntp_version, wall)
    results += _clocks(settings.clock, source, wall, monotonic, dates)
    findings = (*lookalike_findings(settings), *environment_findings(settings, version))
    advice = {lang: advice_text(settings, endpoints, results, lang) for lang in LANGS}
    return DoctorReport(
        results=tuple(results),
        findings=findings,
        advice_tr=advice["tr"],
        advice_en=advice["en"],
    )


def probe(endpoint: Endpoint, settings: Settings, timeout_s: float, wall: WallClock) -> Seen:
    """Probe one endpoint as far as it goes; each step is a result.

    Args:
        endpoint: who.
        settings: limits of the clock comparison.
        timeout_s: for each step.
        wall: the computer's clock.
    """
    prober = Prober(endpoint, timeout_s)
    seen = Seen()
    addresses, found = look_up(prober)
    seen.results.append(found)
    if not addresses:
        return seen
    line = _open(prober, addresses, seen.results)
    if line is None:
        return seen
    if not endpoint.tls:
        line.close()
        return seen
    try:
        context = context_for(endpoint)
    except ClientCertificateError as error:
        line.close()
        seen.results.append(
            prober.result("client_certificate", "fail", "client_unreadable", path=str(error))
        )
        return seen
    except OSError as error:
        line.close()
        seen.results.append(
            prober.result(
                "tls", "fail", "tls_no_roots", path=str(endpoint.ca_bundle), reason=str(error)
            )
        )
        return seen
    secured, found = shake_hands(prober, line, context)
    if secured is None:
        seen.results += _explain(prober, addresses, found)
        return seen
    seen.results.append(found)
    with secured:
        _talk(prober, secured, settings.clock, wall, seen)
    return seen


def _open(prober: Prober, addresses: list[str], results: list[ProbeResult]) -> socket.socket | None:
    """A line to the endpoint, through the proxy if there is one; adds its results."""
    line, found = connect(prober, addresses)
    results.append(found)
    if line is None or not prober.endpoint.proxy:
        return line
    found = pass_proxy(prober, line)
    results.append(found)
    if found.state == "ok":
        return line
    line.close()
    return None


def _explain(prober: Prober, addresses: list[str], found: ProbeResult) -> Iterator[ProbeResult]:
    """A failed handshake with what a second look adds: the issuer, or who answers without TLS."""
    key = found.key
    line = _open(prober, addresses, [])
    if line is None:
        yield found
    elif key in ("doctor.tls_unknown_ca", "doctor.tls_hostname", "doctor.tls_time"):
        yield replace(found, facts={**found.facts, **peer_certificate(line, prober.endpoint.host)})
    elif key == "doctor.tls_not_tls":
        yield found
        yield from _plain_answer(prober, line)
    elif prober.endpoint.mutual and any(word in str(found.facts["reason"]) for word in _ALERTS):
        line.close()  # TLS 1.2 refuses a missing client certificate inside the handshake
        yield _client_refused(prober, str(found.facts["reason"]))
    else:
        line.close()
        yield found


def _plain_answer(prober: Prober, line: socket.socket) -> Iterator[ProbeResult]:
    with line:
        try:
            status, _, _ = ask_http(line, prober.endpoint)
        except (OSError, http.client.HTTPException):
            return
    if status == http.client.PROXY_AUTHENTICATION_REQUIRED:
        yield prober.result("proxy", "fail", "proxy_intercepts", status=status)
    else:
        yield prober.result("http", "fail", "http_plain", status=status)


def _client_refused(prober: Prober, reason: str) -> ProbeResult:
    if prober.endpoint.client_pair is None:
        return prober.result("client_certificate", "warn", "client_needed", reason=reason)
    path = str(prober.endpoint.client_pair[0])
    return prober.result("client_certificate", "fail", "client_refused", path=path, reason=reason)


def _talk(
    prober: Prober, secured: ssl.SSLSocket, clock: ClockSettings, wall: WallClock, seen: Seen
) -> None:
    """HTTP over the secured line, then the server's clock."""
    endpoint = prober.endpoint
    try:
        status, headers, round_trip_s = ask_http(secured, endpoint)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", "") or type(error).__name__
        # TLS 1.3 tells a refused client certificate with the first answer, or just hangs up.
        cut = isinstance(error, ConnectionError | ssl.SSLError | http.client.BadStatusLine)
        if endpoint.mutual and cut:
            seen.results.append(_client_refused(prober, reason))
        else:
            seen.results.append(prober.result("http", "fail", "http_silent", reason=reason))
        return
    if endpoint.mutual and endpoint.client_pair is not None:
        path = str(endpoint.client_pair[0])
        seen.results.append(prober.result("client_certificate", "ok", "client_ok", path=path))
    seen.results.append(_http_result(prober, status, headers))
    date = parse_http_date(headers.get("date"))
    if date is None:
        seen.results.append(prober.result("clock", "warn", "date_missing"))
        return
    source = "gib" if endpoint.role.startswith("gib") else "portal"
    seen.date = ServerDate(source=source, host=endpoint.host, date=date, round_trip_s=round_trip_s)
    seen.results.append(_date_result(prober, seen.date, clock, wall()))


def _http_result(prober: Prober, status: int, headers: dict[str, str]) -> ProbeResult:
    if status == http.client.PROXY_AUTHENTICATION_REQUIRED:
        return prober.result("proxy", "fail", "proxy_intercepts", status=status)
    if 300 <= status < 400:
        place = urlsplit(headers.get("location", "")).hostname or "—"
        return prober.result("http", "warn", "http_redirect", status=status, place=place)
    wanted = status == http.client.OK if prober.endpoint.role == "gib" else status < _SERVER_ERROR
    return prober.result("http", "ok" if wanted else "warn", "http_ok" if wanted else "http_status",
                         status=status)  # fmt: skip


def _date_result(
    prober: Prober, seen: ServerDate, clock: ClockSettings, now: datetime
) -> ProbeResult:
    offset_s = (seen.date - now).total_seconds() + 0.5 + seen.round_trip_s / 2
    apart_s = max(0.0, abs(offset_s) - 1.0 - seen.round_trip_s / 2)
    facts = {"offset_s": f"{offset_s:+.1f}", "date": seen.date.isoformat()}
    if apart_s > clock.refuse_s:
        return prober.result("clock", "fail", "date_far", **facts)
    if apart_s > clock.warn_s:
        return prober.result("clock", "warn", "date_off", **facts)
    return prober.result("clock", "ok", "date_ok", **facts)


def _clocks(
    settings: ClockSettings,
    source: TimeSource,
    wall: WallClock,
    monotonic: Monotonic,
    dates: list[ServerDate],
) -> Iterator[ProbeResult]:
    """Each time server by itself, then the verdict that signing would get now."""
    if len(distinct_servers(settings.servers)) < LEAST_SERVERS:
        return  # the configuration check reports it
    kept: list[Measurement] = []
    guard = ClockGuard(
        settings, source, wall=wall, monotonic=monotonic,
        on_measurement=lambda _, measurement: kept.append(measurement),
    )  # fmt: skip
    for seen in dates:
        guard.note_server_date(seen.source, seen.host, seen.date, seen.round_trip_s)
    refusal: ClockRefused | None = None
    try:
        guard.require("doctor")
    except ClockRefused as error:
        refusal = error
    measurement = kept[0]
    for answer in measurement.answers:
        facts: dict[str, object] = {"problem": answer.problem}
        if answer.usable:
            facts |= {"offset_s": f"{answer.offset_s:+.3f}", "stratum": answer.stratum}
        yield ProbeResult(
            target=answer.server,
            step="ntp",
            state="ok" if answer.usable else "fail" if measurement.offset_s is None else "warn",
            key="doctor.ntp_ok" if answer.usable else f"doctor.ntp_{answer.problem}",
            facts=facts,
        )
    if refusal is not None:
        facts = {**refusal.facts, "servers": "; ".join(settings.servers)}
        yield ProbeResult(target="clock", step="clock", state="fail", key=refusal.key, facts=facts)
    elif measurement.verdict == "ok":
        skew_s = f"{-(measurement.offset_s or 0.0):+.3f}"
        yield ProbeResult(
            target="clock", step="clock", state="ok", key="doctor.clock_ok",
            facts={"skew_s": skew_s, "zone_hours": f"{measurement.utc_offset_s / 3600:+g}"},
        )  # fmt: skip
    else:
        yield ProbeResult(
            target="clock", step="clock", state="warn", key=measurement.reason,
            facts=warning_facts(measurement, settings),
        )  # fmt: skip
