"""Which month of a company a worker visits next, and when."""

from __future__ import annotations

from datetime import UTC, datetime

from edefter.model.period import Period
from edefter.state.nights import MonthOfNight
from edefter.workers.visits import AT_ONCE, next_months, next_visit

LATER = datetime(2026, 6, 1, 18, 30, tzinfo=UTC)


def _month(month: int, branch: str = "", **values: object) -> MonthOfNight:
    return MonthOfNight("a", branch, Period(2026, month), **values)  # type: ignore[arg-type]


DONE = {"exit_code": 0, "over": True}
STOPPED = {"exit_code": 6, "over": True}
WAITS = {"exit_code": 3, "again_at": LATER}


def test_months_follow_each_other() -> None:
    months = [_month(2), _month(1, **DONE), _month(3)]
    assert [m.period.month for m in next_months(months)] == [2]
    assert next_visit(months) == AT_ONCE


def test_a_stopped_month_keeps_back_those_behind_it() -> None:
    months = [_month(1, **STOPPED), _month(2)]
    assert list(next_months(months)) == []
    assert next_visit(months) is None


def test_branches_do_not_wait_for_each_other() -> None:
    months = [
        _month(1, "0001", **WAITS), _month(1, "0002", **DONE), _month(2, "0002"),
        _month(1, "0003", **STOPPED),
    ]  # fmt: skip
    found = [(m.branch, m.period.month) for m in next_months(months)]
    assert found == [("0001", 1), ("0002", 2)]
    assert next_visit(months) == AT_ONCE
    assert next_visit(months[:1]) == LATER


def test_when_all_is_done_nobody_comes() -> None:
    assert next_visit([_month(1, **DONE), _month(2, **DONE)]) is None
