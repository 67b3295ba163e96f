"""A month end under every misbehaviour of GİB and portal, alone and in random combinations.

    python -m benchmarks.fault_test [--combinations 500] [--workers 2] [--seed N] [--only TEXT]

Each case is a month of its own: it is run with the knobs turned, and state, files, GİB and portal
are looked at from outside: nothing may be claimed that is not so, the exit code must be one that
the situation allows, and no command may hang. Then the knobs are turned back and the month must
close by what the remedies say (`run`, or `build --again` where a person is asked for).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.faults import Fault, every_fault
from benchmarks.figures import Figures
from edefter.sandbox.process import Simulator
from edefter.sandbox.world import SandboxWorld
from edefter.state.states import NOT_SENT
from tests.support.forked import begin, end_of, forked, preload, register
from tests.support.office import Office
from tests.support.outside import (
    claimed_but_not_done,
    document_states,
    not_as_closed,
    packages_at_gib,
    sent_twice,
)

_PERIOD = "2026-01"
_MOST_S = 90.0  # every wait below is far shorter
_QUICK: dict[str, Any] = {
    "gib__poll_schedule_s": (0.1, 0.3),
    "gib__poll_limit_s": 2.5,
    "gib__not_found_wait_s": 0.3,
    "gib__long_wait_s": 0.5,
    "gib__connect_timeout_s": 3.0,
    "gib__read_timeout_s": 3.0,
    "portal__retry_limit_s": 3.0,
    "portal__finalize_wait_s": 2.5,
    "portal__progress_timeout_s": 3.0,
    "portal__connect_timeout_s": 3.0,
}
_ENDS = {
    0: "closed and archived", 1: "findings", 2: "set-up", 3: "waiting", 4: "refused",
    5: "our message", 6: "a person", -9: "killed: it hung",
}  # fmt: skip
_WRONG = {
    "exit": "wrong exit codes",
    "hangs": "commands that hung",
    "closed unapproved": "unapproved months called closed",
    "sent twice": "packages sent twice",
    "wrong state": "wrong states",
    "not closed": "months not closed when the faults were over",
}
"""How a violation begins, and what it is called in the figures."""
_NOT_SENT = frozenset(state.value for state in NOT_SENT)


@dataclass
class Case:
    """Faults that act together.

    Args:
        faults: one alone, or several.
    """

    faults: list[Fault]

    @property
    def name(self) -> str:
        """For people."""
        return " + ".join(fault.name for fault in self.faults)

    @property
    def codes(self) -> set[int]:
        """Exit codes that are right: that of any of them, and 0 only if none of them stops."""
        together = set().union(*(fault.codes for fault in self.faults))
        if len(self.faults) > 1:
            together.add(3)  # many small delays may use up the time of a run
        # What a month has behind it when the faults come, they cannot disturb any more.
        deciding = [fault for fault in self.faults if fault.begun] or self.faults
        return together if all(0 in fault.codes for fault in deciding) else together - {0}

    @property
    def heals(self) -> bool:
        """Whether the month closes when all is over."""
        return all(fault.heals for fault in self.faults)

    @property
    def acts(self) -> list[tuple[str, str]]:
        """What is done to simulators."""
        return [fault.act for fault in self.faults if fault.act]

    def knobs(self, simulator: str, tax_number: str) -> dict[str, Any]:
        """What one simulator is told."""
        merged: dict[str, Any] = {}
        for fault in self.faults:
            merged |= getattr(fault, simulator)
        told: dict[str, Any] = json.loads(json.dumps(merged).replace("@", tax_number))
        return told


@dataclass
class Tally:
    """What the cases of one worker came to."""

    cases: int = 0
    runs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Trial:
    """One case in a world.

    Args:
        world: the simulators.
        folder: of the installation; made.
        case: what goes wrong.
        tally: where it is counted.
    """

    def __init__(self, world: SandboxWorld, folder: Path, case: Case, tally: Tally) -> None:
        self.world, self.case, self.tally = world, case, tally
        self.office = Office(world, folder)
        self.office.write_config(**_QUICK)
        self.said = folder / "said.txt"
        self.told = ""  # by the first run under the faults
        register(self.office)

    def _run(self, *words: str) -> int:
        self.tally.runs += 1
        return end_of(begin(self.office, *words, said=self.said), within_s=_MOST_S)

    def go(self) -> list[str]:
        """Run the case to its end; returns what is wrong."""
        wrong = []
        self._prepare()
        before = self.said.stat().st_size if self.said.exists() else 0
        code = self._run("run", _PERIOD)
        self.told = self.said.read_bytes()[before:].decode(errors="replace")
        self.tally.ends[_ENDS.get(code, f"exit {code}")] += 1
        for (kind, _), state in document_states(self.office).items():
            if kind == "Y":
                self.tally.states[state] += 1
        if code not in self.case.codes:
            wrong.append(f"exit: {code}, right would be {sorted(self.case.codes)}")
        wrong += self._look(code)
        if len(self.case.faults) == 1:  # a second night under the same fault: nothing gets worse
            wrong += [f"{text} (second run)" for text in self._look(self._run("run", _PERIOD))]
        self._restore()
        return wrong + (self._close() if self.case.heals else self._stays_caught())

    def _prepare(self) -> None:
        """Everything up to the run that is judged."""
        for fault in self.case.faults:
            if fault.begun:
                self.world.gib.set_knobs(**fault.begun.get("gib", {}))
                self.world.portal.set_knobs(**fault.begun.get("portal", {}))
                self._run("run", _PERIOD)
        for action, simulator in self.case.acts:
            self._act(action, simulator)
        self.world.gib.set_knobs(**self.case.knobs("gib", self.office.tax_number))
        self.world.portal.set_knobs(**self.case.knobs("portal", self.office.tax_number))
        changed = {k: v for fault in self.case.faults for k, v in fault.settings.items()}
        if changed.get("gib__ca_bundle") == "other":  # an authority that signs no TLS here
            changed["gib__ca_bundle"] = next((self.world.folder / "anchors").rglob("*.pem"))
        self.office.write_config(**_QUICK | changed)

    def _act(self, action: str, simulator: str) -> None:
        running: Simulator = getattr(self.world, simulator)
        running.stop()
        if action == "down":
            return
        plain = running.arguments
        running.arguments = (*plain, "--forget") if action == "forget" else plain
        running.start()
        running.arguments = plain

    def _restore(self) -> None:
        self.world.gib.set_knobs()
        self.world.portal.set_knobs()
        for action, simulator in self.case.acts:
            if action == "down":
                getattr(self.world, simulator).start()
        self.office.write_config(**_QUICK)
        self._let_the_waits_pass()

    def _let_the_waits_pass(self) -> None:
        """The minutes that GİB asked us to stay away are over."""
        with closing(sqlite3.connect(self.office.folder / "data" / "state.db")) as state, state:
            state.execute("UPDATE pace SET held_until = 0")

    def _stays_caught(self) -> list[str]:
        """What a portal has signed wrongly stays an alarm; the local archive holds everything."""
        for _ in range(6):
            if (code := self._run("run", _PERIOD)) != 3:
                break
        wrong = [] if code in (0, 6) else [f"exit: {code} after a broken contract"]
        wrong += self._look(code)
        if self.office.archived() and (ended := self._run("verify", str(self.office.archive))) != 0:
            wrong.append(f"verify: exit {ended}")
        return wrong

    def _look(self, code: int) -> list[str]:
        """What a run may leave behind, whatever went wrong."""
        wrong = [] if code != -9 else ["hangs: killed"]
        states = document_states(self.office)
        packages = packages_at_gib(self.office)
        wrong += [f"closed unapproved: {text}" for text in claimed_but_not_done(self.office)]
        wrong += [f"sent twice: {name}" for name in sent_twice(self.office)]
        wrong += [f"half-written: {path.name}" for path in self.office.half_written()]
        archived = len(states) == 2 and set(states.values()) == {"archived"}
        if (code == 0) != archived:
            wrong.append(f"wrong state: exit {code}, but {states}")
        if code == 0:
            wrong += not_as_closed(self.office, _PERIOD)
        newest = {name.split("-")[2][0]: state for name, state in packages}
        # Told twice that GİB has nothing, or that it failed: then it is right to send again.
        lied_to = any(fault.denies for fault in self.case.faults)
        for (kind, _), state in states.items():
            at_gib = newest.get(kind)
            if state in ("sent", "berat_ok") and at_gib is None:
                wrong.append(f"wrong state: {kind} is {state}, GİB holds nothing")
            if state == "rejected" and at_gib != "rejected":
                wrong.append(f"wrong state: {kind} is rejected, GİB says {at_gib}")
            if state in _NOT_SENT and at_gib in ("queued", "done") and not lied_to:
                wrong.append(f"wrong state: {kind} is {state}, GİB says {at_gib}")
            if code == 3 and state in ("rejected", "operator_needed"):
                wrong.append(f"wrong state: told to wait, but {kind} is {state}")
        if (ended := forked(self.office, "audit", "verify")) != 0:
            wrong.append(f"audit verify: exit {ended}")
        return wrong

    def _close(self) -> list[str]:
        """The faults are over: the month closes by what the remedies say."""
        for _ in range(6):
            code = self._run("run", _PERIOD)
            if code == 0:
                break
            if code == 6:
                self._run("build", _PERIOD, "--again", "--reason", "hata denemesi")
        if code != 0:
            return [f"not closed: exit {code}, {document_states(self.office)}"]
        wrong = not_as_closed(self.office, _PERIOD)
        looks = [("audit", "verify"), ("archive", "verify")]
        if len(self.case.faults) == 1:
            looks.append(("verify", str(self.office.archive)))
        for words in looks:
            if (ended := self._run(*words)) != 0:
                wrong.append(f"{' '.join(words[:2])}: exit {ended}")
        return wrong


def cases_of(combinations: int, seed: int, only: str) -> list[Case]:
    """All faults alone, then so many random combinations of two to four.

    Args:
        combinations: how many.
        seed: of the choice.
        only: cases whose name holds this text; empty = all.
    """
    faults, dice = every_fault(), random.Random(seed)  # noqa: S311 - a choice of tests
    cases = [Case([fault]) for fault in faults]
    for _ in range(combinations):
        chosen: list[Fault] = []
        size = dice.randint(2, 4)
        while len(chosen) < size:
            fault = dice.choice(faults)
            if all(fault.can_join(other) for other in chosen):
                chosen.append(fault)
        cases.append(Case(chosen))
    return [case for case in cases if only in case.name]


def work(worker: int, workers: int, cases: list[Case]) -> Tally:
    """The share of one worker.

    Args:
        worker, workers: which of how many.
        cases: of all workers together.
    """
    preload()
    tally = Tally()
    with (
        tempfile.TemporaryDirectory(prefix="edefter-fault-") as name,
        SandboxWorld(Path(name) / "world", any_ports=True) as world,
    ):
        for number, case in enumerate(reversed(cases[worker::workers])):
            begun = time.monotonic()
            trial = Trial(world, Path(name) / f"case{number}", case, tally)
            found = [f"{case.name}: {text}" for text in trial.go()]
            tally.cases += 1
            for text in found:
                print(f"VIOLATION {text}", file=sys.stderr, flush=True)
            if found:
                print(trial.told[-700:], file=sys.stderr, flush=True)
            took_s = time.monotonic() - begun
            if took_s > 40:
                print(f"  {took_s:.0f} s: {case.name}", file=sys.stderr, flush=True)
            tally.wrong += found
            if tally.cases % 25 == 0:
                so_far = f"  {tally.cases} cases, {len(tally.wrong)} wrong"
                print(so_far, file=sys.stderr, flush=True)
    return tally


def main(arguments: list[str] | None = None) -> int:
    """Run all workers; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--combinations", type=int, default=500)
    # Half of the time a case waits, for GİB or for a limit.
    parser.add_argument("--workers", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--worker", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    cases = cases_of(options.combinations, options.seed, options.only)
    if options.worker is not None:
        tally = work(options.worker, options.workers, cases)
        print(json.dumps(vars(tally)))
        return 0
    alone = sum(len(case.faults) == 1 for case in cases)
    together = len(cases) - alone
    print(f"{alone} faults alone, {together} combinations, seed {options.seed}", flush=True)
    begun = time.monotonic()
    words = [sys.executable, "-m", "benchmarks.fault_test", "--seed", str(options.seed)]
    words += ["--combinations", str(options.combinations), "--workers", str(options.workers)]
    words += ["--only", options.only]
    running = [
        subprocess.Popen([*words, "--worker", str(worker)], stdout=subprocess.PIPE, text=True)
        for worker in range(options.workers)
    ]
    tallies = []
    for process in running:
        told = json.loads(process.communicate()[0].splitlines()[-1])
        told |= {"ends": Counter(told["ends"]), "states": Counter(told["states"])}
        tallies.append(Tally(**told))
    return _report(tallies, alone, together, time.monotonic() - begun)


def _report(tallies: list[Tally], alone: int, together: int, took_s: float) -> int:
    for title, counts in (
        ("how the runs under faults ended:", [tally.ends for tally in tallies]),
        ("state of the yevmiye after them:", [tally.states for tally in tallies]),
    ):
        print(title)
        for name, count in sum(counts, Counter[str]()).most_common():
            print(f"    {name:<40} {count:5}")
    wrong = [text for tally in tallies for text in tally.wrong]
    figures, cases = Figures(), sum(tally.cases for tally in tallies)
    figures.add("faults alone", alone, "each", cases == alone + together)
    figures.add("combinations", together, "500", cases == alone + together)
    figures.add("commands run", sum(tally.runs for tally in tallies), "any", True)
    figures.add_violations(wrong, _WRONG)
    print(f"took {took_s / 60:.1f} minutes")
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
