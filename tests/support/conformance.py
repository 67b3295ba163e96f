"""Documents of the reference data (../shared/conformance), read straight from the archive."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from edefter.model.documents import Kind


def valid_documents(shared: Path, kinds: set[Kind], limit: int) -> Iterator[tuple[Kind, bytes]]:
    """Up to `limit` valid UTF-8 documents without finding of each kind."""
    for kind in kinds:
        for _, _, data in islice(valid_cases(shared, kind), limit):
            yield kind, data


def valid_cases(shared: Path, kind: Kind) -> Iterator[tuple[str, str, bytes]]:
    """Case, file name and content of every valid UTF-8 document of a kind without finding."""
    folder = shared / "conformance"
    cases = [json.loads(line) for line in (folder / "verdicts.jsonl").open(encoding="utf-8")]
    with tarfile.open(folder / "cases.tar.gz") as archive:
        for case in cases:
            if case["kind"] != kind or case["xsd"] != "valid" or case["schematron"]:
                continue
            member = archive.extractfile(f"cases/{kind}/{case['case']}/{case['file']}")
            assert member is not None
            data = member.read()
            usual = b"<!DOCTYPE" not in data and b"xmldsig#" in data[:2000]
            if usual and _utf8(data):
                yield case["case"], case["file"], data


def _utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"utf-8" in data[:60].lower()
