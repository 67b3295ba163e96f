"""Kill a month end with SIGKILL, at every effect alone and at random instants.

    python -m benchmarks.crash_test [--kills 1000] [--workers 2] [--seed N]

Each effect (a state transition, an upload record, a call to GİB or the portal, a change of the
archive, the moment a finished file gets its name) is hit twice, right before and right after it,
each time in a month of its own that is killed nowhere else. The rest of the kills come at random
instants; such a month is killed, continued and killed again. Then the month is continued to its
end, and state, work folder, archive, GİB and portal are looked at from outside.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figures
from edefter.sandbox.world import SandboxWorld
from tests.support.forked import begin, end_of, forked, preload, register
from tests.support.office import Office
from tests.support.outside import document_states, not_as_closed

_PERIOD = "2026-01"
_KILLS_A_MONTH = 12
_ATTEMPTS = 3  # a point that GİB's pace decides about is not met in every month
_HASH = re.compile(r"\b[0-9a-f]{12,}\b")  # names by content
_WRONG = {
    "files lost": "files lost",
    "sent": "packages sent twice",
    "wrong states": "wrong states",
    "half-written": "half-written files",
    "not closed": "months not closed",
}
"""How a violation begins, and what it is called in the figures."""


@dataclass
class Tally:
    """What the months of one worker came to."""

    kills: Counter[str] = field(default_factory=Counter)  # by what was going on
    places: Counter[str] = field(default_factory=Counter)  # by state of the yevmiye
    months: int = 0
    wrong: list[str] = field(default_factory=list)


class Month:
    """One company's month that is killed and looked at.

    Args:
        world: the simulators.
        folder: of the installation; made.
    """

    def __init__(self, world: SandboxWorld, folder: Path) -> None:
        self.office = Office(world, folder)
        register(self.office)

    def _plain(self, point: str) -> str:
        """A point as it is called in every company's month."""
        return _HASH.sub("#", point.replace(self.office.tax_number, "@"))

    def effects(self, log: Path) -> list[str]:
        """All points of a month that nobody kills, in order."""
        log.touch()
        if forked(self.office, "run", _PERIOD, reached=lambda at: _note(log, self._plain(at))) != 0:
            raise SystemExit("the month does not even close when nobody kills it")
        return list(dict.fromkeys(log.read_text(encoding="utf-8").splitlines()))

    def kill_at(self, point: str) -> bool:
        """Run until `point`; whether it was reached."""

        def die(at: str) -> None:
            if self._plain(at) == point:
                os.kill(os.getpid(), signal.SIGKILL)

        return forked(self.office, "run", _PERIOD, reached=die) == -signal.SIGKILL

    def kill_after(self, seconds: float) -> bool:
        """Run so long; whether the run was still going on."""
        child = begin(self.office, "run", _PERIOD)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        return end_of(child) == -signal.SIGKILL

    @property
    def place(self) -> str:
        """State of the yevmiye now."""
        states = document_states(self.office)
        return next((state for (kind, _), state in states.items() if kind == "Y"), "nothing yet")

    def close(self) -> list[str]:
        """Continue to the end and look at everything; returns what is wrong."""
        wrong = []
        code = forked(self.office, "run", _PERIOD)
        if code == 3:  # an answer that nobody has may be asked for twice, some time apart
            code = forked(self.office, "run", _PERIOD)
        if code != 0:
            wrong.append(f"not closed: exit {code}")
        wrong += not_as_closed(self.office, _PERIOD)
        accepted = Counter(
            record["package_id"]
            for record in self.office.sends()
            if record["verdict"] == "accepted"
        )
        # Here GİB refuses nothing, so that no package is ever taken in a second time.
        wrong += [f"sent {count} times: {name}" for name, count in accepted.items() if count > 1]
        for words in (
            ("audit", "verify"),
            ("archive", "verify"),
            ("verify", str(self.office.archive)),
        ):
            if (ended := forked(self.office, *words)) != 0:
                wrong.append(f"{' '.join(words[:2])}: exit {ended}")
        return wrong


def _note(log: Path, reached: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(reached + "\n")


def work(worker: int, workers: int, kills: int, seed: int) -> Tally:
    """The share of one worker.

    Args:
        worker, workers: which of how many.
        kills: of all workers together.
        seed: of the random instants.
    """
    preload()
    dice, tally = random.Random(seed + worker), Tally()  # noqa: S311 - a choice of moments
    with (
        tempfile.TemporaryDirectory(prefix="edefter-crash-") as name,
        SandboxWorld(Path(name) / "world", any_ports=True) as world,
    ):
        folder = Path(name)
        world.gib.set_knobs(queued_polls=2)
        first = Month(world, folder / "first")
        begun = time.monotonic()
        points = first.effects(folder / "points")
        whole_s = time.monotonic() - begun
        for number, point in enumerate(points[worker::workers]):
            for attempt in range(_ATTEMPTS):
                month = Month(world, folder / f"alone{number}-{attempt}")
                if reached := month.kill_at(point):
                    tally.kills[" ".join(point.split()[:2])] += 1
                    tally.places[month.place] += 1
                _close(month, tally, point)
                if reached:
                    break
            else:
                tally.wrong.append(f"never reached alone: {point}")
                print(f"VIOLATION {tally.wrong[-1]}", file=sys.stderr, flush=True)
        number = 0
        while sum(tally.kills.values()) < kills // workers:
            number += 1
            month = Month(world, folder / f"random{number}")
            for _ in range(_KILLS_A_MONTH):
                # A run that goes on from where the last one died is shorter than a whole one.
                if not month.kill_after(whole_s * dice.random() ** 2):
                    break  # it came to its end
                tally.kills["random instant"] += 1
                tally.places[month.place] += 1
            _close(month, tally, f"random month {number} of worker {worker}, seed {seed}")
    return tally


def _close(month: Month, tally: Tally, what: str) -> None:
    tally.months += 1
    found = [f"{what}: {text}" for text in month.close()]
    for text in found:
        print(f"VIOLATION {text}", file=sys.stderr, flush=True)
    tally.wrong += found
    if tally.months % 20 == 0:
        so_far = f"  {tally.months} months, {sum(tally.kills.values())} kills"
        print(f"{so_far}, {len(tally.wrong)} wrong", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run all workers; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("--worker", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker is not None:
        tally = work(options.worker, options.workers, options.kills, options.seed)
        plain = {"kills": tally.kills, "places": tally.places, "months": tally.months}
        print(json.dumps({**plain, "wrong": tally.wrong}))
        return 0
    print(f"at least {options.kills} kills, seed {options.seed}", flush=True)
    begun = time.monotonic()
    words = [sys.executable, "-m", "benchmarks.crash_test"]
    words += ["--kills", str(options.kills), "--workers", str(options.workers)]
    words += ["--seed", str(options.seed)]
    running = [
        subprocess.Popen([*words, "--worker", str(worker)], stdout=subprocess.PIPE, text=True)
        for worker in range(options.workers)
    ]
    told = [json.loads(process.communicate()[0].splitlines()[-1]) for process in running]
    parts = [
        Tally(Counter(part["kills"]), Counter(part["places"]), part["months"], part["wrong"])
        for part in told
    ]
    return _report(parts, options.kills, time.monotonic() - begun)


def _report(parts: list[Tally], wanted: int, took_s: float) -> int:
    kills = sum((part.kills for part in parts), Counter[str]())
    places = sum((part.places for part in parts), Counter[str]())
    wrong = [text for part in parts for text in part.wrong]
    months = sum(part.months for part in parts)
    print("kills by what was going on:")
    for name, count in sorted(kills.items()):
        print(f"    {name:<40} {count:5}")
    print("state of the yevmiye right after the kill:")
    for name, count in places.most_common():
        print(f"    {name:<40} {count:5}")
    figures, total = Figures(), sum(kills.values())
    figures.add("kills", total, f"at least {wanted}", total >= wanted)
    figures.add("months, all closed", months, "any", True)
    figures.add_violations(wrong, _WRONG)
    print(f"took {took_s / 60:.1f} minutes")
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
