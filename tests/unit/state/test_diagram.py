"""The drawn states are those of the program."""

from __future__ import annotations

from edefter.state.states import ALLOWED, WITHOUT_BERAT
from tools.make_state_diagram import PAGE, diagram, with_diagram


def test_the_page_shows_the_present_states() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_diagram(text), "run: python -m tools.make_state_diagram"


def test_every_way_is_drawn() -> None:
    ways = diagram().count(" --> ")
    reports = sum(len(targets - ALLOWED[state]) for state, targets in WITHOUT_BERAT.items())
    assert reports == 3
    assert ways == sum(len(targets) for targets in ALLOWED.values()) + reports + 3
