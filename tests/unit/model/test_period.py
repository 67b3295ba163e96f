"""When approved parts cover a month."""

from __future__ import annotations

from datetime import date

import pytest

from edefter.model.period import Period

FEBRUARY = Period(2028, 2)  # a leap year


def _spans(*days: tuple[int, int]) -> list[tuple[date, date]]:
    return [(date(2028, 2, first), date(2028, 2, last)) for first, last in days]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([(1, 29)], True),
        ([(1, 28)], False),
        ([(2, 29)], False),
        ([], False),
        # lifecycle.md §3: parts share a day or follow each other
        ([(1, 10), (10, 15), (16, 21), (22, 25), (25, 29)], True),
        ([(1, 10), (12, 29)], False),
        ([(11, 29), (1, 10)], True),
        ([(1, 20), (5, 29)], True),
        ([(1, 29), (5, 6)], True),
        ([(1, 20), (5, 6), (22, 29)], False),
    ],
)
def test_parts_cover_a_month_without_gap(parts: list[tuple[int, int]], whole: bool) -> None:
    assert (FEBRUARY.first_uncovered(_spans(*parts)) is None) is whole
