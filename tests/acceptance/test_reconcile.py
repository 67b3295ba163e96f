"""`edefter archive reconcile` against a portal that loses, doubles and shuffles rows."""

from __future__ import annotations

import pytest

from tests.support.office import Office
from tests.support.outside import FILES


@pytest.fixture
def archived(office: Office) -> Office:
    assert office.run("2026-01").code == 0
    return office


def _rules(office: Office) -> set[str]:
    answer = office.edefter("archive", "reconcile", "--json")
    assert answer.code in (0, 6), answer.err
    assert (answer.code == 6) == bool(answer.json[0]["findings"])
    return {finding["rule"] for finding in answer.json[0]["findings"]}


def test_what_is_archived_is_equal_on_both_sides(archived: Office) -> None:
    answer = archived.edefter("archive", "reconcile", "--json")
    assert answer.code == 0, answer.err
    (told,) = answer.json
    assert len(told["equal"]) == FILES
    assert not (told["waiting"] or told["lost"] or told["different"] or told["strange"])
    shown = archived.edefter("archive", "reconcile")
    assert f"{FILES} dosya iki tarafta aynı" in shown.out


def test_a_row_left_out_listed_twice_or_lost_between_pages(archived: Office) -> None:
    for knobs, rule in (
        ({"list": "omit"}, "ARC-20"),
        ({"list": "duplicate"}, "ARC-23"),
        ({"list": "change-between-pages", "page": 2}, "ARC-20"),
    ):
        archived.world.portal.set_knobs(**knobs)
        assert rule in _rules(archived), knobs
    archived.world.portal.set_knobs(page=2)
    assert _rules(archived) == set()


def test_what_waits_for_its_upload_is_no_problem(office: Office) -> None:
    office.world.portal.set_knobs(internal_500={"skip": 10})
    office.write_config(portal__retry_limit_s=0.5)
    assert office.run("2026-01").code == 3
    office.world.portal.set_knobs()
    answer = office.edefter("archive", "reconcile", "--json")
    assert answer.code == 0, answer.err
    (told,) = answer.json
    assert told["waiting"] and len(told["waiting"]) + len(told["equal"]) == 6
