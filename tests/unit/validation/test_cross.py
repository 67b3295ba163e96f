"""Kebir against journal and berat against ledger, on documents of ours."""

import random

import pytest
from lxml import etree

from edefter.model.documents import Kind
from edefter.model.finding import Layer
from edefter.validation import check_berat, check_pair
from edefter.validation.sets import pair
from tests.unit.validation.documents import (
    FILE,
    Writer,
    both,
    document,
    drop,
    find,
    put,
    spoiled,
)

LINE = "//gl-cor:entryDetail[gl-cor:lineNumber='3']"


@pytest.fixture
def files(tmp_path):
    """Writes documents under their names."""

    def write(kind: Kind, content: bytes):
        path = tmp_path / FILE[kind]
        path.write_bytes(content)
        return path

    return write


def test_equal_pair_has_no_finding(files):
    pair_log = check_pair(files(Kind.Y, document(Kind.Y)), files(Kind.K, document(Kind.K)))
    assert pair_log.total == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put(f"{LINE}/gl-cor:amount", "30.51"), "tutar: yevmiyede “30.50”, büyük defterde “30.51”"),
        (put(f"{LINE}/gl-cor:postingDate", "2026-01-04"), "tarih: yevmiyede “2026-01-03”"),
        (put(f"{LINE}//gl-cor:accountSubID", "320.02"), "alt hesap: yevmiyede “320.01”"),
        (drop(LINE), "yevmiyede 1, büyük defterde 0 kez var"),
    ],
)
def test_differing_line_is_named(files, change, said):
    log = check_pair(files(Kind.Y, document(Kind.Y)), files(Kind.K, spoiled(Kind.K, change)))
    assert [finding.rule for finding in log] == ["K-STR-14"]
    finding = next(iter(log))
    assert finding.message_tr.startswith("Fiş F000002, madde 2, satır 3, hesap 320")
    assert said in finding.message_tr and finding.layer is Layer.CROSS


def test_swapped_amounts_are_seen(files):
    change = both(
        put("//gl-cor:entryDetail[gl-cor:lineNumber='1']/gl-cor:amount", "30.50"),
        put("//gl-cor:entryDetail[gl-cor:lineNumber='4']/gl-cor:amount", "120.00"),
    )
    log = check_pair(files(Kind.Y, document(Kind.Y)), files(Kind.K, spoiled(Kind.K, change)))
    assert [finding.place.line_no for finding in log] == ["1", "4"]


def test_large_pair_in_any_order(files):
    journal, ledger = Writer(Kind.Y), Writer(Kind.K)
    entries, lines = [], {"100": [], "600": []}
    for number in range(1, 1501):
        rows = [(2 * number - 1, "100", "D", "1.00"), (2 * number, "600", "C", "1.00")]
        entries.append(journal.entry(number, "2026-01-05", rows))
        for line, account, side, amount in rows:
            lines[account].append((line, number, side, amount))
    day = "2026-01-05"
    parts = []
    for account, rows in lines.items():
        random.Random(1).shuffle(rows)
        inner = "".join(
            ledger.line(line, entry, account, side, amount, day)
            for line, entry, side, amount in rows
        )
        parts.append(f"<gl-cor:entryHeader>{inner}</gl-cor:entryHeader>")
    left = files(Kind.Y, (journal.start() + "".join(entries) + journal.end()).encode())
    text = ledger.start() + "".join(parts) + ledger.end()
    assert check_pair(left, files(Kind.K, text.encode())).total == 0
    wrong = text.replace(">1.00</gl-cor:amount>", ">2.00</gl-cor:amount>")
    log = check_pair(left, files(Kind.K, wrong.encode()), limit_per_rule=10)
    assert log.total == 3000 and len(log) == 10


def test_only_some_of_very_many_differing_lines_are_compared(files, monkeypatch):
    monkeypatch.setattr(pair, "_COMPARED_LINES", 2)
    change = put("//gl-cor:amount", "7.00")
    log = check_pair(files(Kind.Y, document(Kind.Y)), files(Kind.K, spoiled(Kind.K, change)))
    assert 2 <= log.total <= 4


def test_unreadable_file_is_a_finding(files, tmp_path):
    journal = files(Kind.Y, document(Kind.Y))
    for other in (tmp_path / "yok.xml", files(Kind.K, b"<!DOCTYPE a><a/>"), files(Kind.K, b"<a>")):
        assert [finding.rule for finding in check_pair(journal, other)] == ["K-STR-14"]
        assert [finding.rule for finding in check_berat(other, journal)] == ["B-STR-17"]


# berat --------------------------------------------------------------------------------------
def test_berat_of_its_ledger(files):
    ledger = files(Kind.Y, document(Kind.Y))
    change = both(
        put("//gl-cor:entryDetail[6]/gl-cor:amount", "120.00"),
        put("//gl-bus:measurableQuantity", f"{ledger.stat().st_size / 1048576:.2f}"),
    )
    berat = spoiled(Kind.YB, change)
    assert check_berat(files(Kind.YB, berat), ledger).total == 0
    approved = files(Kind.YB, berat).rename(ledger.parent / f"GIB-{FILE[Kind.YB]}")
    assert check_berat(approved, ledger).total == 0


@pytest.mark.parametrize(
    ("change", "rule", "said"),
    [
        (put("//gl-bus:numberOfEntries", "3"), "B-STR-17", "madde sayısı 3, defterde 2"),
        (put("//gl-bus:measurableQuantity", "9.00"), "B-STR-17", "defter boyutu 9.00 MB"),
        (
            put("//gl-cor:entryDetail[6]/gl-cor:amount", "120.01"),
            "B-STR-17",
            "600 hesabının alacak (C) toplamı 120.01, defterde 120.00",
        ),
        (put("/*/ds:SignatureValue", "aW16YQ=="), "B-STR-17", "imza değeri"),
        (put("//gl-bus:creator", "Başkası"), "B-STR-18", "gl-bus:creator bilgisi farklı"),
        (drop("//gl-bus:entityWebSite"), "B-STR-18", "gl-bus:webSiteURL"),
    ],
)
def test_berat_that_says_otherwise(files, change, rule, said):
    ledger = files(Kind.Y, document(Kind.Y))
    right = both(
        put("//gl-cor:entryDetail[6]/gl-cor:amount", "120.00"),
        put("//gl-bus:measurableQuantity", f"{ledger.stat().st_size / 1048576:.2f}"),
        change,
    )
    log = check_berat(files(Kind.YB, spoiled(Kind.YB, right)), ledger)
    assert [finding.rule for finding in log] == [rule]
    assert said in next(iter(log)).message_tr


def test_kebir_berat_has_no_number_of_entries_and_comment_may_differ(files):
    def comment(root: etree._Element) -> None:
        creator = find(root, "//gl-bus:creator")[0]
        element = etree.Element(
            "{http://www.xbrl.org/int/gl/cor/2006-10-25}entriesComment",
            contextRef="ledger_context",
        )
        element.text = "Büyük Defter Beratı"
        creator.addnext(element)

    ledger = files(Kind.K, document(Kind.K))
    change = both(
        put("//gl-cor:entryDetail[6]/gl-cor:amount", "120.00"),
        put("//gl-bus:measurableQuantity", f"{ledger.stat().st_size / 1048576:.2f}"),
        comment,
    )
    assert check_berat(files(Kind.KB, spoiled(Kind.KB, change)), ledger).total == 0


def test_unsigned_ledger_cannot_have_a_berat(files):
    ledger = files(Kind.K, document(Kind.K, signed=False))
    log = check_berat(files(Kind.KB, document(Kind.KB)), ledger)
    assert any("imza değeri" in finding.message_tr for finding in log)
