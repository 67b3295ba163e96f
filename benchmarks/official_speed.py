"""Our time beside Saxon's running the rules of an official package, on growing journals.

Saxon's figure is the transformation alone: start-up, compilation of the rules and parsing of the
document are left out. Ours holds everything: reading, schema, rules, strict layer.
"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.ledgers import build, disguised
from edefter.model.documents import Kind
from edefter.validation import validate
from edefter.validation.official.package import import_package
from edefter.validation.official.runner import time_rules
from edefter.validation.schema.schema_set import schema

VOUCHERS = (500, 1_000, 2_000, 4_000)
TIMEOUT_S = 600.0


def compare_with_saxon(source: Path, work: Path) -> None:
    """Print the ratios for a good journal and for one that is misnumbered throughout.

    Args:
        source: the official package, a zip.
        work: folder for the journals.

    Raises:
        ConfigError: no usable package, or Saxon is not installed.
    """
    package = import_package(source, work / "packages")
    schema(True)  # compiled once in a process; left out on both sides
    print(f"official package {package.sha256[:12]}: seconds of Saxon / of ours = ratio")
    for name in ("good", "misnumbered throughout"):
        for vouchers in VOUCHERS:
            folder = work / f"saxon-{vouchers}"
            folder.mkdir(exist_ok=True)
            part = build(vouchers * 12, folder, vouchers=vouchers)
            path = part.yevmiye.path
            if name != "good":
                path = disguised(path, name, folder / "bad")
            saxon = time_rules(package, Kind.Y, path, timeout_s=TIMEOUT_S)
            start = time.perf_counter()
            with path.open("rb") as stream:
                validate(stream, path.name)
            ours = time.perf_counter() - start
            shown = f"{saxon:.2f}" if saxon < TIMEOUT_S else f"more than {TIMEOUT_S:.0f}"
            print(
                f"  {name}, {vouchers:,} vouchers, {part.yevmiye_totals.lines:,} lines: "
                f"{shown} / {ours:.2f} = {min(saxon, TIMEOUT_S) / ours:.0f}"
            )
