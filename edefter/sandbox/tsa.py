"""A time stamp authority on loopback (RFC 3161 over HTTP), plain or with Kamu SM's identity header.

    python -m edefter.sandbox.tsa --state DIR --pki DIR [--port 0] [--customer N --password-file F]

With `--customer` it asks for the identity header of Kamu SM and checks it by itself. Every request
is written to `received.jsonl`, so tests can count what was bought.

Knobs in `<state>/knobs.json`, read at every request:

offset_s       its time minus true time      bare          answers with the token alone
status         PKIStatus of the answer       no_chain      leaves the certificates out
wrong_nonce    another nonce                 wrong_imprint stamps something else
certificate    `expired`, `no-eku`, `other`  broken        one bit of the signature is wrong
fault          HTTP status                   delay_s       answers so late
garbage        bytes that are no answer      cut           closes without an answer
drip_s         one byte each so many seconds
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from edefter.certificates import read_pem
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import read_knobs, record, send_body, serve

POLICY = "2.16.792.1.2.1.1.5.7.3.1"
_KAMUSM_AGENT = "UEKAE TSS Client"


class _Identity(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """Kamu SM's identity header: customer, salt, iterations, IV, ciphertext."""

    _fields: ClassVar = [
        ("customer", core.Integer),
        ("salt", core.OctetString),
        ("count", core.Integer),
        ("iv", core.OctetString),
        ("ciphertext", core.OctetString),
    ]


class _Refusal(core.Sequence):  # type: ignore[misc]
    """A TimeStampResp without a token, which asn1crypto does not know."""

    _fields: ClassVar = [("status", tsp.PKIStatusInfo)]


@dataclass
class Authority:
    """The key and certificate that stamp.

    Args:
        certificate, key: of the authority.
        chain: its issuers, sent along.
    """

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    chain: list[x509.Certificate]

    @classmethod
    def open(cls, pki: SandboxPki, fault: str) -> Authority:
        """The authority, or one that nobody should believe."""
        now = datetime.now(UTC)
        if fault == "expired":
            files = pki.issue_tsa(
                "tsa-expired", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
            )
        elif fault == "no-eku":
            files = pki.issue_tsa("tsa-not-critical", critical=False)
        else:
            files = pki.issue_tsa()
        certificate, key = (path.read_bytes() for path in files)
        private = serialization.load_pem_private_key(key, password=None)
        assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return cls(read_pem(certificate)[0], private, [pki.root])

    def sign(self, data: bytes) -> tuple[str, bytes]:
        """Signature algorithm and value."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            value = self.key.sign(data, rsa_padding.PKCS1v15(), hashes.SHA256())
            return "sha256_rsa", value
        return "sha256_ecdsa", self.key.sign(data, ec.ECDSA(hashes.SHA256()))


def _asn1(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def token(request: Any, authority: Authority, knobs: dict[str, Any]) -> Any:
    """A time stamp token (a CMS ContentInfo) for a parsed request."""
    moment = datetime.now(UTC) + timedelta(seconds=float(knobs.get("offset_s", 0)))
    imprint = request["message_imprint"].copy()
    if knobs.get("wrong_imprint"):
        imprint["hashed_message"] = hashlib.sha256(b"something else").digest()
    nonce = request["nonce"].native
    info = {
        "version": "v1",
        "policy": request["req_policy"].native or POLICY,
        "message_imprint": imprint,
        "serial_number": time.time_ns(),
        "gen_time": moment.replace(microsecond=0),
    }
    if nonce is not None:
        info["nonce"] = nonce + 1 if knobs.get("wrong_nonce") else nonce
    content = tsp.TSTInfo(info).dump()
    certificate = _asn1(authority.certificate)
    binding = tsp.SigningCertificateV2(
        {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}
    )
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute(
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]}
            ),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [binding]}),
        ]
    )
    algorithm, value = authority.sign(attributes.dump())
    if knobs.get("broken"):
        value = value[:-1] + bytes([value[-1] ^ 1])
    signed: dict[str, Any] = {
        "version": "v3",
        "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(content),
        },
        "signer_infos": [
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": {
                            "issuer": certificate.issuer,
                            "serial_number": certificate.serial_number,
                        }
                    }
                ),
                "digest_algorithm": {"algorithm": "sha256"},
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": algorithm},
                "signature": value,
            }
        ],
    }
    if request["cert_req"].native and not knobs.get("no_certificates"):
        chain = [] if knobs.get("no_chain") else authority.chain
        signed["certificates"] = [certificate, *map(_asn1, chain)]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, port: int, pki: SandboxPki, state: Path, customer: str, password: str
    ) -> None:
        self.pki, self.state = pki, state
        self.customer, self.password = customer, password
        self._authorities: dict[str, Authority] = {}
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def authority(self, fault: str) -> Authority:
        with self._lock:
            if fault not in self._authorities:
                self._authorities[fault] = Authority.open(self.pki, fault)
            return self._authorities[fault]

    def knows(self, header: str, agent: str, imprint: bytes) -> bool:
        """Whether the identity header was made by our customer for this very imprint."""
        try:
            identity = _Identity.load(bytes.fromhex(header)).native
        except (ValueError, TypeError):
            return False
        if str(identity["customer"]) != self.customer or agent != _KAMUSM_AGENT:
            return False
        if len(identity["salt"]) != 16 or len(identity["iv"]) != 16:
            return False
        key = hashlib.pbkdf2_hmac(
            "sha256", self.password.encode(), identity["salt"], identity["count"], 32
        )
        decryptor = Cipher(algorithms.AES(key), modes.CBC(identity["iv"])).decryptor()
        unpadder = padding.PKCS7(128).unpadder()
        try:
            padded = decryptor.update(identity["ciphertext"]) + decryptor.finalize()
            return unpadder.update(padded) + unpadder.finalize() == imprint
        except ValueError:
            return False

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Cut connections are part of the game."""
        print(f"connection ended: {sys.exc_info()[1]!r}", file=sys.stderr)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the log small."""

    def do_POST(self) -> None:
        """One request, with the misbehaviour that the knobs ask for."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1 << 16))
        knobs = read_knobs(self.server.state)
        try:
            request = tsp.TimeStampReq.load(body)
            imprint = request["message_imprint"]["hashed_message"].native
        except (ValueError, TypeError):
            request, imprint = None, b""
        record(self.server.state, size_bytes=len(body), imprint=imprint.hex())
        time.sleep(float(knobs.get("delay_s", 0)))
        if knobs.get("cut"):
            self.close_connection = True
            return
        status, content = self._answer(request, imprint, knobs)
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        send_body(self, content, float(knobs.get("drip_s", 0)))

    def _answer(self, request: Any, imprint: bytes, knobs: dict[str, Any]) -> tuple[int, bytes]:
        server = self.server
        if "fault" in knobs:
            return int(knobs["fault"]), b"no"
        if self.headers.get("Content-Type") != "application/timestamp-query" or request is None:
            return 400, b"no time stamp query"
        if server.customer and not server.knows(
            self.headers.get("identity", ""), self.headers.get("User-Agent", ""), imprint
        ):
            return 403, b""
        if knobs.get("garbage"):
            return 200, b"<html>captive portal</html>"
        status = str(knobs.get("status", "granted"))
        answer: dict[str, Any] = {"status": {"status": status}}
        if status.startswith("granted"):
            made = token(request, server.authority(str(knobs.get("certificate", ""))), knobs)
            if knobs.get("bare"):
                return 200, bytes(made.dump())
            answer["time_stamp_token"] = made
            return 200, bytes(tsp.TimeStampResp(answer).dump())
        answer["status"] |= {"status_string": ["no credit left"]}
        return 200, bytes(_Refusal(answer).dump())


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator until SIGTERM or until its standard input closes."""
    parser = argparse.ArgumentParser(prog="python -m edefter.sandbox.tsa")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--pki", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--customer", default="")
    parser.add_argument("--password-file", type=Path)
    options = parser.parse_args(arguments)
    options.state.mkdir(parents=True, exist_ok=True)
    password = options.password_file.read_text().strip() if options.password_file else ""
    pki = SandboxPki(options.pki)
    server = _Server(options.port, pki, options.state, options.customer, password)
    server.authority("")
    serve(server, url=f"http://127.0.0.1:{server.server_address[1]}/")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
