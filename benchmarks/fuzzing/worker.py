"""One fuzzing process: guided by coverage with atheris, unguided where there is no atheris.

Failures are caught, kept once each and fuzzing goes on; only a crash or hang of the interpreter
itself ends the process, and then the fuzzer leaves the input behind.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edefter.atomic import write_bytes

_STEP_S = 2.0


@dataclass
class Tally:
    """What a worker has done, written to a file again and again.

    Args:
        path: that file.
        failures: folder for inputs that broke a property.
    """

    path: Path
    failures: Path
    inputs: int = 0
    by_target: Counter[str] = field(default_factory=Counter)
    broken: dict[str, str] = field(default_factory=dict)
    guided: bool = False
    started: float = field(default_factory=time.monotonic)
    written: float = 0.0

    def count(self, target: str) -> None:
        """One more input."""
        self.inputs += 1
        self.by_target[target] += 1
        if time.monotonic() - self.written > _STEP_S:
            self.write()

    def fail(self, name: str, data: bytes, report: str) -> None:
        """Keep the first and every shorter input of a failure."""
        number = list(self.broken).index(name) if name in self.broken else len(self.broken)
        target = self.failures / f"{self.path.stem}-{number}"
        kept = target.with_suffix(".bin")
        if not kept.exists() or kept.stat().st_size > len(data):
            kept.write_bytes(data)
            target.with_suffix(".txt").write_text(f"{name}\n\n{report}", encoding="utf-8")
        if name not in self.broken:
            self.broken[name] = str(kept)
            self.write()

    def write(self) -> None:
        """Save the figures."""
        self.written = time.monotonic()
        figures = {
            "inputs": self.inputs,
            "by_target": dict(self.by_target),
            "broken": self.broken,
            "guided": self.guided,
            "seconds": time.monotonic() - self.started,
        }
        write_bytes(self.path, json.dumps(figures).encode())


def main() -> None:
    """Fuzz until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--plant", action="store_true")
    options = parser.parse_args()
    folder: Path = options.folder
    tally = Tally(folder / f"{options.name}.json", folder / "failures")
    try:
        import atheris
    except ImportError:
        atheris = None
    dice = random.Random(options.seed)  # noqa: S311 - a choice of tests
    if atheris is None:
        _unguided(tally, options, dice)
    else:
        _guided(atheris, tally, options, dice)


def _prepare(tally: Tally, options: argparse.Namespace) -> Any:
    """The function that tries one input; its imports come after instrumentation began."""
    from benchmarks.fuzzing.frame import Frame
    from benchmarks.fuzzing.oracles import check
    from benchmarks.fuzzing.plant import Planted, plant
    from benchmarks.fuzzing.signature import signature

    if options.plant:
        plant()

    def attempt(data: bytes) -> None:
        frame = Frame.unpack(data)
        if options.plant:
            frame = replace(frame, options=0)  # whatever is compared besides takes time only
        try:
            check(frame)
        except Exception as problem:
            tally.fail(signature(problem), data, traceback.format_exc())
            if isinstance(problem, Planted):
                tally.count(frame.name)
                tally.write()
                os._exit(0)  # found; atheris would report it as a crash of its own
        tally.count(frame.name)

    return attempt


def _donors(options: argparse.Namespace) -> list[bytes]:
    return [path.read_bytes() for path in sorted((options.folder / "seeds").iterdir())]


def _unguided(tally: Tally, options: argparse.Namespace, dice: random.Random) -> None:
    from benchmarks.fuzzing.mutators import Mutator, plain_havoc
    from benchmarks.fuzzing.seeds import MAX_BYTES

    attempt, donors = _prepare(tally, options), _donors(options)
    mutator = Mutator(dice, donors, plain_havoc(dice))
    for data in donors:
        attempt(data)
    while time.monotonic() - tally.started < options.seconds:
        attempt(mutator.change(dice.choice(donors), MAX_BYTES))
    tally.write()


def _guided(atheris: Any, tally: Tally, options: argparse.Namespace, dice: random.Random) -> None:
    tally.guided = True
    with atheris.instrument_imports(include=["edefter.validation", "benchmarks.fuzzing.plant"]):
        attempt = _prepare(tally, options)
    from benchmarks.fuzzing.mutators import Mutator
    from benchmarks.fuzzing.seeds import MAX_BYTES

    donors = _donors(options)

    def havoc(data: bytes, max_size: int) -> bytes:
        # Another function once fuzzing has begun, so it is looked up each time.
        return atheris.Mutate(data, max_size)

    mutator = Mutator(dice, donors, havoc)

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        dice.seed(seed)
        return mutator.change(data, min(max_size, MAX_BYTES))

    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={options.seconds}",
            f"-seed={options.seed}",
            f"-max_len={MAX_BYTES}",
            f"-artifact_prefix={options.folder}/failures/{options.name}-",
            "-timeout=60",
            "-rss_limit_mb=2048",
            "-len_control=0",
            # Only new branches count: how often a loop turns would make every input a new one.
            "-use_counters=0",
            "-reload=1",
            "-print_final_stats=1",
            str(options.folder / "corpus"),
            str(options.folder / "seeds"),
        ],
        attempt,
        custom_mutator=mutate,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
