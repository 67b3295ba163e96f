"""No text of a document leaves the house in a redacted report, whatever is wrong with it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from rich.console import Console

from edefter.cli.verdicts import ScreenWriter
from edefter.model.documents import Kind
from edefter.model.finding import Finding, Place
from edefter.validation import Report, check_berat, check_pair, validate
from edefter.validation.batch.verdict import Verdict, not_judged
from edefter.validation.inputs import Input, Limits, open_inputs
from edefter.validation.inputs.model import finding
from edefter.validation.reports.csv_report import CsvWriter
from edefter.validation.reports.html_report import HtmlWriter
from edefter.validation.reports.json_report import JsonLinesWriter, JsonWriter
from edefter.validation.reports.redact import Redactor
from edefter.validation.reports.sentences import remedy_without_values, without_values
from edefter.validation.rule import all_rules, ids_of
from tests.support import zips
from tests.unit.validation.documents import document, put

SECRET = "ŞahsîBilgi"
NUMBER = "7777777"
TAX = "1234567808"
ALLOWED = frozenset(
    {"entryNumber", "documentReference", "accountMainID", "accountSubID"}  # voucher and account
)
COUNTERS = frozenset({"lineNumber", "lineNumberCounter", "entryNumberCounter"})


def everything(verdicts: Iterable[Verdict], lang: str = "tr") -> str:
    """What all formats write about these verdicts."""
    sink = io.BytesIO()
    screen = io.StringIO()
    writers = [
        JsonWriter(sink, lang),
        JsonLinesWriter(sink, lang),
        CsvWriter(sink, lang),
        HtmlWriter(sink, lang, redacted=True),
        *(ScreenWriter(Console(file=screen, width=220), by=by) for by in ("rule", "voucher")),
    ]
    for item in verdicts:
        for writer in writers:
            writer.take(item)
    for writer in writers:
        writer.end(0)
    return sink.getvalue().decode() + screen.getvalue()


def leaves(root: etree._Element) -> list[etree._Element]:
    return [item for item in root.iter() if isinstance(item.tag, str) and len(item) == 0]


def spoilt_by(kind: Kind, secret: str, spare: frozenset[str]) -> Iterator[bytes]:
    """The document with the secret in one place after the other, and in all at once."""
    count = len(leaves(etree.fromstring(document(kind))))
    for index in range(count):
        root = etree.fromstring(document(kind))
        item = leaves(root)[index]
        if etree.QName(item).localname not in spare:
            item.text = secret
            yield etree.tostring(root)
        for name in item.attrib:
            whole = etree.fromstring(document(kind))
            leaves(whole)[index].set(name, secret)
            yield etree.tostring(whole)
    root = etree.fromstring(document(kind))
    for item in leaves(root):
        if etree.QName(item).localname not in spare:
            item.text = secret
    yield etree.tostring(root)


def odd_ones(kind: Kind) -> Iterator[bytes]:
    """The secret as name of elements and attributes, in mark-up, and where XML breaks off."""
    good = document(kind).decode()
    at = good.index("</gl-cor:documentInfo>")
    for text in (
        f"<gl-cor:{SECRET}>1</gl-cor:{SECRET}>",
        f"<{SECRET} xmlns='urn:x'/>",
        f"<gl-cor:creationDate {SECRET}='1'/>",
        f"<{SECRET}></yanlış>",
        f"&{SECRET};",
        f"<{SECRET}:a/>",
        f"<a {SECRET}='1' {SECRET}='2'/>",
        f"<!-- {SECRET} \x01 -->",
        f"<{SECRET}",
    ):
        yield (good[:at] + text + good[at:]).encode()
    yield good.replace('encoding="UTF-8"', f'encoding="{SECRET[3:]}"').encode()
    yield good.replace("<edefter:", f"<!DOCTYPE {SECRET}><edefter:", 1).encode()
    yield good.replace("<edefter:", f"<{SECRET}><edefter:", 1).encode()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("secret", [SECRET, f"{NUMBER}.{NUMBER}"])
def test_no_text_of_a_document_survives(kind: Kind, secret: str) -> None:
    spare = ALLOWED if secret is SECRET else ALLOWED | COUNTERS
    name = f"{TAX}-202601-{kind}-000000.xml"
    documents = [*spoilt_by(kind, secret, spare)]
    if secret is SECRET:
        documents += odd_ones(kind)
    plain = [
        Verdict(
            report=validate(io.BytesIO(data), name, limit_per_rule=5), shown=f"/{secret}/{name}"
        )
        for data in documents
    ]
    told = [item for item in plain if any(secret in f.message_tr for f in item.report.findings)]
    assert len(told) > 10, "the findings themselves tell the secret, or this test proves nothing"
    redactor = Redactor()
    for lang in ("tr", "en"):
        written = everything(map(redactor.verdict, plain), lang)
        assert secret not in written
        assert SECRET[:6] not in written
        assert name in written


def test_voucher_line_and_account_stay(judge) -> None:
    report = Redactor().report(judge(Kind.Y, put("//gl-cor:documentType", SECRET)))
    found = next(f for f in report.findings if f.rule == "YK-STR-10")
    assert found.place == Place(
        file=report.name,
        voucher="F000001",
        entry_no="1",
        line_no="1",
        account="100.01",
        field="gl-cor:documentType",
        xml_line=found.place.xml_line,
        byte_offset=found.place.byte_offset,
    )
    assert found.message_tr == (
        "Fiş F000001, madde 1, satır 1, hesap 100.01: Belge türü “…” GİB'in sekiz türünden biri "
        "değil; belge yoksa hiç yazılmaz"
    )
    assert found.remedy_tr.startswith("Fişi muhasebe programında düzeltip")


def test_counts_and_verdict_stay(judge) -> None:
    plain = judge(Kind.Y, put("//gl-cor:documentType", SECRET), limit=1)
    report = Redactor().report(plain)
    assert report.findings.counts == plain.findings.counts
    assert report.ok == plain.ok
    assert report.facts.totals.lines == plain.facts.totals.lines
    assert report.facts.totals.debit_kurus == 0
    assert report.facts.unique_id == ""


def test_counters_that_are_no_numbers_are_texts() -> None:
    place = Place(entry_no=SECRET, line_no="12", voucher="F1", account="100")
    redacted = Redactor().finding(replace(finding("FILE-02", "a.xml", detail=SECRET), place=place))
    assert redacted.place == Place(line_no="12", voucher="F1", account="100")
    assert SECRET not in redacted.message_tr + redacted.message_en


def test_names_of_files_and_folders(tmp_path: Path) -> None:
    private = tmp_path / SECRET
    private.mkdir()
    good = f"{TAX}-202601-Y-000000.xml"
    zips.packed(private / f"{SECRET}.zip", [(f"{SECRET}/{good}", b"<x/>"), (f"../{SECRET}", b"")])
    (private / f"{SECRET} link.zip").symlink_to(private)
    with open_inputs([private], limits=Limits(member_bytes=1)) as inputs:
        items = list(inputs)
    verdicts = [not_judged(item, item.findings) for item in items]
    verdicts.append(not_judged(Input(name=f"{SECRET}.xml", shown=f"{SECRET}.xml"), ()))
    written = everything(map(Redactor().verdict, verdicts))
    assert SECRET not in written
    assert good in written
    for name in ("dosya-1.zip", "dosya-2.zip", "dosya-3"):
        assert name in written
    assert SECRET in everything(verdicts)


def test_tax_numbers_are_masked_when_asked_and_taxpayers_stay_apart(judge) -> None:
    other = "10000000146"
    names = [f"{number}-202601-Y-000000.xml" for number in (TAX, other)]
    names.append(f"GIB-{TAX}-202601-YB-000000.zip")
    kept, masked = Redactor(), Redactor(mask_tax_numbers=True)
    assert [kept.file_name(name) for name in names] == names
    assert [masked.file_name(name) for name in names] == [
        "mükellef1-202601-Y-000000.xml",
        "mükellef2-202601-Y-000000.xml",
        "GIB-mükellef1-202601-YB-000000.zip",
    ]
    report = judge(Kind.Y, data=document(Kind.Y).replace(TAX.encode(), b"4444444444"))
    assert any(TAX in f.text() or "4444444444" in f.text() for f in report.findings)
    written = everything([masked.verdict(Verdict(report=report, shown=report.name))])
    assert TAX not in written
    assert "4444444444" not in written
    assert json.dumps("mükellef1-202601-Y-000000.xml", ensure_ascii=False) in written


def test_checks_between_documents_are_redacted_too(tmp_path: Path) -> None:
    def path(kind: Kind, data: bytes) -> Path:
        file = tmp_path / f"{TAX}-202601-{kind}-000000.xml"
        file.write_bytes(data)
        return file

    yevmiye = path(Kind.Y, document(Kind.Y).replace("Çınar İnşaat".encode(), SECRET.encode()))
    kebir = path(Kind.K, document(Kind.K).replace(b">120.00<", f">{SECRET}<".encode()))
    berat = path(Kind.YB, document(Kind.YB))
    findings = check_pair(yevmiye, kebir)
    findings.merge(check_berat(berat, yevmiye))
    assert sum(SECRET in f.message_tr for f in findings) >= 2
    report = Report(
        name=kebir.name,
        kind=None,
        findings=findings,
        evaluated=True,
        well_formed=True,
        schema_valid=True,
    )
    written = everything([Redactor().verdict(Verdict(report=report, is_cross=True))])
    assert SECRET not in written
    assert "B-STR-18" in written
    assert "Büyük defter ile yevmiye bu satırda tutmuyor: …" in written
    assert "bilgisi farklı: beratta “…”, defterde “…”." in written


def test_every_declared_rule_has_a_sentence_without_values() -> None:
    for rule in all_rules():
        for rule_id in ids_of([rule]):
            item = Finding(
                rule=rule_id,
                message_tr=SECRET,
                message_en=SECRET,
                remedy_tr=SECRET,
                remedy_en=SECRET,
                layer=rule.layer,
                value=SECRET,
            )
            for lang in ("tr", "en"):
                assert SECRET not in without_values(item, lang) + remedy_without_values(item, lang)
                assert len(without_values(item, lang)) > 10
                assert "{" not in without_values(item, lang)
