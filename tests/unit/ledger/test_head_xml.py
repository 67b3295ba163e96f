from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from edefter.ledger.head import LedgerHead
from edefter.ledger.head_xml import (
    END,
    prologue,
    unique_id,
    unwritable_texts,
)
from edefter.model.company import Branch
from edefter.model.documents import Kind
from edefter.model.identity import TaxId
from edefter.model.period import FiscalYear
from tests.unit.ledger.factory import company, head
from tests.unit.ledger.reading import NS, canonical, child_names, name, texts, tree

KADIKOY = Branch(number="0042", name="Kadıköy Şubesi")


def document(
    of: LedgerHead, kind: Kind = Kind.Y, serial: int = 1, *, multi_currency: bool = False
) -> bytes:
    return (prologue(of, kind, serial, multi_currency=multi_currency) + END).encode()


def test_the_envelope_is_as_the_guides_ask() -> None:
    lines = document(head()).decode().split("\n")
    assert lines[0] == '<?xml version="1.0" encoding="UTF-8"?>'
    assert lines[1] == '<?xml-stylesheet type="text/xsl" href="yevmiye.xslt"?>'
    assert lines[2] == (
        '<edefter:defter xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
        ' xmlns:edefter="http://www.edefter.gov.tr"'
        ' xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:schemaLocation="http://www.edefter.gov.tr ../xsd/edefter.xsd">'
    )
    assert lines[-1].endswith("</edefter:defter>")


def test_the_prefixes_of_qnames_in_text_are_in_scope() -> None:
    root = tree(document(head(), multi_currency=True)).getroot()
    xbrl = root[0]
    assert set(xbrl.nsmap) - set(root.nsmap) == {
        "xbrli", "iso639", "link", "gl-bus", "xlink", "gl-cor", "gl-plt", "iso4217", "gl-muc",
    }  # fmt: skip
    assert xbrl.nsmap["gl-plt"] == "http://www.xbrl.org/int/gl/plt/2006-10-25"


def test_books_in_lira_without_foreign_money_carry_no_muc() -> None:
    plain = document(head())
    assert b"gl-muc" not in plain
    foreign = tree(document(head(), multi_currency=True))
    assert texts(foreign, ".//m:defaultCurrency") == ["iso4217:TRY"]


def test_books_in_another_currency_always_name_it() -> None:
    parsed = tree(document(head(owner=company(book_currency="EUR"))))
    assert texts(parsed, ".//m:defaultCurrency") == ["iso4217:EUR"]
    unit = parsed.find(".//x:unit", NS)
    assert unit is not None
    assert (unit.get("id"), unit[0].text) == ("eur", "iso4217:EUR")


@pytest.mark.parametrize("kind", [Kind.Y, Kind.K])
@pytest.mark.parametrize("branch", [None, KADIKOY])
def test_every_tuple_keeps_the_order_of_the_taxonomy(
    kind: Kind, branch: Branch | None, shared: Path
) -> None:
    rules = json.loads((shared / "spec" / "taxonomy.json").read_text(encoding="utf-8"))["tuples"]
    parsed = tree(document(head(branch=branch), kind, multi_currency=True))
    assert canonical(document(head(branch=branch), kind)) is not None
    found = 0
    for element in parsed.iter(etree.Element):
        allowed = [child.rstrip("?*+") for child in rules.get(name(element), [])]
        if allowed:
            places = [allowed.index(child) for child in child_names(element)]
            assert places == sorted(places), name(element)
            found += 1
    assert found > 12


def test_document_info_of_the_kebir() -> None:
    info = tree(document(head(), Kind.K, 7)).find(".//c:documentInfo", NS)
    assert info is not None
    assert [(name(fact), fact.text) for fact in info] == [
        ("gl-cor:entriesType", "ledger"),
        ("gl-cor:uniqueID", "KEB202601000007"),
        ("gl-cor:language", "iso639:tr"),
        ("gl-cor:creationDate", "2026-02-03"),
        ("gl-bus:creator", "İnci Yağmur"),
        (
            "gl-cor:entriesComment",
            "1 Ocak 2026 - 31 Ocak 2026 arası Iğdır Şişe & Cam <İthalat> Anonim Şirketi'ye ait"
            " Büyük Defter",
        ),
        ("gl-cor:periodCoveredStart", "2026-01-01"),
        ("gl-cor:periodCoveredEnd", "2026-01-31"),
        ("gl-bus:sourceApplication", "1234567808##Örnek Yazılım##edefter##0.1.0"),
    ]
    assert {fact.get("contextRef") for fact in info} == {"ledger_context"}


def test_identifiers_of_a_branch_and_of_a_person() -> None:
    descriptions = ".//b:organizationIdentifiers/b:organizationDescription"
    values = ".//b:organizationIdentifiers/b:organizationIdentifier"
    of_branch = tree(document(head(branch=KADIKOY)))
    assert texts(of_branch, descriptions) == ["Kurum Unvanı", "Şube Adı", "Şube No"]
    assert texts(of_branch, values)[1:] == ["Kadıköy Şubesi", "0042"]
    person = company(tax_id=TaxId("10000000146"), title="Işıl Öğüt")
    of_person = tree(document(head(owner=person)))
    assert texts(of_person, descriptions) == ["Adı Soyadı"]
    assert texts(of_person, ".//x:identifier") == ["10000000146"]


def test_the_comment_of_a_branch_book() -> None:
    parsed = tree(document(head(branch=KADIKOY)))
    assert texts(parsed, ".//c:entriesComment")[0] == (
        "1 Ocak 2026 - 31 Ocak 2026 arası Iğdır Şişe & Cam <İthalat> Anonim Şirketi'nin"
        " Kadıköy şubesine ait Yevmiye Defteri"
    )


def test_empty_texts_are_empty_elements_where_a_rule_wants_the_element() -> None:
    parsed = tree(document(head(owner=company(website="", fax=""))))
    assert texts(parsed, ".//b:webSiteURL") == [""]
    assert parsed.find(".//b:entityFaxNumber", NS) is None


def test_a_special_fiscal_year_and_an_explicit_short_one() -> None:
    july = company(fiscal_year_start_month=7)
    years = ".//b:fiscalYearStart", ".//b:fiscalYearEnd"
    assert [texts(tree(document(head(owner=july))), path) for path in years] == [
        ["2025-07-01"],
        ["2026-06-30"],
    ]
    short = replace(july, fiscal_years=(FiscalYear(date(2026, 1, 15), date(2026, 6, 30)),))
    part = head(owner=short, part="000001", first_day=date(2026, 1, 15))
    assert texts(tree(document(part)), years[0]) == ["2026-01-15"]


def test_serials_and_dates() -> None:
    assert unique_id(Kind.Y, date(2026, 7, 1), 123) == "YEV202607000123"
    for wrong in (0, 1_000_000):
        with pytest.raises(ValueError, match="serial"):
            unique_id(Kind.Y, date(2026, 7, 1), wrong)


def test_head_texts_that_xml_cannot_hold_are_named() -> None:
    bad = company(title="Şi\x07rket")
    assert list(unwritable_texts(head(owner=bad))) == [("company.title", "Şi\x07rket")]
    assert list(unwritable_texts(head(branch=KADIKOY))) == []
