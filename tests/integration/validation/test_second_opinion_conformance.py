"""All published cases: the rules restated, run by Saxon, and compared with our engine's report."""

from __future__ import annotations

import io
import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from edefter.model.documents import Kind
from edefter.validation import validate
from edefter.validation.names import FAMILIES
from edefter.validation.official.compare import compare
from edefter.validation.official.compiled import stylesheet_of
from edefter.validation.official.package import import_package
from edefter.validation.official.saxon import Document, DocumentUnreadable, Engine
from edefter.validation.official.schema_run import apply_schema, compile_schema
from edefter.validation.official.verdict import OfficialVerdict, Part, read_part
from edefter.validation.official.worker import _judged
from tests.support.official_package import package_files, write_zip


@pytest.mark.parametrize("ids", [True, False], ids=["ids", "no ids"])
def test_no_case_differs(ids: bool, shared: Path, tmp_path: Path) -> None:
    package = import_package(write_zip(tmp_path / "p.zip", package_files(ids=ids)), tmp_path / "o")
    files, engine = package.files(), Engine()
    rules = {
        family: engine.compile(stylesheet_of(files[path], path, files.__getitem__))
        for family, path in package.rules.items()
    }
    schema = compile_schema(package.schema, files)
    cases = [
        json.loads(line)
        for line in (shared / "conformance" / "verdicts.jsonl").open(encoding="utf-8")
    ]
    differing, wrong = [], []
    with tarfile.open(shared / "conformance" / "cases.tar.gz") as archive:
        for case in cases:
            member = archive.extractfile(f"cases/{case['kind']}/{case['case']}/{case['file']}")
            assert member is not None
            data, kind = member.read(), Kind(case["kind"])
            try:
                document = Document(data, case["file"])
            except DocumentUnreadable as error:
                verdict = OfficialVerdict(Part(error.reason), Part(error.reason))
            else:
                valid = apply_schema(schema, document.root).valid
                part = read_part(_judged(rules[FAMILIES[kind]], document, timed=False))
                verdict = OfficialVerdict(Part("valid" if valid else "invalid"), part)
                if ids and _official(part) != (case.get("counts") or case["schematron"] or {}):
                    wrong.append((case["case"], case["title"], part.outcome))
            report = validate(io.BytesIO(data), case["file"], kind=kind)
            opinion = compare(report, verdict, package)
            if not opinion.agrees:
                differing.append((case["case"], case["title"], opinion.differences))
    assert len(cases) == 1137
    assert differing == []
    # The only verdicts of another kind are those on documents with a DTD, which are not read.
    assert wrong == []


def _official(part: Part) -> dict[str, int] | str:
    if part.outcome != "judged":
        return part.outcome
    counts: Counter[str] = Counter()
    for item in part.assertions:
        counts[item.assertion] += item.count
    return dict(counts)
