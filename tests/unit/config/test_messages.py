"""The catalogue areas of clock, configuration and doctor: whole, in both languages."""

from __future__ import annotations

import re

import pytest

from edefter import messages

AREAS = ("clock", "config", "doctor")
KEYS = [key for key in messages.catalogue() if key.partition(".")[0] in AREAS]
PROBLEMS = ("address", "name", "no_answer", "unreachable", "packet", "origin", "stratum", "leap",
            "dispersion", "round_trip")  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_same_facts(key: str) -> None:
    entry = messages.catalogue()[key]
    for left, right in (("tr", "en"), ("remedy_tr", "remedy_en")):
        assert (left in entry) == (right in entry)
        facts = [set(re.findall(r"{(\w+)}", entry.get(name, ""))) for name in (left, right)]
        assert facts[0] == facts[1]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_time_server_problem_has_its_words(problem: str) -> None:
    assert {f"clock.problem_{problem}", f"doctor.ntp_{problem}"} <= set(KEYS)
