"""Functions run in processes of ours; what becomes of them is the caller's to know."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from edefter.crew import Crew, WorkerGone
from edefter.errors import ConfigError
from tests.unit.crew import tasks


def test_results_come_back_from_other_processes() -> None:
    with Crew(2) as crew:
        futures = [crew.submit(tasks.square, n) for n in range(6)]
        assert [f.result() for f in futures] == [n * n for n in range(6)]
        who = {crew.submit(os.getpid).result() for _ in range(4)}
    assert os.getpid() not in who and 1 <= len(who) <= 2


def test_what_a_function_raises_is_raised_here() -> None:
    with Crew(1) as crew:
        with pytest.raises(ConfigError) as caught:
            crew.submit(tasks.refuse, "şube").result()
        assert caught.value.facts == {"branch": "şube"}
        with pytest.raises(ValueError):
            crew.submit(int, "x").result()
        assert crew.submit(tasks.square, 3).result() == 9


def test_what_a_library_prints_disturbs_nothing() -> None:
    with Crew(1) as crew:
        assert crew.submit(tasks.print_and_return, "gürültü").result() == "gürültü"


def test_a_process_that_dies_costs_its_own_work_only() -> None:
    with Crew(1) as crew:
        with pytest.raises(WorkerGone) as gone:
            crew.submit(tasks.die).result()
        assert gone.value.how == "SIGKILL"
        assert crew.submit(tasks.square, 4).result() == 16


def test_the_end_does_not_wait_for_work(tmp_path: Path) -> None:
    crew = Crew(1)
    begun = tmp_path / "begun"
    future = crew.submit(tasks.sleep_long, begun)
    while not begun.exists():
        time.sleep(0.02)
    pid = int(begun.read_text())
    crew.end()
    with pytest.raises(WorkerGone):
        future.result()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def test_what_cannot_be_pickled_is_our_own_mistake() -> None:
    with Crew(1) as crew:
        with pytest.raises(Exception, match=r"pickle|local"):
            crew.submit(lambda: 1).result()
        assert crew.submit(tasks.square, 2).result() == 4


def test_at_least_one_process() -> None:
    with pytest.raises(ValueError):
        Crew(0)
