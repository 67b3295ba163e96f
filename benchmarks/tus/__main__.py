"""Uploads to the tus server of npm and to our sandbox, over a line that breaks.

    python -m benchmarks.tus [--mib 700] [--cuts 50] [--seed N]

Files of 0 B, 1 B, 8 MiB - 1, 8 MiB and 8 MiB + 1 go to `@tus/server` (npm), then a large one goes
to it and to the sandbox, which takes chunks by their checksum. The large one is cut again and
again, in turn by SIGKILL of the client and by a reset of the line, and continued in new processes.
What arrived is compared by SHA-256, and what crossed the line is counted.
"""

from __future__ import annotations

import argparse
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

from benchmarks.figures import Figures
from benchmarks.tus.line import Line
from benchmarks.tus.rig import MIB, NPM, Rig, register, upload_settings, write_ledger
from edefter.atomic import sha256_file
from edefter.sandbox.process import Simulator

_SMALL = (0, 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1)
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
        write_ledger(large, options.mib * MIB)
        _against_npm(rig, large, options, figures)
        _against_sandbox(rig, large, options, figures)
    return figures.close()


def _against_npm(rig: Rig, large: Path, options: argparse.Namespace, figures: Figures) -> None:
    certificate, key = rig.client_pair()
    pair: dict[str, Any] = {"certificate": str(certificate), "key": str(key)}
    with rig.npm_server() as server:
        for size in _SMALL:
            path = rig.folder / f"small-{size}"
            write_ledger(path, size)
            settings = upload_settings(rig, f"https://127.0.0.1:{server.port}/files")
            code, _ = upload(rig.job("tus", path, settings, **pair), Cutter([]))
            same = code == 0 and _arrived(rig, path)
            figures.add(f"@tus/server: {size} B", "identical" if same else code, "identical", same)
        received = rig.folder / "npm-received"
        before = _sum(received)
        cutter = Cutter(cut_places(large.stat().st_size, options.cuts, options.seed))
        line = cutter.line = Line(server.port, cutter.passed)
        settings = upload_settings(rig, f"https://127.0.0.1:{line.port}/files")
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
            **upload_settings(rig, f"https://127.0.0.1:{line.port}/files/"),
            "control_url": simulator.facts["control_url"],
            "api_key": str(key), "api_secret": str(secret),
        }  # fmt: skip
        register(rig, settings)
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
