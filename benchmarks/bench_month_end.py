"""A whole month end at several sizes, against a naive peer and against the limit of the machine.

    python -m benchmarks.bench_month_end --lines 100000,1000000,5000000

The product reads the books from SQLite, builds yevmiye and kebir (divided at 200 MB), judges them
(schema, official and strict rules), signs them, proves and judges the signed files, makes and signs
the berats and zips. Beside it, in the same run: the naive peer (`benchmarks/naive.py`) on the same
books, and the limit: writing, hashing and deflating the very same bytes, one process per ledger.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import ledgers
from benchmarks.figures import Figures
from edefter.config.settings import SourceSettings
from edefter.engine.opening import open_services
from edefter.model.registration import registration_to_mapping
from edefter.sandbox.books import write_books
from edefter.sandbox.world import SandboxWorld, to_toml

_NAIVE_LINES = 100_000  # it needs some 40 kB of memory a line
_MB = 1_000_000
_CHUNK = 1 << 20


@dataclass
class Measured:
    """One process with its children.

    Args:
        seconds: from start to end.
        cpu_seconds: that all of its processes used together.
        rss_of_each: bytes of each of its processes when their sum was highest.
        answer: what it printed.
    """

    seconds: float
    cpu_seconds: float
    rss_of_each: list[int]
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def rss_bytes(self) -> int:
        """Sum over all processes."""
        return sum(self.rss_of_each)


def measure(*words: str) -> Measured:
    """Run `python -m WORDS…` and watch the memory of it and all processes below it.

    Raises:
        SystemExit: it failed.
    """
    os.sync()  # what ran before still has the disk write
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    highest, ended = [0], threading.Event()

    def watch() -> None:
        nonlocal highest
        while not ended.wait(0.05):
            now = _rss_of_session(process.pid)
            if sum(now) > sum(highest):
                highest = now

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = process.communicate()
    took = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{words[0]} ended with {process.returncode}: {out[-2000:]}")
    return Measured(took, cpu, highest, json.loads(out.splitlines()[-1]))


def _rss_of_session(session: int) -> list[int]:
    """Resident bytes of each process of a session, the first one first."""
    found = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            stat = Path(entry.path, "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(stat[3]) == session:
            found[int(entry.name)] = int(stat[21]) * os.sysconf("SC_PAGE_SIZE")
    return [found[pid] for pid in sorted(found)] or [0]


def limit(files: list[Path], folder: Path, level: int) -> None:
    """Write, hash and deflate files, one after the other."""
    target = folder / "copy"
    for path in files:
        digest, deflate = hashlib.sha256(), zlib.compressobj(level, wbits=-15)
        with path.open("rb") as source, target.open("wb") as out, (folder / "z").open("wb") as zip_:
            while chunk := source.read(_CHUNK):
                out.write(chunk)
                digest.update(chunk)
                zip_.write(deflate.compress(chunk))
            zip_.write(deflate.flush())
    target.unlink()


_LIMIT = """
import sys, pathlib
from benchmarks.bench_month_end import limit
limit([pathlib.Path(name) for name in sys.argv[2:]], pathlib.Path(sys.argv[1]), 6)
"""


def _limit_seconds(signed: list[Path], folder: Path) -> float:
    begin = time.perf_counter()
    children = []
    for kind in ("Y", "K"):
        place = folder / f"limit-{kind}"
        place.mkdir()
        names = [str(path) for path in signed if f"-{kind}-" in path.name]
        children.append(subprocess.Popen([sys.executable, "-c", _LIMIT, str(place), *names]))
    for child in children:
        child.wait()
    return time.perf_counter() - begin


def _install(world: SandboxWorld, base: Path, database: Path, deflate: str) -> Path:
    """An installation with the measured company; the kebir is packed too, as the peer does."""
    company = ledgers.company()
    seal, password = world.seal_for(company.tax_id.number, company.title)
    settings = world.settings(
        base,
        sources={"default": SourceSettings(kind="sql", url=f"sqlite:///{database}")},
        seals={"default": world.seal_settings(seal, password)},
    )
    gib = settings.gib.model_copy(
        update={"kebir_upload_until": ledgers.PERIOD.compact, "deflate": deflate}
    )
    config = base / "edefter.toml"
    base.mkdir()
    config.write_text(to_toml(settings.model_copy(update={"gib": gib})), encoding="utf-8")
    with open_services(config) as services:
        services.store.put_company(
            company.code, company.tax_id.number, registration_to_mapping(company)
        )
    return config


def _product(world: SandboxWorld, base: Path, database: Path, deflate: str) -> Measured:
    config = _install(world, base, database, deflate)
    return measure("benchmarks.one_month_end", str(config), str(ledgers.PERIOD))


def _tell(name: str, lines: int, run: Measured) -> None:
    print(
        f"{name}: {run.seconds:.1f} s, {lines / run.seconds:,.0f} lines/s,"
        f" {run.cpu_seconds:.1f} s of processors,"
        f" peak RSS of all processes {run.rss_bytes / _MB:,.0f} MB"
        f" ({' + '.join(f'{each / _MB:.0f}' for each in run.rss_of_each)})"
    )
    for stage, seconds in run.answer["seconds"].items():
        print(f"    {stage:<20} {seconds:7.2f} s")


def main(arguments: list[str] | None = None) -> int:
    """Measure; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lines", default="100000,1000000,5000000")
    options = parser.parse_args(arguments)
    sizes = [int(text) for text in options.lines.split(",")]
    figures = Figures()
    runs: dict[int, Measured] = {}
    with (
        tempfile.TemporaryDirectory(prefix="edefter-bench-month-") as name,
        SandboxWorld(Path(name) / "world", any_ports=True) as world,
    ):
        folder = Path(name)
        for lines in sizes:
            database = folder / f"{lines}.sqlite"
            write_books(str(database), lines, seed=1, period=ledgers.PERIOD)
            base = folder / f"{lines}"
            runs[lines] = run = _product(world, base, database, "zlib")
            parts = sum("-Y-" in file for file in run.answer["files"])
            _tell(f"{lines:,} lines, {parts} part(s), zlib", lines, run)
            _require_all(run, lines)
            signed = sorted((base / "data" / "work").rglob("signed/*-[YK]-*.xml"))
            if lines >= 1_000_000:
                floor_s = _limit_seconds(signed, folder / str(lines))
                ratio = run.seconds / floor_s
                print(f"limit: {floor_s:.1f} s, {lines / floor_s:,.0f} lines/s")
                if lines == 1_000_000:
                    figures.add("1,000,000 lines against the limit", f"{ratio:.2f}",
                                "at most 4", ratio <= 4)  # fmt: skip
            shutil.rmtree(base)
            if lines == _NAIVE_LINES:
                _against_naive(world, folder, database, run, figures)
            database.unlink()
    _compare_sizes(runs, figures)
    return figures.close()


def _require_all(run: Measured, lines: int) -> None:
    """Every line came through, with equal sums."""
    totals = run.answer["totals"]
    sums = {(t["lines"], t["debit_kurus"], t["credit_kurus"]) for t in totals.values()}
    if len(sums) != 1 or totals["source"]["lines"] != lines:
        raise SystemExit(f"sums differ: {totals}")


def _against_naive(
    world: SandboxWorld, folder: Path, database: Path, run: Measured, figures: Figures
) -> None:
    place = folder / "naive"
    place.mkdir()
    naive = measure("benchmarks.naive", str(database), str(place))
    _tell(f"{_NAIVE_LINES:,} lines, naive peer", _NAIVE_LINES, naive)
    shutil.rmtree(place)
    base = folder / "fast"
    fast = _product(world, base, database, "fast")
    _tell(f"{_NAIVE_LINES:,} lines, fast deflate", _NAIVE_LINES, fast)
    shutil.rmtree(base)
    ratio, fast_ratio = naive.seconds / run.seconds, naive.seconds / fast.seconds
    share = run.rss_bytes / naive.rss_bytes
    figures.add("times faster than the peer, zlib", f"{ratio:.1f}", "at least 6", ratio >= 6)
    figures.add("times faster, fast deflate", f"{fast_ratio:.1f}", "at least 8", fast_ratio >= 8)
    figures.add(
        "its memory against the peer's", f"1/{1 / share:.1f}", "at most 1/3", share <= 1 / 3
    )


def _compare_sizes(runs: dict[int, Measured], figures: Figures) -> None:
    small, large = runs.get(1_000_000), runs.get(5_000_000)
    if small is None or large is None:
        return
    rss = large.rss_bytes / _MB
    figures.add("memory at 5,000,000 lines", f"{rss:,.0f} MB", "under 1,200 MB", rss < 1200)
    ratio = large.rss_bytes / small.rss_bytes
    figures.add("memory, 5,000,000 against 1,000,000", f"{ratio:.2f}", "at most 1.3", ratio <= 1.3)
    slower = large.seconds / 5 / small.seconds
    figures.add("time a line, 5,000,000 against 1,000,000", f"{slower:.2f}", "at most 1.15",
                slower <= 1.15)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
