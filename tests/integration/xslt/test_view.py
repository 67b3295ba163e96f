"""What a reader sees: the right texts, exact Turkish amounts, and nothing that runs or loads."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from edefter.resources import schemas_dir
from tests.integration.xslt.documents import (
    STYLESHEETS,
    document,
    entry,
    line,
    signature,
    sound_cases,
)

COR = "{http://www.xbrl.org/int/gl/cor/2006-10-25}"
BUS = "{http://www.xbrl.org/int/gl/bus/2006-10-25}"
NAMES = sorted(set(STYLESHEETS.values()))


def text(node) -> str:
    return re.sub(r"\s+", " ", node.text_content()).strip()


def harmless(page) -> None:
    """No element, attribute or style that runs or loads anything."""
    for node in page.iter():
        assert node.tag not in {"script", "link", "img", "iframe", "object", "embed", "form"}
        for name, value in node.attrib.items():
            assert not name.startswith("on"), (node.tag, name)
            if name in {"href", "src", "action", "style"}:
                assert value.startswith("#") or node.tag == "col", (node.tag, name, value)
    style = "".join(page.xpath("//style/text()"))
    assert "url(" not in style and "@import" not in style


def turkish(amount: Decimal) -> str:
    """1234.56 -> 1.234,56, by Python's own means."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize("name", NAMES)
def test_stylesheet_is_self_contained_xslt_1(name: str):
    raw = (schemas_dir() / "xslt" / f"{name}.xslt").read_text(encoding="utf-8")
    tree = etree.fromstring(raw.encode())
    assert tree.get("version") == "1.0"
    tags = {etree.QName(node).localname for node in tree.iter(etree.Element)}
    assert not tags & {"include", "import", "script"}
    code = re.sub(r"<!--.*?-->", "", raw, flags=re.S)
    assert "disable-output-escaping" not in code and "document(" not in code
    assert not re.search(r'select="[^"]*//', code), "no scan over the whole document"


def test_common_part_is_the_same_in_all():
    parts = {
        re.search(
            r"BEGIN COMMON.*END COMMON",
            (schemas_dir() / "xslt" / f"{name}.xslt").read_text(encoding="utf-8"),
            re.S,
        ).group()
        for name in NAMES
    }
    assert len(parts) == 1


def test_every_sound_conformance_document_renders(shared: Path, view):
    seen = dict.fromkeys(STYLESHEETS, 0)
    for kind, case, raw in sound_cases(shared, tuple(STYLESHEETS)):
        page = view(STYLESHEETS[kind], raw)
        harmless(page)
        tree = etree.fromstring(raw)
        shown = text(page)
        identifier = tree.find(f".//{COR}documentInfo/{COR}uniqueID")
        control = " ".join("".join(identifier.itertext()).split())
        assert control in shown, case
        headers = tree.findall(f".//{COR}entryHeader")
        if kind in {"Y", "K"}:
            assert len(page.xpath("//tr[@class='bas']")) == len(headers), case
            lines = tree.findall(f".//{COR}entryDetail")
            for side, column in (("D", -2), ("C", -1)):
                amounts = [
                    Decimal(item.findtext(f"{COR}amount").strip())
                    for item in lines
                    if item.findtext(f"{COR}debitCreditCode").strip().upper()[0] == side
                ]
                total = sum(amounts, Decimal(0))
                if total < Decimal(2**53) / 100:
                    offset = 0 if kind == "Y" else -1
                    cells = page.xpath("//tr[@class='genel']/td")
                    assert text(cells[column + offset]) == turkish(total), case
        seen[kind] += 1
    assert min(seen.values()) > 20, seen


def test_running_balance_of_every_account_ends_at_its_total(shared: Path, view):
    for kind, case, raw in sound_cases(shared, ("K",)):
        if case != "k0582":  # the larger document
            continue
        headers = etree.fromstring(raw).findall(f".//{COR}entryHeader")
        bodies = view(STYLESHEETS[kind], raw).xpath("//tbody[@id]")
        for header, body in zip(headers, bodies, strict=True):
            net = Decimal(header.findtext(f"{BUS}totalDebit")) - Decimal(
                header.findtext(f"{BUS}totalCredit")
            )
            side = " B" if net > 0 else " A" if net < 0 else ""
            moves = body.xpath("tr[@class='satir'][td[7]][not(td[@colspan])]")
            assert len(moves) == len(header.findall(f"{COR}entryDetail"))
            assert text(moves[-1][6]) == turkish(abs(net)) + side
        return
    pytest.fail("case k0582 is missing")


HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt;"


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_stays_text(name: str, view):
    lines = (line(1, "1.00", "D", comment=HOSTILE), line(2, HOSTILE, "C", account=HOSTILE))
    raw = document(entry(*lines), title=f"{HOSTILE} A.Ş.")
    page = view(name, raw)
    harmless(page)
    assert "<script>alert(1)</script>" in text(page)
    assert not page.xpath("//*[@href][not(starts-with(@href,'#'))]"), "no link out of the page"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("0.01", "0,01"),
        ("7", "7,00"),
        ("1234.5", "1.234,50"),
        (" 1234567.89 ", "1.234.567,89"),
        ("999999999999999.99", "999.999.999.999.999,99"),
        ("12345678901234567.89", "12.345.678.901.234.567,89"),  # more than a double holds
        ("0.125", "0,125"),  # never rounded
        ("1e3", "1e3"),  # no plain decimal: as it stands
        ("1.2.3", "1.2.3"),
    ],
)
def test_amounts_in_turkish_form_with_raw_digits_at_hand(raw: str, shown: str, view):
    page = view("yevmiye", document(entry(line(1, raw, "D"))))
    cell = page.xpath("//tr[@class='satir']/td")[3]
    assert text(cell) == shown
    assert cell.get("title") == raw.strip()


def test_totals_are_exact_where_doubles_are_not(view):
    # 3000 × 0.1 and one large amount: added as doubles this ends in …,0000000476
    lines = [line(1, "70000000000.07", "D"), *(line(n, "0.10", "D") for n in range(2, 3002))]
    page = view("yevmiye", document(entry(*lines)))
    assert text(page.xpath("//tr[@class='genel']/td")[1]) == "70.000.000.300,07"


def test_a_total_beyond_exact_arithmetic_says_so(view):
    big = "12345678901234567.89"
    page = view("yevmiye", document(entry(line(1, big, "D"), line(2, big, "C"))))
    assert text(page.xpath("//tr[@class='genel']/td")[1]).startswith("≈ ")


def test_long_account_does_not_exhaust_the_processor(view):
    lines = [line(n, "1.00", "D" if n % 3 else "C") for n in range(1, 6001)]
    page = view("kebir", document(entry(*lines, total="2000.00")))
    moves = page.xpath("//tbody[@id]/tr[@class='satir'][td[7]][not(td[@colspan])]")
    assert len(moves) == 6000
    assert [text(moves[n][6]) for n in (0, 1, 2, -1)] == [
        "1,00 B",
        "2,00 B",
        "1,00 B",
        "2.000,00 B",
    ]


def test_credit_balance_is_marked(view):
    page = view("kebir", document(entry(line(1, "5.00", "C"), line(2, "2.00", "D"))))
    moves = page.xpath("//tbody[@id]/tr[@class='satir'][td[7]][not(td[@colspan])]")
    assert [text(row[6]) for row in moves] == ["5,00 A", "3,00 A"]


@pytest.mark.parametrize("name", NAMES)
def test_unsigned_document_is_called_a_draft(name: str, view):
    assert "İmzasız taslak" in text(view(name, document("", tail="")))
    assert "İmzasız taslak" not in text(view(name, document("")))


UNSIGNED = (
    "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:CounterSignature>"
    f"{signature(value='R0lC')}</xades:CounterSignature></xades:UnsignedSignatureProperties>"
    "</xades:UnsignedProperties>"
)


@pytest.mark.parametrize(
    "content",
    [f"<xades:QualifyingProperties>{UNSIGNED}</xades:QualifyingProperties>", UNSIGNED],
    ids=["standard place", "older place"],
)
def test_gib_approval_is_shown_at_both_places(content: str, view):
    tail = f"<ds:SignatureValue>REVGVEVS</ds:SignatureValue>{signature(content)}"
    shown = text(view("berat", document("", tail=tail)))
    assert "Defterin imza değeriREVGVEVS" in shown
    assert "R0lC" in shown.split("GİB onay bilgileri")[1]
    assert "GİB onayı yoktur" not in shown


def test_berat_without_approval_says_what_is_missing(view):
    shown = text(view("berat", document("")))
    assert "Bu dosyada GİB onayı yoktur" in shown.split("GİB onay bilgileri")[1]


def test_long_signature_value_is_shortened_and_complete_on_demand(view):
    value = "A1b2" * 86
    page = view("yevmiye", document("", tail=signature(value=value)))
    summary, full = page.xpath("//details/summary")[0], page.xpath("//details/div")[0]
    assert " … " in text(summary) and len(text(summary)) < 60
    assert text(full) == value
