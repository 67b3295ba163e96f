"""Hundreds of companies through the distributed runner, its workers killed at random.

    python -m benchmarks.scale_test [--companies 300] [--workers 4] [--kill-every 25] [--seed N]

Each company has three months of small books. `edefter night --distributed` shares them among
worker processes on the real PostgreSQL; now and then one of them is killed with SIGKILL and another
started. Then state, GİB, portal and audit chain are looked at: all closed, none twice. Beside it,
in the same run: the in-process runner on fewer companies. Waits are short and the pace of GİB is
lifted, since the simulator needs none; what they would cost is computed in the sizing table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.figures import Figures
from edefter.config.running import NightSettings, WorkersSettings
from edefter.config.settings import SourceSettings
from edefter.engine.opening import open_services
from edefter.model.period import Period
from edefter.sandbox.books import TABLE, write_books
from edefter.sandbox.world import SandboxWorld, to_toml
from edefter.state.store import Store
from tests.support.office import fresh_vkn
from tests.support.outside import FILES, held_of, living_twice, packages_of

_ADMIN = "postgresql+psycopg://root@127.0.0.1/postgres"
_PERIODS = (Period(2026, 1), Period(2026, 2), Period(2026, 3))
_LINES = 40
_LIMIT_S = 20 * 60
_BUREAU = 10_000
_PACE_S = 1.0  # gib-webservice.md §8


@dataclass
class Kills:
    """Ends workers at random moments and starts others in their place.

    Args:
        command: of one worker.
        count: how many there are at any time.
        every_s: seconds between two kills, on average; 0 = never.
        dice: chooses worker and moment.
    """

    command: list[str]
    count: int
    every_s: float
    dice: random.Random
    killed: int = 0
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Kills:
        self.running = [self._start() for _ in range(self.count)]
        self._thread = threading.Thread(target=self._kill_on)
        self._thread.start()
        return self

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _kill_on(self) -> None:
        while self.every_s and not self._over.wait(self.dice.expovariate(1 / self.every_s)):
            place = self.dice.randrange(self.count)
            self.running[place].send_signal(signal.SIGKILL)
            self.running[place].wait()
            self.killed += 1
            self.running[place] = self._start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for worker in self.running:
            worker.terminate()
        for worker in self.running:
            worker.wait(timeout=120)


class Bureau:
    """An installation with many companies.

    Args:
        world: the simulators.
        folder: of the installation.
        companies: how many.
        books: SQLite file that all of them keep their books in.
        state_url: of the state database; empty = SQLite.
    """

    def __init__(
        self, world: SandboxWorld, folder: Path, companies: int, books: Path, state_url: str
    ) -> None:
        self.world, self.folder = world, folder
        folder.mkdir()
        self.numbers = [fresh_vkn() for _ in range(companies)]
        self.codes = [f"firma{place:04d}" for place in range(companies)]
        self.config = folder / "edefter.toml"
        self.state_url = state_url or f"sqlite:///{folder / 'data' / 'state.db'}"
        seals = {}
        for code, number in zip(self.codes, self.numbers, strict=True):
            seals[code] = world.seal_settings(*world.seal_for(number, f"TEST {code}"))
        settings = world.settings(
            folder,
            state_url=state_url,
            sources={
                "default": SourceSettings(
                    kind="sql", url=f"sqlite:///{books}", numbering="rebase",
                    query=f"select * from {TABLE} "  # noqa: S608 - our own table
                    "where posting_date between :first_day and :last_day",
                )
            },
            seals=seals,
            night=NightSettings(budget_s=3600.0),
            workers=WorkersSettings(heartbeat_s=1.0, poll_s=0.5),
        )  # fmt: skip
        self.config.write_text(to_toml(settings), encoding="utf-8")
        self._register()

    def _register(self) -> None:
        import tomllib

        sample = Path(__file__).resolve().parents[1] / "samples" / "company.toml"
        plain = tomllib.loads(sample.read_text(encoding="utf-8"))
        with open_services(self.config) as services:
            for code, number in zip(self.codes, self.numbers, strict=True):
                registration = {**plain, "code": code, "tax_id": number, "seal": code}
                services.store.put_company(code, number, registration)

    def command(self, *words: str) -> list[str]:
        """The command line of `edefter words…`."""
        return [sys.executable, "-m", "edefter", "--config", str(self.config), *words]

    def night(self, *words: str) -> tuple[dict[str, Any], float]:
        """`edefter night` over all months: its report, and seconds."""
        begun = time.monotonic()
        done = subprocess.run(
            self.command("night", "--until", str(_PERIODS[-1]), "--json", *words),
            check=False, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return json.loads(done.stdout), time.monotonic() - begun

    def latencies(self) -> list[float]:
        """Seconds from the beginning of each month to its last document's archiving."""
        first: dict[tuple[str, str], datetime] = {}
        last: dict[tuple[str, str], datetime] = {}
        store = Store(self.state_url, lambda: datetime.now().astimezone())
        for record in store.audit_records():
            if record["period"]:
                key, at = (
                    (record["company"], record["period"]),
                    datetime.fromisoformat(record["at"]),
                )
                first.setdefault(key, at)
                if record["to_state"] == "archived":
                    last[key] = at
        store.close()
        return [(last[key] - first[key]).total_seconds() for key in last]

    def wrong(self) -> list[str]:
        """What is not as it must be when every month is closed and archived once."""
        found = []
        engine = sa.create_engine(self.state_url)
        with engine.connect() as connection:
            states = Counter(
                connection.execute(sa.text("select state from document")).scalars().all()
            )
        engine.dispose()
        months = len(self.codes) * len(_PERIODS)
        if states != {"archived": 2 * months}:
            found.append(f"states: {dict(states)}")
        own = set(self.numbers)
        packages = packages_of(self.world, own)
        found += [f"sent twice: {name}" for name in living_twice(packages)]
        done = sum(state == "done" for _, state in packages)
        if len(packages) != 2 * months or done != 2 * months:
            found.append(f"GİB took in {len(packages)} and approved {done} of {2 * months}")
        held = held_of(self.world, own)
        if len(held) != FILES * months or set(held.values()) != {1}:
            found.append(f"the portal holds {len(held)} of {FILES * months} files")
        store = Store(self.state_url, lambda: datetime.now().astimezone())
        if store.verify_audit() is not None:
            found.append("the audit chain is broken")
        store.close()
        left = [p.name for p in self.folder.rglob("*.part-tmp")]
        return found + [f"half-written: {name}" for name in left]


def make_books(path: Path) -> None:
    """Three months of small books in one SQLite file; each month's numbers begin at 1."""
    write_books(str(path), _LINES, seed=1, period=_PERIODS[0])
    with sqlite3.connect(path) as books:
        for seed, period in enumerate(_PERIODS[1:], start=2):
            other = path.with_name(f"{period}.sqlite")
            write_books(str(other), _LINES, seed=seed, period=period)
            books.execute("attach ? as other", (str(other),))
            books.execute(f"insert into {TABLE} select * from other.{TABLE}")  # noqa: S608
            books.commit()
            books.execute("detach other")


def calls_per_month(world: SandboxWorld, months: int) -> float:
    """Calls to GİB for one month, as the simulator received them."""
    calls: dict[str, int] = defaultdict(int)
    for record in world.gib.received():
        calls[str(record.get("operation"))] += 1
    return sum(calls.values()) / months


def main(arguments: list[str] | None = None) -> int:
    """Run both runners; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--companies", type=int, default=300)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--alone", type=int, default=20, help="companies of the in-process runner")
    parser.add_argument("--kill-every", type=float, default=25.0, help="seconds, on average")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    options = parser.parse_args(arguments)
    name = f"edefter_scale_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(_ADMIN, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    try:
        with (
            tempfile.TemporaryDirectory(prefix="edefter-scale-") as place,
            SandboxWorld(Path(place) / "world", any_ports=True, seals="pkcs12-rsa") as world,
        ):
            return _run(options, Path(place), world, f"postgresql+psycopg://root@127.0.0.1/{name}")
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"drop database {name} with (force)"))
        admin.dispose()


def _run(options: argparse.Namespace, folder: Path, world: SandboxWorld, url: str) -> int:
    dice = random.Random(options.seed)  # noqa: S311 - a choice of moments
    books = folder / "books.sqlite"
    make_books(books)
    print(f"seed {options.seed}, {os.cpu_count()} processors", flush=True)
    alone = Bureau(world, folder / "alone", options.alone, books, "")
    _, alone_s = alone.night()
    alone_rate = options.alone * len(_PERIODS) / alone_s
    calls = calls_per_month(world, options.alone * len(_PERIODS))
    bureau = Bureau(world, folder / "bureau", options.companies, books, url)
    months = options.companies * len(_PERIODS)
    print(f"{months} company-months for {options.workers} workers", flush=True)
    with Kills(bureau.command("worker"), options.workers, options.kill_every, dice) as kills:
        report, took_s = bureau.night("--distributed")
    rate = months / took_s
    wrong = [f"in-process: {text}" for text in alone.wrong()] + bureau.wrong()
    _print_latencies("in-process runner", alone_s, alone_rate, alone.latencies())
    _print_latencies(f"{options.workers} workers", took_s, rate, bureau.latencies())
    _print_sizing(rate, options.workers, calls)
    for text in wrong:
        print(f"VIOLATION {text}")
    figures = Figures()
    groups = report["groups"]
    figures.add("company-months", months, "at least 900", months >= 900)
    figures.add("minutes", f"{took_s / 60:.1f}", "under 20", took_s < _LIMIT_S)
    figures.add("closed", groups["closed"], f"{months}", groups["closed"] == months)
    figures.add("workers killed", kills.killed, "some", kills.killed > 0)
    figures.add("violations (sent twice, wrong states …)", len(wrong), "0", not wrong)
    figures.add("exit status of the night", report["exit_code"], "0", report["exit_code"] == 0)
    return figures.close()


def _print_latencies(name: str, took_s: float, rate: float, latencies: list[float]) -> None:
    ordered = sorted(latencies)
    print(
        f"{name}: {len(ordered)} months in {took_s:.0f} s, {rate:.2f} months/s; a month from its "
        f"first record to its last: median {statistics.median(ordered):.1f} s, "
        f"95 of 100 within {ordered[int(len(ordered) * 0.95)]:.1f} s"
    )


def _print_sizing(rate: float, workers: int, calls: float) -> None:
    """What a bureau of 10,000 companies needs for one month of each."""
    cores = os.cpu_count() or 1
    paced_h = _BUREAU * calls * _PACE_S / 3600
    print(f"sizing: {_BUREAU:,} companies, a small month each, {calls:.1f} calls to GİB a month")
    print("    processors  workers  hours without pace  hours at the default pace of 1 s")
    for times in (1, 2, 4, 8):
        free_h = _BUREAU / (rate * times) / 3600
        row = f"{cores * times:10}  {workers * times:7}  {free_h:18.1f}"
        print(f"    {row}  {max(free_h, paced_h):32.1f}")


if __name__ == "__main__":
    sys.exit(main())
