"""The engine's conduct towards GİB (gib-webservice.md §7 to §10) against the simulated GİB."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.office import Answer, Office


def states(office: Office, period: str = "2026-01") -> dict[str, str]:
    """State of each book, by kind."""
    documents = office.edefter("status", "--json").json[0]["documents"]
    return {d["kind"]: d["state"] for d in documents if d["period"] == period}


def accepted(office: Office) -> list[str]:
    """Kinds of the packages that GİB took in, in order."""
    return [r["package_id"].split("-")[2] for r in office.sends() if r.get("verdict") == "accepted"]


def stopped(answer: Answer, code: int, *words: str) -> None:
    assert answer.code == code, answer.out + answer.err
    assert "Ne yapmalı:" in answer.err
    for word in words:
        assert word in answer.err, f"{word!r} is missing in: {answer.err}"


def closes(office: Office, period: str = "2026-01") -> None:
    answer = office.run(period)
    assert answer.code == 0, answer.out + answer.err


def again(office: Office, *words: str) -> Answer:
    return office.edefter("build", "2026-01", "--again", "--reason", "test", *words)


def test_one_book_refused_the_other_is_still_asked_for(office: Office) -> None:
    """Y is refused while K is in the queue: K is settled, then Y alone is made again."""
    office.world.gib.set_knobs(reject={"sendDocumentFile": "Berat hatalı", "times": 1})
    stopped(office.run("2026-01"), 6, "Berat hatalı", "202601-YB")
    assert states(office) == {"Y": "rejected", "K": "approved"}
    office.world.gib.set_knobs()
    stopped(office.run("2026-01"), 6, "--again")
    assert again(office).code == 0
    closes(office)
    assert accepted(office) == ["YB", "KB", "YB"]
    kebir = office.archived("*-K-000000.xml")[0].read_text(encoding="utf-8")
    assert "KEB202601000001" in kebir


def test_refused_while_the_other_answer_is_unknown(office: Office) -> None:
    """The unknown one is settled by later runs although its sibling waits for the operator."""
    office.write_config(gib__poll_limit_s=1.5, gib__not_found_wait_s=600.0)
    office.world.gib.set_knobs(
        reject="Berat hatalı", cut={"sendDocumentFile": "after_read", "times": 1}
    )
    stopped(office.run("2026-01"), 6, "Berat hatalı")
    assert states(office) == {"Y": "answer_unknown", "K": "rejected"}
    stopped(again(office), 6, "submit")
    office.write_config(gib__not_found_wait_s=1.0)
    office.world.gib.set_knobs()
    time.sleep(1.1)
    stopped(office.run("2026-01"), 6, "Berat hatalı")
    assert states(office) == {"Y": "packaged", "K": "rejected"}, "nothing more is sent"
    assert accepted(office) == ["KB"]
    assert again(office).code == 0
    closes(office)
    assert accepted(office) == ["KB", "YB", "KB"]


def test_an_older_rejection_is_not_taken_for_the_new_package(office: Office) -> None:
    office.world.gib.set_knobs(reject="Geçersiz imza")
    assert office.run("2026-01").code == 6
    assert again(office).code == 0
    # The new packages never arrive at first; GİB goes on reporting the old, refused ones.
    office.world.gib.set_knobs(cut={"sendDocumentFile": "after_read", "times": 2})
    closes(office)
    assert accepted(office) == ["YB", "KB", "YB", "KB"]


def test_books_corrected_after_both_were_refused(office: Office) -> None:
    """Same counters, new amounts, new berat numbers."""
    office.world.gib.set_knobs(reject=True)
    assert office.run("2026-01").code == 6
    office.world.gib.set_knobs()
    for column in ("debit_kurus", "credit_kurus"):
        office.sql(
            f"update voucher_lines set {column} = {column} + 100 where id = (select "
            "min(l.id) from voucher_lines l join vouchers v on v.id = l.voucher_id "
            f"where v.journal_no = 5 and l.{column} > 0)"
        )
    assert again(office).code == 0
    closes(office)
    totals = office.edefter("status", "2026-01", "--json").json[0]["totals"]
    assert totals["source"]["debit_kurus"] == totals["kebir"]["debit_kurus"]
    assert "YEV202601000001" in office.archived("*-Y-000000.xml")[0].read_text(encoding="utf-8")


def test_words_that_nobody_knows_are_never_success(office: Office) -> None:
    office.write_config(gib__poll_limit_s=2.0)
    office.world.gib.set_knobs(status_text="Paket arandı bulundu")
    stopped(office.run("2026-01"), 6, "Paket arandı bulundu")
    assert set(states(office).values()) == {"operator_needed"}
    office.world.gib.set_knobs()
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_zero_with_the_pending_words_is_pending(office: Office) -> None:
    office.write_config(gib__poll_limit_s=1.5)
    office.world.gib.set_knobs(zero_with_pending=True, ledger_delay_s=60)
    answer = office.run("2026-01", "--json")
    assert answer.code == 3
    assert not answer.json[0]["closed"]
    assert states(office)["Y"] == "berat_ok"
    office.world.gib.set_knobs()
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_taxpayer_may_not_upload_now(office: Office) -> None:
    """114: wait long, once more, then a person; nothing is hammered."""
    office.write_config(gib__poll_limit_s=2.0)
    office.world.gib.set_knobs(suspended=[office.tax_number])
    answer = office.run("2026-01")
    stopped(answer, 3, "114", "15 dakika")
    assert "yasal süre" in answer.err.lower()
    tries = len(office.sends())
    assert tries == 2
    assert office.run("2026-01").code == 3
    assert len(office.sends()) == tries, "no second try before the wait is over"
    office.world.gib.set_knobs()
    office.write_config()
    _make_due(office)
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def _make_due(office: Office) -> None:
    import sqlite3

    connection = sqlite3.connect(office.folder / "data" / "state.db")
    with connection:
        connection.execute("update document set send_after = '2026-01-01T00:00:00+00:00'")
    connection.close()


def test_blocked_again_after_the_long_wait_needs_a_person(office: Office) -> None:
    office.write_config(gib__long_wait_s=0.5)
    office.world.gib.set_knobs(suspended=[office.tax_number])
    stopped(office.run("2026-01"), 6, "114")
    assert set(states(office).values()) == {"packaged"}
    office.world.gib.set_knobs()
    closes(office)


def test_attachment_unreadable_twice_needs_a_person(office: Office) -> None:
    office.write_config(gib__poll_schedule_s=(0.1,))
    office.world.gib.set_knobs(fault={"sendDocumentFile": 107})
    stopped(office.run("2026-01"), 6, "107", "iki kez")
    assert len(office.sends()) == 3, "once more for the first book, no oftener"
    office.world.gib.set_knobs()
    closes(office)


@pytest.mark.parametrize("code", [110, 113])
def test_database_and_queue_errors_send_nothing_twice(office: Office, code: int) -> None:
    office.world.gib.set_knobs(
        fault={"sendDocumentFile": code, "times": 2}, fault_after_accept=True
    )
    closes(office)
    assert accepted(office) == []  # taken in, answered with the code
    taken = [r["package_id"] for r in office.sends() if r["verdict"] == str(code)]
    assert len(taken) == 2
    # 110 may be sent again and meets its own first arrival (111) once; 113 is only asked about.
    again = [r["package_id"] for r in office.sends() if r["verdict"] == "111"]
    assert sorted(again) == (sorted(taken) if code == 110 else [])


def test_gib_away_while_polling(office: Office) -> None:
    office.world.gib.set_knobs(maintenance={"getBatchStatus": True, "times": 2})
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_gib_away_for_good_while_polling(office: Office) -> None:
    office.world.gib.set_knobs(maintenance={"getBatchStatus": True})
    stopped(office.run("2026-01"), 3)
    assert set(states(office).values()) == {"sent"}
    office.world.gib.set_knobs()
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_wrong_approved_berat_twice_then_right(office: Office) -> None:
    office.world.gib.set_knobs(receive="tampered")
    for _ in range(2):
        stopped(office.run("2026-01"), 6)
        assert set(states(office).values()) == {"operator_needed"}
    aside = list((office.folder / "data" / "work").rglob("aside/*.xml"))
    assert len(aside) == 2, "the same wrong file is kept once"
    stopped(again(office), 6, "hâlâ GİB'de")
    office.world.gib.set_knobs()
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_berat_of_another_taxpayer_is_not_called_another_version(office: Office) -> None:
    office.world.gib.set_knobs(receive="other_taxpayer")
    answer = office.run("2026-01")
    stopped(answer, 6)
    assert "BAŞKA" not in answer.err
    office.world.gib.set_knobs()
    closes(office)


def test_approval_deleted_at_gib_before_it_was_fetched(office: Office) -> None:
    """Deleted there by a person: never sent again unasked; rebuilt only on the operator's word."""
    office.write_config(gib__poll_limit_s=3.0)
    office.world.gib.set_knobs(approval_delay_s=600)
    assert office.run("2026-01").code == 3
    assert set(states(office).values()) == {"processed"}
    stem = f"{office.tax_number}-202601"
    office.world.gib.set_knobs(deleted=[f"{stem}-YB-000000", f"{stem}-KB-000000"])
    office.write_config()
    stopped(office.run("2026-01"), 6, "Silinmiş olabilir")
    assert accepted(office) == ["YB", "KB"]
    assert again(office).code == 0
    closes(office)
    assert accepted(office) == ["YB", "KB", "YB", "KB"]


def test_the_version_at_gib_is_taken_over_on_the_operators_word(
    office: Office, make_office: Callable[..., Office]
) -> None:
    closes(office)
    other = make_office(tax_number=office.tax_number)
    other.register()
    stopped(other.run("2026-01"), 6, "BAŞKA")
    stopped(again(other), 6, "hâlâ GİB'de")
    files = [str(p) for p in office.archived("GIB-*.xml")]
    assert other.edefter("archive", "adopt", *files, "--company", "ornek").code == 0
    report = other.edefter("status", "2026-01", "--json").json[0]
    assert report["closed"]


def test_lost_work_files_are_made_again_before_sending(office: Office) -> None:
    assert office.edefter("sign", "2026-01").code == 0
    work = office.folder / "data" / "work"
    next(work.rglob("signed/*-Y-000000.xml")).unlink()
    next(work.rglob("package/*-KB-000000.zip")).unlink()
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_signed_file_changed_before_sending_is_not_sent(office: Office) -> None:
    assert office.edefter("sign", "2026-01").code == 0
    path = next((office.folder / "data" / "work").rglob("package/*-YB-000000.zip"))
    sent_before = path.read_bytes()
    path.write_bytes(sent_before[:-1] + b"x")
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_books_changed_after_signing_both_are_made_from_the_new(office: Office) -> None:
    assert office.edefter("sign", "2026-01").code == 0
    next((office.folder / "data" / "work").rglob("signed/*-K-000000.xml")).unlink()
    office.sql("update vouchers set comment = 'Düzeltilmiş açıklama' where journal_no = 3")
    closes(office)
    journal = office.archived("*-Y-000000.xml")[0].read_text(encoding="utf-8")
    assert "Düzeltilmiş açıklama" in journal


def test_sent_berat_lost_here_needs_the_backup(office: Office, tmp_path: Path) -> None:
    office.write_config(gib__poll_limit_s=1.0)
    office.world.gib.set_knobs(berat_delay_s=600)
    assert office.run("2026-01").code == 3
    berat = next((office.folder / "data" / "work").rglob("berat/*-YB-000000.xml"))
    backup = berat.rename(tmp_path / berat.name)
    office.world.gib.set_knobs()
    office.write_config()
    stopped(office.run("2026-01"), 6, berat.name, "yedek")
    backup.rename(berat)
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_disk_that_refuses_is_told_and_continued(office: Office) -> None:
    # A file where the folder should be: it refuses even root.
    blocked = office.folder / "archive"
    blocked.write_text("im Weg", encoding="utf-8")
    stopped(office.run("2026-01"), 2, "archive")
    blocked.unlink()
    closes(office)
    assert accepted(office) == ["YB", "KB"]


def test_two_runs_at_once_exactly_one_proceeds(office: Office) -> None:
    office.world.gib.set_knobs(berat_delay_s=3)
    first = subprocess.Popen(
        office.command("run", "2026-01"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    holder = office.folder / "data" / "locks" / f"{office.tax_number}.holder.json"
    until = time.monotonic() + 20
    while not holder.exists() and time.monotonic() < until:
        time.sleep(0.02)
    stopped(office.run("2026-01"), 3, str(first.pid))
    assert first.wait(timeout=60) == 0
    assert accepted(office) == ["YB", "KB"]


def test_a_killed_run_leaves_no_stale_lock(office: Office) -> None:
    office.world.gib.set_knobs(berat_delay_s=30)
    run = subprocess.Popen(
        office.command("run", "2026-01"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    holder = office.folder / "data" / "locks" / f"{office.tax_number}.holder.json"
    until = time.monotonic() + 20
    while not holder.exists() and time.monotonic() < until:
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert holder.exists()
    office.world.gib.set_knobs()
    closes(office)
