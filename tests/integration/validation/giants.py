"""Hostile documents of some hundred megabytes, for `make test-hostile`: too slow for every run."""

from __future__ import annotations

import pytest

from tests.integration.validation.test_hostile import check, confined, marked
from tests.support.hostile import GIANTS

__all__ = ["confined"]


@pytest.mark.parametrize("name", marked(GIANTS))
def test_a_giant_is_judged_within_bounds(confined, name):
    case = GIANTS[name]
    seconds = int(3 * case.cpu_s) + 5
    outcome = confined("tests.support.hostile:judge_case", name, seconds=seconds, memory_mb=3000)
    print(f"{name}: {outcome.cpu_s:.1f} s, {outcome.grown_mb} MB")
    check(case, outcome)
