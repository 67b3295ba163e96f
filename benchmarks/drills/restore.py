"""The archive of years is rebuilt from the portal on an empty disk.

    python -m benchmarks.drills.restore [--months 36]

A new installation gets the configuration and the keys of the old one and nothing else: no state,
no work files, no archive. `edefter archive restore` asks the portal; then every file is compared
with the old tree, every signature and every hash verified, and both roots are printed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.drills.years import FIRST, archived_office, tree_of
from benchmarks.figures import Figures
from edefter.sandbox.world import SandboxWorld
from tests.support.office import Office


def drill(world: SandboxWorld, folder: Path, months: int) -> int:
    """Run it; returns the exit status."""
    old = archived_office(world, folder / "old", months)
    (proven,) = old.edefter("archive", "prove", "--json").json
    new = Office(world, folder / "new", old.tax_number)
    new.register(edefter_start=str(FIRST))
    shutil.copytree(old.folder / "data" / "keys", new.folder / "data" / "keys")
    begun = time.monotonic()
    answer = new.edefter("archive", "restore", "--json")
    took_s = time.monotonic() - begun
    print(answer.err)
    (done,) = answer.json
    before, after = tree_of(old.archive), tree_of(new.archive)
    same = [name for name in before if name in after and _equal(before[name], after[name])]
    hashes = new.edefter("archive", "verify").code
    signatures = new.edefter("verify", str(new.archive))
    figures = Figures()
    figures.add("months", months, "36 or as asked", months >= 4)
    figures.add("exit of restore", answer.code, "0", answer.code == 0)
    figures.add("files in the old tree", len(before), "> 0", bool(before))
    figures.add("files equal in the new one", len(same), "all", len(same) == len(before))
    figures.add("files in the new one only", len(after) - len(same), "0", len(after) == len(same))
    cancelled = sum("İPTAL" in name for name in after)
    figures.add("files of a cancelled set among them", cancelled, "> 0", cancelled > 0)
    figures.add("root of the old tree", proven["root"], "-", True)
    figures.add("root of the new tree", done["root"], "equal", done["root"] == proven["root"])
    figures.add("old tree proven safe", proven["safe"], "True", bool(proven["safe"]))
    figures.add("hashes and journal of the new tree verify", hashes == 0, "True", hashes == 0)
    verified = signatures.code == 0
    figures.add("signatures of the new tree verify", verified, "True", verified)
    if not verified:
        print(signatures.out, signatures.err)
    figures.add("seconds", f"{took_s:.1f}", "-", True)
    return figures.close()


def _equal(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def main() -> int:
    """Parse arguments, start the simulators, drill."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--months", type=int, default=36)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edefter-drill-") as name:
        folder = Path(name)
        with SandboxWorld(folder / "world", any_ports=True) as world:
            return drill(world, folder, arguments.months)


if __name__ == "__main__":
    sys.exit(main())
