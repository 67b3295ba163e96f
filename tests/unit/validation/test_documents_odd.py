"""Documents that are legal but unusual, or hostile: same verdicts, never a crash."""

import copy
import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from edefter.model.documents import Kind
from edefter.model.finding import Layer
from edefter.validation import Report, run, validate
from edefter.validation.reading import reader
from edefter.validation.schema.schema_set import schema
from tests.unit.validation.documents import (
    FILE,
    Writer,
    both,
    document,
    drop,
    find,
    journal,
    put,
    spoiled,
    twice,
)


def judge(content: bytes, kind: Kind = Kind.Y, **options) -> Report:
    return validate(io.BytesIO(content), FILE[kind], **options)


def rules(report: Report) -> set[str]:
    return set(report.findings.counts)


# unusual but legal --------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-9", "windows-1254"])
def test_other_encodings_are_judged_as_xml_allows(encoding):
    text = document(Kind.Y).decode().replace("UTF-8", encoding.upper(), 1)
    assert judge(text.encode(encoding), own=True).ok


def test_other_prefixes_indentation_and_comments_change_nothing():
    text = document(Kind.Y).decode()
    text = re.sub(r"(</?)gl-cor:", r"\1aa:", text).replace("xmlns:gl-cor", "xmlns:aa")
    text = text.replace("><aa:", ">\n   <!-- x --><aa:").replace("120.00", "12<!-- a -->0.00")
    assert judge(text.encode(), own=True).ok


def test_namespaces_declared_on_every_line():
    text = document(Kind.Y).decode()
    text = text.replace(
        "<gl-cor:entryDetail>",
        '<gl-cor:entryDetail xmlns:para="http://www.xbrl.org/2003/iso4217" '
        'xmlns:iso4217="http://www.xbrl.org/2003/iso4217">',
    ).replace(">iso4217:TRY</gl-muc:amountCurrency", ">para:TRY</gl-muc:amountCurrency")
    assert judge(text.encode(), own=True).ok
    broken = text.replace('xmlns:para="http://www.xbrl.org/2003/iso4217"', "")
    assert rules(judge(broken.encode())) == {"XSD"}


def test_nested_declarations_still_show_stray_text():
    text = (
        document(Kind.Y)
        .decode()
        .replace("<gl-cor:entryHeader>", '<gl-cor:entryHeader xmlns:q="u">')
    )
    text = text.replace("</gl-cor:entryHeader>", "</gl-cor:entryHeader>başıboş", 1)
    assert "XSD" in rules(judge(text.encode()))


def test_namespace_uri_that_is_no_uri():
    """Found by fuzzing: entries are handed out before libxml2 reports the bad URI at the end."""
    for content in (document(Kind.Y), long_entry(600)):
        assert rules(judge(content.replace(b'xmlns:gl-plt="', b'xmlns:gl-plt="a>b'))) == {"XML"}


def head_behind_the_entries(root):
    entries = find(root, "//gl-cor:accountingEntries")[0]
    for name in ("documentInfo", "entityInformation"):
        entries.append(find(root, f"//gl-cor:{name}")[0])


def test_head_data_behind_the_entries_is_read_in_a_second_pass():
    late = spoiled(Kind.Y, head_behind_the_entries)
    assert rules(judge(late)) == {"XSD"}
    outside = both(put("(//gl-cor:enteredDate)[1]", "2026-02-01"), head_behind_the_entries)
    report = judge(spoiled(Kind.Y, outside))
    assert report.official_ids == {"Y-HDR-02", "Y-HDR-06", "Y-DET-19"}


def test_second_pass_without_seeking():
    class Pipe(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self._inner = io.BytesIO(content)

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return False

        def read(self, size: int = -1) -> bytes:
            return self._inner.read(size)

    report = validate(Pipe(spoiled(Kind.Y, head_behind_the_entries)), FILE[Kind.Y])
    assert rules(report) == {"XSD"}


def long_entry(lines: int, *, counter_last: bool = False, spoil: int = 0) -> bytes:
    writer = Writer(Kind.Y)
    rows = [(n, "100" if n % 2 else "600", "DC"[(n + 1) % 2], "1.00") for n in range(1, lines + 1)]
    text = writer.entry(1, "2026-01-05", rows)
    counter = writer.count("gl-cor:entryNumberCounter", "1")
    if counter_last:
        text = text.replace(counter, "", 1).replace(
            "</gl-cor:entryHeader>", f"{counter}</gl-cor:entryHeader>"
        )
    if spoil:
        text = text.replace(
            writer.count("gl-cor:lineNumberCounter", "1"),
            writer.count("gl-cor:lineNumberCounter", "9"),
            spoil,
        )
    return (writer.start() + text + writer.end()).encode()


def test_entry_with_many_lines_is_judged_in_parts():
    report = judge(long_entry(2000), own=True)
    assert report.ok and report.facts.totals.lines == 2000
    assert report.facts.totals.debit_kurus == report.facts.totals.credit_kurus == 100_000
    assert judge(long_entry(2000, spoil=1500)).findings.counts == {"Y-DET-04": 1500}


def test_entry_number_behind_many_lines_is_still_compared():
    assert judge(long_entry(1000, counter_last=True)).official_ids == set()
    report = judge(long_entry(1000, counter_last=True, spoil=3))
    assert report.findings.counts["Y-DET-04"] == 3


def test_limit_keeps_findings_but_counts_all():
    report = judge(long_entry(400, spoil=400), limit_per_rule=7)
    assert report.findings.counts["Y-DET-04"] == 400
    assert len(report.findings) == 7
    with pytest.raises(ValueError, match="at least one"):
        judge(long_entry(2), limit_per_rule=0)


def test_facts():
    facts = judge(b"".join(journal(5, 4)), own=True).facts
    assert (facts.totals.entries, facts.totals.lines) == (5, 20)
    assert facts.totals.debit_kurus == 5 * 2 * 1234
    assert (facts.first_entry, facts.last_entry, facts.first_line, facts.last_line) == (
        ("1", "5", "1", "20")
    )
    assert facts.unique_id == "YEV202601000001"
    assert (facts.period_start, facts.period_end) == ("2026-01-01", "2026-01-31")


# the kind -----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", list(Kind))
def test_kind_is_told_by_the_content_when_the_name_does_not(kind):
    assert validate(io.BytesIO(document(kind)), "defter.xml").kind is (kind)


def test_approved_berat_keeps_its_kind():
    assert validate(io.BytesIO(document(Kind.KB)), f"GIB-{FILE[Kind.KB]}").ok


def test_foreign_xml_has_no_kind():
    report = validate(io.BytesIO(b"<html/>"), "a.xml")
    assert (report.kind, report.ok, report.well_formed) == (None, False, True)
    assert rules(report) == {"KIND"}


# aborts -------------------------------------------------------------------------------------
def test_abort_gives_no_list_of_official_findings():
    change = both(twice("(//gl-cor:amount)[1]"), drop("//gl-cor:enteredBy"))
    report = judge(spoiled(Kind.Y, change))
    assert not report.evaluated and not report.ok and report.official_ids == set()
    assert "Y-RUN-01" in rules(report)
    finding = next(item for item in report.findings if item.layer is Layer.RUN)
    assert finding.message_tr.startswith("Fiş F000001, madde 1, satır 1, hesap 100.01: belge")


# places and words ---------------------------------------------------------------------------
def test_finding_names_voucher_entry_and_sums():
    report = judge(spoiled(Kind.Y, put("(//gl-bus:totalDebit)[2]", "40.00")))
    texts = {item.rule: item.message_tr for item in report.findings}
    assert texts["Y-HDR-11"] == (
        "Fiş F000002, madde 2: borç toplamı 40.00, alacak toplamı 30.50; aynı yazılmalı"
    )
    assert texts["Y-HDR-12"].endswith("borç toplamı 40.00, borç satırlarının toplamı 30.50")


def test_schema_finding_names_the_line_and_the_element():
    report = judge(spoiled(Kind.Y, put("(//gl-cor:amount)[3]", "otuz")))
    finding = next(item for item in report.findings if item.rule == "XSD")
    assert finding.place.voucher == "F000002" and finding.place.line_no == "3"
    assert finding.place.field == "gl-cor:amount" and finding.value == "otuz"
    assert finding.message_tr == (
        "Fiş F000002, madde 2, satır 3, hesap 320.01: "
        "gl-cor:amount elemanının değeri “otuz” geçersiz"
    )


def test_long_and_binary_values_are_cut():
    report = judge(spoiled(Kind.Y, put("(//gl-cor:debitCreditCode)[1]", "x\u200b" * 5000)))
    for finding in report.findings:
        assert len(finding.value) <= 120 and "\u200b" not in finding.message_tr


def test_schema_location_of_a_document_is_never_followed(tmp_path):
    trap = tmp_path / "trap.xsd"
    trap.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="u:t"/>'
    )
    text = (
        document(Kind.Y)
        .decode()
        .replace("http://www.edefter.gov.tr ../xsd/edefter.xsd", f"u:t {trap.as_uri()}")
    )
    assert judge(text.encode(), own=True).ok


# hostile ------------------------------------------------------------------------------------
GOOD = document(Kind.Y)
BODY = GOOD.split(b"?>\n", 1)[1]
HOSTILE = {
    "empty": b"",
    "blank": b"  \n",
    "text": "düz yazı".encode(),
    "zip": b"PK\x03\x04" + bytes(50),
    "truncated": GOOD[: len(GOOD) // 2],
    "nul": GOOD + b"\x00",
    "nul inside": GOOD.replace(b"120.00", b"12\x000.00"),
    "control character": GOOD.replace(b"120.00", b"12&#1;0.00"),
    "wrong bytes": GOOD.replace(b"Muhasebe", b"Muhasebe\xfe"),
    "unknown encoding": GOOD.replace(b"UTF-8", b"UTF-99", 1),
    "deep": b"<a>" * 100_000,
    "deep inside": GOOD.replace(b"Muhasebe", b"<x>" * 5000, 1),
    "two roots": GOOD + BODY,
    "undeclared entity": GOOD.replace(b"Muhasebe", b"&yok;", 1),
    "many attributes": b"<a " + b" ".join(b"a%d='1'" % n for n in range(20_000)) + b">",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_a_finding(name):
    report = judge(HOSTILE[name])
    assert not report.ok and not report.well_formed and not report.evaluated
    assert len(report.findings) == 1
    limit = name.startswith(("deep", "many"))  # it may be XML, but is not read
    assert next(iter(report.findings)).rule == ("XML-LIMIT" if limit else "XML")


@pytest.mark.parametrize(
    "dtd",
    [
        b"<!DOCTYPE x>",
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    ],
)
@pytest.mark.parametrize("before", [b"", b"<!-- " + b"x" * 5000 + b" -->"])
def test_every_dtd_is_refused(dtd, before):
    report = judge(b'<?xml version="1.0"?>' + before + dtd + BODY)
    assert rules(report) == {"XML-DTD"} and not report.ok


def test_unreadable_stream_is_a_finding():
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("disk")

    report = validate(Broken(), FILE[Kind.Y])
    assert not report.ok and rules(report) == {"XML"}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([document(kind) for kind in (Kind.Y, Kind.K, Kind.YB, Kind.DR)]),
    st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 40),
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from(
                    [
                        b"<",
                        b">",
                        b"&#x0;",
                        b"]]>",
                        b"<gl-cor:entryHeader>",
                        b"</gl-cor:entryDetail>",
                        b"<gl-cor:entryDetail/>",
                        b"<gl-cor:accountingEntries>",
                        b"\xef\xbb\xbf",
                        b"NaN",
                        b"1e999",
                        b"-0",
                        b"<!DOCTYPE a>",
                        b"<![CDATA[x]]>",
                        b"<?p q?>",
                        b'xmlns:a="b"',
                    ]
                ),
            ),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_mutated_documents_never_crash(content, changes):
    data = bytearray(content)
    for where, length, replacement in changes:
        start = int(where * len(data))
        data[start : start + length] = replacement
    report = judge(bytes(data))
    assert isinstance(report, Report)
    for finding in report.findings:
        assert finding.message_tr and finding.message_en and finding.remedy_tr


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(list(Kind)), st.data())
def test_moved_elements_never_crash(kind, data):
    def shuffle(root):
        elements = list(root.iter())
        for _ in range(data.draw(st.integers(1, 3))):
            one = data.draw(st.sampled_from(elements))
            other = data.draw(st.sampled_from(elements))
            if one is not root and other not in one.iter():
                other.append(one)

    assert isinstance(judge(spoiled(kind, shuffle), kind), Report)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([Kind.Y, Kind.K, Kind.YB]), st.sampled_from([1, 3, 256]), st.data())
def test_pieces_give_the_schema_verdict_of_the_whole(kind, size, data):
    """Taking entries out and validating them apart never changes the XSD verdict."""

    def spoil(root):
        elements = list(root.iter())
        for _ in range(data.draw(st.integers(0, 2))):
            one, other = (data.draw(st.sampled_from(elements)) for _ in range(2))
            action = data.draw(st.sampled_from(["move", "copy", "drop", "text", "id", "tail"]))
            if action == "copy":
                other.append(copy.deepcopy(one))
            elif action == "text":
                one.text = "x"
            elif action == "tail" and one is not root:
                one.tail = "x"
            elif action == "id":
                one.set("id", "a")
            elif one is not root and one.getparent() is not None and other not in one.iter():
                one.getparent().remove(one)
                if action == "move":
                    other.append(one)

    content = spoiled(kind, spoil)
    whole = schema(True).validate(etree.fromstring(content))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_BATCH_LINES", size)
        patch.setattr(run, "LONG_ENTRY_LINES", size)
        assert judge(content, kind).schema_valid == whole


def test_a_dtd_that_the_first_look_missed_is_refused_all_the_same(monkeypatch):
    look = run.look

    def blind(stream, **options):
        prolog = look(stream, **options)
        prolog.has_dtd = False
        return prolog

    monkeypatch.setattr(run, "look", blind)
    assert judge(GOOD).ok
    begin = GOOD.index(b"<edefter:")
    report = judge(GOOD[:begin] + b"<!DOCTYPE x>" + GOOD[begin:])
    assert dict(report.findings.counts) == {"XML-DTD": 1}
