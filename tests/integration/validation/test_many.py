"""Several documents in real worker processes: order, crashes, interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edefter.crew import processors
from edefter.model.documents import Kind
from edefter.validation import validate
from edefter.validation.batch.many import judge_all
from edefter.validation.batch.task import Task, judge
from edefter.validation.inputs import Input, open_inputs
from tests.support import zips
from tests.unit.validation.documents import document, journal

TAX = "1234567808"


def name(kind: Kind, part: int = 0) -> str:
    return f"{TAX}-202601-{kind}-{part:06d}.xml"


def children() -> set[int]:
    """Process ids of this process's children."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """A folder with all kinds, one of them in a zip, one broken; the first is the largest."""
    with (tmp_path / name(Kind.Y, 1)).open("wb") as sink:
        for chunk in journal(3000):
            sink.write(chunk)
    for kind in (Kind.K, Kind.DR, Kind.E, Kind.EB):
        (tmp_path / name(kind, 2)).write_bytes(document(kind))
    (tmp_path / name(Kind.Y, 3)).write_bytes(document(Kind.Y)[:3000])
    zips.packed(
        tmp_path / f"{TAX}-202601-YB-000002.zip",
        [(name(Kind.YB), document(Kind.YB)), (f"GIB-{name(Kind.YB)}", document(Kind.YB))],
    )
    return tmp_path


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_verdicts_are_those_of_validate_in_the_order_of_the_inputs(month: Path, jobs: int) -> None:
    with open_inputs([month]) as inputs:
        items = list(inputs)
        verdicts = list(judge_all(items, jobs=jobs))
        assert [v.shown for v in verdicts] == [i.shown for i in items]
        assert [v.report.name for v in verdicts if not v.report.ok] == [name(Kind.Y, 3)]
        for item, verdict in zip(items, verdicts, strict=True):
            assert item.file is not None
            with item.file.open("rb") as stream:
                expected = validate(stream, item.name)
            assert list(verdict.report.findings) == list(expected.findings)
            assert verdict.report.facts == expected.facts
            assert verdict.file == item.file
            assert not verdict.failed
    assert len(verdicts) == 8


def test_options_reach_the_workers(tmp_path: Path) -> None:
    spoiled = document(Kind.Y).replace(b">120.00<", b">120.000<")
    for part in (1, 2):
        (tmp_path / name(Kind.Y, part)).write_bytes(spoiled)
    with open_inputs([tmp_path]) as inputs:
        own = [v.report for v in judge_all(inputs, own=True, limit_per_rule=1)]
    with open_inputs([tmp_path]) as inputs:
        other = [v.report for v in judge_all(inputs, kind=Kind.K)]
    assert [(len(r.findings), r.findings.counts["YK-STR-09"]) for r in own] == [
        (len({f.rule for f in r.findings}), 3) for r in own
    ]
    assert [r.kind for r in other] == [Kind.K, Kind.K]


def test_what_is_not_judged_keeps_its_place(month: Path) -> None:
    (month / "bağ").symlink_to(month)
    zips.packed(month / "zz.zip", [zips.link(name(Kind.KB)), (name(Kind.DR), document(Kind.DR))])
    with open_inputs([month]) as inputs:
        verdicts = list(judge_all(inputs, jobs=2))
    tail = [(v.report.name, v.report.ok, v.is_document) for v in verdicts[-3:]]
    assert tail == [
        ("bağ", True, False),
        (name(Kind.DR), True, True),
        (name(Kind.KB), False, True),
    ]


def test_a_file_that_has_gone_is_a_finding(tmp_path: Path) -> None:
    gone = Input(name=name(Kind.Y), shown="x", file=tmp_path / name(Kind.Y))
    (verdict,) = judge_all([gone])
    assert [f.rule for f in verdict.report.findings] == ["FILE-02"]
    assert not verdict.report.ok
    assert not verdict.failed


def test_a_defect_of_ours_is_told_without_values_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / name(Kind.Y)
    path.write_bytes(document(Kind.Y))
    verdict = judge(Task(item=Input(name=path.name, shown=path.name, file=path), limit_per_rule=0))
    (found,) = verdict.report.findings
    assert found.rule == "FILE-04"
    assert "ValueError, run.py:" in found.text("tr")
    assert verdict.failed


def _kill_child_that_waits(fifo: Path) -> None:
    """Kill the worker that opened the pipe, as the system does when memory runs out."""
    with fifo.open("wb"):  # opened by the worker too, or this would wait
        for pid in children():
            if any(_reads(pid, fifo)):
                os.kill(pid, signal.SIGKILL)


def _reads(pid: int, fifo: Path) -> Iterator[bool]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            yield link.readlink() == fifo
        except OSError:
            continue


def test_a_worker_that_dies_costs_its_own_file_only(month: Path) -> None:
    fifo = month / name(Kind.K, 9)
    os.mkfifo(fifo)
    with open_inputs([month]) as inputs:
        items = [*inputs]
        items.insert(2, Input(name=fifo.name, shown=str(fifo), file=fifo))
        killer = threading.Thread(target=_kill_child_that_waits, args=(fifo,))
        killer.start()
        verdicts = list(judge_all(items, jobs=2))
        killer.join()
    assert [v.shown for v in verdicts] == [i.shown for i in items]
    (found,) = verdicts[2].report.findings
    assert found.rule == "FILE-03"
    assert "SIGKILL" in found.text("tr")
    assert verdicts[2].failed
    assert [v.failed for v in verdicts].count(True) == 1
    assert [v.report.name for v in verdicts if not v.report.ok] == [fifo.name, name(Kind.Y, 3)]


def test_no_process_is_left_when_the_caller_stops_early(month: Path) -> None:
    before = children()
    with open_inputs([month]) as inputs:
        verdicts = judge_all(inputs, jobs=2)
        next(verdicts)
        assert children() - before
        verdicts.close()
    assert children() <= before


WAITS = """
    import sys
    from pathlib import Path
    from edefter.validation.inputs import Input
    from edefter.validation.batch.many import judge_all
    fifo = Path(sys.argv[1])
    try:
        list(judge_all([Input(name=fifo.name, shown="x", file=fifo)]))
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_program(tmp_path: Path, number: signal.Signals) -> None:
    fifo = tmp_path / name(Kind.Y)
    os.mkfifo(fifo)
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WAITS), str(fifo)], stdout=subprocess.PIPE
    )
    with fifo.open("wb"):
        workers = [
            int(pid)
            for task in Path(f"/proc/{program.pid}/task").iterdir()
            for pid in (task / "children").read_text().split()
        ]
        assert len(workers) == 1
        program.send_signal(number)
        out, _ = program.communicate(timeout=20)
    assert out == (b"interrupted\n" if number is signal.SIGINT else b"")
    deadline = time.monotonic() + 20
    while _runs(workers[0]):
        assert time.monotonic() < deadline, "the worker outlives the program"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_of_the_current_folder_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name(Kind.DR)).write_bytes(document(Kind.DR))
    (tmp_path / "pickle.py").write_text("raise SystemExit('imported from a stranger's folder')")
    (tmp_path / "edefter").mkdir()
    (tmp_path / "edefter" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    with open_inputs([Path(name(Kind.DR))]) as inputs:
        (verdict,) = judge_all(inputs)
    assert verdict.report.ok


def test_number_of_processes() -> None:
    assert processors() >= 1
    with pytest.raises(ValueError, match="at least one"):
        next(judge_all([], jobs=0))
