"""The catalogue areas of clock, configuration and doctor: whole, in both languages."""

from __future__ import annotations

import pytest

from edefter import messages
from tests.support.texts import facts_of

AREAS = ("clock", "config", "doctor")
KEYS = [key for key in messages.catalogue() if key.partition(".")[0] in AREAS]
PROBLEMS = ("address", "name", "no_answer", "unreachable", "packet", "origin", "stratum", "leap",
            "dispersion", "round_trip")  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_same_facts(key: str) -> None:
    entry = messages.catalogue()[key]
    for left, right in (("tr", "en"), ("remedy_tr", "remedy_en")):
        assert (left in entry) == (right in entry)
        assert facts_of(entry.get(left, "")) == facts_of(entry.get(right, ""))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_time_server_problem_has_its_words(problem: str) -> None:
    assert {f"clock.problem_{problem}", f"doctor.ntp_{problem}"} <= set(KEYS)
