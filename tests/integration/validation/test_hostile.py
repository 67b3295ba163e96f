"""Hostile documents: a clear finding, bounded time and memory, nothing fetched, never a crash.

Every document is judged in a process of its own with limits (`tests/support/confined.py`). The
giants beside this file are for `make test-hostile`.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from edefter.model.documents import Kind
from tests.support.confined import Confinement, Outcome
from tests.support.hostile import CASES, Case, references

SPARE_MB = 1500
"""Address space of a confined process; what it may really use is said by each case."""


@pytest.fixture(scope="module")
def confined():
    with Confinement() as server:
        yield server


def check(case: Case, outcome: Outcome) -> None:
    assert outcome.error == ""
    verdict = outcome.value
    for rule, *texts in verdict["findings"]:
        assert rule and all(texts), rule
    assert case.ok is None or verdict["ok"] == case.ok
    counts = set(verdict["counts"])
    if case.rules is not None and case.ok:
        # Warnings of the strict layer stop nothing.
        assert {rule for rule in counts if "-STR-" not in rule} == case.rules
    elif case.rules is not None:
        assert counts == case.rules
    if counts & {"XML", "XML-DTD", "XML-LIMIT"}:
        assert not verdict["well_formed"] and not verdict["evaluated"]
    assert case.says in (verdict["findings"] or [("", "")])[0][1]
    # A bound of the machine's speed, not of the clock.
    assert outcome.cpu_s <= case.cpu_s * outcome.slowness
    assert outcome.grown_mb <= case.grown_mb


def marked(cases: dict[str, Case]):
    return [
        pytest.param(
            name,
            marks=[pytest.mark.xfail(reason=case.awaits, strict=True)] if case.awaits else [],
        )
        for name, case in cases.items()
    ]


@pytest.mark.parametrize("name", marked(CASES))
def test_a_hostile_document_is_judged_within_bounds(confined, name):
    case = CASES[name]
    seconds = int(3 * case.cpu_s) + 5
    check(
        case,
        confined("tests.support.hostile:judge_case", name, seconds=seconds, memory_mb=SPARE_MB),
    )


# nothing is fetched ---------------------------------------------------------------------------
class Listener:
    """A TCP port on loopback that counts who comes."""

    def __enter__(self) -> Listener:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.visits = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def _listen(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


def knock(port: int) -> None:
    """What the listener must see, run in the same confinement."""
    socket.create_connection(("127.0.0.1", port), 5).close()


def test_nothing_is_fetched_over_the_network(confined):
    with Listener() as listener:
        target = f"http://127.0.0.1:{listener.port}/a.xml"
        outcome = confined(
            "tests.support.hostile:judge_references", target, seconds=30, memory_mb=SPARE_MB
        )
        assert outcome.error == "" and len(outcome.value) == len(list(references("x"))) > 35
        time.sleep(0.1)
        assert listener.visits == 0
        confined(f"{__name__}:knock", listener.port, seconds=5, memory_mb=SPARE_MB)
        time.sleep(0.1)
        assert listener.visits == 1
    passed = {name for name, ok in outcome.value if ok}
    assert {"xml-stylesheet", "schemaLocation", "schemaLocation in an entry"} <= passed
    assert not any("doctype" in name or "entity" in name for name in passed)


def open_pipe(path: str) -> None:
    """What a fetched file would come to: nobody writes into the pipe, so it waits for ever."""
    with Path(path).open("rb"):
        pass


@pytest.mark.parametrize("form", ["file://{}", "{}", "file:{}"])
def test_no_file_is_opened(confined, tmp_path, form):
    pipe = tmp_path / "tuzak.xsd"
    os.mkfifo(pipe)
    outcome = confined(
        "tests.support.hostile:judge_references",
        form.format(pipe),
        seconds=30,
        memory_mb=SPARE_MB,
    )
    assert outcome.error == ""
    with pytest.raises(OSError) as nobody:
        os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    assert nobody.value.errno == errno.ENXIO


def test_an_opened_pipe_would_be_noticed(confined, tmp_path):
    pipe = tmp_path / "tuzak.xsd"
    os.mkfifo(pipe)
    outcome = confined(f"{__name__}:open_pipe", str(pipe), seconds=0, memory_mb=SPARE_MB)
    assert outcome.error == "ended by SIGKILL"


# every beginning of a good document -----------------------------------------------------------
@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
def test_every_cut_document_is_a_finding(confined, kind):
    outcome = confined(
        "tests.support.hostile:judge_truncated", kind, 97, seconds=30, memory_mb=SPARE_MB
    )
    assert outcome.error == "" and outcome.value == []
