"""`edefter archive prove`: what went wrong is caught every time, by name of the proof."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from edefter.sandbox.world import SandboxWorld
from tests.support.office import Office
from tests.support.outside import FILES


@pytest.fixture(scope="module")
def whole(running_world: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An archived January; whoever uses it leaves office and portal as they were."""
    office = Office(running_world, tmp_path_factory.mktemp("proofs"))
    office.register()
    assert office.run("2026-01").code == 0
    return office


@pytest.fixture
def archived(office: Office) -> Office:
    """Another one, which may be spoiled."""
    assert office.run("2026-01").code == 0
    return office


def _prove(office: Office, *words: str) -> dict:
    answer = office.edefter("archive", "prove", "--json", *words)
    assert answer.code in (0, 6), answer.err
    (report,) = answer.json
    assert report["safe"] == (answer.code == 0)
    return report


def _caught(office: Office, *words: str) -> set[tuple[str, str]]:
    """(proof, rule) of everything that was found."""
    report = _prove(office, *words)
    return {(proof["name"], f["rule"]) for proof in report["proofs"] for f in proof["findings"]}


def test_what_is_whole_is_proven(whole: Office) -> None:
    report = _prove(whole, "--percent", "100")
    assert report["safe"]
    checked = {proof["name"]: proof["checked"] for proof in report["proofs"]}
    assert checked["reconcile"] == checked["challenge"] == checked["receipts"] == FILES
    assert checked["files"] == report["files"] > 12
    assert checked["completeness"] == 1
    assert _prove(whole)["root"] == report["root"]
    shown = whole.edefter("archive", "prove")
    assert shown.code == 0 and f"Makbuz zinciri: {FILES} denetlendi, sorun yok" in shown.out


def test_local_files_that_were_changed_or_deleted(archived: Office) -> None:
    changed, deleted = archived.archived("*-Y-*.xml")[0], archived.archived("*-K-*.xml")[0]
    changed.chmod(0o600)
    changed.write_bytes(changed.read_bytes().replace(b"a", b"b", 1))
    deleted.unlink()
    report = _prove(archived)
    found = {
        Path(f["file"]).name: f["rule"] for proof in report["proofs"] for f in proof["findings"]
    }
    assert found[changed.name] == "ARC-02"
    assert found[deleted.name] in ("ARC-01", "ARC-12")
    assert any(proof["name"] == "completeness" and proof["findings"] for proof in report["proofs"])


@pytest.mark.parametrize(
    ("knobs", "caught"),
    [
        ({"list": "omit"}, ("reconcile", "ARC-20")),
        ({"list": "duplicate"}, ("reconcile", "ARC-23")),
        ({"verify_differs": True}, ("challenge", "ARC-30")),
        ({"download": "flip"}, ("challenge", "ARC-31")),
        ({"download": "truncate"}, ("challenge", "ARC-31")),
    ],
)
def test_a_portal_that_lies(
    whole: Office, world: SandboxWorld, knobs: dict[str, object], caught: tuple[str, str]
) -> None:
    world.portal.set_knobs(**knobs)
    assert caught in _caught(whole)
    world.portal.set_knobs()
    assert _caught(whole) == set()


@pytest.mark.parametrize("fault", ["fork", "seq-gap", "bad-signature", "wrong-hash"])
def test_a_chain_that_was_forged(archived: Office, fault: str) -> None:
    """At reception the month stops; the audit of the whole chain names it for ever after."""
    archived.world.portal.set_knobs(receipt={"value": fault, "times": 1})
    assert archived.run("2026-02").code == 6
    archived.world.portal.set_knobs()
    found = _caught(archived)
    # A wrong hash is well linked and signed: only the content is not that of the file.
    assert ("receipts", "ARC-42" if fault == "wrong-hash" else "ARC-40") in found


def test_a_portal_that_lost_its_state(archived: Office) -> None:
    portal = archived.world.portal
    portal.stop()
    plain, portal.arguments = portal.arguments, (*portal.arguments, "--forget")
    portal.start()
    portal.arguments = plain
    archived.write_config()
    answer = archived.edefter("archive", "register", "--company", "ornek")
    assert answer.code == 0, answer.err
    found = _caught(archived)
    assert {("reconcile", "ARC-20"), ("challenge", "ARC-31"), ("receipts", "ARC-41")} <= found


def test_every_copy_has_its_turn(archived: Office) -> None:
    """One copy at a time: those not read back for longest come first."""
    for _ in range(FILES):
        assert _prove(archived, "--percent", "1")["safe"]
    records = archived.edefter("archive", "prove", "--json").json[0]["proofs"]
    assert next(p for p in records if p["name"] == "challenge")["checked"] == 1
    with sqlite3.connect(archived.folder / "data" / "state.db") as state:
        (missing,) = state.execute(
            "SELECT count(*) FROM upload WHERE challenged_at IS NULL"
        ).fetchone()
    assert missing == 0
