"""A berat says exactly what its ledger says (lifecycle.md §5, format.md §2.3 and §3.6)."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree

from edefter.berat.build import build_berat, ledger_size_text
from edefter.errors import DataError, EdefterError, InternalError
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import SignedFile
from edefter.sandbox.pki import SandboxPki
from edefter.xmlsig.scan import scan_stream
from tests.support.signed_documents import NOW, VKN, ledger_bytes, seal_of, signed_ledger

ETTN = uuid.UUID("0a3cc0e4-687f-48b5-a313-4cb74d7cfbeb")
NAMES = {
    "cor": "http://www.xbrl.org/int/gl/cor/2006-10-25",
    "bus": "http://www.xbrl.org/int/gl/bus/2006-10-25",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
LINES = [
    ("391", "C", "18.00"), ("100", "D", "118.00"),
    ("391", "C", "0.5"), ("391", "D", "3"),
    ("191", "D", "1000000000000.01"), ("191", "D", "0.99"),
    ("600", "C", "100.00"), ("601", "C", "7.25"),
    ("602", "D", "1.00"), ("3911", "C", "9.00"),
]  # fmt: skip
# 391: D 3.00, C 18.00 + 0.50; 191: D 1000000000000.01 + 0.99; 600 C; 601 C; 602 D; 3911 is another
EXPECTED = [
    ("1", "391", "Hesaplanan KDV", "3.00", "D"),
    ("2", "391", "Hesaplanan KDV", "18.50", "C"),
    ("3", "191", "İndirilecek KDV", "1000000000001.00", "D"),
    ("4", "191", "İndirilecek KDV", "0.00", "C"),
    ("5", "600", "Yurt İçi Satışlar", "0.00", "D"),
    ("6", "600", "Yurt İçi Satışlar", "100.00", "C"),
    ("7", "601", "Yurt Dışı Satışlar", "0.00", "D"),
    ("8", "601", "Yurt Dışı Satışlar", "7.25", "C"),
    ("9", "602", "Diğer Gelirler Hesabı", "1.00", "D"),
    ("10", "602", "Diğer Gelirler Hesabı", "0.00", "C"),
]


@pytest.fixture
def ledger(pki: SandboxPki, tmp_path: Path) -> SignedFile:
    return signed_ledger(tmp_path, seal_of(pki), Kind.Y, ledger_bytes(Kind.Y, LINES))


def built(ledger: SignedFile, folder: Path) -> etree._Element:
    (folder / "berat").mkdir(exist_ok=True)
    return etree.parse(str(build_berat(ledger, folder / "berat", ettn=ETTN).path)).getroot()


def texts(root: etree._Element, path: str) -> list[str]:
    found = root.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(getattr(item, "text", item)) for item in found]


def test_file(ledger: SignedFile, tmp_path: Path) -> None:
    stored = build_berat(ledger, tmp_path / "unsigned", ettn=ETTN)
    data = stored.path.read_bytes()
    assert stored.name == DocumentName.parse(f"{VKN}-202601-YB-000000")
    assert stored.path.name == f"{VKN}-202601-YB-000000.xml"
    assert (stored.size_bytes, stored.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert data.startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<?xml-stylesheet type="text/xsl" href="berat.xslt"?>\n<edefter:berat '
    )
    scan_stream(BytesIO(data))  # canonical as written, ready for the splice


def test_same_ledger_and_ettn_give_the_same_bytes(ledger: SignedFile, tmp_path: Path) -> None:
    first = build_berat(ledger, tmp_path / "unsigned", ettn=ETTN)
    assert build_berat(ledger, tmp_path, ettn=ETTN).sha256 == first.sha256


def test_tax_details(ledger: SignedFile, tmp_path: Path) -> None:
    root = built(ledger, tmp_path)
    assert texts(root, "//cor:entryHeader/cor:qualifierEntry") == ["standard"]
    details = root.findall(".//cor:entryDetail", NAMES)
    assert [
        tuple(
            detail.findtext(path, namespaces=NAMES)
            for path in (
                "cor:lineNumber", "cor:account/cor:accountMainID",
                "cor:account/cor:accountMainDescription", "cor:amount", "cor:debitCreditCode",
            )
        )
        for detail in details
    ] == EXPECTED  # fmt: skip
    assert [etree.QName(node).localname for node in details[0]] == [
        "lineNumber", "account", "amount", "debitCreditCode", "xbrlInfo",
    ]  # fmt: skip
    assert texts(root, "//cor:xbrlInfo/cor:xbrlInclude") == ["period_change"] * 10
    amount = details[0].find("cor:amount", NAMES)
    assert amount is not None
    assert sorted(amount.attrib.items()) == [
        ("contextRef", "journal_context"), ("decimals", "INF"), ("unitRef", "try"),
    ]  # fmt: skip


def test_segment(ledger: SignedFile, tmp_path: Path) -> None:
    root = built(ledger, tmp_path)
    entity = root.find(".//xbrli:entity", NAMES)
    assert entity is not None
    assert [etree.QName(node).localname for node in entity] == ["identifier", "segment"]
    segment = entity[1]
    size = f"{ledger.file.size_bytes / 1048576:.2f}"
    assert [(etree.QName(node).localname, node.text) for node in segment] == [
        ("numberOfEntries", "5"), ("uniqueID", str(ETTN)), ("measurableQuantity", size),
    ]  # fmt: skip
    assert [node.get("unitRef") for node in segment] == ["countable", None, "countable"]


def test_head_is_the_ledgers(ledger: SignedFile, tmp_path: Path) -> None:
    root = built(ledger, tmp_path)
    original = etree.parse(str(ledger.file.path)).getroot()
    comment = texts(original, "//cor:entriesComment")[0]
    assert texts(root, "//cor:entriesComment") == [f"{comment} Beratı"]
    node = root.find(".//cor:entriesComment", NAMES)
    assert node is not None
    node.text = comment
    for path in (".//cor:documentInfo", ".//cor:entityInformation", ".//xbrli:period"):
        ours, theirs = root.find(path, NAMES), original.find(path, NAMES)
        assert ours is not None
        assert theirs is not None
        assert etree.tostring(ours, method="c14n") == etree.tostring(theirs, method="c14n")
    assert root.nsmap == original.nsmap
    assert root[0].nsmap == original[0].nsmap, "prefixes in element text need their declarations"


def test_binds_the_ledgers_signature(ledger: SignedFile, tmp_path: Path) -> None:
    root = built(ledger, tmp_path)
    assert [etree.QName(node).localname for node in root] == ["xbrl", "SignatureValue"]
    assert root[1].text == ledger.signature_value


def test_extensions_are_not_copied(pki: SandboxPki, tmp_path: Path) -> None:
    data = ledger_bytes().replace(
        b"</xbrli:xbrl>", b"</xbrli:xbrl><extensions><extension>x</extension></extensions>"
    )
    root = built(signed_ledger(tmp_path, seal_of(pki), Kind.Y, data), tmp_path)
    assert [etree.QName(node).localname for node in root] == ["xbrl", "SignatureValue"]


def test_kebir_and_envanter(pki: SandboxPki, tmp_path: Path) -> None:
    root = built(signed_ledger(tmp_path, seal_of(pki), Kind.K), tmp_path)
    assert texts(root, "//xbrli:segment/bus:numberOfEntries") == []
    assert len(texts(root, "//cor:entryDetail")) == 10
    assert texts(root, "//cor:amount/@contextRef") == ["ledger_context"] * 10
    root = built(signed_ledger(tmp_path, seal_of(pki), Kind.E), tmp_path)
    assert texts(root, "//xbrli:segment/bus:numberOfEntries") == ["1"]
    assert texts(root, "//cor:entryHeader") == []


def test_ledger_without_entries(pki: SandboxPki, tmp_path: Path) -> None:
    """A month without any record still has its books."""
    data = ledger_bytes()
    start, end = data.index(b"<gl-cor:entryHeader>"), data.index(b"</gl-cor:accountingEntries>")
    root = built(signed_ledger(tmp_path, seal_of(pki), Kind.Y, data[:start] + data[end:]), tmp_path)
    assert texts(root, "//xbrli:segment/bus:numberOfEntries") == ["0"]
    assert set(texts(root, "//cor:amount")) == {"0.00"}


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        # the guide's examples and GİB's sample pair
        (66135, "0.06"), (417061, "0.40"), (66097, "0.06"),
        # 0.005 MB = 5242.88 bytes: half-up
        (5242, "0.00"), (5243, "0.01"), (200 * 1024 * 1024, "200.00"),
    ],
)  # fmt: skip
def test_size_of_the_ledger(size_bytes: int, text: str) -> None:
    assert ledger_size_text(size_bytes) == text


def explained(error: EdefterError) -> None:
    for lang in ("tr", "en"):
        assert f"{VKN}-202601-Y-000000.xml" in error.text(lang)
        assert error.remedy(lang)


def test_touched_ledger_gets_no_berat(ledger: SignedFile, tmp_path: Path) -> None:
    data = ledger.file.path.read_bytes()
    for change in (
        data.replace(b"118.00", b"119.00"),
        data + b"\n",
        data.replace(ledger.signature_value.encode(), b"AAAA"),
    ):
        assert change != data
        ledger.file.path.write_bytes(change)
        with pytest.raises(InternalError) as caught:
            build_berat(ledger, tmp_path, ettn=ETTN)
        explained(caught.value)
    assert not list(tmp_path.glob("*-YB-*"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">C</gl-cor:debit", b">undefined</gl-cor:debit"),
        (b">18.00<", b">18,00<"),
        (b">18.00<", b">-18.00<"),
        (b">18.00<", b">18.005<"),
        (b"xbrli:pure", b"xbrli:kg"),
        (b"gl-cor:accountingEntries", b"gl-cor:accountingEntriez"),
        (b"<ds:SignatureValue ", b"<ds:SignatureValuf "),
        (b'encoding="UTF-8"', b'encoding="ISO-8859-1"'),
        (b"<edefter:defter ", b"<!DOCTYPE x><edefter:defter "),
        (b"</xbrli:xbrl>", b""),
    ],
)  # fmt: skip
def test_unusable_ledger(ledger: SignedFile, tmp_path: Path, old: bytes, new: bytes) -> None:
    data = ledger.file.path.read_bytes().replace(old, new)
    assert data != ledger.file.path.read_bytes()
    ledger.file.path.write_bytes(data)
    touched = replace(ledger.file, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(DataError) as caught:
        build_berat(replace(ledger, file=touched), tmp_path, ettn=ETTN)
    explained(caught.value)


def test_a_berat_has_no_berat(ledger: SignedFile, tmp_path: Path) -> None:
    other = replace(ledger.file, name=ledger.file.name.with_kind(Kind.YB))
    with pytest.raises(ValueError, match="no berat"):
        build_berat(replace(ledger, file=other, signing_time=NOW), tmp_path, ettn=ETTN)
