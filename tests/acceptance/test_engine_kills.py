"""A month is killed right before and right after every single effect, and closes once all the same.

One sweep of one month: each run dies at the first effect that no run died at before, so runs
follow each other the way they would in a night of power cuts. Points are hit in a row in one month
(a resumed run is cheap); each alone in a month of its own would take half an hour.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from edefter.engine.services import utc_now
from edefter.state.states import State
from edefter.state.store import Store
from tests.support.office import REPO, Office

LIMIT = 600
LEAST = 200


def test_killed_around_every_effect_the_month_closes_once(office: Office) -> None:
    # On a slow machine GİB would be done before anybody asked, and `sent` be skipped.
    office.world.gib.set_knobs(queued_polls=6)
    words = office.command("run", "2026-01")[3:]
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.deadly", str(LIMIT), "--", *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPO,
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["code"] == 0, done.stderr[-3000:]
    points = Counter(point.split()[1] for point in result["points"])
    print(f"{sum(points.values())} kills: {dict(points)}")
    assert sum(points.values()) >= LEAST
    reached = {word for point in result["points"] for word in point.split()}
    assert {state.value for state in _WAY} <= reached
    assert {
        "Store.transition", "Store.save_upload", "GibClient.send", "GibClient.status",
        "GibClient.fetch", "PortalClient.store", "Vault.put", "Path.replace",
    } <= set(points)  # fmt: skip
    _is_closed_once(office)


_WAY = (
    State.DRAFT, State.BUILT, State.PRECHECKED, State.SIGNED, State.VALIDATED, State.BERAT_BUILT,
    State.BERAT_SIGNED, State.PACKAGED, State.SENDING, State.ANSWER_UNKNOWN, State.SENT,
    State.PROCESSED, State.APPROVED, State.ARCHIVING, State.ARCHIVED,
)  # fmt: skip


def _is_closed_once(office: Office) -> None:
    final = office.run("2026-01", "--json")
    assert final.code == 0
    assert final.json[0]["archived"]
    accepted = [r["package_id"] for r in office.sends() if r["verdict"] == "accepted"]
    stem = f"{office.tax_number}-202601"
    assert sorted(accepted) == [f"{stem}-KB-000000", f"{stem}-YB-000000"]
    assert office.half_written() == []
    assert office.edefter("archive", "verify").code == 0
    assert office.edefter("verify", str(office.archive)).code == 0
    assert _audit_is_whole(office.folder / "data" / "state.db")


def _audit_is_whole(database: Path) -> bool:
    store = Store(f"sqlite:///{database}", utc_now)
    try:
        return store.verify_audit() is None
    finally:
        store.close()
