"""One step at a time over a socket: name, connection, proxy, handshake, answer.

Each step gives what it made and a `ProbeResult`; nothing but probes is ever sent.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from edefter.engine.doctor.endpoints import Endpoint
from edefter.engine.doctor.results import ProbeResult, State

PROXY_PORT = 8080
USER_AGENT = "edefter-doctor"


@dataclass(frozen=True, slots=True)
class Prober:
    """Makes results of one endpoint.

    Args:
        endpoint: who is probed.
        timeout_s: for each step.
    """

    endpoint: Endpoint
    timeout_s: float

    def result(self, step: str, state: State, key: str, **facts: Any) -> ProbeResult:
        """One result; the failure of an endpoint that is not required is a warning."""
        if state == "fail" and not self.endpoint.required:
            state = "warn"
        return ProbeResult(
            target=self.endpoint.target,
            step=step,
            state=state,
            key=f"doctor.{key}",
            facts={"host": self.endpoint.host, "port": self.endpoint.port, **facts},
        )


def next_hop(endpoint: Endpoint) -> tuple[str, int]:
    """Where the TCP connection goes: the proxy if there is one."""
    if not endpoint.proxy:
        return endpoint.host, endpoint.port
    text = endpoint.proxy if "://" in endpoint.proxy else f"http://{endpoint.proxy}"
    parts = urlsplit(text)
    return parts.hostname or "", parts.port or PROXY_PORT


def look_up(prober: Prober) -> tuple[list[str], ProbeResult]:
    """Resolve the name; the resolver has no timeout of its own, so a thread waits for it."""
    host, port = next_hop(prober.endpoint)
    found: list[str] = []
    problem: list[str] = []

    def ask() -> None:
        try:
            for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                address = str(info[4][0])
                if address not in found:
                    found.append(address)
        except (OSError, UnicodeError) as error:
            problem.append(str(error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(prober.timeout_s)
    addresses = list(found)
    if addresses and not thread.is_alive():
        shown = ", ".join(addresses)
        return addresses, prober.result("dns", "ok", "dns_ok", name=host, addresses=shown)
    reason = problem[0] if problem else "timeout"
    return [], prober.result("dns", "fail", "dns_failed", name=host, reason=reason)


def connect(prober: Prober, addresses: Sequence[str]) -> tuple[socket.socket | None, ProbeResult]:
    """Connect to the first address that takes the connection; tell refused from dropped."""
    host, port = next_hop(prober.endpoint)
    refused, dropped, reason = False, False, ""
    for address in addresses:
        start = time.monotonic()
        try:
            line = socket.create_connection((address, port), timeout=prober.timeout_s)
        except ConnectionRefusedError:
            refused = True
        except TimeoutError:
            dropped = True
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            took_ms = round((time.monotonic() - start) * 1000)
            return line, prober.result(
                "tcp", "ok", "tcp_ok", hop=f"{host}:{port}", address=address, took_ms=took_ms
            )
    key = "tcp_refused" if refused else "tcp_dropped" if dropped else "tcp_unreachable"
    return None, prober.result(
        "tcp", "fail", key, hop=f"{host}:{port}", reason=reason, waited_s=f"{prober.timeout_s:g}"
    )


def pass_proxy(prober: Prober, line: socket.socket) -> ProbeResult:
    """Ask the proxy for a tunnel with CONNECT (RFC 9110 §9.3.6)."""
    endpoint = prober.endpoint
    hop = "{}:{}".format(*next_hop(endpoint))
    lines = [f"CONNECT {endpoint.target} HTTP/1.1", f"Host: {endpoint.target}"]
    lines += _credentials(endpoint.proxy)
    try:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "ignore"))
        status = _tunnel_status(line)
    except (OSError, ValueError) as error:
        return prober.result("proxy", "fail", "proxy_silent", hop=hop, reason=type(error).__name__)
    if status == http.client.PROXY_AUTHENTICATION_REQUIRED:
        return prober.result("proxy", "fail", "proxy_auth", hop=hop, status=status)
    if status // 100 != 2:
        return prober.result("proxy", "fail", "proxy_refused", hop=hop, status=status)
    return prober.result("proxy", "ok", "proxy_ok", hop=hop, status=status)


def _tunnel_status(line: socket.socket) -> int:
    """The status of the proxy's answer, read byte by byte: what follows belongs to TLS."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = line.recv(1)
        if not byte or len(head) > 16_384:
            raise ValueError("no HTTP answer")
        head += byte
    return int(head.split(b" ", 2)[1])


def _credentials(proxy: str) -> list[str]:
    parts = urlsplit(proxy)
    if not parts.username:
        return []
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return [f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}"]


def ask_http(line: socket.socket, endpoint: Endpoint) -> tuple[int, dict[str, str], float]:
    """Put the endpoint's harmless question.

    Returns:
        Status, headers with lower-case names, round trip in seconds; the body is not read.

    Raises:
        OSError: the line broke or stayed silent (also as `ssl.SSLError`).
        http.client.HTTPException: what came is no HTTP.
    """
    start = time.monotonic()
    question = (
        f"{endpoint.method} {endpoint.path} HTTP/1.1\r\nHost: {endpoint.target}\r\n"
        f"User-Agent: {USER_AGENT}\r\nTus-Resumable: 1.0.0\r\nConnection: close\r\n\r\n"
    )
    line.sendall(question.encode("ascii", "ignore"))
    with http.client.HTTPResponse(line, method=endpoint.method) as answer:
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, time.monotonic() - start
