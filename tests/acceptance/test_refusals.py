"""Each fault stops with the exit code of its class and a remedy, leaves nothing half-written,
and the next run continues."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.support.office import Answer, Office, fresh_vkn


def stopped(office: Office, answer: Answer, code: int, *words: str) -> None:
    """It stopped with that code and said those words, and left nothing half-written."""
    assert answer.code == code, answer.out + answer.err
    assert "Ne yapmalı:" in answer.err
    for word in words:
        assert word in answer.err, f"{word!r} is missing in: {answer.err}"
    assert office.half_written() == []


def nothing_signed(office: Office) -> None:
    """No signature stands in any file of the office."""
    for path in office.folder.rglob("*.xml"):
        assert b"<ds:Signature " not in path.read_bytes(), path


def closes(office: Office, period: str) -> None:
    """The same command now closes the month."""
    answer = office.run(period)
    assert answer.code == 0, answer.out + answer.err


def test_skipping_a_month(office: Office) -> None:
    closes(office, "2026-01")
    answer = office.run("2026-03")
    stopped(office, answer, 4, "202602-YB-000000", "202602-KB-000000", "2026-02")
    closes(office, "2026-02")


def test_clock_45_seconds_off(office: Office) -> None:
    office.world.ntp.set_knobs(offset_s=45)
    answer = office.run("2026-01")
    stopped(office, answer, 4, "45", "w32tm", "chrony")
    nothing_signed(office)
    assert office.sends() == []
    office.world.ntp.set_knobs()
    closes(office, "2026-01")


def test_no_time_server_answers(office: Office) -> None:
    office.world.ntp.set_knobs(drop=True)
    stopped(office, office.run("2026-01"), 4)
    nothing_signed(office)
    office.world.ntp.set_knobs()
    closes(office, "2026-01")


def test_unbalanced_entry(office: Office) -> None:
    number = "select voucher_no from vouchers where journal_no = 17"
    import sqlite3

    connection = sqlite3.connect(office.database)
    (voucher,) = connection.execute(number).fetchone()
    connection.close()
    change = (
        "update voucher_lines set debit_kurus = debit_kurus + ? where id = (select min(l.id) from "
        "voucher_lines l join vouchers v on v.id = l.voucher_id where v.journal_no = 17 "
        "and l.debit_kurus > 0)"
    )
    office.sql(change, 1)
    answer = office.run("2026-01")
    stopped(office, answer, 1, voucher, "Y-HDR-11")
    nothing_signed(office)
    assert not office.archive.exists()
    office.sql(change, -1)
    closes(office, "2026-01")


def test_expired_seal(office: Office) -> None:
    now = datetime.now(UTC)
    expired = office.world.pki.issue_seal(
        office.tax_number, "BİTMİŞ", label=f"{office.tax_number}-expired",
        not_before=now - timedelta(days=900), not_after=now - timedelta(days=3),
    )  # fmt: skip
    office.write_config(seal=expired)
    stopped(office, office.run("2026-01"), 4, f"{expired.certificate.serial_number:X}"[:8])
    nothing_signed(office)
    office.write_config()
    closes(office, "2026-01")


def test_seal_of_another_company(office: Office) -> None:
    other = fresh_vkn()
    office.write_config(seal=office.world.pki.issue_seal(other, "BAŞKASI"))
    stopped(office, office.run("2026-01"), 4, other, office.tax_number)
    nothing_signed(office)
    office.write_config()
    closes(office, "2026-01")


def test_encryption_certificate_must_not_sign(office: Office) -> None:
    twin = office.world.pki.issue_seal(office.tax_number, "ŞİFRELEME", encryption=True)
    office.write_config(seal=twin)
    stopped(office, office.run("2026-01"), 4)
    nothing_signed(office)


def test_gib_down(office: Office) -> None:
    office.write_config(gib__base_url="https://127.0.0.1:9", gib__connect_timeout_s=1.0)
    answer = office.run("2026-01")
    stopped(office, answer, 3)
    assert office.sends() == []
    office.write_config()
    closes(office, "2026-01")
    assert len(office.sends()) == 2


def test_gib_down_with_the_month_before_held_here(office: Office) -> None:
    closes(office, "2026-01")
    office.write_config(gib__base_url="https://127.0.0.1:9", gib__connect_timeout_s=1.0)
    answer = office.run("2026-02", "--json")
    assert answer.code == 3
    assert {row["state"] for row in answer.json[0]["files"]} == {"packaged"}
    office.write_config()
    closes(office, "2026-02")
    assert len(office.sends()) == 4


def test_portal_cut_in_mid_upload(office: Office) -> None:
    office.write_config(portal__retry_limit_s=1.0)
    office.world.portal.set_knobs(cut={"after_bytes": 500_000})
    answer = office.run("2026-01")
    stopped(office, answer, 3)
    assert office.edefter("status", "2026-01", "--json").json[0]["closed"]
    office.world.portal.set_knobs()
    office.write_config()
    closes(office, "2026-01")
    assert len(office.sends()) == 2


def test_rejected_by_gib_then_built_again(office: Office) -> None:
    office.world.gib.set_knobs(reject="Defter imzası geçersiz")
    answer = office.run("2026-01")
    stopped(office, answer, 6, "Defter imzası geçersiz", "--again")
    office.world.gib.set_knobs()
    assert office.run("2026-01").code == 6, "a rejected month must not be sent again unasked"
    assert office.edefter("build", "2026-01", "--again", "--reason", "GİB reddi").code == 0
    closes(office, "2026-01")


def test_answer_lost_after_gib_took_the_package(office: Office) -> None:
    office.world.gib.set_knobs(cut={"sendDocumentFile": "after_accept", "times": 2})
    closes(office, "2026-01")
    accepted = [r for r in office.sends() if r.get("verdict") == "accepted"]
    assert len(accepted) == 2, "each package must be taken in exactly once"


def test_answer_unknown_and_never_arrived_is_sent_again(office: Office) -> None:
    office.world.gib.set_knobs(cut={"sendDocumentFile": "after_read", "times": 1})
    closes(office, "2026-01")


def test_wrong_approved_berat_is_never_accepted(office: Office) -> None:
    office.world.gib.set_knobs(receive="tampered")
    answer = office.run("2026-01")
    stopped(office, answer, 6)
    assert not office.edefter("status", "2026-01", "--json").json[0]["closed"]


def test_another_version_is_approved_at_gib(
    office: Office, make_office: Callable[..., Office]
) -> None:
    closes(office, "2026-01")
    other = make_office(tax_number=office.tax_number)
    other.register()
    answer = other.run("2026-01")
    stopped(other, answer, 6, "BAŞKA")
    assert other.edefter("status", "2026-01", "--json").json[0]["closed"] is False


def test_new_installation_finds_the_month_before_at_gib(
    office: Office, make_office: Callable[..., Office]
) -> None:
    closes(office, "2026-01")
    moved = make_office(tax_number=office.tax_number)
    moved.register()
    stopped(moved, moved.run("2026-02"), 6, "counters")
    told = moved.edefter(
        "company", "counters", "ornek", "2026-01", "--entry-no", "183", "--line-no", "628"
    )
    assert told.code == 0, told.err
    closes(moved, "2026-02")
    (february,) = moved.archived("*-202602-Y-000000.xml")
    assert "YEV202602000002" in february.read_text(encoding="utf-8")


def test_month_that_is_not_over(office: Office) -> None:
    today = datetime.now(UTC) + timedelta(hours=3)
    office.register(code="yeni", edefter_start=today.strftime("%Y-%m"))
    answer = office.run(today.strftime("%Y-%m"), "--company", "yeni")
    stopped(office, answer, 4)


def test_registration_tells_all_missing_fields_at_once(make_office: Callable[..., Office]) -> None:
    office = make_office()
    answer = office.edefter("company", "add", "--code", "eksik", "--tax-id", "1234567891")
    assert answer.code == 2
    for word in ("tax_id", "title", "phone", "email", "nace", "address", "EIN-20"):
        assert word in answer.err, answer.err


def test_production_is_refused_until_approved_and_trusted(office: Office) -> None:
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(text.replace('"sandbox"', '"production"', 1), encoding="utf-8")
    answer = office.run("2026-01")
    assert answer.code == 2
    assert "approved_version" in answer.err


def test_look_alike_host_is_named(office: Office) -> None:
    office.write_config(gib__base_url="https://edeften.gov.tr")
    answer = office.run("2026-01")
    assert "edeften.gov.tr" in answer.err


def test_english_on_request(office: Office) -> None:
    office.world.ntp.set_knobs(offset_s=45)
    answer = office.edefter("run", "2026-01", lang="en")
    assert answer.code == 4
    assert "What to do:" in answer.err
