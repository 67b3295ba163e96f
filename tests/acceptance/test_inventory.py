"""The envanter defteri: opening and year-end, through GİB, archive and portal."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.acceptance.test_parts import closed, field, ledgers
from tests.support.archives import rebuilt_alike
from tests.support.office import Office

COLUMNS = (
    "company", "branch", "entry_key", "entered_by", "entered_date", "entry_no", "line_no",
    "main_account", "main_description", "sub_account", "sub_description", "amount", "line_comment",
    "item_code", "item_description", "item_quantity", "item_unit",
)  # fmt: skip
OPENING = "2026-01-01"
STOCK = (
    ("100", "Kasa", None, None, "1250.50", "sayım tutanağı", None, None, None, None),
    ("153", "Ticari Mallar", "153.01", "Kumaş", "48000.00", None, "KMS-1", "Pamuklu kumaş & astar",
     "1200.5", "MTR"),
    ("153", "Ticari Mallar", "153.02", "Düğme", "310.25", None, "DGM", "Düğme", "15000", "C62"),
    ("320", "Satıcılar", "320.001", "Ömer Tekstil A.Ş.", "20000.00", None, None, None, None, None),
    ("500", "Sermaye", None, None, "29560.75", None, None, None, None, None),
)  # fmt: skip


def take_stock(
    office: Office, day: str = OPENING, first_entry: int = 1, first_line: int = 1
) -> None:
    """Put an inventory of one day into the accounting database: two entries."""
    office.sql(f"CREATE TABLE IF NOT EXISTS edefter_inventory ({', '.join(COLUMNS)})")
    marks = ", ".join("?" * len(COLUMNS))
    for number, row in enumerate(STOCK):
        entry = 0 if number < 3 else 1
        values = (
            "001",
            "",
            f"E{entry}",
            "Muhasebe",
            day,
            first_entry + entry,
            first_line + number,
            *row,
        )
        office.sql(f"INSERT INTO edefter_inventory VALUES ({marks})", *values)


def test_opening_inventory_goes_all_the_way(office: Office) -> None:
    take_stock(office)
    report = closed(office.edefter("envanter", OPENING, "--json"))
    assert report["totals"] == {
        name: {"entries": 2, "lines": 5, "debit_kurus": 9912150, "credit_kurus": 0}
        for name in ("source", "inventory")
    }
    (book,) = ledgers(office, "E")
    (berat,) = ledgers(office, "EB")
    assert office.archived(f"GIB-{berat.name}") and book.name.endswith("202601-E-000000.xml")
    assert field(book, "uniqueID") == ["ENV202601000001"]
    assert field(book, "amount") == ["1250.50", "48000.00", "310.25", "20000.00", "29560.75"]
    assert field(book, "measurableID") == ["KMS-1", "DGM"]
    assert field(book, "measurableDescription")[0] == "Pamuklu kumaş &amp; astar"
    assert not field(book, "debitCreditCode") and not field(book, "totalDebit")
    assert "hesap dönemi 1 Ocak 2026 tarihi itibariyle" in field(book, "entriesComment")[0]
    assert field(berat, "numberOfEntries") == ["2"]
    checked = office.edefter("validate", str(office.archive), "--own")
    assert checked.code == 0, checked.out + checked.err
    assert office.edefter("verify", str(office.archive), "--no-rules").code == 0
    sent = office.sends()
    assert len(sent) == 1 and "202601-EB-000000" in str(sent[0])
    again = office.edefter("envanter", OPENING)
    assert again.code == 0 and len(office.sends()) == 1
    assert f"{OPENING} envanteri" in again.out and "onaylandı ve arşivlendi" in again.out
    # No month waits for it, and it for none.
    closed(office.run("2026-01", "--json"))
    rebuilt_alike(office)


def test_year_end_goes_on_behind_the_opening(office: Office) -> None:
    """A special fiscal year: July to June; what a year's envanters count begins at 1 with it."""
    assert office.edefter(
        "company", "edit", "ornek", "--set", "fiscal_year_start_month=7"
    ).code == 0  # fmt: skip
    take_stock(office, "2026-06-30")
    report = closed(office.edefter("envanter", "2026-06-30", "--json"))
    assert not report["warnings"]
    (year_end,) = ledgers(office, "E", "202606")
    assert field(year_end, "uniqueID") == ["ENV202606000001"]
    take_stock(office, "2026-07-01")
    closed(office.edefter("envanter", "2026-07-01", "--json"))
    (opening,) = ledgers(office, "E", "202607")
    assert field(opening, "uniqueID") == ["ENV202607000001"]
    assert field(opening, "fiscalYearStart") == ["2026-07-01"]
    take_stock(office, "2026-08-31", 3, 6)  # goes on in the same year, numbers and serial
    within = closed(office.edefter("envanter", "2026-08-31", "--json"))
    assert [w["key"] for w in within["warnings"]] == ["engine.inventory_within_year"]
    (later,) = ledgers(office, "E", "202608")
    assert field(later, "uniqueID") == ["ENV202608000002"]


def test_large_inventory_is_divided(office: Office) -> None:
    office.write_config(ledger__part_bytes=100_000)
    office.sql(f"CREATE TABLE edefter_inventory ({', '.join(COLUMNS)})")
    for entry in range(1, 41):
        office.sql(
            f"INSERT INTO edefter_inventory VALUES ({', '.join('?' * len(COLUMNS))})",
            "001", "", f"E{entry:03d}", "Muhasebe", OPENING, entry, entry, *STOCK[1],
        )  # fmt: skip
    closed(office.edefter("envanter", OPENING, "--json"))
    books = ledgers(office, "E")
    assert [path.name[-10:-4] for path in books] == [f"{n:06d}" for n in range(1, len(books) + 1)]
    assert len(books) >= 2 and all(path.stat().st_size < 100_000 for path in books)
    lines = [int(n) for path in books for n in field(path, "lineNumber")]
    assert lines == list(range(1, 41))
    assert [field(path, "uniqueID")[0][-6:] for path in books] == [
        f"{n:06d}" for n in range(1, len(books) + 1)
    ]
    assert office.edefter("validate", str(office.archive), "--own").code == 0


def test_all_that_is_wrong_is_told_at_once(office: Office) -> None:
    take_stock(office)
    office.sql("UPDATE edefter_inventory SET amount = '12,5' WHERE line_no = 1")
    office.sql("UPDATE edefter_inventory SET line_no = 9 WHERE line_no = 5")
    office.sql("UPDATE edefter_inventory SET sub_account = '999' WHERE line_no = 4")
    refused = office.edefter("envanter", OPENING)
    assert refused.code == 1, refused.err
    for rule in ("SRC-06", "LED-05", "E-DET-10"):
        assert rule in refused.err, (rule, refused.err)
    assert not ledgers(office, "E") and not office.half_written()
    assert not list((office.folder / "data" / "work").rglob("*-E-*.xml"))


def test_what_cannot_be_made_is_said(office: Office) -> None:
    missing = office.edefter("envanter", OPENING)
    assert missing.code == 2 and "edefter_inventory" in missing.err, missing.err
    take_stock(office)
    closed(office.edefter("envanter", OPENING, "--json"))
    other = office.edefter("envanter", "2026-01-31")
    assert other.code != 0 and OPENING in other.err, other.err
    future = office.edefter("envanter", "2026-12-31")
    assert future.code != 0 and "2026-12-31" in future.err, future.err


def test_refused_by_gib_and_made_again(office: Office) -> None:
    take_stock(office)
    office.world.gib.set_knobs(reject={"sendDocumentFile": "Berat hatalı", "times": 1})
    refused = office.edefter("envanter", OPENING)
    assert refused.code == 6 and "Berat hatalı" in refused.err
    office.world.gib.set_knobs()
    closed(office.edefter("envanter", OPENING, "--again", "--reason", "düzeltildi", "--json"))
    (book,) = ledgers(office, "E")
    assert re.search(r"<gl-cor:entryNumberCounter [^>]*>1<", book.read_text(encoding="utf-8"))
    assert field(book, "uniqueID") == ["ENV202601000001"]


def test_pdf_files_go_into_yevmiye_and_inventory(office: Office) -> None:
    office.write_config(ledger__attachments=office.folder / "ekler")
    for folder, name in (("20260101", "sayım.pdf"), ("202601", "rehin sözleşmesi.pdf")):
        place = office.folder / "ekler" / "ornek" / folder
        place.mkdir(parents=True)
        (place / name).write_bytes(b"%PDF-1.7\n" + name.encode())
    take_stock(office)
    closed(office.edefter("envanter", OPENING, "--json"))
    closed(office.run("2026-01", "--json"))
    carrying = {
        path.name.split("-")[2] for path in ledgers(office, "*")
        if b"<extensions>" in path.read_bytes()
    }  # fmt: skip
    assert carrying == {"Y", "E"}
    (yevmiye,) = ledgers(office, "Y")
    assert 'filename="rehin sözleşmesi.pdf"' in yevmiye.read_text(encoding="utf-8")
    assert office.edefter("validate", str(office.archive), "--own").code == 0
    assert office.edefter("verify", str(office.archive), "--no-rules").code == 0


def test_numbers_go_on_behind_an_inventory_made_elsewhere(
    office: Office, make_office: Callable[..., Office]
) -> None:
    take_stock(office)
    closed(office.edefter("envanter", OPENING, "--json"))
    (approved,) = office.archived("GIB-*-EB-*.xml")
    other = make_office(tax_number=office.tax_number)
    other.register()
    adopted = other.edefter("archive", "adopt", str(approved), "--company", "ornek")
    assert adopted.code == 0, adopted.err
    take_stock(other, "2026-08-31", 3, 6)
    unknown = other.edefter("envanter", "2026-08-31")
    assert unknown.code == 6 and "--inventory" in unknown.err, unknown.err
    told = other.edefter(
        "company", "counters", "ornek", "2026-01", "--inventory",
        "--entry-no", "2", "--line-no", "5",
    )  # fmt: skip
    assert told.code == 0, told.err
    closed(other.edefter("envanter", "2026-08-31", "--json"))
    (book,) = ledgers(other, "E", "202608")
    assert field(book, "uniqueID") == ["ENV202608000002"]
