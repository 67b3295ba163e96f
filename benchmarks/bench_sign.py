"""Signing and verifying a large ledger, against hashing, copying and syncing the same bytes.

    python -m benchmarks.bench_sign [--size-mb 200] [--runs 5]

Every figure is a ratio in one run. Signing goes from the unsigned file on disk to the signed file
synced and renamed, with a PKCS#12 seal, without the start of the process; its floor reads, hashes,
writes and syncs the same bytes. signxml signs a small file beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figures, peak_rss_bytes

_MB = 1_000_000
_SIGNXML_MB = 20
_BLOCK = 1 << 20


def floor(source: Path, target: Path) -> None:
    """SHA-256, copy and fsync."""
    digest = hashlib.sha256()
    with source.open("rb") as stream, target.open("wb") as sink:
        while data := stream.read(_BLOCK):
            digest.update(data)
            sink.write(data)
        sink.flush()
        os.fsync(sink.fileno())


def sha256(source: Path) -> None:
    """One pass."""
    digest = hashlib.sha256()
    with source.open("rb") as stream:
        while data := stream.read(_BLOCK):
            digest.update(data)


def median_s(runs: int, act: Callable[[], object]) -> float:
    """Median of some runs, seconds."""
    took = []
    for _ in range(runs):
        begin = time.perf_counter()
        act()
        took.append(time.perf_counter() - begin)
    return statistics.median(took)


def child(what: str, path: Path, seal: Path, runs: int) -> tuple[float, float, int]:
    """Floor and time of `what` in a process of its own, and its peak memory in MB."""
    command = [sys.executable, "-m", "benchmarks.bench_sign", "--child", what]
    done = subprocess.run(
        [*command, "--file", str(path), "--seal", str(seal), "--runs", str(runs)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    base, took, peak = done.stdout.split()
    return float(base), float(took), int(peak)


def _child(options: argparse.Namespace) -> int:
    from edefter.model.documents import DocumentName
    from edefter.model.files import StoredFile
    from edefter.sandbox.pki import SEAL_PASSWORD
    from edefter.signature.seals.pkcs12 import Pkcs12Seal
    from edefter.signature.sign import sign_file
    from edefter.signature.verify import verify_file

    path: Path = options.file
    seal = Pkcs12Seal("olcum", options.seal, SEAL_PASSWORD)
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        if options.child == "sign":
            stored = StoredFile(
                path=path, name=DocumentName.parse(path.name),
                size_bytes=path.stat().st_size, sha256="",
            )  # fmt: skip
            base = median_s(options.runs, lambda: floor(path, folder / "copy"))
            took = median_s(
                options.runs,
                lambda: sign_file(
                    stored, folder, seal, signing_time=datetime.now(UTC), proven=False
                ),
            )
        else:
            assert verify_file(path, must_be_canonical=True).ok
            base = median_s(options.runs, lambda: sha256(path))
            took = median_s(options.runs, lambda: verify_file(path))
    print(base, took, peak_rss_bytes() >> 20)
    return 0


def signxml_s(source: Path, seal: Path) -> float:
    """Seconds that signxml takes for a file."""
    from cryptography.hazmat.primitives.serialization import pkcs12
    from lxml import etree
    from signxml import XMLSigner

    from edefter.sandbox.pki import SEAL_PASSWORD

    key, certificate, _ = pkcs12.load_key_and_certificates(
        seal.read_bytes(), SEAL_PASSWORD.encode()
    )
    begin = time.perf_counter()
    root = etree.parse(str(source), etree.XMLParser(huge_tree=True)).getroot()
    signed = XMLSigner().sign(root, key=key, cert=[certificate])
    etree.tostring(signed)
    return time.perf_counter() - begin


def main(arguments: list[str] | None = None) -> int:
    """Measure; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size-mb", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--child", choices=("sign", "verify"))
    parser.add_argument("--file", type=Path)
    parser.add_argument("--seal", type=Path)
    options = parser.parse_args(arguments)
    if options.child:
        return _child(options)
    from benchmarks import ledgers  # the children do without its data frames
    from edefter.sandbox.pki import SandboxPki
    from edefter.signature.seals.pkcs12 import Pkcs12Seal
    from edefter.signature.sign import sign_file

    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="edefter-bench-sign-") as name:
        folder = Path(name)
        pki = SandboxPki(folder / "pki")
        file = pki.issue_seal("1234567808", "Ölçüm")
        (folder / "unsigned").mkdir()
        (folder / "signed").mkdir()
        part = ledgers.build(options.size_mb * _MB // ledgers.LINE_BYTES, folder / "unsigned")
        size = part.yevmiye.size_bytes
        print(f"yevmiye of {size / _MB:.0f} MB")
        base, took, peak = child("sign", part.yevmiye.path, file.path, options.runs)
        bar = 1.3 * base + 0.2
        print(f"signed in {took:.2f} s; SHA-256 + copy + fsync {base:.2f} s")
        figures.add("signing, seconds", f"{took:.2f}", f"at most {bar:.2f}", took <= bar)
        figures.add("signing, peak RSS", f"{peak} MB", "under 100 MB", peak < 100)
        seal = Pkcs12Seal("olcum", file.path, file.password)
        signed = sign_file(
            part.yevmiye, folder / "signed", seal, signing_time=datetime.now(UTC), proven=False
        )
        base, took, peak = child("verify", signed.file.path, file.path, options.runs)
        print(f"verified in {took:.2f} s; SHA-256 {base:.2f} s")
        ratio = took / base
        figures.add("verifying / SHA-256", f"{ratio:.1f}", "at most 6", ratio <= 6)
        figures.add("verifying, peak RSS", f"{peak} MB", "under 150 MB", peak < 150)
        (folder / "small").mkdir()
        small = ledgers.build(_SIGNXML_MB * _MB // ledgers.LINE_BYTES, folder / "small").yevmiye
        ours_s = median_s(
            options.runs,
            lambda: sign_file(
                small, folder / "signed", seal, signing_time=datetime.now(UTC), proven=False
            ),
        )
        theirs_s = signxml_s(small.path, file.path)
        print(f"{small.size_bytes / _MB:.0f} MB: ours {ours_s:.2f} s, signxml {theirs_s:.2f} s")
        figures.add("signxml / ours, 20 MB", f"{theirs_s / ours_s:.0f}", "shown", True)
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
