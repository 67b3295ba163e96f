"""One pace for everybody who shares a state database."""

from __future__ import annotations

from edefter.state.pacing import SharedPace
from edefter.state.store import Store
from tests.support.clocks import PassingClock


def _pace(
    store: Store, clock: PassingClock, pace_s: float = 1.0, endpoint: str = "gib"
) -> SharedPace:
    return SharedPace(store.engine, endpoint, pace_s, clock.wall, clock.sleep)


def test_two_processes_take_turns_and_other_endpoints_do_not_wait(
    store: Store, clock: PassingClock
) -> None:
    one, two = _pace(store, clock), _pace(store, clock)
    assert one.wait() == 0 and clock.slept == []
    assert two.wait() == 0 and clock.slept == [1.0]
    assert one.wait() == 0 and clock.slept == [1.0, 1.0]
    assert _pace(store, clock, endpoint="test").wait() == 0
    assert clock.slept == [1.0, 1.0]


def test_a_retry_after_holds_everybody(store: Store, clock: PassingClock) -> None:
    one, two = _pace(store, clock), _pace(store, clock)
    one.wait()
    one.hold(20)
    one.hold(5)  # a shorter one takes nothing back
    assert two.wait() == 0 and clock.slept == [20.0]
    two.hold(3600)
    assert one.wait() == 3600 and clock.slept == [20.0]


def test_without_a_pace_only_a_retry_after_holds(store: Store, clock: PassingClock) -> None:
    free = _pace(store, clock, pace_s=0.0)
    assert [free.wait() for _ in range(3)] == [0.0] * 3
    assert clock.slept == []
    free.hold(10)
    assert free.wait() == 0 and clock.slept == [10.0]


def test_a_clock_that_was_set_back_does_not_stop_the_calls(
    store: Store, clock: PassingClock
) -> None:
    pace = _pace(store, clock)
    pace.wait()
    clock.passed_s -= 86_400
    assert pace.wait() == 0
    assert clock.slept == []
