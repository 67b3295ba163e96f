"""One measured pass over one file, in a process of its own; prints one line of JSON.

    python -m benchmarks.one_validation ours|bare FILE

`bare` is the least that any reader on lxml has to do: iterparse, and clear each entry.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from lxml import etree

from benchmarks.figures import peak_rss_bytes

_HEADER = "{http://www.xbrl.org/int/gl/cor/2006-10-25}entryHeader"


def bare(path: Path) -> dict[str, float]:
    """Parse and forget."""
    start = time.perf_counter()
    for _, element in etree.iterparse(
        str(path), events=("end",), tag=_HEADER, huge_tree=True, resolve_entities=False
    ):
        element.clear()
        parent = element.getparent()
        while element.getprevious() is not None:
            del parent[0]
    return {"seconds": time.perf_counter() - start}


def ours(path: Path) -> dict[str, float]:
    """Schema, official rules and strict layer; start-up and schema compilation apart."""
    start = time.perf_counter()
    from edefter.validation import validate
    from edefter.validation.schema.schema_set import schema

    imported = time.perf_counter()
    schema(True)
    compiled = time.perf_counter()
    with path.open("rb") as stream:
        report = validate(stream, path.name)
    end = time.perf_counter()
    return {
        "seconds": end - compiled,
        "start_up": imported - start,
        "schema": compiled - imported,
        "lines": report.facts.totals.lines,
        "findings": report.findings.total,
        "rules": len(report.findings.counts),
        "evaluated": report.evaluated,
    }


def main() -> None:
    """Measure and print."""
    way, path = sys.argv[1], Path(sys.argv[2])
    result = {"bare": bare, "ours": ours}[way](path)
    result["peak_rss_bytes"] = peak_rss_bytes()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
