"""A tenth of the archive's files is encrypted or deleted; all of it is named and comes back.

    python -m benchmarks.drills.ransom [--months 36] [--percent 10] [--seed 1]

The share is drawn from everything in the tree: ledgers, berats, receipts, evidence, stylesheets,
manifests, journals. Half of it is encrypted (half of that under another name, as ransomware does),
half deleted; the work files of the same documents go with them. `edefter archive prove` must name
each by its path, `edefter archive restore` must bring each back, and the signatures must verify.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from benchmarks.drills.years import archived_office, tree_of
from benchmarks.figures import Figures
from edefter.sandbox.world import SandboxWorld
from tests.support.office import Office


def spoil(office: Office, percent: float, dice: random.Random) -> dict[str, str]:
    """What was done to each file, by its path below the company's folder."""
    top = office.archive / office.tax_number
    files = [p for p in sorted(top.rglob("*")) if p.is_file() and p.name != ".lock"]
    chosen = dice.sample(files, max(1, round(len(files) * percent / 100)))
    done = {}
    for path in chosen:
        how = dice.choice(("encrypted", "encrypted and renamed", "deleted", "deleted"))
        done[path.relative_to(top).as_posix()] = how
        if how != "deleted":
            secret = _encrypted(path.read_bytes())
            target = path.with_name(f"{path.name}.locked") if "renamed" in how else path
            path.chmod(0o600)
            target.write_bytes(secret)
        if how != "encrypted":
            path.unlink()
        for work in (office.folder / "data" / "work").rglob(path.name):
            work.unlink()
    return done


def _encrypted(content: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(os.urandom(32)), modes.CTR(os.urandom(16))).encryptor()
    return encryptor.update(content) + encryptor.finalize()


def drill(world: SandboxWorld, folder: Path, months: int, percent: float, seed: int) -> int:
    """Run it; returns the exit status."""
    office = archived_office(world, folder / "office", months)
    before = {name: _hash(path) for name, path in tree_of(office.archive).items()}
    (whole,) = office.edefter("archive", "prove", "--json").json
    spoiled = spoil(office, percent, random.Random(seed))  # noqa: S311 - no secret
    found = office.edefter("archive", "prove", "--json")
    named = {f["file"] for proof in found.json[0]["proofs"] for f in proof["findings"]}
    unnamed = sorted(spoiled.keys() - named)
    for name in unnamed:
        print(f"VIOLATION not named: {name} ({spoiled[name]})")
    begun = time.monotonic()
    answer = office.edefter("archive", "restore", "--json")
    took_s = time.monotonic() - begun
    print(answer.err)
    (done,) = answer.json
    after = {name: _hash(path) for name, path in tree_of(office.archive).items()}
    (proven,) = office.edefter("archive", "prove", "--json").json
    signatures = office.edefter("verify", str(office.archive))
    origins: dict[str, int] = {}
    for item in done["restored"]:
        origins[item["origin"]] = origins.get(item["origin"], 0) + 1
    kinds = {how: list(spoiled.values()).count(how) for how in sorted(set(spoiled.values()))}
    figures = Figures()
    figures.add("seed", seed, "-", True)
    figures.add("files in the tree", len(before), "> 0", bool(before))
    figures.add("spoiled", f"{len(spoiled)}: {kinds}", "> 0", bool(spoiled))
    figures.add("exit of prove", found.code, "6", found.code == 6)
    figures.add("named by prove", len(spoiled) - len(unnamed), "all", not unnamed)
    figures.add("exit of restore", answer.code, "0", answer.code == 0)
    figures.add("came back from", origins, "-", True)
    figures.add("set aside, not erased", len(done["set_aside"]), "-", True)
    figures.add("files as before", sum(after.get(n) == h for n, h in before.items()), "all",
                after == before)  # fmt: skip
    figures.add("prove afterwards", "safe" if proven["safe"] else "not safe", "safe",
                bool(proven["safe"]))  # fmt: skip
    figures.add("root as before", proven["root"], "equal", proven["root"] == whole["root"])
    verified = signatures.code == 0
    figures.add("signatures verify", verified, "True", verified)
    if not verified:
        print(signatures.out, signatures.err)
    figures.add("seconds", f"{took_s:.1f}", "-", True)
    return figures.close()


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Parse arguments, start the simulators, drill."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--percent", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edefter-drill-") as name:
        folder = Path(name)
        with SandboxWorld(folder / "world", any_ports=True) as world:
            return drill(world, folder, given.months, given.percent, given.seed)


if __name__ == "__main__":
    sys.exit(main())
