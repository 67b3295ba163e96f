"""The one catalogue: both languages, the same placeholders, every key that the code uses."""

from __future__ import annotations

import re

import pytest

from edefter import messages
from edefter.messages import catalogue
from tests.conftest import REPO
from tests.support.texts import facts_of

SAY = re.compile(r"\bsay\(\s*\"([a-z0-9_]+)\"")


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_name_the_same_facts(key: str) -> None:
    entry = catalogue()[key]
    assert set(entry) <= {"tr", "en", "remedy_tr", "remedy_en"}
    assert facts_of(entry["tr"]) == facts_of(entry["en"])
    assert ("remedy_tr" in entry) == ("remedy_en" in entry)
    for text in entry.values():
        assert text.strip() == text
        assert text


def test_every_key_in_the_code_exists() -> None:
    for path in (REPO / "edefter").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        raised = re.findall(
            r"(?:Error|Refused|Needed|Open|Stop)\(\s*\"([a-z]+\.[a-z0-9_]+)\"", source
        )
        told = re.findall(r"listener\.(?:step|warn)\(\s*\"([a-z]+\.[a-z0-9_]+)\"", source)
        for key in raised + told:
            assert key in catalogue(), f"{path.name}: {key}"
        if path.parent.name == "cli":
            for name in SAY.findall(source):
                assert f"cli.{name}" in catalogue(), f"{path.name}: cli.{name}"


def test_a_missing_fact_never_hides_the_message() -> None:
    assert "?" in messages.text("engine.rejected", "tr")
