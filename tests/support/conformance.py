"""Documents of the reference data (../shared/conformance), read straight from the archive."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from edefter.model.documents import Kind


def valid_documents(shared: Path, kinds: set[Kind], limit: int) -> Iterator[tuple[Kind, bytes]]:
    """Up to `limit` valid UTF-8 documents without finding of each kind."""
    folder = shared / "conformance"
    cases = [json.loads(line) for line in (folder / "verdicts.jsonl").open(encoding="utf-8")]
    seen: Counter[Kind] = Counter()
    with tarfile.open(folder / "cases.tar.gz") as archive:
        for case in cases:
            kind = Kind(case["kind"])
            if kind not in kinds or case["xsd"] != "valid" or case["schematron"]:
                continue
            member = archive.extractfile(f"cases/{kind}/{case['case']}/{case['file']}")
            assert member is not None
            data = member.read()
            usual = b"<!DOCTYPE" not in data and b"xmldsig#" in data[:2000]
            if seen[kind] < limit and usual and _utf8(data):
                seen[kind] += 1
                yield kind, data


def _utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"utf-8" in data[:60].lower()
