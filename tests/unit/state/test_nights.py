"""Nights and their months in the state database, with a clock of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from edefter.model.period import Period
from edefter.state.nights import KEPT_DAYS, MonthOfNight
from edefter.state.store import Store
from tests.support.clocks import PassingClock

MONTHS = [MonthOfNight("a", "", Period(2026, 1)), MonthOfNight("b", "0001", Period(2026, 1))]


def _begin(store: Store, clock: PassingClock, months: list[MonthOfNight] = MONTHS) -> int:
    until = clock.wall() + timedelta(hours=6)
    return store.begin_night(until, 4, months, lambda *_: None).id


def test_what_a_visit_came_to_is_read_back(store: Store, clock: PassingClock) -> None:
    night = _begin(store, clock)
    again = clock.wall() + timedelta(seconds=30)
    waits = replace(MONTHS[0], exit_code=3, again_at=again, told={"tr": {"x": "İ"}})
    for visits in (1, 2):
        store.record_visits(night, [waits], lambda _: None)
        found, other = store.months_of_night(night)
        assert found == replace(waits, visits=visits)
        assert other == MONTHS[1]
    assert store.months_of_night(night, "b") == [MONTHS[1]]


def test_a_night_is_over_when_it_was_ended_or_its_budget_is(
    store: Store, clock: PassingClock
) -> None:
    first = _begin(store, clock)
    assert store.night(first) is not None
    store.end_night(first)
    assert store.night(first) is None and store.open_night() is None
    second = _begin(store, clock)
    assert second != first
    clock.passed_s += 7 * 3600
    assert store.night(second) is None
    assert _begin(store, clock) not in (first, second)


def test_old_nights_are_forgotten(store: Store, clock: PassingClock) -> None:
    first = _begin(store, clock)
    clock.passed_s += (KEPT_DAYS - 1) * 86_400
    second = _begin(store, clock)
    assert store.months_of_night(first)
    clock.passed_s += 2 * 86_400
    _begin(store, clock)
    assert store.months_of_night(first) == []
    assert store.months_of_night(second)


def test_when_what_follows_cannot_be_written_the_night_does_not_begin(
    store: Store, clock: PassingClock
) -> None:
    def also(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.begin_night(clock.wall() + timedelta(hours=6), 4, MONTHS, also)
    assert store.open_night() is None
