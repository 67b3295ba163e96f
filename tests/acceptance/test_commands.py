"""Every other command does what its help says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.office import Office
from tests.support.official_package import package_files, write_zip


def plain(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """`edefter words…` without any configuration, in an empty home."""
    return subprocess.run(
        [sys.executable, "-m", "edefter", *words],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **environ},
    )


def test_version_and_help_speak_both_languages(tmp_path: Path) -> None:
    assert plain("--version", cwd=tmp_path).stdout.startswith("edefter 0.")
    assert "Ay sonunun" in plain("--help", cwd=tmp_path).stdout
    assert "month end" in plain("--lang", "en", "--help", cwd=tmp_path).stdout


def test_init_writes_a_configuration_that_loads(tmp_path: Path) -> None:
    done = plain("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert plain("company", "list", cwd=tmp_path).returncode == 0
    again = plain("init", cwd=tmp_path)
    assert again.returncode == 2
    assert "Ne yapmalı:" in again.stderr


def test_unknown_key_in_the_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "edefter.toml").write_text('[clock]\nserver = ["a"]\n', encoding="utf-8")
    done = plain("company", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert "clock.server" in done.stderr


@pytest.mark.parametrize("words", [("run",), ("run", "2026-13"), ("nonsense",)])
def test_wrong_usage_is_a_configuration_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert plain(*words, cwd=tmp_path).returncode == 2


def test_company_show_edit_list(office: Office) -> None:
    assert office.tax_number in office.edefter("company", "list").out
    changed = office.edefter("company", "edit", "ornek", "--set", "address.city=Ankara")
    assert changed.code == 0, changed.err
    shown = office.edefter("company", "show", "ornek", "--json").json
    assert shown["address"]["city"] == "Ankara"
    wrong = office.edefter("company", "edit", "ornek", "--set", "phone=123")
    assert wrong.code == 2
    assert "phone" in wrong.err
    assert office.edefter("company", "show", "yok").code == 2


def test_a_seal_is_tried_without_a_document(office: Office) -> None:
    tried = office.edefter("seal", "test")
    assert tried.code == 0 and office.world.signature_method in tried.out, tried.err
    unknown = office.edefter("seal", "test", "yedek")
    assert unknown.code == 2 and "bilinenler: default" in unknown.err


def test_a_seal_that_ends_soon_is_told_everywhere(office: Office) -> None:
    ends = datetime.now(UTC) + timedelta(days=20, hours=1)
    office.write_config(
        seal=office.world.pki.issue_seal(
            office.tax_number, "Bitiyor", not_after=ends, label=f"{office.tax_number}-bitiyor"
        )
    )
    checked = office.edefter("seal", "check")
    assert checked.code == 0 and "20 gün" in checked.err and "Kamu SM'ye" in checked.err
    run = office.run("2026-01", "--json")
    assert run.code == 0, run.err
    (month,) = run.json
    texts = {item["key"]: item["text"] for item in month["warnings"]}
    assert set(texts) == {"engine.deadline_over", "signature.seal_expires_soon"}
    assert "20 gün" in texts["signature.seal_expires_soon"]


def test_seals_of_all_companies_are_checked(office: Office) -> None:
    assert office.edefter("seal", "check").code == 0
    other = office.world.pki.issue_seal("9999999999", "Başkası", label="baskasi")
    office.write_config(seal=other)
    checked = office.edefter("seal", "check")
    assert checked.code == 4 and "ornek:" in checked.err and "9999999999" in checked.err


def test_seal_and_source_are_checked(office: Office) -> None:
    listed = office.edefter("seal", "list")
    assert listed.code == 0
    assert office.world.seals.partition("-")[0] in listed.out
    fits = office.edefter("seal", "check", "--company", "ornek")
    assert fits.code == 0, fits.err
    assert office.tax_number in fits.out
    assert office.edefter("source", "check").code == 0
    office.database.unlink()
    missing = office.edefter("source", "check")
    assert missing.code == 2, missing.out


def test_doctor_sees_the_sandbox(office: Office) -> None:
    done = office.edefter("doctor", "--json")
    assert done.code == 0, done.out + done.err
    report = done.json
    steps = {(result["step"], result["state"]) for result in report["results"]}
    assert ("tls", "ok") in steps
    assert ("ntp", "ok") in steps
    assert "*.myedefter.com.tr" in report["advice"]
    assert "4443" in report["advice"]
    office.world.ntp.set_knobs(offset_s=45)
    assert office.edefter("doctor").code == 4


def test_status_without_and_with_a_period(office: Office) -> None:
    assert office.edefter("status").code == 0
    assert office.edefter("build", "2026-01").code == 0
    overview = office.edefter("status", "--json").json[0]["documents"]
    assert {d["state"] for d in overview} == {"prechecked"}
    assert office.edefter("status", "2026-01", "--json").json[0]["closed"] is False


def test_validate_tells_findings_of_a_foreign_file(office: Office, tmp_path: Path) -> None:
    assert office.edefter("build", "2026-01").code == 0
    (unsigned,) = (office.folder / "data" / "work").rglob("unsigned/*-Y-*.xml")
    foreign = tmp_path / unsigned.name
    foreign.write_bytes(unsigned.read_bytes().replace(b">YEV", b">KEB", 1))
    done = office.edefter("validate", str(foreign), "--json")
    assert done.code == 1
    rules = {finding["rule"] for finding in done.json[0]["findings"]}
    assert {"Y-INF-04", "Y-DOC-01"} <= rules
    assert office.edefter("validate", str(tmp_path / "none.xml")).code == 2


def test_view_makes_pages(office: Office, tmp_path: Path) -> None:
    assert office.run("2026-01").code == 0
    done = office.edefter("view", str(office.archive), "--out", str(tmp_path / "pages"))
    assert done.code == 0, done.err
    pages = sorted(p.name for p in (tmp_path / "pages").glob("*.html"))
    assert len(pages) == 6
    text = (tmp_path / "pages" / pages[-1]).read_text(encoding="utf-8")
    assert "GİB" in text


def test_official_package_is_kept_by_hash_and_hostile_ones_refused(
    office: Office, tmp_path: Path
) -> None:
    good, evil = tmp_path / "e-Defter_Paketi.zip", tmp_path / "evil.zip"
    write_zip(good, package_files())
    write_zip(evil, {"../outside.xsd": b"<x/>", **package_files()})
    kept = office.edefter("package", "import", str(good))
    assert kept.code == 0, kept.err
    stored = sorted((office.folder / "data" / "official").iterdir())
    assert [path.suffix for path in stored] == [".json", ".zip"]
    assert stored[0].stem in kept.out.replace("\n", "")
    assert office.edefter("package", "import", str(evil)).code == 2
    assert sorted((office.folder / "data" / "official").iterdir()) == stored
    listed = office.edefter("package", "list")
    assert listed.code == 0, listed.err
    assert stored[0].stem in listed.out
    assert "Y K B R E EB" in listed.out


def test_archive_verify_names_a_changed_file(office: Office) -> None:
    assert office.run("2026-01").code == 0
    (yevmiye,) = office.archived("*-202601-Y-*.xml")
    yevmiye.chmod(0o644)
    yevmiye.write_bytes(yevmiye.read_bytes().replace(b"2026-01-31", b"2026-01-30", 1))
    done = office.edefter("archive", "verify")
    assert done.code == 6
    assert yevmiye.name in done.out + done.err


def test_archive_adopt_takes_approved_berats_over(
    office: Office, make_office: Callable[..., Office]
) -> None:
    assert office.run("2026-01").code == 0
    moved = make_office(tax_number=office.tax_number)
    moved.register()
    files = [str(p) for p in office.archived("GIB-*.xml")]
    done = moved.edefter("archive", "adopt", *files, "--company", "ornek")
    assert done.code == 0, done.err
    states = {d["state"] for d in moved.edefter("status", "--json").json[0]["documents"]}
    assert states == {"approved"}
    broken = moved.folder / Path(files[0]).name
    broken.write_bytes(Path(files[0]).read_bytes().replace(b"2026-01-31", b"2026-01-30", 1))
    refused = moved.edefter("archive", "adopt", str(broken), "--company", "ornek")
    assert refused.code == 1, refused.out + refused.err


def test_several_companies_and_the_worst_exit_code(office: Office) -> None:
    office.register(code="ikinci", edefter_start="2026-02")
    which = office.run("2026-01")
    assert which.code == 2, "two companies and none named"
    both = office.run("2026-01", "--all", "--json")
    assert both.code == 2
    reports = {r["company"]: r["exit_code"] for r in both.json}
    assert reports == {"ornek": 0, "ikinci": 2}


def test_secrets_never_reach_the_screen(office: Office) -> None:
    office.world.portal.set_knobs(account_locked=True)
    secret = (office.world.folder / "secrets" / "api-secret").read_text(encoding="utf-8")
    done = office.edefter("--verbose", "run", "2026-01")
    assert done.code != 0
    assert secret not in done.out + done.err


def test_sandbox_starts_writes_a_configuration_and_ends_on_a_signal(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "edefter", "sandbox", "start", "--dir", str(tmp_path / "sb"),
         "--any-ports"],
        stdout=subprocess.PIPE, text=True, env={**os.environ},
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "--config" in line:
            break
    config = tmp_path / "sb" / "edefter.toml"
    assert config.exists(), "".join(lines)
    done = plain("--config", str(config), "doctor", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["results"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    process.stdout.close()


def test_mizan_from_the_source(office: Office, tmp_path: Path) -> None:
    whole = office.edefter("mizan", "2026-01", "--json").json[0]
    assert whole["balances"] and whole["debit"] == whole["credit"] and whole["rows"]
    assert whole["first_day"] == "2026-01-01" and whole["last_day"] == "2026-01-31"
    debit = sum(Decimal(row["debit"]) for row in whole["rows"])
    assert debit == Decimal(whole["debit"])
    both = office.edefter("mizan", "2026-02", "--json").json[0]
    month = office.edefter("mizan", "2026-02", "--month", "--json").json[0]
    assert Decimal(both["debit"]) == Decimal(whole["debit"]) + Decimal(month["debit"])
    early = office.edefter("mizan", "2026-01", "--until", "2026-01-10", "--json").json[0]
    assert 0 < early["lines"] < whole["lines"]
    shown = office.edefter("mizan", "2026-01", "--subs")
    assert shown.code == 0 and "Alacak bakiyesi" in shown.out
    target = tmp_path / "mizan.csv"
    assert office.edefter("mizan", "2026-01", "--output", str(target)).code == 0
    rows = target.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith('"Hesap";"Ad";"Borç"') and len(rows) == len(whole["rows"]) + 1
    refused = office.edefter("mizan", "2026-01", "--output", str(tmp_path / "mizan.txt"))
    assert refused.code == 2 and "Ne yapmalı:" in refused.err


def test_mizan_of_books_that_do_not_balance(office: Office) -> None:
    office.sql(
        "UPDATE voucher_lines SET debit_kurus = debit_kurus + 1 WHERE id ="
        " (SELECT min(id) FROM voucher_lines WHERE debit_kurus > 0)"
    )
    answer = office.edefter("mizan", "2026-01")
    assert answer.code == 1 and "denk değil" in answer.err


def test_books_of_any_size(make_office: Callable[..., Office], tmp_path: Path) -> None:
    office = make_office()
    office.register(source_company="")
    target = tmp_path / "b.sqlite"
    made = office.edefter("sandbox", "data", str(target), "--lines", "500", "--seed", "3")
    assert made.code == 0, made.err
    again = office.edefter("sandbox", "data", str(target), "--lines", "500")
    assert again.code == 2 and "Ne yapmalı:" in again.err
    nowhere = office.edefter(
        "sandbox", "data", "postgresql://nobody@127.0.0.1:1/none", "--lines", "10"
    )
    assert nowhere.code == 2 and "Ne yapmalı:" in nowhere.err
    office.database.unlink()
    target.rename(office.database)
    built = office.edefter("build", "2026-01", "--json")
    assert built.code == 0, built.err
    assert built.json[0]["totals"]["yevmiye"]["lines"] == 500
