"""How fast one large file goes up, against curl.

    python -m benchmarks.tus.speed [--mib 1024]

The sandbox portal takes the file by TLS on loopback: from our client in chunks with a SHA-256 each
(PATCH), and from `curl -T` at once (PUT); it stores both by the same code. Our client runs in a
process of its own, whose memory is watched.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.figures import Figures
from benchmarks.tus.rig import MIB, Rig, register, upload_settings, write_ledger
from edefter.sandbox.process import Simulator

_MOST_MB = 80


def main(arguments: list[str] | None = None) -> int:
    """Measure; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    if shutil.which("curl") is None:
        print("curl is needed (make deps)", file=sys.stderr)
        return 2
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="edefter-speed-") as name:
        rig = Rig(Path(name))
        large = rig.folder / "large.xml"
        write_ledger(large, options.mib * MIB)
        secret, key = rig.folder / "secret", rig.folder / "api-key"
        secret.write_text("tus-interop-secret\n", encoding="utf-8")
        key.write_text("sandbox-firm\n", encoding="utf-8")
        with Simulator(
            "edefter.sandbox.portal", rig.folder / "portal", "--pki", str(rig.folder / "pki"),
            "--api-secret-file", str(secret),
        ) as portal:  # fmt: skip
            settings = {
                **upload_settings(rig, portal.facts["upload_url"]),
                "control_url": portal.facts["control_url"],
                "api_key": str(key), "api_secret": str(secret),
            }  # fmt: skip
            register(rig, settings)
            ours, theirs, peaks = [], [], []
            for number in range(1, options.rounds + 1):
                told = _client(rig, "speed", large, settings, number)
                ours.append(told["seconds"])
                peaks.append(told["peak_bytes"] / 1e6)
                theirs.append(_curl(rig, large, settings, options.rounds + number))
    mine, curl = options.mib / min(ours), options.mib / min(theirs)
    figures.add("curl -T", f"{curl:.0f} MiB/s", "any", True)
    figures.add("edefter, SHA-256 per chunk", f"{mine:.0f} MiB/s", "any", True)
    figures.add("edefter / curl", f"{mine / curl:.2f}", "at least 0.5", mine >= curl / 2)
    peak = max(peaks)
    figures.add("peak RSS", f"{peak:.0f} MB", f"under {_MOST_MB}", peak < _MOST_MB)
    return figures.close()


def _client(
    rig: Rig, kind: str, large: Path, settings: dict[str, Any], part: int
) -> dict[str, Any]:
    job = rig.job(kind, large, settings, part=part, keys=str(rig.folder / "keys"))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tus.client", str(job)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _curl(rig: Rig, large: Path, settings: dict[str, Any], part: int) -> float:
    """Seconds that curl needs for an upload that our client has created."""
    made = _client(rig, "create", large, settings, part)
    keys = rig.folder / "keys"
    headers = {
        "Authorization": f"Bearer {made['token']}", "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Expect": "",
    }  # fmt: skip
    words = ["curl", "-sS", "--fail", "-T", str(large), "--cacert", str(rig.ca)]
    words += ["--cert", str(next(keys.glob("*-client.pem")))]
    words += ["--key", str(next(keys.glob("*-client.key")))]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    words += ["-o", "/dev/null", "-w", "%{time_total}", made["url"]]
    told = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    return float(told.stdout)


if __name__ == "__main__":
    sys.exit(main())
