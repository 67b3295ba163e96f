"""What other implementations say about our signatures, and about those that are tampered with.

    python -m benchmarks.interop [--seed N] [--keep DIR]

docs/design/interop.md says what is compared and what each verifier can see.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figures
from benchmarks.interop import judges, matrix, tampered
from benchmarks.interop.documents import Stamper
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator


def compare(folder: Path, seed: int, figures: Figures) -> None:
    """Make everything in `folder` and have it judged."""
    pki = SandboxPki(folder / "pki")
    with Simulator("edefter.sandbox.tsa", folder / "tsa", "--pki", str(pki.folder)) as tsa:
        stamper = Stamper(tsa.facts["url"], pki, folder)
        matrix.run(folder / "matrix", pki, stamper, figures)
    tampered.run(folder / "tampered", pki, seed, figures)


def main(arguments: list[str] | None = None) -> int:
    """Compare; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="new folder for the files")
    options = parser.parse_args(arguments)
    missing = judges.missing_programs()
    if missing:
        print(f"missing: {', '.join(missing)}", file=sys.stderr)
        return 2
    if options.keep and options.keep.exists():
        parser.error(f"{options.keep} exists already")
    if not judges.install_npm():
        print(f"'npm ci' failed in {judges.NPM}", file=sys.stderr)
        return 2
    figures = Figures()
    if options.keep:
        options.keep.mkdir(parents=True)
        compare(options.keep.resolve(), options.seed, figures)
    else:
        with tempfile.TemporaryDirectory(prefix="edefter-interop-") as name:
            compare(Path(name), options.seed, figures)
    print()
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
