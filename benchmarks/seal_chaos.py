"""Kill the PKCS#11 helper at random moments of a month end.

    python -m benchmarks.seal_chaos [--kills 50] [--seed N]

Each kill meets a month end of its own (a company of its own, its seal on a SoftHSM2 token, RSA-2048
or P-384; logins and signatures made as slow as a card's): the command must end with one of its exit
codes and a sentence, leave no half-written and no wrongly signed file, and the next runs must close
the month with files that verify, each package sent to GİB once. Where the PIN's try did not end,
the next run refuses until `edefter seal unlock`, and that is counted.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figures
from edefter.sandbox import softhsm
from edefter.sandbox.world import SandboxWorld
from edefter.signature.verify import verify_file
from tests.support.c_modules import compiled
from tests.support.office import Office

_HELPER = b"edefter.signature.seals.pkcs11.helper"
_PERIOD = "2026-01"
_MOST_RUNS = 4
_CARD_MS = 200
_ALLOWED = {0: "closed all the same", 3: "waiting", 4: "refused"}


def helpers_of(pid: int) -> list[int]:
    """Process ids of the helpers that belong to a command."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline")
        if command.exists() and _HELPER in command.read_bytes():
            found.append(int(child))
    return found


def run_and_kill(office: Office, after_s: float) -> tuple[int, str, bool]:
    """One `edefter run` whose helper is killed some time after it appeared.

    Returns:
        exit code, what was said, and whether a helper was killed.
    """
    process = subprocess.Popen(
        office.command("run", _PERIOD), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    killed, seen_s = False, 0.0
    while process.poll() is None and not killed:
        try:
            running = helpers_of(process.pid)
        except (FileNotFoundError, ProcessLookupError):
            break
        if running and not seen_s:
            seen_s = time.monotonic()
        if running and time.monotonic() - seen_s >= after_s:
            os.kill(running[0], signal.SIGKILL)
            killed = True
        time.sleep(0.002)
    out, err = process.communicate(timeout=300)
    return process.returncode, out + err, killed


def violations(office: Office, told: str, code: int) -> list[str]:
    """What must never be, right after a killed run."""
    found = [f"half-written: {path.name}" for path in office.half_written()]
    if code not in _ALLOWED:
        found.append(f"exit code {code}: {told[-400:]}")
    if code != 0 and "Ne yapmalı:" not in told:
        found.append(f"no remedy: {told[-400:]}")
    pki = office.world.pki
    work = office.folder / "data" / "work"
    made = [path for path in work.rglob("*.xml") if path.parent.name in ("signed", "berat")]
    for path in (*made, *office.archived("*-202601-[YK]*.xml")):
        if not verify_file(path, anchors=[pki.root, pki.seal_ca], now=datetime.now(UTC)).ok:
            found.append(f"wrong or half a file: {path.name}")
    return found


def one_kill(
    world: SandboxWorld, folder: Path, module: Path, after_s: float
) -> tuple[str, list[str]]:
    """One company's month with one kill; returns how it went and what was violated."""
    office = Office(world, folder)
    office.point_at(module)
    office.register()
    code, told, killed = run_and_kill(office, after_s)
    if not killed:
        return "ended before the kill", violations(office, told, code)
    wrong = violations(office, told, code)
    outcome = _ALLOWED.get(code, "wrong")
    for _ in range(_MOST_RUNS):
        if code == 0:
            break
        answer = office.run(_PERIOD)
        code, told = answer.code, answer.out + answer.err
        if "seal unlock" in told:
            outcome = f"{outcome}, unlocked by command"
            office.edefter("seal", "unlock")
        wrong += violations(office, told, code)
    if code != 0:
        wrong.append(f"never closed: {told[-400:]}")
    verified = office.edefter("verify", str(office.archive))
    if verified.code != 0:
        wrong.append(f"does not verify: {verified.err[-400:]}")
    sent = Counter(item["package_id"] for item in office.sends() if item["verdict"] == "accepted")
    wrong += [f"sent {count} times: {name}" for name, count in sent.items() if count > 1]
    return outcome, wrong


def main(arguments: list[str] | None = None) -> int:
    """Run the chaos; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    options = parser.parse_args(arguments)
    dice = random.Random(options.seed)  # noqa: S311 - a choice of moments
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    kills = 0
    print(f"{options.kills} kills, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="edefter-chaos-") as name:
        folder = Path(name)
        module = compiled("relay_token", folder)
        os.environ |= {"RELAY_TO": str(softhsm.LIBRARY), "RELAY_SLOW_MS": str(_CARD_MS)}
        with SandboxWorld(folder / "world", any_ports=True, seals="pkcs11-rsa") as world:
            number, longest_s = 0, 6.0
            while kills < options.kills:
                number += 1
                world.seals = dice.choice(("pkcs11-rsa", "pkcs11-ec"))
                # A quarter of the kills falls into start and first login, where most can go wrong.
                after_s = dice.uniform(0, longest_s if dice.random() < 0.75 else 0.6)
                outcome, found = one_kill(world, folder / f"office{number}", module, after_s)
                if outcome == "ended before the kill":
                    longest_s = max(0.5, 0.8 * longest_s)
                else:
                    kills += 1
                    outcomes[outcome] += 1
                wrong += found
                if kills and kills % 10 == 0:
                    print(f"  {kills} kills: {dict(outcomes)}", flush=True)
    for text in wrong:
        print(f"VIOLATION {text}")
    figures = Figures()
    figures.add("kills of the helper", kills, str(options.kills), kills == options.kills)
    for outcome, count in sorted(outcomes.items()):
        figures.add(f"then: {outcome}", count, "any", True)
    figures.add("wrong or half files, wrong ends, packages sent twice", len(wrong), "0", not wrong)
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
