"""One month end of the product up to the signed packages, in a process of its own.

    python -m benchmarks.one_month_end CONFIG PERIOD

Prints one JSON line: seconds by stage, by the engine's own steps. The caller looks at memory.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from edefter.process import leave, relax

_STAGES = {
    "engine.step_build": "read, build, judge",
    "engine.step_precheck": "read, build, judge",
    "engine.step_sign": "sign",
    "engine.step_validate": "prove, judge again",
    "engine.step_berat": "berats",
    "engine.step_pack": "zip",
}


class _Stages:
    """Seconds between the engine's steps."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self._name = "start"
        self._begin = time.perf_counter()

    def step(self, key: str, **_: object) -> None:
        self.close()
        self._name = _STAGES.get(key, self._name)

    def warn(self, key: str, **facts: Any) -> None:
        print(key, facts.get("rule", ""), facts.get("text_en", ""), file=sys.stderr)

    def close(self) -> None:
        now = time.perf_counter()
        self.took[self._name] = self.took.get(self._name, 0.0) + now - self._begin
        self._begin = now


def main(config: Path, period: str) -> int:
    """Run it."""
    # As on the command line: nothing large is loaded before the collector was told.
    from edefter.engine.job import Job
    from edefter.engine.month import run_month
    from edefter.engine.opening import open_services, registered_company
    from edefter.engine.running import Goal
    from edefter.model.period import Period

    stages = _Stages()
    with open_services(config, listener=stages) as services:
        job = Job(services, registered_company(services.store, "olcum"), "", Period.parse(period))
        report = run_month(job, Goal.SIGN)
    stages.close()
    if report.error is not None:
        print(report.error, file=sys.stderr)
    names = sorted(row.name for row in report.files)
    print(json.dumps({"seconds": stages.took, "totals": report.totals, "files": names}))
    return int(report.exit_code)


if __name__ == "__main__":
    relax()
    leave(main(Path(sys.argv[1]), sys.argv[2]))
