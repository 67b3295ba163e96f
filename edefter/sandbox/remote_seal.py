"""A remote signing service on loopback, after the CSC API 2 (credentials, signHash).

    python -m edefter.sandbox.remote_seal --state DIR --pki DIR --seal FILE.p12 [--port 0]
        --token-file FILE --pin-file FILE

It checks what it receives by itself: bearer token, credential, one hash of the right length, SAD
that was given for exactly that hash and is used once. Three wrong PINs lock the key.

Knobs in `<state>/knobs.json`, read at every request; `on` names the operation (`info`,
`authorize`, `signHash`), none = all of them:

    {"fault": 503, "on": "signHash"}

fault         answers with that HTTP status      delay_s       answers so late
garbage       answers with bytes that are no JSON  large       answers with 2 MB
raw           ECDSA values as r‖s instead of DER  wrong       signs something else
status        status of the key (`disabled`)     cut          closes without an answer
redirect      answers 307 to that address        drip_s       one byte each so many seconds
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hmac
import json
import secrets
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from edefter.sandbox.pki import SEAL_PASSWORD, SandboxPki
from edefter.sandbox.process import read_knobs, record, send_body, serve

CREDENTIAL = "muhur-1"
_TRIES = 3
_PREFIX = "/csc/v2/"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
}
_RSA_SHA256, _ECDSA_SHA384 = "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.3"


class Refused(Exception):
    """An answer that says no: HTTP status, error code and description."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(code)
        self.status, self.code, self.description = status, code, description


@dataclass
class Vault:
    """The key and what guards it.

    Args:
        key, certificates: of the one credential.
        token, pin: what callers must know.
        tries: wrong PINs in a row.
        given: SAD → the hash that it was given for.
    """

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificates: list[x509.Certificate]
    token: str
    pin: str
    tries: int = 0
    given: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def info(self, knobs: dict[str, Any]) -> dict[str, Any]:
        """Answer of credentials/info."""
        is_rsa = isinstance(self.key, rsa.RSAPrivateKey)
        return {
            "key": {
                "status": knobs.get("status", "enabled"),
                "algo": [_RSA_SHA256 if is_rsa else _ECDSA_SHA384],
                "len": self.key.key_size,
            },
            "cert": {
                "status": "valid",
                "certificates": [
                    base64.b64encode(item.public_bytes(Encoding.DER)).decode()
                    for item in self.certificates
                ],
            },
            "auth": {"mode": "explicit", "expression": "PIN", "objects": [{"id": "PIN"}]},
            "SCAL": "2",
            "multisign": 1,
        }

    def authorize(self, question: dict[str, Any]) -> dict[str, Any]:
        """Answer of credentials/authorize."""
        only = _one_hash(question)
        data = question.get("authData")
        pins = [item.get("value") for item in data or () if item.get("id") == "PIN"]
        with self.lock:
            if self.tries >= _TRIES:
                raise Refused(400, "locked_pin", "The PIN is locked")
            if len(pins) != 1 or not hmac.compare_digest(str(pins[0]).encode(), self.pin.encode()):
                self.tries += 1
                raise Refused(400, "invalid_pin", f"The PIN {pins} is invalid")
            self.tries = 0
            sad = secrets.token_urlsafe(24)
            self.given[sad] = only
        return {"SAD": sad, "expiresIn": 300}

    def sign_hash(self, question: dict[str, Any], knobs: dict[str, Any]) -> dict[str, Any]:
        """Answer of signatures/signHash."""
        only = _one_hash(question)
        with self.lock:
            bound = self.given.pop(str(question.get("SAD", "")), None)
        if bound != only:
            raise Refused(400, "invalid_request", "The SAD is not for this hash")
        digest = base64.b64decode(only)
        if knobs.get("wrong"):
            digest = bytes(len(digest))
        kind = _HASHES[question["hashAlgorithmOID"]]
        if isinstance(self.key, rsa.RSAPrivateKey):
            if question.get("signAlgo") != _RSA_SHA256 or not isinstance(kind, hashes.SHA256):
                raise Refused(400, "invalid_request", "signAlgo does not fit the key")
            value = self.key.sign(digest, padding.PKCS1v15(), Prehashed(kind))
        else:
            if question.get("signAlgo") != _ECDSA_SHA384 or not isinstance(kind, hashes.SHA384):
                raise Refused(400, "invalid_request", "signAlgo does not fit the key")
            value = self.key.sign(digest, ec.ECDSA(Prehashed(kind)))
            if knobs.get("raw"):
                value = b"".join(number.to_bytes(48) for number in decode_dss_signature(value))
        return {"signatures": [base64.b64encode(value).decode()]}


def _one_hash(question: dict[str, Any]) -> str:
    """The one hash of a request.

    Raises:
        Refused: none, several, or of another length than its algorithm says.
    """
    listed = question.get("hashes")
    kind = _HASHES.get(str(question.get("hashAlgorithmOID")))
    if not isinstance(listed, list) or len(listed) != 1 or kind is None:
        raise Refused(400, "invalid_request", "Exactly one hash of a known algorithm is expected")
    try:
        size = len(base64.b64decode(str(listed[0]), validate=True))
    except binascii.Error:
        size = -1
    if size != kind.digest_size:
        raise Refused(400, "invalid_request", "The hash has the wrong length")
    return str(listed[0])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, vault: Vault, state: Path, context: ssl.SSLContext) -> None:
        self.vault, self.state = vault, state
        super().__init__(("127.0.0.1", port), _Handler)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Cut connections are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the log small."""

    def do_POST(self) -> None:
        """One request, with the misbehaviour that the knobs ask for."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1 << 16))
        operation = self.path.rpartition("/")[2]
        knobs = read_knobs(self.server.state)
        if knobs.get("on") not in (None, operation):
            knobs = {}
        # Neither token nor PIN is written down, not even here.
        record(self.server.state, operation=operation, size_bytes=len(body))
        time.sleep(float(knobs.get("delay_s", 0)))
        if knobs.get("cut"):
            self.close_connection = True
            return
        status, content = self._answer(operation, body, knobs)
        self.send_response(status)
        if "redirect" in knobs:
            self.send_header("Location", str(knobs["redirect"]))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        send_body(self, content, float(knobs.get("drip_s", 0)))

    def _answer(self, operation: str, body: bytes, knobs: dict[str, Any]) -> tuple[int, bytes]:
        if "redirect" in knobs:
            return 307, b""
        if "fault" in knobs:
            return int(knobs["fault"]), b"<html>no</html>"
        if knobs.get("garbage"):
            return 200, b"<html>captive portal</html>"
        if knobs.get("large"):
            return 200, b'{"x": "' + b"x" * 2_000_000 + b'"}'
        try:
            return 200, json.dumps(self._act(operation, body, knobs)).encode()
        except Refused as problem:
            said = {"error": problem.code, "error_description": problem.description}
            return problem.status, json.dumps(said).encode()

    def _act(self, operation: str, body: bytes, knobs: dict[str, Any]) -> dict[str, Any]:
        vault = self.server.vault
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {vault.token}".encode()):
            raise Refused(401, "invalid_token", "The access token is not valid")
        if not self.path.startswith(_PREFIX):
            raise Refused(404, "invalid_request", "No such operation")
        try:
            question = json.loads(body)
        except ValueError:
            raise Refused(400, "invalid_request", "No JSON") from None
        if question.get("credentialID") != CREDENTIAL:
            raise Refused(400, "invalid_request", "No such credential")
        if operation == "info":
            return vault.info(knobs)
        if operation == "authorize":
            return vault.authorize(question)
        if operation == "signHash":
            return vault.sign_hash(question, knobs)
        raise Refused(404, "invalid_request", "No such operation")


def _open(path: Path, token: str, pin: str) -> Vault:
    held = pkcs12.load_pkcs12(path.read_bytes(), SEAL_PASSWORD.encode())
    assert held.cert is not None
    assert isinstance(held.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    chain = [item.certificate for item in held.additional_certs]
    return Vault(held.key, [held.cert.certificate, *chain], token, pin)


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator until SIGTERM or until its standard input closes."""
    parser = argparse.ArgumentParser(prog="python -m edefter.sandbox.remote_seal")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--pki", type=Path, required=True)
    parser.add_argument("--seal", type=Path, required=True)
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--pin-file", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(arguments)
    options.state.mkdir(parents=True, exist_ok=True)
    token, pin = (path.read_text().strip() for path in (options.token_file, options.pin_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*SandboxPki(options.pki).issue_server("remote-seal"))
    server = _Server(options.port, _open(options.seal, token, pin), options.state, context)
    url = f"https://127.0.0.1:{server.server_address[1]}/csc/v2"
    serve(server, url=url, credential=CREDENTIAL)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
