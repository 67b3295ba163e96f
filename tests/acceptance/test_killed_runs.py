"""A run is killed with SIGKILL at random moments and run again: the month closes, nothing twice."""

from __future__ import annotations

import os
import random
import subprocess
import time

from tests.support.office import Office

KILLS = 12


def test_killed_anywhere_the_month_still_closes_once(office: Office) -> None:
    seed = int(os.environ.get("EDEFTER_KILL_SEED", "20260122"))
    moments = random.Random(seed)
    survived = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            office.command("run", "2026-01"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(timeout=moments.uniform(0.4, 2.6))
            survived += 1
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        time.sleep(0.05)
        office.unlock()
    final = office.run("2026-01", "--json")
    assert final.code == 0, f"seed {seed}: {final.out}{final.err}"
    assert final.json[0]["archived"]
    accepted = [r["package_id"] for r in office.sends() if r.get("verdict") == "accepted"]
    assert sorted(accepted) == sorted(set(accepted)), f"seed {seed}: sent twice: {accepted}"
    assert len(accepted) == 2
    assert office.half_written() == []
    assert office.edefter("archive", "verify").code == 0
    assert survived < KILLS, "no run was killed: the test showed nothing"
