"""Approved months taken back: within the legal time, after it, killed on the way."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edefter.config.settings import SourceSettings
from tests.support.office import REPO, Office
from tests.support.outside import FILES, document_states, held_at_portal, packages_at_gib

PERIOD = "2026-01"
CANCELLED = "İPTAL EDİLENLER (SİLİNENLER)"
ARCHIVED = {("K", "000000"): "archived", ("Y", "000000"): "archived"}


@pytest.fixture
def in_time(make_office: Callable[..., Office]) -> Office:
    """An approved January whose legal time is not over yet."""
    made = make_office()
    made.write_config(gib__not_found_wait_s=0.1)
    with made.config.open("a", encoding="utf-8") as config:
        config.write(
            '\n[extensions.uzatma]\noriginal = 2026-06-30\nuntil = 2030-12-31\nsource = "deneme"\n'
        )
    made.register()
    assert made.run(PERIOD).code == 0
    return made


def _deleted_at_gib(office: Office, *periods: str) -> None:
    """The operator deletes the berats in GİB's application."""
    office.world.gib.set_knobs(
        deleted=[f"{office.tax_number}-{p}-{k}-000000" for p in periods for k in ("YB", "KB")]
    )


def _correct(office: Office, *words: str, period: str = PERIOD):
    return office.edefter("correct", period, "--reason", "fiş tutarı yanlış", *words)


def _other_amount(office: Office, period: str = PERIOD) -> None:
    """A voucher's text changes, not the number of entries and lines."""
    office.sql(
        "UPDATE vouchers SET comment = 'düzeltildi' WHERE id ="
        " (SELECT min(id) FROM vouchers WHERE voucher_date LIKE ?)", f"{period}%"
    )  # fmt: skip


def _etnn(office: Office) -> set[str]:
    with closing(sqlite3.connect(office.folder / "data" / "state.db")) as state:
        return {row[0] for row in state.execute("SELECT ettn FROM document")}


def _state(office: Office, columns: str) -> list:
    with closing(sqlite3.connect(office.folder / "data" / "state.db")) as state:
        return state.execute(f"SELECT {columns} FROM document ORDER BY kind").fetchall()


def _all_is_well(office: Office) -> None:
    assert office.edefter("archive", "verify").code == 0
    assert office.edefter("audit", "verify").code == 0
    assert office.edefter("verify", str(office.archive)).code == 0
    assert not office.half_written()


def test_a_month_is_made_anew_with_its_numbers(in_time: Office) -> None:
    office = in_time
    before, ettn = _state(office, "counters_before, counters_after"), _etnn(office)
    refused = _correct(office)
    assert refused.code == 6
    assert "hâlâ" in refused.err or "duruyor" in refused.err
    assert document_states(office) == ARCHIVED

    _deleted_at_gib(office, "202601")
    answer = _correct(office)
    assert answer.code == 0, answer.err
    assert set(document_states(office).values()) == {"draft"}
    office.world.gib.set_knobs()
    cancelled = [path.name for path in office.archive.rglob(f"*/{CANCELLED}/*.xml")]
    assert len(cancelled) == 6
    _all_is_well(office)

    _other_amount(office)
    assert office.run(PERIOD).code == 0
    assert document_states(office) == ARCHIVED
    assert _state(office, "counters_before, counters_after") == before
    assert not _etnn(office) & ettn
    assert [state for _, state in packages_at_gib(office)].count("deleted") == 2
    assert sorted(held_at_portal(office).values()) == [1] * FILES
    kept = [p for p in office.archive.rglob("*.xml") if CANCELLED in p.parts]
    new = [p for p in office.archive.rglob("*.xml") if CANCELLED not in p.parts]
    assert sorted(p.name for p in kept) == sorted(p.name for p in new)
    assert {p.read_bytes() for p in kept}.isdisjoint(p.read_bytes() for p in new)
    _all_is_well(office)


def test_after_the_legal_time_only_with_permission(make_office: Callable[..., Office]) -> None:
    office = make_office()
    office.write_config(gib__not_found_wait_s=0.1)
    office.register()
    assert office.run(PERIOD).code == 0
    _deleted_at_gib(office, "202601")
    refused = _correct(office)
    assert refused.code == 6
    assert "VUK 217" in refused.err and "zayi belgesi" in refused.err
    assert document_states(office) == ARCHIVED
    answer = _correct(office, "--gib-reference", "12.11.2026 / 4711", "--json")
    assert answer.code == 0, answer.err
    assert len(answer.json[0]["moved"]) >= 12
    journal = next(office.archive.rglob("journal.jsonl")).read_text(encoding="utf-8")
    assert journal.count("12.11.2026 / 4711") == len(answer.json[0]["moved"])
    records = office.edefter("audit", "show", PERIOD, "--json").json
    assert [r["to_state"] for r in records if r["cause"] == "operator: correction"] == [
        "cancelled", "cancelled",
    ]  # fmt: skip


def test_without_a_reason_or_an_approved_month_nothing_happens(in_time: Office) -> None:
    assert in_time.edefter("correct", PERIOD).code == 2
    answer = _correct(in_time, period="2026-02")
    assert answer.code == 6
    assert "build 2026-02 --again" in answer.err


def test_a_correction_that_was_begun_holds_the_month(in_time: Office) -> None:
    office = in_time
    _deleted_at_gib(office, "202601")
    office.world.portal.set_knobs(certificate="expired")
    assert _correct(office).code == 3
    assert set(document_states(office).values()) == {"deleted"}
    for words in (("run", PERIOD), ("build", PERIOD, "--again", "--reason", "x")):
        blocked = office.edefter(*words)
        assert blocked.code == 6
        assert "edefter correct" in blocked.err
    office.world.portal.set_knobs()
    assert _correct(office).code == 0
    office.world.gib.set_knobs()
    assert office.run(PERIOD).code == 0
    _all_is_well(office)


def test_killed_at_every_effect_a_correction_comes_to_its_end(in_time: Office) -> None:
    office = in_time
    _deleted_at_gib(office, "202601")
    words = ["correct", PERIOD, "--reason", "deneme"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.deadly", "200", "--", "--config",
         str(office.config), *words],
        check=True, capture_output=True, text=True, cwd=REPO,
    )  # fmt: skip
    told = json.loads(done.stdout)
    # The last run may find that all was done just before it was killed.
    assert told["code"] in (0, 6), done.stderr[-2000:]
    names = {point.split()[1] for point in told["points"]}
    assert {"Store.transition", "PortalClient.withdraw", "Vault.cancel", "Path.rename"} <= names
    assert set(document_states(office).values()) == {"draft"}
    office.world.gib.set_knobs()
    _other_amount(office)
    assert office.run(PERIOD).code == 0
    assert sorted(held_at_portal(office).values()) == [1] * FILES
    _all_is_well(office)


def test_the_report_of_the_month_is_made_anew_too(make_office: Callable[..., Office]) -> None:
    office = make_office()
    office.write_config(gib__not_found_wait_s=0.1, gib__report="make")
    office.register()
    assert office.run(PERIOD).code == 0
    reports = office.archived("*-DR-*.xml")
    assert len(reports) == 1
    before = reports[0].read_bytes()
    _deleted_at_gib(office, "202601")
    assert _correct(office, "--gib-reference", "izin").code == 0
    office.world.gib.set_knobs()
    _other_amount(office)
    assert office.run(PERIOD).code == 0
    found = {CANCELLED in path.parts: path.read_bytes() for path in office.archived("*-DR-*.xml")}
    assert found[True] == before != found[False]
    assert sorted(held_at_portal(office).values()) == [1] * (FILES + 2)
    _all_is_well(office)


def test_numbers_that_change_reach_the_months_behind(in_time: Office) -> None:
    office = in_time
    assert office.run("2026-02").code == 0
    _deleted_at_gib(office, "202601")
    assert _correct(office).code == 0
    # One voucher less: February's numbers do not follow any more.
    voucher = _last_voucher(office)
    office.sql("DELETE FROM voucher_lines WHERE voucher_id = ?", voucher)
    office.sql("DELETE FROM vouchers WHERE id = ?", voucher)
    stopped = office.run(PERIOD)
    assert stopped.code == 6
    assert "2026-02" in stopped.err
    assert not [n for n, s in packages_at_gib(office) if "-202601-" in n and s == "done"]


def test_a_month_that_was_built_on_the_old_numbers_is_made_again(in_time: Office) -> None:
    office = in_time
    assert office.edefter("build", "2026-02").code == 0
    _deleted_at_gib(office, "202601")
    assert _correct(office).code == 0
    office.world.gib.set_knobs()
    voucher = _last_voucher(office)
    office.sql("DELETE FROM voucher_lines WHERE voucher_id = ?", voucher)
    office.sql("DELETE FROM vouchers WHERE id = ?", voucher)
    # The source's own numbers have a gap now; ours are counted.
    source = SourceSettings(kind="sql", url=f"sqlite:///{office.database}", numbering="assign")
    extension = office.config.read_text(encoding="utf-8").partition("[extensions")[2]
    office.write_config(source=source, gib__not_found_wait_s=0.1)
    with office.config.open("a", encoding="utf-8") as config:
        config.write(f"\n[extensions{extension}")
    answer = office.run(PERIOD)
    assert answer.code == 0, answer.err
    stopped = office.run("2026-02")
    assert stopped.code == 6
    assert "build 2026-02 --again" in stopped.err
    assert office.edefter("build", "2026-02", "--again", "--reason", "numaralar").code == 0
    assert office.run("2026-02").code == 0
    _all_is_well(office)


def _last_voucher(office: Office) -> int:
    with closing(sqlite3.connect(office.database)) as books:
        return books.execute(
            "SELECT max(id) FROM vouchers WHERE voucher_date LIKE '2026-01%'"
        ).fetchone()[0]


def test_the_folder_of_work_files_is_kept(in_time: Office) -> None:
    office = in_time
    _deleted_at_gib(office, "202601")
    assert _correct(office).code == 0
    kept: list[Path] = sorted((office.folder / "data" / "work").rglob("202601-1"))
    assert len(kept) == 1 and list(kept[0].rglob("*.zip"))
