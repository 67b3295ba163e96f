"""OCSP and CRLs over plain HTTP on a loopback port, told to be wrong when a test wants it.

    python -m edefter.sandbox.revocation --state DIR --pki DIR [--port 0]

`POST /ocsp`, `GET /<ca>.crl`, `GET /<ca>.crt` (DER) for `seal-ca` and `root`. Certificates that the
PKI does not list as revoked are good. Knobs in `<state>/knobs.json`, read at every question; those
under `ocsp` or `crl` count for that service alone:

offset_s       its time minus true time           delay_s        answers so late
this_update_s  thisUpdate minus its time          life_s         nextUpdate minus thisUpdate
no_next_update OCSP names no end                  http_status    answers with it and no body
answer         unknown, other-certificate         ocsp_status    e.g. try_later, unauthorized
nonce          echo, none, wrong                  responder      delegated, issuer, no-eku, stranger
bad_signature  one bit off                        crl_signer     stranger
sha1           signs with SHA-1                   garbage        answers with bytes that are no DER
redirect       answers 302 to that address        size_bytes     so many bytes follow the answer
drip_s         one byte each so many seconds
"""

from __future__ import annotations

import argparse
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.pki.register import responder_url
from edefter.sandbox.process import read_knobs, record, send_body, serve
from edefter.sandbox.revocation.answers import ISSUERS, certificate_list, ocsp_answer

_MOST_BYTES = 64 * 1024
_TYPES = {
    "ocsp": "application/ocsp-response",
    "crl": "application/pkix-crl",
    "crt": "application/pkix-cert",
}


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        name, _, kind = self.path.strip("/").partition(".")
        if name not in ISSUERS or kind not in ("crl", "crt"):
            self.send_error(404)
            return
        self._answer(kind, name, b"")

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if self.path != "/ocsp" or not 0 < size <= _MOST_BYTES:
            self.send_error(404)
            return
        self._answer("ocsp", "", self.rfile.read(size))

    def _answer(self, kind: str, name: str, question: bytes) -> None:
        state, pki = self.server.state, self.server.pki
        knobs = read_knobs(state)
        knobs = {**knobs, **knobs.pop(kind, {})}
        with self.server.lock:
            record(state, kind=kind, path=self.path, size_bytes=len(question))
            moment = datetime.now(UTC) + timedelta(seconds=float(knobs.get("offset_s", 0.0)))
            moment = moment.replace(microsecond=0)  # DER has whole seconds
            if kind == "ocsp":
                body = ocsp_answer(pki, question, moment, knobs)
            elif kind == "crl":
                body = certificate_list(pki, name, moment, knobs)
            else:
                body = pki.certificate(name).public_bytes(Encoding.DER)
        time.sleep(float(knobs.get("delay_s", 0.0)))
        if knobs.get("garbage"):
            body = b"<html>Proxy error</html>"
        self._send(kind, body, knobs)

    def _send(self, kind: str, body: bytes, knobs: dict[str, Any]) -> None:
        if knobs.get("redirect"):
            self.send_response(302)
            self.send_header("Location", str(knobs["redirect"]))
            self.end_headers()
            return
        if knobs.get("http_status"):
            self.send_error(int(knobs["http_status"]))
            return
        body += b"\0" * int(knobs.get("size_bytes", 0))
        self.send_response(200)
        self.send_header("Content-Type", _TYPES[kind])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        send_body(self, body, float(knobs.get("drip_s", 0)))

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the journal holds what matters."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, state: Path, pki: SandboxPki) -> None:
        self.state, self.pki, self.lock = state, pki, threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no fault of ours."""


def _bind(port: int, state: Path, pki: SandboxPki) -> _Server:
    """On the port asked for; else where certificates already say that we are; else anywhere."""
    last = responder_url(pki.folder).rpartition(":")[2]
    for candidate in (port, int(last) if last.isdigit() and not port else 0):
        if candidate:
            try:
                return _Server(candidate, state, pki)
            except OSError:
                if candidate == port:
                    raise
    return _Server(0, state, pki)


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator until SIGTERM or until its standard input closes."""
    parser = argparse.ArgumentParser(prog="python -m edefter.sandbox.revocation")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--pki", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="0 = the last one, or any free one")
    options = parser.parse_args(arguments)
    options.state.mkdir(parents=True, exist_ok=True)
    server = _bind(options.port, options.state, SandboxPki(options.pki))
    serve(server, url=f"http://127.0.0.1:{server.server_address[1]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
