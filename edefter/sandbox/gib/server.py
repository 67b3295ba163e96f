"""The HTTPS server around the service, with full control over its sockets for misbehaviour."""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import ssl
import struct
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import edefter
from edefter.sandbox.gib.knobs import Setting
from edefter.sandbox.gib.service import Seen, Service
from edefter.sandbox.gib.soap import OPERATIONS, Reply
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import announce_ready

SERVICE_PATH = "/edefter/services/EDefterWsPort"
MAX_REQUEST_BYTES = 400_000_000
SOCKET_TIMEOUT_S = 60.0
_MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Bakım</title></head><body><h1>Sistem bakımdadır</h1>"
    "<p>Lütfen daha sonra tekrar deneyiniz.</p></body></html>"
).encode()


class GibServer(ThreadingHTTPServer):
    """One listening socket; TLS is shaken in each connection's own thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], service: Service, context: ssl.SSLContext) -> None:
        self.service = service
        self._context = context
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; the handshake waits for its thread."""
        connection, address = super().get_request()
        connection.settimeout(SOCKET_TIMEOUT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wrapped = self._context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        return wrapped, address

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """One line instead of a traceback: cut connections are part of the game."""
        print(f"connection ended: {sys.exc_info()[1]!r}", file=sys.stderr)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: GibServer
    connection: ssl.SSLSocket

    def setup(self) -> None:
        """Shake hands."""
        self.request.do_handshake()
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the log small."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header follows GİB's (shifted) clock."""
        return formatdate(timestamp or self.server.service.now().timestamp(), usegmt=True)

    def do_GET(self) -> None:
        """Serve the WSDL; anything else is not found."""
        path, _, query = self.path.partition("?")
        if path == f"{SERVICE_PATH}/edefter.wsdl" or (
            path == SERVICE_PATH and query.lower() == "wsdl"
        ):
            self._reply(Reply(200, "text/xml;charset=UTF-8", _wsdl(self.headers.get("Host", ""))))
        elif path == SERVICE_PATH:
            self._reply(Reply(405, "text/plain", b"POST"))
        else:
            self._reply(Reply(404, "text/plain", b"not found"))

    def do_HEAD(self) -> None:
        """As GET without a body, for connectivity probes."""
        self._reply(Reply(200 if self.path.startswith(SERVICE_PATH) else 404, "text/plain", b""))

    def do_POST(self) -> None:
        """One SOAP request, with the misbehaviour that the knobs ask for."""
        service = self.server.service
        setting = service.knobs.now()
        seen = Seen(operation=self._announced_operation())
        cut = setting.act("cut", seen.operation)
        if cut == "before_read":
            service.journal(seen, "cut:before_read")
            self._cut()
            return
        data = self._body()
        if data is None:
            self._reply(Reply(413, "text/plain", b"too large"), close=True)
            return
        location = setting.act("redirect", seen.operation)
        if location:
            service.journal(seen, "redirected")
            self._reply(Reply(307, "text/plain", b"", {"Location": str(location)}), close=True)
            return
        if cut == "after_read":
            service.journal(seen, "cut:after_read")
            self._cut()
            return
        if self.path.partition("?")[0] != SERVICE_PATH:
            self._reply(Reply(404, "text/plain", b"not found"))
            return
        gateway = _gateway_answer(setting, seen)
        if gateway is not None:
            service.journal(seen, f"http:{gateway.status}")
            self._reply(gateway)
            return
        reply = service.answer(data, setting, seen)
        if cut == "after_accept":
            service.journal(seen, "cut:after_accept")
            self._cut()
            return
        self._reply(reply, slow=setting.act("slow", seen.operation))

    def _announced_operation(self) -> str:
        """The operation by its action, where the client sends one; nothing depends on it."""
        action = self.headers.get("SOAPAction") or self.headers.get("Content-Type") or ""
        found = re.search(r"urn:(\w+)", action)
        return found[1] if found and found[1] in OPERATIONS else ""

    def _body(self) -> bytes | None:
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            content = bytearray()
            while size := int(self.rfile.readline().split(b";")[0], 16):
                content += self.rfile.read(size)
                self.rfile.readline()
                if len(content) > MAX_REQUEST_BYTES:
                    return None
            self.rfile.readline()
            return bytes(content)
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= MAX_REQUEST_BYTES else None

    def _reply(self, reply: Reply, *, slow: Any = None, close: bool = False) -> None:
        self.send_response_only(reply.status)
        self.send_header("Server", "Apache")
        self.send_header("Date", self.date_time_string())
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if not slow:
            self.wfile.write(reply.body)
            return
        pace = slow if isinstance(slow, dict) else {}
        size, pause_s = int(pace.get("chunk_bytes", 64)), float(pace.get("pause_s", 0.2))
        for begin in range(0, len(reply.body), size):
            self.wfile.write(reply.body[begin : begin + size])
            time.sleep(pause_s)

    def _cut(self) -> None:
        """End the connection as a torn cable would: a reset, no TLS goodbye."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()


def _gateway_answer(setting: Setting, seen: Seen) -> Reply | None:
    """What a load balancer in front of GİB would say, if a knob asks for it."""
    status = setting.act("http_status", seen.operation)
    if status:
        headers = {}
        retry_after = setting.values.get("retry_after_s")
        if retry_after is not None:
            headers["Retry-After"] = str(int(retry_after))
        if setting.flag("html"):
            return Reply(int(status), "text/html; charset=utf-8", _MAINTENANCE, headers)
        return Reply(int(status), "text/plain", b"error", headers)
    if setting.act("maintenance", seen.operation):
        return Reply(200, "text/html; charset=utf-8", _MAINTENANCE)
    return None


def _wsdl(host: str) -> bytes:
    """The service description with this server's own address."""
    text = (Path(edefter.__file__).parent / "gib" / "edefter.wsdl").read_bytes()
    address = re.sub(r"[^\w.:\-\[\]]", "", host)
    return text.replace(b"https://edefter.gib.gov.tr/", f"https://{address}/".encode())


def _context(pki: SandboxPki) -> ssl.SSLContext:
    certificate, key = pki.folder / "gib-server.pem", pki.folder / "gib-server.key"
    if not (certificate.exists() and key.exists()):
        certificate, key = pki.issue_server("gib-server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def main(arguments: list[str] | None = None) -> None:
    """Run the simulator until standard input closes or SIGTERM comes.

    Args:
        arguments: command line; None = the process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m edefter.sandbox.gib", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="own folder")
    parser.add_argument("--pki", type=Path, required=True, help="folder of the sandbox PKI")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument(
        "--consent", action="append", default=[], metavar="TAXPAYER=SIGNER",
        help="a muvafakatname: SIGNER may sign and send for TAXPAYER (repeatable)",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    given.state.mkdir(parents=True, exist_ok=True)
    pki = SandboxPki(given.pki)
    consents: dict[str, list[str]] = {}
    for pair in given.consent:
        taxpayer, _, signer = pair.partition("=")
        consents.setdefault(taxpayer, []).append(signer)
    service = Service(given.state, given.pki, pki.gib_seal().path, consents)
    server = GibServer((given.host, given.port), service, _context(pki))
    port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    announce_ready(port=port, url=f"https://{given.host}:{port}{SERVICE_PATH}")
    threading.Event().wait()
