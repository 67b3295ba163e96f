"""`edefter archive prove`: what went wrong is caught every time, by name of the proof."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from edefter.archive.jws import sign_jws
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


def test_new_copies_are_all_reread_by_the_portal(archived: Office) -> None:
    for checked in (FILES, 1):
        records = _prove(archived, "--percent", "1")["proofs"]
        assert next(p for p in records if p["name"] == "challenge")["checked"] == checked


def _reports(office: Office, code: int = 0) -> list[dict]:
    answer = office.edefter("archive", "reports", "--json")
    assert answer.code == code, answer.out + answer.err
    return answer.json


def test_every_proof_leaves_a_signed_report(archived: Office) -> None:
    proven = _prove(archived)
    archived.archived("*-K-*.xml")[0].unlink()
    assert not _prove(archived)["safe"]
    first, second = _reports(archived)
    assert (first["safe"], second["safe"]) == (True, False)
    content = first["content"]
    assert (content["root"], content["files"]) == (proven["root"], proven["files"])
    assert content["folders"][0]["folder"] == "01.01.2026-31.12.2026/01"
    assert content["months"][0]["standing"] == "archived"
    assert content["months"][0]["deadline"] == "2026-06-30"
    assert second["content"]["prev_report_sha256"] == first["sha256"]
    rules = {f["rule"] for p in second["content"]["proofs"] for f in p["findings"]}
    assert "ARC-01" in rules
    kept = sorted((archived.folder / "data" / "reports").rglob("*.jws"))
    assert [path.read_text(encoding="ascii") for path in kept] == [first["jws"], second["jws"]]


def test_reports_that_were_changed_taken_out_or_put_in(archived: Office) -> None:
    for _ in range(3):
        _prove(archived)
    database = archived.folder / "data" / "state.db"
    one, two, three = _reports(archived)
    for statement, values, rules in (
        ("DELETE FROM report WHERE sha256 = ?", (two["sha256"],), {"ARC-71"}),
        ("UPDATE report SET jws = ? WHERE sha256 = ?",
         (two["jws"][:-4] + "AAAA", two["sha256"]), {"ARC-70", "ARC-71"}),
        ("UPDATE report SET jws = ? WHERE sha256 = ?", ("x", three["sha256"]), {"ARC-70"}),
        ("UPDATE report SET jws = ? WHERE sha256 = ?",
         (_of_another_key(one["content"]), one["sha256"]), {"ARC-70"}),
    ):  # fmt: skip
        with sqlite3.connect(database) as state:
            before = state.execute("SELECT * FROM report").fetchall()
            state.execute(statement, values)
        answer = archived.edefter("archive", "reports")
        assert answer.code == 6
        assert all(rule in answer.err for rule in rules), (statement, answer.err)
        with sqlite3.connect(database) as state:
            state.execute("DELETE FROM report")
            state.executemany("INSERT INTO report VALUES (?, ?, ?, ?, ?, ?)", before)
    assert archived.edefter("archive", "reports").code == 0


def _of_another_key(content: dict) -> str:
    """The same words, signed by somebody else."""
    return sign_jws(content, ec.generate_private_key(ec.SECP384R1()), "edefter-proof+json")
