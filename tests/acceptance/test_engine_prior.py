"""The month before must be closed: known here, found at GİB, or taken over from GIB- files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from edefter.config.settings import SourceSettings
from tests.support.office import Answer, Office


def stopped(answer: Answer, code: int, *words: str) -> None:
    assert answer.code == code, answer.out + answer.err
    assert "Ne yapmalı:" in answer.err
    for word in words:
        assert word in answer.err, f"{word!r} is missing in: {answer.err}"


def closes(office: Office, period: str) -> None:
    answer = office.run(period)
    assert answer.code == 0, answer.out + answer.err


def counters(office: Office) -> None:
    told = office.edefter(
        "company", "counters", "ornek", "2026-01", "--entry-no", "183", "--line-no", "628"
    )
    assert told.code == 0, told.err


def moved(office: Office, make_office: Callable[..., Office]) -> Office:
    """A new installation of the same company, which knows nothing of the months before."""
    new = make_office(tax_number=office.tax_number)
    new.register()
    return new


def asked(office: Office) -> list[str]:
    """Packages whose status was asked for, without the tax number."""
    return [
        r["package_id"].partition("-")[2]
        for r in office.world.gib.received()
        if r["operation"] == "getBatchStatus" and r["package_id"].startswith(office.tax_number)
    ]


def test_one_berat_deleted_at_gib_keeps_the_next_month_shut(
    office: Office, make_office: Callable[..., Office]
) -> None:
    closes(office, "2026-01")
    office.world.gib.set_knobs(deleted=[f"{office.tax_number}-202601-KB-000000"])
    stopped(office.run("2026-02"), 4, "202601-KB-000000")
    # A new installation finds YB alone: it takes over neither.
    new = moved(office, make_office)
    stopped(new.run("2026-02"), 4, "202601-KB-000000")
    assert new.edefter("status", "--json").json[0]["documents"] == []
    assert "202601-KB-000001" in asked(new)


def test_only_half_of_the_month_imported_is_not_a_closed_month(
    office: Office, make_office: Callable[..., Office]
) -> None:
    closes(office, "2026-01")
    new = moved(office, make_office)
    journal, ledger = sorted(office.archived("GIB-*B-000000.xml"), key=lambda p: "-KB-" in p.name)
    assert new.edefter("archive", "adopt", str(journal), "--company", "ornek").code == 0
    report = new.edefter("status", "2026-01", "--json").json[0]
    assert not report["closed"]
    stopped(new.run("2026-01"), 6, ledger.name)
    new.world.gib.set_knobs(fault={"getBatchStatus": 304})
    stopped(new.run("2026-02"), 4, "202601-YB-000000", "202601-KB-000000")
    new.world.gib.set_knobs()
    assert new.edefter("archive", "adopt", str(ledger), "--company", "ornek").code == 0
    assert new.edefter("status", "2026-01", "--json").json[0]["closed"]
    counters(new)
    closes(new, "2026-02")


def test_not_authorised_asks_for_the_files_and_then_goes_on(
    office: Office, make_office: Callable[..., Office]
) -> None:
    closes(office, "2026-01")
    new = moved(office, make_office)
    new.world.gib.set_knobs(fault={"getBatchStatus": 305})
    stopped(new.run("2026-02"), 6, "305", "archive adopt")
    files = [str(p) for p in office.archived("GIB-*.xml")]
    assert new.edefter("archive", "adopt", *files, "--company", "ornek").code == 0
    counters(new)
    answer = new.edefter("build", "2026-02")
    assert answer.code == 0, answer.err
    assert "göstermiyor" in answer.err


def test_held_files_lost_and_put_back(office: Office, tmp_path: Path) -> None:
    closes(office, "2026-01")
    backup = tmp_path / "backup"
    backup.mkdir()
    work = office.folder / "data" / "work"
    for path in (*work.rglob("approved/GIB-*.xml"), *office.archived("GIB-*.xml")):
        shutil.copy(path, backup / path.name)
        path.unlink()
    stopped(office.run("2026-02"), 6, "202601-YB-000000", "archive adopt")
    files = [str(p) for p in backup.glob("GIB-*.xml")]
    assert office.edefter("archive", "adopt", *files, "--company", "ornek").code == 0
    closes(office, "2026-02")


def test_a_berat_that_does_not_verify_is_not_taken_over(
    office: Office, make_office: Callable[..., Office], tmp_path: Path
) -> None:
    closes(office, "2026-01")
    new = moved(office, make_office)
    (journal,) = office.archived("GIB-*-YB-000000.xml")
    broken = tmp_path / journal.name
    broken.write_bytes(journal.read_bytes().replace(b"2026-01-31", b"2026-01-30", 1))
    stopped(new.edefter("archive", "adopt", str(broken), "--company", "ornek"), 1, journal.name)
    other_name = tmp_path / "belge.xml"
    other_name.write_bytes(journal.read_bytes())
    stopped(new.edefter("archive", "adopt", str(other_name), "--company", "ornek"), 2, "belge.xml")
    missing = str(tmp_path / "yok" / journal.name)
    stopped(new.edefter("archive", "adopt", missing, "--company", "ornek"), 2)
    assert new.edefter("status", "--json").json[0]["documents"] == []


def test_work_folder_lost_but_archive_held(office: Office) -> None:
    closes(office, "2026-01")
    shutil.rmtree(office.folder / "data" / "work")
    closes(office, "2026-02")


def test_gib_silent_with_the_month_before_held_builds_and_waits(office: Office) -> None:
    """Not only a dead line: an answer that never comes, or 303, is no reason to stop building."""
    closes(office, "2026-01")
    for knobs in ({"cut": {"getBatchStatus": "after_read"}}, {"fault": {"getBatchStatus": 303}}):
        office.world.gib.set_knobs(**knobs)
        answer = office.run("2026-02", "--json")
        assert answer.code == 3, answer.out
        assert {row["state"] for row in answer.json[0]["files"]} == {"packaged"}
    office.world.gib.set_knobs()
    closes(office, "2026-02")


def test_gib_silent_and_nothing_held_stops(
    office: Office, make_office: Callable[..., Office]
) -> None:
    closes(office, "2026-01")
    new = moved(office, make_office)
    new.world.gib.set_knobs(cut={"getBatchStatus": "after_read"})
    stopped(new.run("2026-02"), 3)
    assert new.edefter("status", "--json").json[0]["documents"] == []


def test_killed_while_taking_over_a_month(
    office: Office, make_office: Callable[..., Office]
) -> None:
    """Half of a month found at GİB is never mistaken for the whole."""
    import json
    import subprocess
    import sys

    from tests.support.office import REPO

    closes(office, "2026-01")
    new = moved(office, make_office)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.deadly", "60", "--",
         *new.command("build", "2026-02")[3:]],
        check=False, capture_output=True, text=True, cwd=REPO,
    )  # fmt: skip
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["code"] == 6, done.stderr[-2000:]  # counters are not known
    assert "after Store.adopt Y" in result["points"]
    counters(new)
    closes(new, "2026-02")
    assert len([r for r in new.sends() if "202601" in r["package_id"]]) == 2


def test_new_fiscal_year_restarts_numbers_but_asks_for_december(
    make_office: Callable[..., Office],
) -> None:
    office = make_office()
    for table, column in (("vouchers", "voucher_date"), ("voucher_lines", "document_date")):
        office.sql(
            f"update {table} set {column} = '2025-12' || substr({column}, 8) "
            f"where {column} like '2026-01-%'"
        )
        office.sql(
            f"update {table} set {column} = '2026-01' || substr({column}, 8) "
            f"where {column} like '2026-02-%'"
        )
    _rebased(office)
    office.register(edefter_start="2025-12")
    stopped(office.run("2026-01"), 4, "202512-YB-000000", "202512-KB-000000")
    closes(office, "2025-12")
    closes(office, "2026-01")
    _second_starts_at_one(office, "202601", "01.01.2026-31.12.2026")


def test_special_fiscal_year_restarts_in_its_own_month(make_office: Callable[..., Office]) -> None:
    office = make_office()
    _rebased(office)
    office.register()
    edited = office.edefter("company", "edit", "ornek", "--set", "fiscal_year_start_month=2")
    assert edited.code == 0, edited.err
    closes(office, "2026-01")
    closes(office, "2026-02")
    assert (office.archive / office.tax_number / "01.02.2025-31.01.2026" / "01").is_dir()
    _second_starts_at_one(office, "202602", "01.02.2026-31.01.2027")
    assert "202601-YB-000000" in asked(office)


def _rebased(office: Office) -> None:
    """The sample books number both months through; the second starts its own year here."""
    office.write_config(
        source=SourceSettings(kind="sql", url=f"sqlite:///{office.database}", numbering="rebase")
    )


def _second_starts_at_one(office: Office, month: str, year_folder: str) -> None:
    (journal,) = office.archived(f"*-{month}-Y-000000.xml")
    assert journal.parent.parent.name == year_folder
    text = journal.read_text(encoding="utf-8")
    assert f"YEV{month}000001" in text
    assert 'unitRef="countable">1</gl-cor:entryNumberCounter>' in text
    assert ">1</gl-cor:lineNumber>" in text
