"""Uploads to the tus server of npm and to our sandbox, over a line that breaks.

    python -m benchmarks.tus [--mib 700] [--cuts 50] [--seed N]

Files of 0 B, 1 B, 8 MiB - 1, 8 MiB and 8 MiB + 1 go to `@tus/server` (npm), then a large one goes
to it and to the sandbox, which takes chunks by their checksum. The large one is cut again and
again, in turn by SIGKILL of the client and by a reset of the line, and continued in new processes.
What arrived is compared by SHA-256, and what crossed the line is counted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.figures import Figures
from benchmarks.tus.line import Line
from edefter.archive.portal import PortalClient
from edefter.atomic import sha256_file
from edefter.config.settings import PortalSettings, SecretRef
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator
from tests.integration.archive.support import company

NPM = Path(__file__).resolve().parent / "npm"
_MIB = 1 << 20
_SMALL = (0, 1, 8 * _MIB - 1, 8 * _MIB, 8 * _MIB + 1)
_FIRM = "1234567808"
_NAME = f"{_FIRM}-202601-Y-000000.xml"
_MOST_PROCESSES = 400


@dataclass
class Cutter:
    """Breaks an upload when so many bytes have crossed the line: SIGKILL and reset in turn.

    Args:
        places: bytes sent at which it breaks, ascending.
    """

    places: list[int]
    line: Line | None = None
    child: subprocess.Popen[bytes] | None = None
    kills: int = 0
    resets: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def passed(self, sent_bytes: int) -> None:
        """Hear how far it is."""
        with self._lock:
            if not self.places or sent_bytes < self.places[0] or self.line is None:
                return
            self.places.pop(0)
            if len(self.places) % 2:
                self.resets += 1
                self.line.cut()
            elif self.child is not None:
                self.kills += 1
                self.child.send_signal(signal.SIGKILL)
                self.child.wait()
                self.line.cut()


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
            body = min(rest - frame, _MIB)
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
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _FIRM)])
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

    def job(self, kind: str, path: Path, settings: dict[str, Any], **more: str) -> Path:
        """Write a job file for `benchmarks.tus.client`."""
        item = {
            "path": str(path), "file_name": _NAME, "package_id": _NAME.removesuffix(".xml"),
            "kind": "Y", "period": "202601", "branch": "", "part": "000000",
            "size_bytes": path.stat().st_size, "sha256": sha256_file(path),
            "ledger_signature_sha256": "", "firm": _FIRM,
        }  # fmt: skip
        target = self.folder / f"job-{kind}-{path.stat().st_size}.json"
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


def upload(job: Path, cutter: Cutter) -> tuple[int, int]:
    """Start processes until one comes to the end.

    Args:
        job: what is uploaded.
        cutter: breaks it.

    Returns:
        (exit status of the last, how many there were).
    """
    for number in range(1, _MOST_PROCESSES):
        child = subprocess.Popen([sys.executable, "-m", "benchmarks.tus.client", str(job)])
        cutter.child = child
        code = child.wait()
        if code not in (3, -signal.SIGKILL):
            return code, number
        time.sleep(0.05)
    return 3, _MOST_PROCESSES


def cut_places(size_bytes: int, cuts: int, seed: int) -> list[int]:
    """Where an upload is cut: one place at random in each of so many equal stretches."""
    dice, stretch = random.Random(seed), size_bytes // (cuts + 1)  # noqa: S311
    return [n * stretch + dice.randrange(stretch) for n in range(1, cuts + 1)]


def main(arguments: list[str] | None = None) -> int:
    """Run all of it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mib", type=int, default=700)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    options = parser.parse_args(arguments)
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("node and npm are needed (make deps)", file=sys.stderr)
        return 2
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=NPM, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    print(f"seed {options.seed}", flush=True)
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="edefter-tus-") as name:
        rig = Rig(Path(name))
        large = rig.folder / "large.xml"
        write_ledger(large, options.mib * _MIB)
        _against_npm(rig, large, options, figures)
        _against_sandbox(rig, large, options, figures)
    return figures.close()


def _against_npm(rig: Rig, large: Path, options: argparse.Namespace, figures: Figures) -> None:
    certificate, key = rig.client_pair()
    pair = {"certificate": str(certificate), "key": str(key)}
    with rig.npm_server() as server:
        for size in _SMALL:
            path = rig.folder / f"small-{size}"
            write_ledger(path, size)
            settings = _settings(rig, f"https://127.0.0.1:{server.port}/files")
            code, _ = upload(rig.job("tus", path, settings, **pair), Cutter([]))
            same = code == 0 and _arrived(rig, path)
            figures.add(f"@tus/server: {size} B", "identical" if same else code, "identical", same)
        received = rig.folder / "npm-received"
        before = _sum(received)
        cutter = Cutter(cut_places(large.stat().st_size, options.cuts, options.seed))
        line = cutter.line = Line(server.port, cutter.passed)
        settings = _settings(rig, f"https://127.0.0.1:{line.port}/files")
        code, processes = upload(rig.job("tus", large, settings, **pair), cutter)
        same = code == 0 and _arrived(rig, large)
        line.close()
        time.sleep(0.5)  # until the server has noticed
    sent = _sum(received) - before
    _tell("@tus/server", figures, options, large, cutter, sent, processes, same, 1.05)


def _sum(received: Path) -> int:
    return sum(map(int, received.read_text(encoding="ascii").split())) if received.exists() else 0


def _against_sandbox(rig: Rig, large: Path, options: argparse.Namespace, figures: Figures) -> None:
    secret, key = rig.folder / "secret", rig.folder / "api-key"
    secret.write_text("tus-interop-secret\n", encoding="utf-8")
    key.write_text("sandbox-firm\n", encoding="utf-8")
    cutter = Cutter([])
    line = Line(0, cutter.passed)
    simulator = Simulator(
        "edefter.sandbox.portal", rig.folder / "portal", "--pki", str(rig.folder / "pki"),
        "--api-secret-file", str(secret),
        "--public-upload-url", f"https://127.0.0.1:{line.port}/files/",
    )  # fmt: skip
    with simulator:
        line.target_port = simulator.facts["upload_port"]
        settings = {
            **_settings(rig, f"https://127.0.0.1:{line.port}/files/"),
            "control_url": simulator.facts["control_url"],
            "api_key": str(key), "api_secret": str(secret),
        }  # fmt: skip
        _register(rig, settings, secret, key)
        cutter.places = cut_places(large.stat().st_size, options.cuts, options.seed + 1)
        cutter.line = line
        job = rig.job("portal", large, settings, keys=str(rig.folder / "keys"))
        code, processes = upload(job, cutter)
        held = list((rig.folder / "portal" / "data" / "content").glob("*.bin"))
        same = code == 0 and len(held) == 1 and sha256_file(held[0]) == sha256_file(large)
        chunks = [row for row in simulator.received() if row.get("method") == "PATCH"]
    line.close()
    sent = sum(int(row["received_bytes"]) for row in chunks)
    _tell("sandbox", figures, options, large, cutter, sent, processes, same, 1.10)


def _register(rig: Rig, settings: dict[str, Any], secret: Path, key: Path) -> None:
    given = {**settings, "api_key": SecretRef(file=key), "api_secret": SecretRef(file=secret)}
    client = PortalClient(
        PortalSettings(**given),
        secret=lambda ref: Path(str(ref.file)).read_text(encoding="utf-8").strip(),
        firm=_FIRM, key_folder=rig.folder / "keys", software_version="0.1.0",
        wall=_now, sleep=time.sleep, monotonic=time.monotonic,
        on_server_date=lambda *_: None, before_call=lambda _: None, jitter=lambda: 0.5,
    )  # fmt: skip
    client.register(company(_FIRM))


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _settings(rig: Rig, url: str) -> dict[str, Any]:
    # No retries: each cut ends the process, and another goes on.
    return {"upload_url": url, "ca_bundle": str(rig.ca), "retry_limit_s": 0.0}


def _arrived(rig: Rig, path: Path) -> bool:
    """Whether the newest upload of that size on the npm server's disk is the file."""
    wanted, size = sha256_file(path), path.stat().st_size
    files = [f for f in (rig.folder / "npm-files").iterdir() if f.suffix != ".json"]
    return any(f.stat().st_size == size and sha256_file(f) == wanted for f in files)


def _tell(
    name: str,
    figures: Figures,
    options: argparse.Namespace,
    large: Path,
    cutter: Cutter,
    received_bytes: int,
    processes: int,
    same: bool,
    bar: float,
) -> None:
    ratio = received_bytes / large.stat().st_size
    cuts = cutter.kills + cutter.resets
    figures.add(f"{name}: {options.mib} MiB", "identical" if same else "differs", "identical", same)
    told = f"{cutter.kills} by SIGKILL, {cutter.resets} by reset, {processes} processes"
    figures.add(f"{name}: cuts", f"{cuts} ({told})", f"{options.cuts}", cuts == options.cuts)
    figures.add(f"{name}: bytes received / size", f"{ratio:.3f}", f"at most {bar}", ratio <= bar)


if __name__ == "__main__":
    sys.exit(main())
