"""How fast and in how much memory a yevmiye is validated, against a bare lxml pass in the same run.

    python -m benchmarks.bench_validate [--lines 100000,1000000] [--official PACKAGE] [--work DIR]

Every figure is taken in a process of its own. Exit 0 only when all bars hold.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.figures import Figures
from benchmarks.ledgers import DISGUISES, build, disguised, sign
from benchmarks.official_speed import compare_with_saxon

MEMORY_BAR = 150_000_000
BARS = {
    "wrong values in every line": 9.0,
    "wrong texts in every line": 9.0,
    "misnumbered throughout": 9.0,
    "indented, other prefixes": 6.0,
}
_ROUNDS = 3


def start(way: str, path: Path) -> subprocess.Popen[str]:
    """One measured pass in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.one_validation", way, str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it printed.

    Raises:
        RuntimeError: it failed.
    """
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"a measured process ended with {process.returncode}")
    return dict(json.loads(out))


def alternate(path: Path, rounds: int) -> tuple[dict[str, Any], float, float]:
    """Ours and the bare pass in turn: our last answer, and the medians of both in seconds."""
    ours, bare = [], []
    answer: dict[str, Any] = {}
    for _ in range(rounds):
        bare.append(result(start("bare", path))["seconds"])
        answer = result(start("ours", path))
        ours.append(answer["seconds"])
    return answer, statistics.median(ours), statistics.median(bare)


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print every figure with its bar; 0 only when all hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", default="100000,1000000")
    parser.add_argument("--official", type=Path)
    parser.add_argument("--work", type=Path, help="folder for some 8 GB; a temporary one else")
    options = parser.parse_args(arguments)
    small, large = (int(item) for item in options.lines.split(","))
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="bench-validate-", dir=options.work) as name:
        work = Path(name)
        signed = {}
        for lines in (small, large):
            folder = work / str(lines)
            folder.mkdir()
            part = build(lines, folder)
            signed[lines] = sign(part, folder)
            part.kebir.path.unlink()
            part.yevmiye.path.unlink()
            print(f"yevmiye of {lines:,} lines: {signed[lines].stat().st_size / 1e6:,.0f} MB")
        per_line = _good(figures, signed, small, large)
        _two_processes(figures, signed[large], per_line, work)
        signed[large].unlink()
        _bad(figures, signed[small], work)
        if options.official:
            compare_with_saxon(options.official, work)
        else:
            print("no OFFICIAL=PACKAGE given: no ratio to Saxon")
    return figures.close()


def _good(figures: Figures, signed: dict[int, Path], small: int, large: int) -> float:
    per_line = {}
    for lines, rounds in ((small, _ROUNDS), (large, 2)):
        answer, ours, bare = alternate(signed[lines], rounds)
        per_line[lines] = ours / lines
        print(
            f"{lines:>9,} lines: ours {ours:.2f} s ({lines / ours:,.0f} lines/s), bare pass "
            f"{bare:.2f} s, start-up {answer['start_up']:.2f} s and schema "
            f"{answer['schema']:.2f} s apart"
        )
        figures.add(
            f"good ledger, {lines:,} lines: time / bare pass",
            f"{ours / bare:.2f}",
            "at most 1.5",
            ours <= 1.5 * bare,
        )
        figures.add(
            f"good ledger, {lines:,} lines: peak RSS",
            _megabytes(answer["peak_rss_bytes"]),
            "under 150 MB",
            answer["peak_rss_bytes"] < MEMORY_BAR,
        )
        # 200,000,000 bytes are exceeded by a long one: the strict layer warns of just that.
        figures.add(
            f"good ledger, {lines:,} lines: lines seen, rules that fired",
            f"{answer['lines']:,}, {answer['rules']}",
            "all, at most the size rule",
            answer["lines"] == lines and answer["rules"] <= 1 and answer["evaluated"],
        )
    ratio = per_line[large] / per_line[small]
    figures.add(
        f"time per line at {large:,} lines / at {small:,}",
        f"{ratio:.2f}",
        "at most 1.15",
        ratio <= 1.15,
    )
    return per_line[large]


def _two_processes(figures: Figures, path: Path, per_line: float, work: Path) -> None:
    second = work / "second"
    second.mkdir()
    copy = Path(shutil.copy(path, second / path.name))
    running = [start("ours", item) for item in (path, copy)]
    answers = [result(process) for process in running]
    copy.unlink()
    slowest = max(answer["seconds"] for answer in answers)
    lines = sum(answer["lines"] for answer in answers)
    print(
        f"1 process: {1 / per_line:,.0f} lines/s; 2 processes, a ledger each: "
        f"{lines / slowest:,.0f} lines/s"
    )
    peak = max(answer["peak_rss_bytes"] for answer in answers)
    figures.add(
        "2 processes: peak RSS of each", _megabytes(peak), "under 150 MB", peak < MEMORY_BAR
    )


def _bad(figures: Figures, good: Path, work: Path) -> None:
    for name in DISGUISES:
        path = disguised(good, name, work / "bad")
        ratios, own_ratios = [], []
        answer: dict[str, Any] = {}
        for _ in range(_ROUNDS):  # in turn, so that a busy machine slows all of them
            bare = result(start("bare", good))["seconds"]
            answer = result(start("ours", path))
            own_bare = result(start("bare", path))["seconds"]
            ratios.append(answer["seconds"] / bare)
            own_ratios.append(answer["seconds"] / own_bare)
        ratio = statistics.median(ratios)
        print(
            f"{name}: {path.stat().st_size / 1e6:,.0f} MB, {answer['seconds']:.2f} s, "
            f"{answer['findings']:,} findings of {answer['rules']} rules; "
            f"ratio to a bare pass over the same file {statistics.median(own_ratios):.2f}"
        )
        figures.add(
            f"{name}: time / bare pass over the good ledger",
            f"{ratio:.2f}",
            f"at most {BARS[name]:g}",
            ratio <= BARS[name],
        )
        figures.add(
            f"{name}: peak RSS",
            _megabytes(answer["peak_rss_bytes"]),
            "under 150 MB",
            answer["peak_rss_bytes"] < MEMORY_BAR,
        )
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
