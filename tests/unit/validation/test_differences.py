"""What comparing with Saxon on changed documents has shown (`make differential`), kept as tests."""

import io
import re

import pytest

from edefter.model.documents import Kind
from edefter.validation import Report, validate
from edefter.validation.proof import lane
from tests.unit.validation.documents import (
    FILE,
    Writer,
    after,
    attribute,
    both,
    document,
    drop,
    into,
    put,
    rename,
    spoiled,
    twice,
)
from tests.unit.validation.spoilers import FIRST_LINE, HDR, LAST

LINE = "(//gl-cor:entryDetail)[{}]"
_COUNT = 'decimals="INF" unitRef="countable"'


def judge(content: bytes, kind: Kind = Kind.Y, **options) -> Report:
    return validate(io.BytesIO(content), FILE[kind], kind=kind, **options)


def counts(kind: Kind, *changes) -> dict[str, int]:
    """How often each official rule fires; the document must be evaluated."""
    report = judge(spoiled(kind, both(*changes)), kind)
    assert report.evaluated, [finding.message_tr for finding in report.findings]
    return {rule: report.findings.counts[rule] for rule in report.official_ids}


def stops(kind: Kind, *changes) -> bool:
    return not judge(spoiled(kind, both(*changes)), kind).evaluated


def second(path: str, name: str, text: str):
    return after(path, f"<gl-cor:{name} @C>{text}</gl-cor:{name}>")


# several values -----------------------------------------------------------------------------
def test_line_with_two_sides_is_one_line_of_its_account():
    side = f"{FIRST_LINE}/gl-cor:debitCreditCode"
    assert counts(Kind.DR, second(side, "debitCreditCode", "undefined")) == {}
    assert counts(Kind.DR, second(side, "debitCreditCode", "C")) == {
        "R-DET-33": 2,
        "R-HDR-04": 1,
    }


def test_two_entry_numbers_stop_only_where_one_is_added_to():
    first, last = f"({HDR})[1]/gl-cor:entryNumberCounter", f"{LAST}/gl-cor:entryNumberCounter"
    more = [second(path, "entryNumberCounter", "9") for path in (first, last)]
    assert stops(Kind.Y, more[0])
    assert counts(Kind.Y, more[1]) == {}
    # The right number is found before the second one is read.
    assert counts(Kind.Y, second(last, "entryNumberCounter", "x")) == {}
    assert stops(Kind.Y, put(last, "x"))


def test_two_counters_of_a_kebir_line_stop_only_beside_another_line():
    def double(line: int):
        path = f"{LINE.format(line)}/gl-cor:lineNumberCounter"
        return second(path, "lineNumberCounter", "1")

    assert counts(Kind.K, double(3)) == {}  # the only line of its account
    assert stops(Kind.K, double(1)) and stops(Kind.K, double(2))


def test_quantity_is_not_read_without_a_cost():
    fund = f"<gl-bus:measurableQuantity @C {_COUNT}>8 2</gl-bus:measurableQuantity>"
    cost = "<gl-bus:measurableCostPerUnit @C>1</gl-bus:measurableCostPerUnit>"

    def measured(xml: str):
        return into(FIRST_LINE, f"<gl-bus:measurable>{xml}</gl-bus:measurable>")

    assert "Y-MSR-11" in counts(Kind.Y, measured(fund))
    assert stops(Kind.Y, measured(fund + cost))


def test_lines_are_not_added_up_without_a_balance():
    odd = put(f"{LAST}/gl-cor:entryDetail/gl-cor:amount", "1e2")
    missing = drop(f"{LAST}/gl-bus:totalDebit")
    assert counts(Kind.K, odd, missing)["K-HDR-07"] == 1
    assert stops(Kind.K, odd)


def test_empty_number_of_movements_is_no_missing_one():
    empty = put(f"{FIRST_LINE}/gl-cor:documentApplyToNumber", "")
    fired = counts(Kind.DR, empty, drop(f"{FIRST_LINE}/gl-cor:xbrlInfo"))
    assert fired == {"R-DET-04": 1, "R-DET-30": 1, "R-DET-32": 1}


# what later elements the sequence rules see -------------------------------------------------
def test_lines_of_a_misspelt_entry_are_later_lines():
    assert counts(Kind.Y, rename(LAST, "gl-cor:entryHeaderX")) == {}
    gap = put(f"{LINE.format(3)}/gl-cor:lineNumber", "7")
    assert counts(Kind.Y, rename(LAST, "gl-cor:entryHeaderX"), gap) == {"Y-DET-02": 1}


def test_misspelt_line_is_behind_the_line_before_but_no_successor():
    assert counts(Kind.E, rename(LINE.format(4), "gl-cor:entryDetailX")) == {"E-DET-02": 1}
    assert counts(Kind.E, rename(LINE.format(2), "gl-cor:entryDetailX")) == {"E-DET-02": 1}


def test_line_number_of_an_entry_is_behind_the_lines_of_earlier_entries_only():
    number = "<gl-cor:lineNumber @C>9</gl-cor:lineNumber>"
    gap = put(f"{LINE.format(2)}/gl-cor:lineNumber", "8")
    only = drop(f"{LAST}/gl-cor:entryDetail/gl-cor:lineNumber")
    lacking = {"Y-DET-01": 2}
    assert counts(Kind.Y, gap, only) == {**lacking, "Y-DET-02": 1}  # line 1
    assert counts(Kind.Y, gap, only, into(LAST, number)) == {**lacking, "Y-DET-02": 2}
    assert counts(Kind.Y, gap, only, into(f"({HDR})[1]", number)) == {**lacking, "Y-DET-02": 1}


def test_line_inside_a_line_follows_the_lines_before_only():
    inner = (
        "<x><gl-cor:entryDetail><gl-cor:lineNumber>{}</gl-cor:lineNumber></gl-cor:entryDetail></x>"
    )
    nested = [into(LINE.format(4), inner.format(number)) for number in (4, 5)]
    gone = drop(f"{LINE.format(4)}/gl-cor:lineNumber")
    assert counts(Kind.Y, nested[1]) == {}
    assert counts(Kind.Y, nested[0], gone) == {"Y-DET-01": 1}
    assert counts(Kind.Y, nested[1], gone) == {"Y-DET-01": 1, "Y-DET-02": 1}


@pytest.mark.parametrize("place", ["/*", "//xbrli:xbrl", "//gl-cor:accountingEntries"])
def test_entry_elsewhere_is_a_later_entry(place):
    entry = (
        "<x><gl-cor:entryHeader><gl-cor:enteredDate>{}</gl-cor:enteredDate>"
        "<gl-cor:entryNumberCounter>{}</gl-cor:entryNumberCounter></gl-cor:entryHeader></x>"
    )
    assert counts(Kind.Y, into(place, entry.format("2026-01-03", 3))) == {}
    assert counts(Kind.Y, into(place, entry.format("2026-01-02", 4))) == {
        "Y-HDR-01": 1,
        "Y-HDR-02": 1,
    }


@pytest.mark.parametrize("place", ["/*", "//xbrli:xbrl", "//gl-cor:accountingEntries"])
def test_line_number_behind_all_entries(place):
    number = "<gl-cor:lineNumber>5</gl-cor:lineNumber>"
    assert counts(Kind.Y, into(place, number)) == {}  # its owner is around the lines
    assert counts(Kind.Y, into(place, f"<x>{number}</x>")) == {"Y-DET-02": 1}
    line = f"<x><gl-cor:entryDetail>{number}</gl-cor:entryDetail></x>"
    assert counts(Kind.Y, into(place, line)) == {}


def test_line_number_of_a_second_accounting_entries_without_entries():
    number = "<gl-cor:lineNumber>1</gl-cor:lineNumber>"
    more = f"<gl-cor:accountingEntries>{number}</gl-cor:accountingEntries>"
    assert counts(Kind.Y, into("//xbrli:xbrl", more))["Y-DET-02"] == 1


def test_siblings_of_lines_in_berat_and_kebir():
    last = rename("(//gl-cor:entryDetail)[last()]", "gl-cor:entryDetailX")
    assert counts(Kind.YB, last) == {"B-DET-02": 1, "B-HDR-03": 1, "B-HDR-13": 1}
    counter = put(f"{LINE.format(1)}/gl-cor:lineNumberCounter", "9")
    misspelt = rename(LINE.format(1), "gl-cor:entryDetailX")
    assert counts(Kind.K, misspelt).get("K-DET-04") is None
    assert counts(Kind.K, counter, misspelt)["K-DET-04"] == 1


def test_long_entry_with_a_misspelt_line_in_each_part():
    writer = Writer(Kind.Y)
    rows = [(n, "100" if n % 2 else "600", "DC"[(n + 1) % 2], "1.00") for n in range(1, 2001)]
    text = writer.entry(1, "2026-01-05", rows)
    for number in (100, 700, 1300, 2000):
        begin = text.index(writer.text("gl-cor:lineNumber", str(number)))
        start = text.rindex("<gl-cor:entryDetail>", 0, begin)
        end = text.index("</gl-cor:entryDetail>", begin)
        line = text[start:end].replace("entryDetail", "entryDetailX") + "</gl-cor:entryDetailX>"
        text = text[:start] + line + text[end + len("</gl-cor:entryDetail>") :]
    report = judge((writer.start() + text + writer.end()).encode())
    assert report.findings.counts["Y-DET-02"] == 4


# attributes ---------------------------------------------------------------------------------
@pytest.mark.parametrize("value", ["try", "countable", "journal_context", "inf", "", " INF", "2"])
def test_decimals_of_any_other_value(value):
    assert counts(Kind.Y, attribute("//xbrli:entity", "decimals", value)) == {"Y-GEN-01": 1}
    expected = {} if value == "2" else {"E-GEN-01": 4}
    assert counts(Kind.E, attribute("//gl-cor:amount", "decimals", value)) == expected


# crashes and the fast path ------------------------------------------------------------------
def test_long_entry_that_declares_a_namespace():
    writer = Writer(Kind.Y)
    rows = [(n, "100" if n % 2 else "600", "DC"[(n + 1) % 2], "1.00") for n in range(1, 601)]
    text = writer.entry(1, "2026-01-05", rows)
    text = text.replace("<gl-cor:entryDetail>", '<gl-cor:entryDetail xmlns:q="urn:q">')
    assert judge((writer.start() + text + writer.end()).encode()).ok


@pytest.mark.parametrize("padding", range(0, 120, 7))
def test_account_cut_by_the_end_of_a_block(monkeypatch, padding):
    """The blank inside a tag must reach the parser when the account is longer than a block."""
    monkeypatch.setattr(lane, "BLOCK_BYTES", 4096)
    writer = Writer(Kind.K)
    lines = [(n, n, "D", "1.00") for n in range(1, 31)]
    text = writer.account("100", lines[:1]) + writer.account("320", lines[1:])
    text = text.replace("<gl-cor:entryHeader>", "<gl-cor:entryHeader>" + " " * padding)
    text = re.sub("2026-01-..", "2026-01-15", text)
    # References to a unit that is not there: nothing can be proven, the parser reads it all.
    content = (writer.start() + text + writer.end()).replace('id="try"', 'id="EUR"')
    report = judge(content.encode(), Kind.K)
    assert report.well_formed
    assert report.findings.counts == judge(content.encode(), Kind.K, fast=False).findings.counts


def test_documents_without_a_change_have_no_finding():
    for kind in Kind:
        assert judge(document(kind), kind).ok
    assert counts(Kind.Y, twice("//gl-bus:accountantInformation")) == {}
