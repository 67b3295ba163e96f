"""Both sides by SHA-256: what is equal, waiting, lost, different, strange, listed twice."""

from __future__ import annotations

from edefter.archive.reconcile import Held, reconcile, unsteady


def _row(name: str, sha256: str = "a", state: str = "replicated") -> dict[str, str]:
    return {"file_name": name, "sha256": sha256, "state": state}


def test_every_way_in_which_both_sides_may_stand() -> None:
    held = [
        Held("equal", "a", True), Held("waiting", "a", False), Held("lost", "a", True),
        Held("different", "b", True), Held("twice", "a", True), Held("again", "b", True),
    ]  # fmt: skip
    rows = [
        _row("equal"), _row("different"), _row("strange"), _row("twice"), _row("twice"),
        _row("again", "a", "superseded"), _row("again", "b"), _row("open", state="uploading"),
    ]  # fmt: skip
    found = reconcile(held, rows)
    assert found.equal == ("again", "equal", "twice")
    assert (found.waiting, found.lost) == (("waiting",), ("lost",))
    assert (found.different, found.strange, found.twice) == (
        ("different",), ("strange",), ("twice",),
    )  # fmt: skip
    assert found.superseded == 1
    told = {(finding.rule, finding.place.file) for finding in found.findings}
    assert told == {
        ("ARC-20", "lost"), ("ARC-21", "different"), ("ARC-22", "strange"), ("ARC-23", "twice"),
    }  # fmt: skip
    assert all(f.message_tr and f.remedy_en for f in found.findings)


def test_nothing_on_either_side_is_no_problem() -> None:
    assert reconcile([], []).findings == []
    assert reconcile([Held("x", "a", False)], []).findings == []


def test_two_readings_that_differ() -> None:
    rows = [_row("x"), _row("y"), _row("z")]
    assert unsteady(rows, list(reversed(rows))) == []
    assert [f.place.file for f in unsteady(rows, rows[:2])] == ["z"]
    assert {f.rule for f in unsteady([_row("x", "b")], [_row("x")])} == {"ARC-24"}
