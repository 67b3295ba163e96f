"""The local tree: written once, never overwritten, provable."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import date

import pytest

from edefter.archive import manifest
from edefter.archive.errors import VaultConflict
from edefter.archive.manifest import Role
from edefter.config.keeping import ArchiveSettings
from edefter.errors import ExitCode, InternalError
from edefter.model.period import FiscalYear, Period
from tests.unit.archive.conftest import JANUARY, TAX, YEAR

NAME = f"{TAX}-202601-Y-000000.xml"


def fill(house, parts=("000000",), branch=""):
    """All documents of January."""
    tail = f"-{branch}" if branch else ""
    for part in parts:
        for role in ("Y", "K", "YB", "KB", "GIB-YB", "GIB-KB"):
            prefix = "GIB-" if role.startswith("GIB-") else ""
            name = f"{prefix}{TAX}-202601-{role.removeprefix('GIB-')}-{part}{tail}.xml"
            house.vault.put(house.stored(name, f"<{name}/>".encode()), house.folder, role)
    house.vault.put_stylesheets(house.folder)


def test_the_tree_is_number_fiscal_year_month(house):
    assert house.folder.relative_to(house.vault.root).as_posix() == (
        f"{TAX}/01.01.2026-31.12.2026/01"
    )
    special = FiscalYear(date(2026, 7, 1), date(2027, 6, 30))
    assert house.vault.folder(TAX, special, Period(2027, 2)).as_posix().endswith(
        "01.07.2026-30.06.2027/02"
    )  # fmt: skip
    with pytest.raises(ValueError, match="outside"):
        house.vault.folder(TAX, YEAR, Period(2027, 1))


def test_folder_spelling_is_configurable(house):
    house.vault.settings = ArchiveSettings(
        year_folder="{start} {end}", month_folder="{year}-{month:02d}"
    )
    assert house.vault.folder(TAX, YEAR, JANUARY).as_posix().endswith(
        "01.01.2026 31.12.2026/2026-01"
    )  # fmt: skip


def test_a_put_file_is_read_only_and_in_manifest_and_journal(house):
    source = house.stored(NAME, b"<y/>")
    held = house.vault.put(source, house.folder, Role.Y)
    assert held.path == house.folder / NAME
    assert held.path.read_bytes() == b"<y/>"
    assert stat.S_IMODE(held.path.stat().st_mode) == 0o444
    entry = manifest.read(house.folder)[NAME]
    assert (entry.role, entry.size_bytes, entry.sha256) == ("Y", 4, source.sha256)
    (line,) = house.vault.journal(house.folder).entries()
    assert (line["action"], line["file"], line["sha256"]) == ("put", NAME, source.sha256)
    assert house.vault.verify(house.folder) == []


def test_the_same_content_again_changes_nothing(house):
    source = house.stored(NAME, b"<y/>")
    house.vault.put(source, house.folder, Role.Y)
    before = {p: p.stat().st_mtime_ns for p in house.vault.root.rglob("*.json*")}
    house.vault.put(source, house.folder, Role.Y)
    house.vault.put((source.path, NAME), house.folder, Role.Y)
    assert {p: p.stat().st_mtime_ns for p in house.vault.root.rglob("*.json*")} == before


def test_other_content_is_never_written_over_it(house):
    house.vault.put(house.stored(NAME, b"<y/>"), house.folder, Role.Y)
    with pytest.raises(VaultConflict) as caught:
        house.vault.put(house.stored(NAME, b"<other/>"), house.folder, Role.Y)
    assert caught.value.exit_code is ExitCode.OPERATOR
    assert NAME in caught.value.text("tr")
    assert (house.folder / NAME).read_bytes() == b"<y/>"
    assert house.vault.verify(house.folder) == []


def test_a_source_that_is_not_the_hashed_file_is_refused(house):
    source = replace(house.stored(NAME, b"<y/>"), sha256="0" * 64)
    with pytest.raises(VaultConflict) as caught:
        house.vault.put(source, house.folder, Role.Y)
    assert caught.value.key == "archive.vault_source_changed"
    assert [p.name for p in house.folder.iterdir()] == []


@pytest.mark.parametrize("name", ["../x", "a/b", "", "manifest.json", ".lock"])
def test_only_plain_names_are_taken(house, name):
    with pytest.raises(ValueError, match="not a file name"):
        house.vault.put_bytes(b"x", name, house.folder, Role.RECEIPT)


def test_bookkeeping_of_a_killed_run_is_made_up_for(house):
    source = house.stored(NAME, b"<y/>")
    house.folder.mkdir(parents=True)
    (house.folder / NAME).write_bytes(b"<y/>")  # renamed, then killed
    assert [f.rule for f in house.vault.verify(house.folder)] == ["ARC-03"]
    house.vault.put(source, house.folder, Role.Y)
    assert house.vault.verify(house.folder) == []


def test_a_kill_between_journal_and_manifest_is_made_up_for(house):
    source = house.stored(NAME, b"<y/>")
    house.vault.put(source, house.folder, Role.Y)
    (house.folder / manifest.FILE_NAME).unlink()
    assert {f.rule for f in house.vault.verify(house.folder)} == {"ARC-01"}
    house.vault.put(source, house.folder, Role.Y)
    assert house.vault.verify(house.folder) == []


def test_what_became_of_a_file_is_noted(house):
    house.vault.put(house.stored(NAME, b"<y/>"), house.folder, Role.Y)
    house.vault.note(house.folder, NAME, gib_state="approved", ledger_signature_sha256="ab")
    entry = house.vault.note(house.folder, NAME, receipt_id="r1")
    assert (entry.gib_state, entry.receipt_id, entry.ledger_signature_sha256) == (
        "approved", "r1", "ab",
    )  # fmt: skip
    house.vault.note(house.folder, NAME, receipt_id="r1")  # known already: no new line
    assert len(list(house.vault.journal(house.folder).entries())) == 3
    assert house.vault.verify(house.folder) == []


def test_stylesheets_stay_as_they_were_filed(house):
    house.vault.put_stylesheets(house.folder)
    (house.sheets / "berat.xslt").write_text("<newer/>")
    house.vault.put_stylesheets(house.folder)
    assert "view of" in (house.folder / "berat.xslt").read_text()
    assert house.vault.verify(house.folder) == []


def test_a_missing_stylesheet_is_an_incomplete_installation(house):
    (house.sheets / "kebir.xslt").unlink()
    with pytest.raises(InternalError) as caught:
        house.vault.put_stylesheets(house.folder)
    assert "kebir.xslt" in caught.value.text("tr")


def test_a_cancelled_set_is_moved_not_erased(house):
    first = house.stored(NAME, b"<first/>")
    house.vault.put(first, house.folder, Role.Y)
    (moved,) = house.vault.cancel(house.folder, [NAME], reason="mücbir sebep", reference="E-1")
    assert moved.parent.name == "İPTAL EDİLENLER (SİLİNENLER)"
    assert moved.read_bytes() == b"<first/>"
    house.vault.put(house.stored(NAME, b"<second/>"), house.folder, Role.Y)
    (again,) = house.vault.cancel(house.folder, [NAME], reason="yine", reference="E-2")
    assert again != moved
    assert moved.read_bytes() == b"<first/>"
    assert again.read_bytes() == b"<second/>"
    assert house.vault.verify(house.folder) == []
    with pytest.raises(KeyError):
        house.vault.cancel(house.folder, [NAME], reason="", reference="")


def edit_manifest(house):
    path = house.folder / manifest.FILE_NAME
    document = json.loads(path.read_text())
    document["files"][0]["gib_state"] = "approved"
    path.write_text(json.dumps(document))


def edit_file(house):
    (house.folder / NAME).chmod(0o644)
    (house.folder / NAME).write_bytes(b"<Y/>")


def remove_file(house):
    (house.folder / NAME).unlink()


def add_file(house):
    (house.folder / "note.txt").write_text("x")


def edit_journal(house):
    path = house.vault.journal(house.folder).path
    path.write_bytes(path.read_bytes().replace(b'"role":"Y"', b'"role":"K"'))


def cut_journal(house):
    path = house.vault.journal(house.folder).path
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def drop_first_line(house):
    path = house.vault.journal(house.folder).path
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def spoil_manifest(house):
    (house.folder / manifest.FILE_NAME).write_text("[]")


@pytest.mark.parametrize(
    ("damage", "rules"),
    [
        (remove_file, {"ARC-01"}),
        (edit_file, {"ARC-02"}),
        (add_file, {"ARC-03"}),
        (spoil_manifest, {"ARC-04"}),
        (edit_journal, {"ARC-05", "ARC-06"}),
        (drop_first_line, {"ARC-05", "ARC-06"}),
        (cut_journal, {"ARC-06"}),
        (edit_manifest, {"ARC-06"}),
    ],
)
def test_every_damage_is_found_by_name(house, damage, rules):
    house.vault.put(house.stored(NAME, b"<y/>"), house.folder, Role.Y)
    house.vault.put_stylesheets(house.folder)
    assert house.vault.verify(house.folder) == []
    damage(house)
    found = house.vault.verify(house.folder)
    assert {finding.rule for finding in found} == rules
    for finding in found:
        assert finding.text("tr") != finding.text("en")
        assert "?" not in finding.text("tr")
        assert finding.remedy("tr")
        assert finding.place.file


def test_a_full_month_is_complete(house):
    fill(house)
    found = house.vault.completeness(TAX, YEAR, JANUARY)
    assert found.complete
    assert found.parts == ("000000",)


def test_a_divided_month_of_a_branch_is_complete_and_the_main_office_is_not(house):
    fill(house, ("000001", "000002"), "0001")
    assert house.vault.completeness(TAX, YEAR, JANUARY, "0001").complete
    assert [f.rule for f in house.vault.completeness(TAX, YEAR, JANUARY).problems] == ["ARC-10"]


def test_gaps_mixtures_and_missing_documents_are_named(house):
    fill(house, ("000001", "000003"))
    found = house.vault.completeness(TAX, YEAR, JANUARY)
    assert not found.complete
    assert [f.place.file for f in found.problems if f.rule == "ARC-12"] == [
        f"{TAX}-202601-Y-000002.xml", f"{TAX}-202601-K-000002.xml",
        f"{TAX}-202601-YB-000002.xml", f"{TAX}-202601-KB-000002.xml",
        f"GIB-{TAX}-202601-YB-000002.xml", f"GIB-{TAX}-202601-KB-000002.xml",
    ]  # fmt: skip
    fill(house)
    assert "ARC-11" in {f.rule for f in house.vault.completeness(TAX, YEAR, JANUARY).problems}


def test_a_missing_file_is_missing_although_the_manifest_knows_it(house):
    fill(house)
    (house.folder / f"GIB-{TAX}-202601-KB-000000.xml").unlink()
    (house.folder / "berat.xslt").unlink()
    found = house.vault.completeness(TAX, YEAR, JANUARY)
    assert [f.rule for f in found.problems] == ["ARC-12", "ARC-13"]


@pytest.mark.parametrize("name", ["../x.xml", "/etc/x", "a/../../x", ".hidden", "a/b/c/d"])
def test_books_that_lead_out_of_the_folder_are_not_believed(house, name):
    house.vault.put(house.stored(NAME, b"<y/>"), house.folder, Role.Y)
    rows = manifest.read(house.folder)
    row = replace(rows[NAME], name=name)
    manifest.write(house.folder, {**rows, name: row})
    assert {f.rule for f in house.vault.verify(house.folder)} == {"ARC-04"}
    house.vault.journal(house.folder).append(
        "put", folder=house.folder.name, file=name, role="Y", size=1, sha256="a" * 64
    )
    assert house.vault.rows(house.folder).keys() == {NAME}
