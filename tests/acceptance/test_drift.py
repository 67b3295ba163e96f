"""`edefter drift`: what was changed in the books after GİB had approved them."""

from __future__ import annotations

from edefter.atomic import write_bytes
from tests.support.office import Office

_FIRST = "(SELECT min(id) FROM vouchers WHERE voucher_date < '2026-02-01')"


def test_each_kind_of_change_is_told_and_nothing_else(office: Office) -> None:
    assert office.edefter("drift", "2026-01").code == 2, "nothing is approved yet"
    assert office.run("2026-01").code == 0
    same = office.edefter("drift", "2026-01")
    assert same.code == 0, same.out + same.err
    assert "onaylı yevmiye ile aynı" in same.out
    # One text, one amount (with its counterpart), one date, one voucher gone, one new.
    office.sql(f"UPDATE vouchers SET comment = 'başka' WHERE id = {_FIRST} + 1")
    office.sql(
        "UPDATE voucher_lines SET debit_kurus = debit_kurus + (debit_kurus > 0) * 100,"
        f" credit_kurus = credit_kurus + (credit_kurus > 0) * 100 WHERE voucher_id = {_FIRST} + 2"
    )
    office.sql(f"DELETE FROM voucher_lines WHERE voucher_id = {_FIRST} + 3")
    told = office.edefter("drift", "2026-01", "--json").json[0]
    changes = [item["change"] for item in told["vouchers"]]
    assert sorted(changes) == ["changed", "changed", "removed"]
    removed = next(item for item in told["vouchers"] if item["change"] == "removed")
    assert (removed["lines_after"], removed["debit_after"]) == (0, "0.00")
    assert removed["lines_before"] > 1
    amounts = [
        item["debit_before"] != item["debit_after"]
        for item in told["vouchers"]
        if item["change"] == "changed"
    ]
    assert sorted(amounts) == [False, True]
    shown = office.edefter("drift", "2026-01")
    assert shown.code == 1
    assert removed["voucher"] in shown.out
    assert "açık bir ayda düzeltme fişiyle" in shown.err


def test_months_of_all_kinds_of_numbering_have_not_drifted(office: Office) -> None:
    """With numbers of our own, too: they are no part of what is compared."""
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(
        text.replace("[sources.default]", '[sources.default]\nnumbering = "assign"'),
        encoding="utf-8",
    )
    for period in ("2026-01", "2026-02"):
        assert office.run(period).code == 0
        assert office.edefter("drift", period).code == 0


def test_the_archive_serves_when_the_work_folder_is_gone_and_a_wrong_ledger_does_not(
    office: Office,
) -> None:
    assert office.run("2026-01").code == 0
    for path in (office.folder / "data" / "work").rglob("*-Y-000000.xml"):
        path.unlink()
    assert office.edefter("drift", "2026-01").code == 0
    (journal,) = [p for p in office.archived("*-202601-Y-000000.xml")]
    journal.chmod(0o600)
    write_bytes(journal, journal.read_bytes() + b" ")
    stopped = office.edefter("drift", "2026-01")
    assert stopped.code == 6
    assert str(journal) in stopped.err
