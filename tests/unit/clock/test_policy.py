"""The clock policy of gib-webservice.md §5 as a table: answers, cross-checks, zone → verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.clock.policy import agreed_offset_s, judge, screen
from edefter.clock.port import CrossCheck, TimeAnswer
from edefter.config.settings import ClockSettings

STRICT = ClockSettings()
LENIENT = ClockSettings(mode="lenient")
TURKEY = 10_800.0


def answers(*offsets: float) -> list[TimeAnswer]:
    return [
        TimeAnswer(server=f"s{index}", offset_s=offset, stratum=2)
        for index, offset in enumerate(offsets)
    ]


def check(offset: float, source: str = "gib (edefter.gib.gov.tr)") -> CrossCheck:
    return CrossCheck(source=source, offset_s=offset, resolution_s=1.0)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, ""),
        ({"stratum": 1}, ""),
        ({"stratum": 15}, ""),
        ({"stratum": 0}, "stratum"),
        ({"stratum": 16}, "stratum"),
        ({"leap": 1}, ""),
        ({"leap": 3}, "leap"),
        ({"root_dispersion_s": 1.5}, ""),
        ({"root_dispersion_s": 1.6}, "dispersion"),
        ({"round_trip_s": 2.0}, ""),
        ({"round_trip_s": 2.1}, "round_trip"),
        ({"problem": "no_answer", "stratum": 0}, "no_answer"),
    ],
)
def test_screen(fields: dict, problem: str) -> None:
    answer = TimeAnswer(server="s", **{"stratum": 2, **fields})
    assert screen(answer, STRICT).problem == problem


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ((), None),
        ((0.0,), None),
        ((0.0, 2.0), 1.0),  # exactly the quorum's width
        ((0.0, 2.1), None),
        ((0.0, 0.1, 45.0), 0.05),  # the majority wins
        ((45.0, 45.2, 0.0), 45.1),
        ((0.0, 0.1, 45.0, 45.1), None),  # two against two
        ((0.0, 1.5, 3.0), 2.25),  # overlapping pairs: the one further off
        ((-3.0, -1.5, 0.0), -2.25),
        ((0.1, 0.2, 0.3, 9.0), 0.2),
    ],
)
def test_quorum(offsets: tuple[float, ...], expected: float | None) -> None:
    found = agreed_offset_s(answers(*offsets), 2.0)
    assert found == (None if expected is None else pytest.approx(expected))


@given(st.lists(st.floats(-1000, 1000), max_size=6))
def test_quorum_lies_between_two_answers_that_agree(offsets: list[float]) -> None:
    found = agreed_offset_s(answers(*offsets), 2.0)
    near = [offset for offset in offsets if found is not None and abs(offset - found) <= 2.0]
    assert found is None or (len(near) >= 2 and min(near) <= found <= max(near))


@pytest.mark.parametrize(
    ("offsets", "checks", "verdict", "reason"),
    [
        ((0.0, 0.1, 0.2), (), "ok", ""),
        ((2.0, 2.0, 2.0), (), "ok", ""),
        ((2.1, 2.1, 2.1), (), "warn", "clock.warn_skew"),
        ((-30.0, -30.0, -30.0), (), "warn", "clock.warn_skew"),
        ((30.1, 30.1, 30.1), (), "refused", "clock.refused_skew"),
        ((-45.0, -45.0, -45.0), (), "refused", "clock.refused_skew"),
        ((0.0, 0.0, 0.0), (check(3.0),), "ok", ""),  # 3.0 − 1.0 = the warning's 2.0
        ((0.0, 0.0, 0.0), (check(3.1),), "warn", "clock.warn_cross_check"),
        ((0.0, 0.0, 0.0), (check(31.0),), "warn", "clock.warn_cross_check"),
        ((0.0, 0.0, 0.0), (check(31.1),), "refused", "clock.refused_cross_check"),
        ((0.0, 0.0), (check(60.0, "database"),), "refused", "clock.refused_cross_check"),
        # the computer is 20 s slow and so is the database: 20 s apart from NTP-corrected time
        ((20.0, 20.0, 20.0), (check(0.0, "database"),), "warn", "clock.warn_skew"),
        ((20.0, 20.0, 20.0), (check(-12.0),), "refused", "clock.refused_cross_check"),
        ((), (), "refused", "clock.refused_no_answer"),
        ((), (check(0.0),), "refused", "clock.refused_no_answer"),
        ((0.0,), (check(0.0),), "refused", "clock.refused_no_answer"),
        ((0.0, 45.0), (check(0.0),), "refused", "clock.refused_conflict"),
    ],
)
def test_strict(offsets: tuple, checks: tuple, verdict: str, reason: str) -> None:
    found = judge(STRICT, answers(*offsets), checks, TURKEY)
    assert (found.name, found.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("offsets", "checks", "verdict", "reason"),
    [
        ((), (check(0.0),), "lenient", "clock.lenient"),
        ((), (check(16.0),), "lenient", "clock.lenient"),  # 16 − 1 = half of 30
        ((), (check(16.1),), "refused", "clock.refused_lenient"),
        ((), (check(0.0), check(-40.0, "portal")), "refused", "clock.refused_lenient"),
        ((), (check(0.0), check(40.0, "database")), "refused", "clock.refused_lenient"),
        ((), (), "refused", "clock.refused_no_cross_check"),
        ((), (check(0.0, "database"),), "refused", "clock.refused_no_cross_check"),
        ((45.0,), (check(0.0),), "refused", "clock.refused_no_answer"),
        ((1.0,), (check(0.0),), "lenient", "clock.lenient"),
        # with a quorum lenient is as strict as strict
        ((45.0, 45.0, 45.0), (check(0.0),), "refused", "clock.refused_skew"),
    ],
)
def test_lenient(offsets: tuple, checks: tuple, verdict: str, reason: str) -> None:
    found = judge(LENIENT, answers(*offsets), checks, TURKEY)
    assert (found.name, found.reason) == (verdict, reason)


@pytest.mark.parametrize("zone", [7200.0, 0.0, float("nan")])
def test_zone_must_be_turkish(zone: float) -> None:
    assert judge(STRICT, answers(0, 0, 0), (), zone).reason == "clock.refused_zone"
