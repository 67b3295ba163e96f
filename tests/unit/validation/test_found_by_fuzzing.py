"""What fuzzing (`make fuzz`) and hostile documents brought to light, kept small."""

from __future__ import annotations

import io
import os

import pytest

from edefter.model.documents import Kind
from edefter.validation import check_berat, check_pair, validate
from edefter.validation.reading.prolog import look
from tests.support.hangs import ends
from tests.support.streams import Trickle
from tests.unit.validation.documents import FILE, Writer, document, journal, put, spoiled, twice
from tests.unit.validation.test_documents_odd import judge, rules

GOOD = document(Kind.Y)


@pytest.fixture
def files(tmp_path):
    """Writes documents under their names."""

    def write(kind: Kind, content: bytes):
        path = tmp_path / FILE[kind]
        path.write_bytes(content)
        return path

    return write


# the parser ---------------------------------------------------------------------------------
@pytest.mark.parametrize("padding", [0, 1, 900, 1023, 1024, 4096, 65536, 65536 + 1024])
@pytest.mark.parametrize("fast", [True, False])
def test_no_document_begins_behind_an_undeclared_entity(padding, fast):
    """lxml's feed parser stopped there without a word and took what came next for a new one."""
    start = b"<edefter:defter xmlns:edefter='http://www.edefter.gov.tr'>&yok;"
    content = start.ljust(len(start) + padding) + GOOD
    assert rules(judge(content, fast=fast)) == {"XML"}
    content = GOOD.replace(b"Muhasebe", b"&yok;", 1)
    finding = next(iter(judge(content, fast=fast).findings))
    assert "“&” işareti yanlış kullanılmış" in finding.message_tr


def test_dtd_behind_a_long_comment():
    """The first look ended after 1 MiB and what followed was parsed with its DTD."""
    dtd = b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'
    for length, rule in ((1 << 19, "XML-DTD"), (1 << 21, "XML-LIMIT")):
        assert rules(judge(b"<!--" + b"c" * length + b"-->" + dtd)) == {rule}


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_refused_encoding_is_seen_in_portions_of_any_size(size):
    content = GOOD.replace(b"UTF-8", b"UTF-7", 1)
    found = look(Trickle(content, size), need_type=False)
    assert found.trouble is not None and found.trouble.facts == {"encoding": "UTF-7"}


@pytest.mark.parametrize("sizes", [(1,), (3, 1, 2), (1000, 1)])
@pytest.mark.parametrize("kind", list(Kind))
def test_portions_do_not_matter(kind, sizes):
    content = document(kind)
    for text in (content, content.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16")):
        report = validate(Trickle(text, *sizes), FILE[kind])
        assert report.ok and report.facts.size_bytes == len(text)


@pytest.mark.parametrize("fast", [True, False])
def test_a_prefix_with_turkish_letters(fast):
    """Copies of pieces were written in ASCII, which cannot spell such a prefix."""
    content = GOOD.replace(b"xmlns:gl-plt=", "xmlns:şırıltı=".encode(), 1)
    inside = content.replace(b"<gl-cor:entryHeader>", b"<gl-cor:entryHeader xmlns:q='u:q'>")
    for text in (content, inside):
        assert judge(text, fast=fast).ok
    wrong = b"".join(journal(100)).replace(b">invoice<", b">fatura<")
    wrong = wrong.replace(b"xmlns:gl-plt=", "xmlns:şırıltı=".encode(), 1)
    assert rules(judge(wrong, fast=fast)) == {"XSD", "YK-STR-10"}


# findings -----------------------------------------------------------------------------------
def test_an_unknown_element_is_not_written_with_a_turkish_capital():
    content = GOOD.replace(
        b"<gl-cor:documentInfo>", b'<include xmlns="u:x"/><gl-cor:documentInfo>', 1
    )
    finding = next(iter(judge(content).findings))
    assert finding.message_tr.startswith("“include” elemanı burada olamaz")


def test_a_field_a_thousand_times_is_a_finding():
    many = b"<gl-cor:enteredBy contextRef='journal_context'>Muhasebe</gl-cor:enteredBy>" * 5000
    content = GOOD.replace(b"<gl-cor:enteredBy ", many + b"<gl-cor:enteredBy ", 1)
    with ends():
        assert rules(judge(content)) == {"XML-LIMIT"}


# checks between documents -------------------------------------------------------------------
def test_a_repeated_field_is_shown_without_control_characters(files):
    kebir = spoiled(Kind.K, twice("(//gl-cor:postingDate)[1]"))
    log = check_pair(files(Kind.Y, GOOD), files(Kind.K, kebir))
    finding = next(iter(log))
    assert "büyük defterde “2026-01-02 | 2026-01-02”" in finding.message_tr
    for text in (finding.message_tr, finding.message_en, finding.place.entry_no):
        assert text.isprintable()


def test_control_characters_in_a_place(files):
    kebir = spoiled(Kind.K, put("(//gl-cor:lineNumberCounter)[1]", "1\n2"))
    log = check_pair(files(Kind.Y, GOOD), files(Kind.K, kebir))
    assert all(finding.message_tr.isprintable() for finding in log)


def many_lines(number: int, count: int, side: str) -> bytes:
    writer = Writer(Kind.Y)
    rows = [(number, "100", side, "1.00")] * count
    return (writer.start() + writer.entry(1, "2026-01-02", rows) + writer.end()).encode()


def test_lines_of_one_number_are_counted_and_not_kept(files):
    left = files(Kind.Y, many_lines(7, 900, "D"))
    log = check_pair(left, files(Kind.K, many_lines(7, 800, "D")))
    assert ["900" in item.message_tr and "800" in item.message_tr for item in log] == [True]
    log = check_pair(left, files(Kind.K, many_lines(7, 900, "C")))
    assert [item.message_tr.split(": ")[-1] for item in log] == [
        "iki defterde de 900 kez var, içerikleri farklı"
    ]


def test_a_berat_with_a_heap_of_fields_is_compared_at_once(files):
    heap = b"".join(b"<gl-cor:a%d/>" % number for number in range(20_000))
    berat = document(Kind.YB).replace(b"<gl-cor:documentInfo>", b"<gl-cor:documentInfo>" + heap, 1)
    with ends():
        log = check_berat(files(Kind.YB, berat), files(Kind.Y, GOOD))
    assert log.counts["B-STR-18"] >= 20_000 and len(log) < 300


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_read(files, tmp_path, make):
    """A pipe was waited for without end."""
    odd = tmp_path / FILE[Kind.K]
    make(odd)
    assert [item.rule for item in check_pair(files(Kind.Y, GOOD), odd)] == ["K-STR-14"]
    assert [item.rule for item in check_berat(odd, files(Kind.Y, GOOD))] == ["B-STR-17"]


def test_every_reading_of_a_broken_stream_is_a_finding():
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 3000:
                raise OSError("disk")
            return super().read(500)

    assert rules(validate(Broken(GOOD), FILE[Kind.Y])) == {"XML"}


@pytest.mark.parametrize("sizes", [(1,), (64, 7), (1000,), (10_000_000,)])
@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("after", ["", "<b xml:space='x'/>"])
def test_an_undefined_prefix_is_found_in_portions_of_any_size(sizes, fast, after):
    """lxml looks at libxml2's last word alone, and a warning may come after an error."""
    content = GOOD.replace(b"<gl-cor:documentInfo>", f"<q:a/>{after}<gl-cor:documentInfo>".encode())
    report = validate(Trickle(content, *sizes), FILE[Kind.Y], fast=fast)
    assert rules(report) == {"XML"} and not report.well_formed
    assert "Namespace prefix q on a is not defined" in next(iter(report.findings)).message_en


# the first look -----------------------------------------------------------------------------
def test_the_root_of_a_document_of_four_bytes():
    """libxml2 keeps so few bytes to itself until it is told that nothing follows."""
    for stream in (io.BytesIO(b"<q/>"), Trickle(b"<q/>", 1)):
        assert look(stream, need_type=False).root == "q"


@pytest.mark.parametrize("sizes", [(1,), (7, 3), (100_000,)])
def test_of_several_types_the_first_tells_the_kind(sizes):
    """The second was taken when both came in one portion."""
    more = "<gl-cor:entriesType contextRef='journal_context'>ledger</gl-cor:entriesType>"
    content = GOOD.replace(b"</gl-cor:entriesType>", b"</gl-cor:entriesType>" + more.encode(), 1)
    assert validate(Trickle(content, *sizes), "belge.xml").kind is Kind.Y


# sentences ----------------------------------------------------------------------------------
def test_invisible_characters_of_an_account_number_are_shown():
    changed = put("(//gl-cor:entryHeader)[2]//gl-cor:accountMainID", "\u200b")
    report = judge(spoiled(Kind.K, changed), kind=Kind.K)
    texts = [item.message_tr for item in report.findings if item.rule == "K-AEN-03"]
    assert texts and all(r"\x200b" in text for text in texts)
