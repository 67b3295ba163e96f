"""What uploads are tried with: PKI, servers, documents of any size, jobs for client processes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edefter.archive.portal import PortalClient
from edefter.atomic import sha256_file
from edefter.config.keeping import PortalSettings
from edefter.config.section import SecretRef
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator
from tests.integration.archive.support import company

NPM = Path(__file__).resolve().parent / "npm"
MIB = 1 << 20
FIRM = "1234567808"


def write_ledger(path: Path, size_bytes: int) -> None:
    """A well-formed document of exactly that size (from 1 KiB on), else any bytes."""
    if size_bytes < 1024:
        path.write_bytes(os.urandom(size_bytes))
        return
    ds = "http://www.w3.org/2000/09/xmldsig#"
    head = f'<edefter:defter xmlns:edefter="http://www.edefter.gov.tr" xmlns:ds="{ds}">'.encode()
    sign = b"<ds:Signature><ds:SignatureValue>c2ln</ds:SignatureValue></ds:Signature>"
    tail = sign + b"</edefter:defter>"
    frame = len(b"<entryDetail></entryDetail>")
    rest = size_bytes - len(head) - len(tail)
    dice = random.Random(size_bytes)  # noqa: S311 - any content does
    with path.open("wb") as sink:
        sink.write(head)
        while rest:
            body = min(rest - frame, MIB)
            if 0 < rest - frame - body < frame:
                body -= frame
            sink.write(b"<entryDetail>" + dice.randbytes(body // 2).hex().encode())
            sink.write(b"0" * (body % 2) + b"</entryDetail>")
            rest -= frame + body
        sink.write(tail)


class Rig:
    """A folder with PKI, servers and jobs.

    Args:
        folder: empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pki = SandboxPki(folder / "pki")
        self.ca = folder / "pki" / "tls-root.pem"

    def npm_server(self) -> Simulator:
        """`@tus/server` behind mutual TLS, started as our simulators are."""
        certificate, key = self.pki.issue_server("tus-npm")
        (self.folder / "npm-files").mkdir()
        return _Node(
            self.folder / "npm-server", NPM / "server.mjs",
            "--dir", str(self.folder / "npm-files"), "--cert", str(certificate),
            "--key", str(key), "--client-ca", str(self.folder / "pki" / "client-ca.pem"),
            "--received", str(self.folder / "npm-received"),
        ).start()  # fmt: skip

    def client_pair(self) -> tuple[Path, Path]:
        """A client certificate of the sandbox's authority, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, FIRM)])
        request = (
            x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
        )
        certificate, private = self.folder / "client.pem", self.folder / "client.key"
        certificate.write_bytes(self.pki.issue_client(request))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )  # fmt: skip
        return certificate, private

    def job(
        self, kind: str, path: Path, settings: dict[str, Any], *, part: int = 0, **more: str
    ) -> Path:
        """Write a job file for `benchmarks.tus.client`."""
        stem = f"{FIRM}-202601-Y-{part:06d}"
        item = {
            "path": str(path), "file_name": f"{stem}.xml", "package_id": stem,
            "kind": "Y", "period": "202601", "branch": "", "part": f"{part:06d}",
            "size_bytes": path.stat().st_size, "sha256": sha256_file(path),
            "ledger_signature_sha256": "", "firm": FIRM,
        }  # fmt: skip
        target = self.folder / f"job-{kind}-{path.stat().st_size}-{part}.json"
        memory = str(target.with_suffix(".memory"))
        plain = {"kind": kind, "item": item, "settings": settings, "memory": memory, **more}
        target.write_text(json.dumps(plain), encoding="utf-8")
        return target


class _Node(Simulator):
    """A Node program that keeps to the contract of our simulators."""

    def __init__(self, state: Path, script: Path, *arguments: str) -> None:
        super().__init__(str(script), state, *arguments)
        self._script = script

    def start(self, timeout_s: float = 30.0) -> Simulator:
        del timeout_s
        self.state.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            ["node", str(self._script), *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=NPM,
        )  # fmt: skip
        assert process.stdout is not None
        self._process = process
        self.facts = json.loads(process.stdout.readline())
        return self


def register(rig: Rig, settings: dict[str, Any]) -> None:
    """Make the firm known to the sandbox, and its client certificate known to us."""
    secret, key = Path(settings["api_secret"]), Path(settings["api_key"])
    given = {**settings, "api_key": SecretRef(file=key), "api_secret": SecretRef(file=secret)}
    client = PortalClient(
        PortalSettings(**given),
        secret=lambda ref: Path(str(ref.file)).read_text(encoding="utf-8").strip(),
        firm=FIRM, key_folder=rig.folder / "keys", software_version="0.1.0",
        wall=lambda: datetime.now(UTC), sleep=time.sleep, monotonic=time.monotonic,
        on_server_date=lambda *_: None, before_call=lambda _: None, jitter=lambda: 0.5,
    )  # fmt: skip
    client.register(company(FIRM))


def upload_settings(rig: Rig, url: str) -> dict[str, Any]:
    """Settings of a client that talks to `url`."""
    # No retries: each cut ends the process, and another goes on.
    return {"upload_url": url, "ca_bundle": str(rig.ca), "retry_limit_s": 0.0}
