"""Our own files are held against the numbers that the state keeps (Y-STR-04)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from edefter.engine.checks import findings_of
from edefter.engine.judged import Judged
from edefter.engine.piecework import judge_file
from edefter.model.documents import Kind
from edefter.model.files import Counters
from tests.unit.validation.documents import FILE, document

JOB = SimpleNamespace(judged=Judged())  # all it is asked for
START, END = Counters(), Counters(entry_no=2, line_no=4)  # of the yevmiye in `documents`


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        (None, None, 0),
        (START, None, 0),
        (START, END, 0),
        (Counters(entry_no=1), None, 1),
        (Counters(entry_no=1, line_no=2), Counters(entry_no=3, line_no=6), 4),
        (START, Counters(entry_no=2, line_no=5), 1),
        (START, START, 2),
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_numbers_of_a_yevmiye(
    tmp_path: Path, before: Counters | None, after: Counters | None, count: int, signed: bool
) -> None:
    path = tmp_path / FILE[Kind.Y]
    path.write_bytes(document(Kind.Y, signed=signed))
    report = judge_file(path, signed=signed)
    findings = findings_of(JOB, path, report, before=before, after=after)
    assert dict(findings.counts) == ({"Y-STR-04": count} if count else {})
    assert findings.has_errors is bool(count)
