"""Fuzz everything that reads foreign documents.

    python -m benchmarks.fuzz [--seconds 600] [--workers 2] [--seed N] [--plant] [--out DIR]

First a crash is planted and has to be found (`--plant` does only that), then the product itself is
fuzzed. Ends with inputs, seeds, coverage of the reading modules and every broken property with the
file that shows it, made small. Exit 0 only when nothing broke and the planted crash was found.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import Figures

REPO = Path(__file__).resolve().parent.parent
_PLANT_S = 300  # at most, on a busy machine; it mostly takes less than one minute
_PLANT_SEEDS = 12  # the plain documents; few, so that those that come near are tried often
_REDUCE_S = 20
_LIMIT_BROKEN = 20  # are made small; more are only kept


@dataclass
class Result:
    """What the workers of one phase did together.

    Args:
        inputs: tried in all.
        by_target: the same by what was done with them.
        broken: property → file with the input.
        deaths: workers that crashed or hung, with the last lines that they printed.
        guided: whether coverage led them.
        seconds: how long it took.
    """

    inputs: int = 0
    by_target: Counter[str] = field(default_factory=Counter)
    broken: dict[str, Path] = field(default_factory=dict)
    deaths: list[str] = field(default_factory=list)
    guided: bool = True
    seconds: float = 0.0


def run(folder: Path, *, seconds: int, workers: int, seed: int, plant: bool = False) -> Result:
    """Fuzz with some processes on one corpus.

    Args:
        folder: with `seeds`, `corpus` and `failures`.
        seconds: how long (≥ 1).
        workers: processes (≥ 1).
        seed: of the first process; the others count on from it.
        plant: plant a crash and stop when it is found.
    """
    result, started, number = Result(), time.monotonic(), 0
    end = started + seconds
    running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}
    names: list[str] = []
    while True:
        left = end - time.monotonic()
        while len(running) < workers and left > 2:
            name = f"{'plant' if plant else 'worker'}{number}"
            running[name] = _start(folder, name, int(left), seed + number, plant)
            names.append(name)
            number += 1
        if not running:
            break
        time.sleep(0.5)
        for name, (process, log) in list(running.items()):
            late = time.monotonic() > end + 90
            if late:
                process.kill()
            if process.poll() is None:
                continue
            del running[name]
            if process.returncode != 0 or late:
                tail = log.read_text(errors="replace")[-1500:]
                result.deaths.append(f"{name} ended with {process.returncode}:\n{tail}")
            elif plant:
                for other, _ in running.values():
                    other.terminate()
                end = time.monotonic()
    for name in names:
        _take(result, folder / f"{name}.json")
    result.seconds = time.monotonic() - started
    return result


def _start(
    folder: Path, name: str, seconds: int, seed: int, plant: bool
) -> tuple[subprocess.Popen[bytes], Path]:
    command = [sys.executable, "-m", "benchmarks.fuzzing.worker", "--name", name]
    command += ["--seconds", str(seconds), "--seed", str(seed), "--folder", str(folder)]
    command += ["--plant"] * plant
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPO, stdout=output, stderr=output)
    return process, log


def _take(result: Result, path: Path) -> None:
    if not path.exists():
        return
    figures: dict[str, Any] = json.loads(path.read_bytes())
    result.inputs += figures["inputs"]
    result.by_target.update(figures["by_target"])
    result.guided &= figures["guided"]
    for name, file in figures["broken"].items():
        kept = result.broken.get(name)
        if kept is None or Path(file).stat().st_size < kept.stat().st_size:
            result.broken[name] = Path(file)


def _prepare(folder: Path, *, count: int, seed: int) -> int:
    from benchmarks.fuzzing.seeds import seeds

    for name in ("seeds", "corpus", "failures"):
        (folder / name).mkdir(parents=True)
    chosen = seeds(count, seed)
    for number, data in enumerate(chosen):
        (folder / "seeds" / f"{number:05d}").write_bytes(data)
    return len(chosen)


def planted(seconds: int, seed: int, workers: int) -> tuple[bool, Result]:
    """Whether a planted crash is found."""
    with tempfile.TemporaryDirectory(prefix="edefter-fuzz-") as name:
        folder = Path(name)
        _prepare(folder, count=_PLANT_SEEDS, seed=seed)
        result = run(folder, seconds=seconds, workers=workers, seed=seed, plant=True)
        return any(text.startswith("Planted") for text in result.broken), result


def _reduce(result: Result, out: Path) -> list[tuple[str, Path]]:
    """Keep each failure as a small file in `out`."""
    kept = []
    for number, (name, path) in enumerate(sorted(result.broken.items())):
        target = out / f"broken-{number}.bin"
        shutil.copy(path, target)
        shutil.copy(path.with_suffix(".txt"), target.with_suffix(".txt"))
        if number < _LIMIT_BROKEN:
            command = [sys.executable, "-m", "benchmarks.fuzzing.reduce", str(target), name]
            try:
                subprocess.run(
                    [*command, str(_REDUCE_S)], cwd=REPO, timeout=3 * _REDUCE_S, check=False
                )
            except subprocess.TimeoutExpired:
                print(f"  {name}: not made smaller, it takes too long")
        kept.append((name, target))
    return kept


def _measure(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.fuzzing.measure", "60"]
    found = subprocess.run(
        [*command, str(folder / "corpus"), str(folder / "seeds")],
        cwd=REPO,
        capture_output=True,
        check=True,
    )
    measured: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return measured


def _print_coverage(measured: dict[str, Any]) -> None:
    print(f"\ncoverage of the reading modules by {measured['inputs']} inputs (lines, branches)")
    total = [0, 0, 0, 0]
    for name, numbers in measured["modules"].items():
        print(f"  {name:<28} {_percent(numbers)}")
        total = [a + b for a, b in zip(total, numbers, strict=True)]
    print(f"  {'all':<28} {_percent(total)}")


def _percent(numbers: list[int]) -> str:
    lines, hit, branches, taken = numbers
    shown = f"{100 * hit / max(lines, 1):5.1f} % of {lines:4d}"
    return f"{shown}   {100 * taken / branches:5.1f} % of {branches:4d}" if branches else shown


def main(arguments: list[str] | None = None) -> int:
    """Run both phases; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2, choices=(1, 2))
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("--plant", action="store_true", help="only look for the planted crash")
    parser.add_argument("--out", type=Path, default=REPO / "fuzz-output")
    options = parser.parse_args(arguments)
    figures = Figures()

    found, hunt = planted(_PLANT_S, options.seed, options.workers)
    print(
        f"planted crash: {'found' if found else 'NOT found'} after {hunt.inputs} inputs, ", end=""
    )
    print(f"{hunt.seconds:.0f} s")
    figures.add("planted crash found", "yes" if found else "no", "yes", found)
    if options.plant:
        return figures.close()

    with tempfile.TemporaryDirectory(prefix="edefter-fuzz-") as name:
        folder = Path(name)
        # All seeds are read before the first is changed: that may take a tenth of the time.
        count = _prepare(folder, count=max(60, 8 * options.seconds), seed=options.seed)
        guide = f"random seed {options.seed}, {options.workers} workers"
        print(f"fuzzing for {options.seconds} s: {count} seeds, {guide} …", flush=True)
        result = run(folder, seconds=options.seconds, workers=options.workers, seed=options.seed)
        corpus = len(list((folder / "corpus").iterdir()))
        print(f"inputs: {result.inputs} in {result.seconds:.0f} s, ", end="")
        print("led by coverage" if result.guided else "unguided: atheris is not installed")
        for target, number in sorted(result.by_target.items()):
            print(f"  {target:<12} {number}")
        print(f"seeds: {count}; inputs kept because they reached something new: {corpus}")
        _print_coverage(_measure(folder))
        artifacts = [
            path
            for path in (folder / "failures").iterdir()
            if path.suffix not in (".bin", ".txt") and not path.name.startswith("plant")
        ]
        shutil.rmtree(options.out, ignore_errors=True)
        if result.broken or artifacts or result.deaths:
            options.out.mkdir(parents=True)
        for path in artifacts:
            shutil.copy(path, options.out / path.name)
        kept = _reduce(result, options.out)
    print()
    for what, path in kept:
        print(f"BROKEN {what}\n  {path}: {path.with_suffix('.txt').read_text()[:600]}")
    for path in artifacts:
        print(f"CRASH OR HANG {options.out / path.name}")
    for text in result.deaths:
        print(f"WORKER DIED {text}")
    figures.add("inputs", result.inputs, "at least 1", result.inputs > 0)
    figures.add("properties broken", len(result.broken), "0", not result.broken)
    figures.add("crashes and hangs", len(artifacts), "0", not artifacts and not result.deaths)
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
