"""One pace for everybody who shares a state database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edefter.state.pacing import SharedPace
from edefter.state.store import Store

BEGIN = datetime(2026, 6, 1, 18, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.passed_s = 0.0
        self.slept: list[float] = []

    def wall(self) -> datetime:
        return BEGIN + timedelta(seconds=self.passed_s)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.passed_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock, tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'state.db'}", clock.wall)
    yield made
    made.close()


def _pace(store: Store, clock: Clock, pace_s: float = 1.0, endpoint: str = "gib") -> SharedPace:
    return SharedPace(store.engine, endpoint, pace_s, clock.wall, clock.sleep)


def test_two_processes_take_turns_and_other_endpoints_do_not_wait(
    store: Store, clock: Clock
) -> None:
    one, two = _pace(store, clock), _pace(store, clock)
    assert one.wait() == 0 and clock.slept == []
    assert two.wait() == 0 and clock.slept == [1.0]
    assert one.wait() == 0 and clock.slept == [1.0, 1.0]
    assert _pace(store, clock, endpoint="test").wait() == 0
    assert clock.slept == [1.0, 1.0]


def test_a_retry_after_holds_everybody(store: Store, clock: Clock) -> None:
    one, two = _pace(store, clock), _pace(store, clock)
    one.wait()
    one.hold(20)
    one.hold(5)  # a shorter one takes nothing back
    assert two.wait() == 0 and clock.slept == [20.0]
    two.hold(3600)
    assert one.wait() == 3600 and clock.slept == [20.0]


def test_without_a_pace_only_a_retry_after_holds(store: Store, clock: Clock) -> None:
    free = _pace(store, clock, pace_s=0.0)
    assert [free.wait() for _ in range(3)] == [0.0] * 3
    assert clock.slept == []
    free.hold(10)
    assert free.wait() == 0 and clock.slept == [10.0]


def test_a_clock_that_was_set_back_does_not_stop_the_calls(store: Store, clock: Clock) -> None:
    pace = _pace(store, clock)
    pace.wait()
    clock.passed_s -= 86_400
    assert pace.wait() == 0
    assert clock.slept == []
