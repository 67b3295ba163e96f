"""Messages as our client sends them to GİB, taken off the wire of a real TLS connection."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Literal

from edefter.errors import EdefterError
from edefter.model.files import Package
from edefter.sandbox.pki import SandboxPki
from edefter.signature.port import Seal
from tests.integration.gib.support import client_for

Token = Literal["pkipath", "x509v3"]


class _Wire(HTTPServer):
    """Keeps each message and answers with an error, so that nothing more comes."""

    def __init__(self, pki: SandboxPki) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pki.issue_server("wire"))
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.messages: list[bytes] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: _Wire

    def do_POST(self) -> None:
        """Keep the message."""
        self.server.messages.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_error(503)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def _wire(pki: SandboxPki) -> Iterator[_Wire]:
    server = _Wire(pki)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sent_messages(
    pki: SandboxPki, seal: Seal, token: Token, package: Package, folder: Path
) -> dict[str, bytes]:
    """One message of each operation.

    Args:
        pki: issues the server's certificate.
        seal: signs.
        token: form of the security token.
        package: to be sent.
        folder: for what would be fetched.
    """
    with _wire(pki) as wire:
        client = client_for(wire, pki, seal, token=token, timestamp_life_s=300)
        identifier = package.name.package_id
        calls = {
            "send": lambda: client.send(package),
            "status": lambda: client.status(identifier),
            "fetch": lambda: client.fetch(identifier, folder),
        }
        found = {}
        for operation, call in calls.items():
            try:
                call()
            except EdefterError:
                pass
            else:
                raise AssertionError(f"{operation} took HTTP 503 for an answer")
            (found[operation],) = wire.messages
            wire.messages.clear()
        client.close()
    return found
