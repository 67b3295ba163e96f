"""The main job: two months of a company go from database to archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html

from tests.support.office import Answer, Office
from tests.support.verifiers import jdk_verify, xmlsec1_verify

SIGNED_KINDS = ("Y", "K", "YB", "KB")


@pytest.fixture(scope="module")
def closed(running_world, tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, list[Answer]]:
    """An office whose January and February 2026 are closed."""
    for simulator in (running_world.gib, running_world.portal, running_world.ntp):
        simulator.set_knobs()
    office = Office(running_world, tmp_path_factory.mktemp("closed"))
    office.register()
    answers = [office.run(period, "--json") for period in ("2026-01", "2026-02")]
    return office, answers


def test_both_months_close_and_archive(closed: tuple[Office, list[Answer]]) -> None:
    _, answers = closed
    for answer in answers:
        assert answer.code == 0, answer.err + answer.out
        (report,) = answer.json
        assert report["closed"]
        assert report["archived"]


def test_closing_table_names_size_hash_state_gib_time_and_receipt(closed) -> None:
    _, answers = closed
    for answer in answers:
        (report,) = answer.json
        assert len(report["files"]) == 6
        for row in report["files"]:
            assert row["size_bytes"] > 1000
            assert len(row["sha256"]) == 64
            assert row["state"] == "archived"
            assert row["gib_time"].startswith("20")
            assert row["receipt"]


def test_sums_agree_to_the_kurus(closed) -> None:
    _, answers = closed
    for answer in answers:
        totals = answer.json[0]["totals"]
        money = [(t["debit_kurus"], t["credit_kurus"], t["lines"]) for t in totals.values()]
        assert len(set(money)) == 1
        assert money[0][0] == money[0][1] > 0


def test_the_sample_is_a_real_month_end(closed) -> None:
    _, answers = closed
    entries = sum(a.json[0]["totals"]["yevmiye"]["entries"] for a in answers)
    assert entries >= 300


def test_numbers_continue_over_the_months(closed) -> None:
    office, answers = closed
    january, february = (office.archived(f"*-2026{month}-Y-*.xml")[0] for month in ("01", "02"))
    last = answers[0].json[0]["totals"]["yevmiye"]
    counter = f'unitRef="countable">{last["entries"] + 1}</gl-cor:entryNumberCounter>'
    line = f">{last['lines'] + 1}</gl-cor:lineNumber>"
    assert counter in february.read_text(encoding="utf-8")
    assert line in february.read_text(encoding="utf-8")
    assert counter not in january.read_text(encoding="utf-8")
    assert "YEV202602000002" in february.read_text(encoding="utf-8")


def test_archive_tree_holds_everything_a_month_needs(closed) -> None:
    office, _ = closed
    names = {p.name for p in office.archive.rglob("*") if p.is_file()}
    for month in ("202601", "202602"):
        stem = f"{office.tax_number}-{month}"
        for kind in SIGNED_KINDS:
            assert f"{stem}-{kind}-000000.xml" in names
        for kind in ("YB", "KB"):
            assert f"GIB-{stem}-{kind}-000000.xml" in names
    assert {"yevmiye.xslt", "kebir.xslt", "berat.xslt", "manifest.json"} <= names
    assert office.edefter("archive", "verify").code == 0


def test_our_own_verifier_and_validator_accept_every_file(closed) -> None:
    office, _ = closed
    verified = office.edefter("verify", str(office.archive))
    assert verified.code == 0, verified.err + verified.out
    validated = office.edefter("validate", str(office.archive), "--own")
    assert validated.code == 0, validated.err + validated.out


def test_verifying_writes_a_report(closed, tmp_path: Path) -> None:
    office, _ = closed
    page, data = tmp_path / "rapor.html", tmp_path / "rapor.json"
    for output in (page, data):
        done = office.edefter("verify", str(office.archive), "--no-rules", "--output", str(output))
        assert done.code == 0 and str(output.name) in done.out, done.err
    rows = json.loads(data.read_text(encoding="utf-8"))
    assert len(rows) == len(office.archived())
    root = html.document_fromstring(page.read_text(encoding="utf-8"))
    names = [link.text_content() for link in root.xpath("//tbody[@class='file']//a")]
    assert names == [row["file"] for row in rows]
    # GİB's counter-signature covers the berat, and the berat its ledger.
    assert {row["time_proof"] for row in rows} == {"countersignature"}
    document = office.archived()[0]
    for wrong in (document, tmp_path / "rapor.txt", tmp_path):
        refused = office.edefter("verify", str(document), "--output", str(wrong))
        assert refused.code == 2 and "Ne yapmalı:" in refused.err
    assert office.edefter("verify", str(document)).code == 0


def _signed(office: Office) -> list[Path]:
    return [p for p in office.archived() if not p.name.startswith("GIB-")]


def test_xmlsec1_and_the_jdk_accept_every_signed_file(closed, tool) -> None:
    tool("xmlsec1")
    tool("java", "openjdk-17-jdk-headless")
    office, _ = closed
    files = _signed(office)
    assert len(files) == 8
    root = office.world.pki.folder / "root.pem"
    assert set(xmlsec1_verify(files, root).values()) == {True}
    assert set(jdk_verify(files).values()) == {True}


def _flip(path: Path, target: Path, needle: bytes) -> Path:
    """Copy `path` with one bit of the byte after `needle` flipped."""
    data = bytearray(path.read_bytes())
    at = data.index(needle) + len(needle)
    data[at] ^= 0x01
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


@pytest.mark.parametrize(
    ("kind", "needle"),
    [
        ("Y", b"<gl-cor:detailComment contextRef="),
        ("K", b'unitRef="try">'),
        ("YB", b"<gl-bus:numberOfEntries contextRef="),
        ("KB", b"<gl-cor:uniqueID contextRef="),
        ("Y", b'href="yevm'),
    ],
    ids=["text attribute", "amount", "segment", "control number", "processing instruction"],
)
def test_one_flipped_byte_fails_everywhere(closed, tool, tmp_path, kind, needle) -> None:
    tool("xmlsec1")
    tool("java", "openjdk-17-jdk-headless")
    office, _ = closed
    (original,) = office.archived(f"{office.tax_number}-202601-{kind}-000000.xml")
    broken = _flip(original, tmp_path / original.name, needle)
    assert office.edefter("verify", str(broken)).code == 1
    assert not xmlsec1_verify([broken], office.world.pki.folder / "root.pem")[broken]
    assert not jdk_verify([broken])[broken]


def test_a_second_run_changes_nothing_and_sends_nothing(closed) -> None:
    office, answers = closed
    before = {p: p.read_bytes() for p in office.archive.rglob("*") if p.is_file()}
    sends = len(office.sends())
    again = office.run("2026-02", "--json")
    assert again.code == 0
    assert again.json[0]["files"] == answers[1].json[0]["files"]
    assert {p: p.read_bytes() for p in office.archive.rglob("*") if p.is_file()} == before
    assert len(office.sends()) == sends


def test_every_clock_measurement_is_kept_with_the_period(closed) -> None:
    import sqlite3

    office, _ = closed
    connection = sqlite3.connect(office.folder / "data" / "state.db")
    rows = connection.execute("select period, purpose, verdict from measurement").fetchall()
    connection.close()
    assert {"202601", "202602"} == {row[0] for row in rows}
    assert {"build", "sign", "send"} <= {row[1] for row in rows}
    assert {row[2] for row in rows} <= {"ok", "warn"}


def test_dry_run_goes_through_every_step_and_keeps_nothing(office: Office) -> None:
    office.write_config(seal=None, gib__base_url="https://127.0.0.1:9")
    rehearsal = office.run("2026-01", "--dry-run", "--json")
    assert rehearsal.code == 0, rehearsal.err + rehearsal.out
    (report,) = rehearsal.json
    assert report["closed"]
    assert len(report["files"]) == 6
    assert not office.archive.exists()
    assert office.edefter("status", "--json").json[0]["documents"] == []
    assert office.sends() == []


def test_steps_one_by_one_reach_the_same_end(make_office: Callable[..., Office]) -> None:
    office = make_office()
    office.register()
    assert office.edefter("build", "2026-01").code == 0
    assert office.edefter("sign", "2026-01").code == 0
    assert office.sends() == []
    assert office.edefter("submit", "2026-01").code == 0
    assert not office.archive.exists()
    done = office.edefter("archive", "upload", "2026-01", "--json")
    assert done.code == 0, done.err
    assert done.json[0]["archived"]
