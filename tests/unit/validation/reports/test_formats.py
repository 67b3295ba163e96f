"""JSON, JSON lines, CSV: fields, counts, encoding, formulas."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os

import pytest

from edefter.model.documents import Kind
from edefter.validation.batch.verdict import Verdict, not_judged
from edefter.validation.inputs import Input
from edefter.validation.inputs.model import finding
from edefter.validation.reports.csv_report import COLUMNS, CsvWriter, guarded
from edefter.validation.reports.json_report import JsonLinesWriter, JsonWriter
from edefter.validation.reports.plain import FIELDS
from edefter.validation.reports.visible import visible
from tests.support.hostile_texts import FORMULA, ledger
from tests.unit.validation.documents import document, put

Y = "1234567808-202601-Y-000000.xml"


def rows(*verdicts: Verdict, lang: str = "tr", separator: str = ";") -> list[list[str]]:
    sink = io.BytesIO()
    writer = CsvWriter(sink, lang, separator=separator)
    for item in verdicts:
        writer.take(item)
    writer.end(0)
    assert sink.getvalue().startswith(codecs.BOM_UTF8)
    text = sink.getvalue().decode("utf-8-sig")
    assert text.replace("\r\n", "").isprintable()
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def lines(*verdicts: Verdict, lang: str = "tr") -> list[dict]:
    sink = io.BytesIO()
    writer = JsonLinesWriter(sink, lang)
    for item in verdicts:
        writer.take(item)
    writer.end(7)
    return [json.loads(line) for line in sink.getvalue().decode().splitlines()]


def test_json_lines_are_findings_then_a_summary_for_each_file(verdict) -> None:
    good, bad = verdict(Kind.K), verdict(Kind.Y, put("//gl-cor:documentType", "fatura"), limit=1)
    found = lines(good, bad)
    assert [item["type"] for item in found] == ["summary", "finding", "finding", "summary", "end"]
    assert found[0]["ok"] is True
    assert (found[0]["entries"], found[0]["lines"]) == (3, 4)
    one = found[1]
    assert tuple(one) == ("type", *FIELDS)
    assert {name: one[name] for name in FIELDS if name not in ("byte_offset", "message")} == {
        "rule": "XSD",
        "severity": "error",
        "layer": "schema",
        "kind": "Y",
        "file": Y,
        "xml_line": 2,
        "voucher": "F000001",
        "entry_no": "1",
        "line_no": "1",
        "account": "100.01",
        "field": "gl-cor:documentType",
        "value": "fatura",
        "remedy": "Değeri muhasebe programında düzeltip belgeyi yeniden oluşturun.",
    }
    data = document(Kind.Y).replace(b">invoice<", b">fatura<")
    assert isinstance(one["byte_offset"], int)
    assert 0 < one["byte_offset"] < len(data)
    assert found[3]["counts"] == {"XSD": 4, "YK-STR-10": 4}
    assert (found[3]["errors"], found[3]["warnings"]) == (4, 4)
    assert found[4] == {"type": "end", "ignored": 7}


def test_json_is_one_array_with_the_fields_it_always_had(verdict) -> None:
    sink = io.BytesIO()
    writer = JsonWriter(sink, "en")
    writer.take(verdict(Kind.K), {"version": "1"})
    writer.take(verdict(Kind.Y, put("//gl-cor:documentType", "fatura")))
    writer.end(0)
    good, bad = json.loads(sink.getvalue())
    assert good["official"] == {"version": "1"}
    assert {"file", "kind", "ok", "evaluated", "counts", "findings"} <= set(bad)
    one = bad["findings"][0]
    assert set(one) == {"rule", "severity", "layer", "place", "value", "text", "remedy"}
    assert one["place"]["voucher"] == "F000001"
    assert one["text"].startswith("Voucher F000001")


def test_json_of_nothing_is_an_empty_array() -> None:
    sink = io.BytesIO()
    JsonWriter(sink, "tr").end(0)
    assert json.loads(sink.getvalue()) == []


def test_a_name_that_is_no_text_can_be_written() -> None:
    name = os.fsdecode(b"\xff\xfe.xml")
    item = not_judged(Input(name=name, shown=name), [finding("FILE-02", name, detail="x")])
    assert lines(item)[0]["file"] == "\\xff\\xfe.xml"
    sink = io.BytesIO()
    writer = JsonWriter(sink, "tr")
    writer.take(item)
    writer.end(0)
    assert json.loads(sink.getvalue())[0]["path"] == "\\xff\\xfe.xml"
    assert rows(item)[1][COLUMNS.index("file")] == "\\xff\\xfe.xml"


def test_csv_has_a_row_for_each_finding_and_the_true_count(verdict) -> None:
    bad = verdict(Kind.Y, put("//gl-cor:documentType", "fatura"), limit=1, shown=f"ay/{Y}")
    head, first, second = rows(verdict(Kind.K), bad)
    assert head[:4] == ["Kural", "Önem", "Dayanak", "Tür"]
    assert len(head) == len(set(head)) == len(first) == len(COLUMNS)
    by_name = dict(zip(COLUMNS, first, strict=True))
    assert by_name["severity"] == "hata"
    assert by_name["layer"] == "GİB şeması"
    assert by_name["voucher"] == "F000001"
    assert by_name["rule_count"] == "4"
    assert by_name["path"] == f"ay/{Y}"
    assert second[0] == "YK-STR-10"
    assert rows(bad, lang="en", separator=",")[0][0] == "Rule"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (FORMULA, "'" + FORMULA),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("\n1", "'\n1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-", "'-"),
        ("-12.50", "-12.50"),
        ("+905551112233", "+905551112233"),
        ("1.234,56", "1.234,56"),
        ("100.01", "100.01"),
        ("Ağaç = İş", "Ağaç = İş"),
        ("", ""),
        ("   ", "   "),
    ],
)
def test_cells_never_become_formulas_and_numbers_stay(text: str, cell: str) -> None:
    assert guarded(text) == cell


def test_no_cell_of_a_hostile_ledger_is_a_formula(verdict) -> None:
    table = rows(verdict(Kind.Y, data=ledger()))
    cells = [cell for row in table for cell in row]
    # cells are cut, so formulas are looked for by how they begin
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    for cell in cells:
        assert not cell.startswith(("=", "@", "\t", "\r", "+"))
        assert not cell.startswith("-")
    # whichever separator the spreadsheet takes, no part of a line begins a formula
    sink = io.BytesIO()
    writer = CsvWriter(sink, "tr")
    writer.take(verdict(Kind.Y, data=ledger()))
    quoted = csv.reader(io.StringIO(sink.getvalue().decode("utf-8-sig"), newline=""))
    assert all(not part.startswith(("=", "@", "+", "-")) for row in quoted for part in row)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Çığ ŞİRKETİ “a”", "Çığ ŞİRKETİ “a”"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("\x1b[2J\x07", "\\u001b[2J\\u0007"),
        ("a\nb\tc\u00a0d", "a b c d"),
        ("\u200b\U000e0041", "\\u200b\\U000e0041"),
        ("\udcff", "\\udcff"),
    ],
)
def test_nothing_invisible_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_long_texts_are_cut() -> None:
    assert visible("a" * 50, 10) == "a" * 9 + "…"
    assert visible("a" * 10, 10) == "a" * 10
