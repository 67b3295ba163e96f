"""`edefter archive restore`: what is lost comes back, what cannot is told, nothing is erased."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edefter.archive.bundle import KIND
from edefter.sandbox.world import SandboxWorld
from tests.support.archives import tree_of
from tests.support.office import Office

CANCELLED = "İPTAL EDİLENLER (SİLİNENLER)"


@pytest.fixture(scope="module")
def whole(running_world: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two archived months, the first of which was corrected; whoever uses it leaves it so."""
    office = Office(running_world, tmp_path_factory.mktemp("restore"))
    office.write_config(gib__not_found_wait_s=0.1)
    office.register()
    assert office.run("2026-01").code == 0
    berats = [f"{office.tax_number}-202601-{kind}-000000" for kind in ("YB", "KB")]
    running_world.gib.set_knobs(deleted=berats)
    words = ("--reason", "fiş tutarı yanlış", "--gib-reference", "12.11.2026 / 4711")
    corrected = office.edefter("correct", "2026-01", *words)
    assert corrected.code == 0, corrected.err
    running_world.gib.set_knobs()
    for period in ("2026-01", "2026-02"):
        assert office.run(period).code == 0
    return office


@pytest.fixture
def archived(office: Office) -> Office:
    """One month that may be spoiled."""
    assert office.run("2026-01").code == 0
    return office


def _restore(office: Office, *words: str, code: int = 0) -> dict:
    answer = office.edefter("archive", "restore", "--json", *words)
    assert answer.code == code, answer.out + answer.err
    (done,) = answer.json
    return done


def _rules(done: dict) -> dict[str, str]:
    return {Path(found["file"]).name: found["rule"] for found in done["findings"]}


def _prove(office: Office, code: int = 0) -> dict:
    answer = office.edefter("archive", "prove", "--json")
    assert answer.code == code, answer.out + answer.err
    (report,) = answer.json
    return report


def _found(report: dict) -> dict[str, str]:
    (files,) = [proof for proof in report["proofs"] if proof["name"] == "files"]
    return {Path(f["file"]).name: f["rule"] for f in files["findings"]}


def test_the_whole_tree_from_the_portal_alone(whole: Office, tmp_path: Path) -> None:
    done = _restore(whole, "--to", str(tmp_path / "new"))
    made, ours = tree_of(tmp_path / "new"), tree_of(whole.archive)
    assert made.keys() == ours.keys()
    assert made == ours
    assert {item["origin"] for item in done["restored"]} <= {"portal", "bundle"}
    assert sum(CANCELLED in item["file"] for item in done["restored"]) == 18
    assert done["root"] == _prove(whole)["root"]
    checked = whole.edefter("verify", str(tmp_path / "new"))
    assert checked.code == 0, checked.out + checked.err
    again = whole.edefter("archive", "restore", "--to", str(tmp_path / "new"))
    assert again.code == 2 and "boş" in again.err


def test_a_whole_tree_stays_as_it_is(whole: Office) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.archive.rglob("*") if path.is_file()}
    done = _restore(whole)
    assert (done["restored"], done["set_aside"], done["rebooked"]) == ([], [], [])
    assert done["whole"] == done["files"] == len(tree_of(whole.archive))
    after = {path: path.stat().st_mtime_ns for path in whole.archive.rglob("*") if path.is_file()}
    assert {p: t for p, t in after.items() if p.name != ".lock"} == {
        p: t for p, t in before.items() if p.name != ".lock"
    }


def test_configuration_and_keys_are_enough(whole: Office, tmp_path: Path) -> None:
    """State, work files and archive are gone; so is everything but configuration and keys."""
    other = Office(whole.world, tmp_path / "new", whole.tax_number)
    other.register()
    shutil.copytree(whole.folder / "data" / "keys", other.folder / "data" / "keys")
    done = _restore(other)
    assert tree_of(other.archive) == tree_of(whole.archive)
    assert done["root"] == _prove(whole)["root"]
    assert other.edefter("archive", "verify").code == 0
    # The state comes back from the tree, and knows then what was archived.
    taken = other.edefter("adopt", str(other.archive))
    assert taken.code == 0, taken.out + taken.err
    assert _restore(other)["restored"] == []


def test_what_ransomware_leaves(archived: Office) -> None:
    before = tree_of(archived.archive)
    root = _prove(archived)["root"]
    files = [path for path in archived.archive.rglob("*") if path.is_file()]
    spoiled = [path for path in files if path.name != ".lock"]
    for number, path in enumerate(spoiled):
        path.chmod(0o600)
        content = bytes(byte ^ 0x5A for byte in path.read_bytes())
        if number % 3 == 0:
            path.unlink()
        elif number % 3 == 1:
            path.write_bytes(content)
        else:
            path.with_name(f"{path.name}.locked").write_bytes(content)
            path.unlink()
    for path in archived.folder.joinpath("data", "work").rglob("*.xml"):
        path.unlink()
    found = _found(_prove(archived, 6))
    names = {path.name for path in spoiled}
    assert names <= found.keys(), "each is named although the tree's own books are gone"
    done = _restore(archived)
    assert tree_of(archived.archive) == before
    assert done["root"] == root
    assert done["rebooked"] == ["01.01.2026-31.12.2026"]
    for path in done["set_aside"]:
        assert Path(path).is_file() and archived.archive not in Path(path).parents
    proven = _prove(archived)
    assert proven["safe"] and proven["root"] == root
    assert archived.edefter("verify", str(archived.archive)).code == 0
    journal = next(archived.archive.rglob("journal.jsonl")).read_text(encoding="utf-8")
    assert '"action":"begin"' in journal.splitlines()[0]


def test_only_some_files(archived: Office) -> None:
    """The journal holds: it goes on, and each file is named before and after."""
    before = tree_of(archived.archive)
    kebir, receipt = archived.archived("*-K-000000.xml")[0], archived.archived("*-YB-*.jws")[0]
    bundle = archived.archived(f"*-Y-{KIND}-*.zip")[0]
    for path in (kebir, receipt):
        path.unlink()
    bundle.chmod(0o600)
    bundle.write_bytes(b"")
    found = _found(_prove(archived, 6))
    assert found[kebir.name] == found[receipt.name] == "ARC-01"
    assert found[bundle.name] == "ARC-02"
    done = _restore(archived)
    origins = {Path(item["file"]).name: item["origin"] for item in done["restored"]}
    assert origins == {kebir.name: "work", receipt.name: "state", bundle.name: "portal"}
    assert done["rebooked"] == []
    assert [Path(path).name for path in done["set_aside"]] == [bundle.name]
    assert tree_of(archived.archive) == before
    assert _prove(archived)["safe"]


def test_what_is_nowhere_is_told(archived: Office) -> None:
    """Evidence that no bundle holds: a month that was archived before there were bundles."""
    archived.write_config(portal__enabled=False)
    evidence = archived.archived("*evidence*")[0]
    evidence.unlink()
    done = _restore(archived, code=6)
    assert _rules(done) == {evidence.name: "ARC-50"}


def test_a_list_that_leaves_rows_out_hides_nothing(whole: Office, tmp_path: Path) -> None:
    whole.world.portal.set_knobs(list="omit")
    done = _restore(whole, "--to", str(tmp_path / "new"), code=6)
    assert set(_rules(done).values()) == {"ARC-20"}
    assert tree_of(tmp_path / "new") == tree_of(whole.archive)
    whole.world.portal.set_knobs()


def test_books_that_were_rewritten_with_the_file(archived: Office) -> None:
    """Who can write to the disk changes file, manifest and journal alike: state and portal know."""
    kebir = archived.archived("*-K-000000.xml")[0]
    real = kebir.read_bytes()
    forged = real.replace(b"<gl-cor:amount", b"<gl-cor:Amount", 1)
    _rewrite(kebir, forged)
    found = _found(_prove(archived, 6))
    assert found == {kebir.name: "ARC-52"}
    done = _restore(archived, code=6)
    assert _rules(done) == {kebir.name: "ARC-52"}
    assert kebir.read_bytes() == forged, "nothing is overwritten on one witness's word"


def _rewrite(path: Path, content: bytes) -> None:
    """File, row and journal as if it had always been so, chain and all."""
    import hashlib
    from dataclasses import replace

    from edefter.archive.chain import ChainedJournal
    from edefter.archive.manifest import read, write
    from edefter.archive.mending import rebook
    from edefter.archive.vault import Vault
    from edefter.config.keeping import ArchiveSettings

    path.chmod(0o600)
    path.write_bytes(content)
    folder = path.parent
    rows = read(folder)
    sha256 = hashlib.sha256(content).hexdigest()
    rows[path.name] = replace(rows[path.name], sha256=sha256, size_bytes=len(content))
    write(folder, rows)
    (folder.parent / "journal.jsonl").unlink()
    vault = Vault(ArchiveSettings(root=folder.parents[2]), folder.parents[2])
    rebook(vault, folder.parent, {folder.name: rows}, folder.parents[3] / "nowhere")
    assert not ChainedJournal(folder.parent / "journal.jsonl", lambda: None).audit()


def test_a_document_that_nobody_knows_stays(archived: Office) -> None:
    ledger = archived.archived("*-Y-000000.xml")[0]
    stranger = ledger.with_name(ledger.name.replace("000000", "000009"))
    stranger.write_bytes(ledger.read_bytes())
    note = ledger.with_name("HOW_TO_DECRYPT.txt")
    note.write_text("pay", encoding="utf-8")
    done = _restore(archived, code=6)
    assert _rules(done) == {stranger.name: "ARC-51"}
    assert stranger.is_file() and not note.exists()
    assert [Path(path).name for path in done["set_aside"]] == [note.name]
    shown = archived.edefter("archive", "restore", lang="en")
    assert shown.code == 6 and "neither" in shown.err


def test_nothing_there_yet(office: Office, tmp_path: Path) -> None:
    done = _restore(office)
    assert (done["files"], done["restored"], done["findings"]) == (0, [], [])
    assert _prove(office)["safe"]
    # From the portal alone nobody can tell a firm that it never knew from one that it forgot.
    unknown = office.edefter("archive", "restore", "--to", str(tmp_path / "new"))
    assert unknown.code == 2 and "firm-unknown" in unknown.err
