"""Line and branch coverage of the reading modules, measured by reading a corpus again.

    python -m benchmarks.fuzzing.measure SECONDS FOLDER…

Prints JSON: {"inputs": …, "modules": {name: [lines, lines hit, branches, branches hit]}}.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path

import coverage

REPO = Path(__file__).resolve().parent.parent.parent
_PACKAGE = REPO / "edefter" / "validation"
# Rules are data, and these read nothing that comes from outside or not by the fuzzed ways.
_NOT_READING = {"rules", "official", "reports", "batch"} | {
    f"{name}.py"
    for name in (
        "chain", "contents", "copies", "group", "months", "partners", "parts", "rapor", "turnovers"
    )
}  # fmt: skip


def main() -> None:
    """Read the inputs of the folders, as many as there is time for."""
    seconds, folders = float(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    watch = coverage.Coverage(
        data_file=None, config_file=False, branch=True, include=[f"{_PACKAGE}/*"]
    )
    watch.start()
    from benchmarks.fuzzing.frame import Frame
    from benchmarks.fuzzing.oracles import check

    files = sorted(path for folder in folders for path in folder.iterdir() if path.is_file())
    # Spread over all when there is no time for all of them.
    step = max(1, len(files) // 4)
    order = [path for start in range(step) for path in files[start::step]]
    done, end = 0, time.monotonic() + seconds
    for path in order:
        if time.monotonic() > end:
            break
        with contextlib.suppress(Exception):
            check(Frame.unpack(path.read_bytes()))
        done += 1
    watch.stop()
    modules = {}
    for path in sorted(_PACKAGE.rglob("*.py")):
        inside = path.relative_to(_PACKAGE)
        if path.name == "__init__.py" or _NOT_READING & set(inside.parts):
            continue
        numbers = watch._analyze(str(path)).numbers
        modules[inside.as_posix()] = [
            numbers.n_statements,
            numbers.n_executed,
            numbers.n_branches,
            numbers.n_executed_branches,
        ]
    print(json.dumps({"inputs": done, "modules": modules}))


if __name__ == "__main__":
    main()
