"""The page: its structure, its policy, and hostile texts on it."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import html

from edefter.model.documents import Kind
from edefter.validation.batch.verdict import Verdict, not_judged
from edefter.validation.inputs import Input
from edefter.validation.inputs.model import finding
from edefter.validation.reports import html_page, html_report
from edefter.validation.reports.html_report import HtmlWriter
from tests.support.hostile_texts import BIDI, IMAGE, LONG, SCRIPT, ledger
from tests.unit.validation.documents import attribute, put

NOON = datetime(2026, 2, 10, 9, 5, tzinfo=UTC)


def written(*verdicts: Verdict, lang: str = "tr", ignored: int = 0, **options: Any) -> str:
    sink = io.BytesIO()
    writer = HtmlWriter(sink, lang, now=NOON, **options)
    for item in verdicts:
        writer.take(item)
    writer.end(ignored)
    return sink.getvalue().decode()


def classed(name: str) -> str:
    """XPath of elements with a class."""
    return f"//*[contains(concat(' ', @class, ' '), ' {name} ')]"


def texts(page: str, path: str) -> list[str]:
    return [" ".join(item.text_content().split()) for item in html.fromstring(page).xpath(path)]


def whole(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def test_sections_and_verdicts(verdict) -> None:
    bad = verdict(Kind.Y, put("//gl-cor:documentType", "fatura"), shown="ay/y.zip/ignored")
    page = written(bad, verdict(Kind.K), ignored=3)
    root = html.fromstring(page)
    assert root.get("lang") == "tr"
    assert root.xpath("//meta/@charset") == ["utf-8"]
    assert [item.get("id") for item in root.xpath("//section")] == ["files", "rules", "vouchers"]
    assert texts(page, "//h2") == ["Dosyalar", "Kurallara göre", "Fişlere göre"]
    summary = " ".join(texts(page, classed("summary") + "/p"))
    assert "2 belge değerlendirildi: 1 geçerli, 1 geçersiz." in summary
    assert "4 hata, 4 uyarı bulundu." in summary
    assert "3 dosyaya bakılmadı" in summary
    assert "10.02.2026 12:05" in page  # Turkish time
    (row, other) = root.xpath("//section[@id='files']//tbody/tr[td]")
    assert row.text_content().split() == [
        "1234567808-202601-Y-000000.xml", "Yevmiye", "defteri", "geçersiz", "4", "4", "2", "4",
        *row.text_content().split()[-2:],
    ]  # fmt: skip
    assert "geçerli" in other.text_content()


def test_each_rule_is_explained_once_with_its_vouchers(verdict) -> None:
    page = written(verdict(Kind.Y, put("//gl-cor:documentType", "fatura")))
    root = html.fromstring(page)
    rules = root.xpath(classed("rule"))
    assert [item.xpath(".//h3/code")[0].text for item in rules] == ["XSD", "YK-STR-10"]
    strict = rules[1]
    assert [item.text_content() for item in strict.xpath("." + classed("todo"))] == [
        "Ne yapmalı: Fişi muhasebe programında düzeltip defteri yeniden oluşturun."
    ]
    assert "Alan: belge türü gl-cor:documentType" in strict.text_content()
    cells = [[c.text_content() for c in r.xpath("td")] for r in strict.xpath(".//tr")]
    assert [row[:3] for row in cells if row] == [
        ["F000001", "1", "1 (100.01), 2 (600.01)"],
        ["F000002", "2", "3 (320.01), 4 (100.01)"],
    ]


def test_each_voucher_has_its_findings_of_all_files(verdict) -> None:
    page = written(
        verdict(Kind.Y, attribute("//gl-cor:amount", "decimals", "2")),
        verdict(Kind.K, attribute("//gl-cor:amount", "decimals", "2")),
    )
    vouchers = html.fromstring(page).xpath(classed("voucher"))
    assert [item.xpath("h4")[0].text for item in vouchers] == [
        "Fiş F000001, madde 1",
        "Fiş F000002, madde 2",
    ]
    assert "Yevmiye defteri" in vouchers[0].text_content()
    assert "Büyük defter" in vouchers[0].text_content()


def test_every_link_leads_to_a_place_on_the_page(verdict) -> None:
    cross = verdict(Kind.KB, put("//gl-cor:creationDate", "x"))
    page = written(
        verdict(Kind.Y, put("//gl-cor:documentType", "fatura")),
        Verdict(report=cross.report, is_cross=True, is_document=False),
    )
    root = html.fromstring(page)
    targets = root.xpath("//a/@href")
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert targets
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    assert "Dosyalar arası" in texts(page, "//h2")


def test_a_clean_month_says_so_and_english_is_an_option(verdict) -> None:
    page = written(verdict(Kind.Y), verdict(Kind.K), lang="en")
    assert html.fromstring(page).get("lang") == "en"
    assert texts(page, classed("summary") + "/p") == [
        "2 documents were judged; all are valid.",
        "There are no findings.",
    ]
    assert texts(page, "//h2") == ["Files"]


def test_the_page_forbids_all_that_it_does_not_need(verdict) -> None:
    page = written(verdict(Kind.Y))
    root = html.fromstring(page)
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,) = root.xpath("//style/text()")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert root.xpath("//script | //link | //img | //iframe | //@style | //@src | //@onclick") == []
    assert "http://" not in page
    assert "https://" not in page
    assert "url(" not in style


@pytest.mark.parametrize("lang", ["tr", "en"])
def test_hostile_texts_are_shown_and_do_nothing(verdict, lang: str) -> None:
    page = written(verdict(Kind.Y, data=ledger()), lang=lang)
    root = html.fromstring(page)
    assert root.xpath("//script | //img | //b | //@onerror") == []
    shown = whole(page)
    assert SCRIPT[:30] in shown
    assert IMAGE[:20] in shown
    assert BIDI not in page
    assert "202egnp.exe" in shown  # the code of the sign, not the sign
    assert "görünmez" in shown
    assert all(char.isprintable() or char == "\n" for char in page)
    assert LONG[:400] not in page


def test_names_of_files_are_texts_like_any_other() -> None:
    name = "<script>alert(1)</script>\u202e.xml"
    item = Input(name=name, shown=f"<b>/{name}")
    page = written(not_judged(item, [finding("FILE-02", name, detail="<i>")]))
    root = html.fromstring(page)
    assert root.xpath("//script | //b | //i") == []
    assert "<script>alert(1)</script>\\u202e.xml" in root.text_content()


def test_what_was_not_judged_is_told_as_such(tmp_path) -> None:
    zip_itself = Input(name="a.zip", shown="a.zip", is_document=False)
    page = written(not_judged(zip_itself, [finding("ZIP-13", "a.zip", "iç.zip")]))
    assert texts(page, "//*[@id='files']" + classed("badge")) == ["geçerli, uyarılı"]
    page = written(not_judged(zip_itself, [finding("ZIP-01", "a.zip")]))
    assert texts(page, "//*[@id='files']" + classed("badge")) == ["değerlendirilemedi"]


def test_limits_are_told_and_counts_stay_true(verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    one = verdict(Kind.Y, put("//gl-cor:documentType", "fatura"), limit=1)
    page = written(one)
    assert "4 bulgu" in page
    assert "1 tanesi yazıldı" in page
    assert "sınır nedeniyle" in page
    monkeypatch.setattr(html_report, "MOST_LISTED", 10)
    many = [verdict(Kind.Y, put("//gl-cor:documentType", "fatura")) for _ in range(3)]
    page = written(*many)
    assert "en çok 10 bulgu" in page
    assert texts(page, "//*[@id='rules']//td[@class='number']") == ["12", "12"]
    assert texts(page, "//td[@class='list']")


def test_the_page_says_that_it_is_redacted(verdict) -> None:
    assert "unvan, kişi adı" in written(verdict(Kind.Y), redacted=True)
    assert "unvan, kişi adı" not in written(verdict(Kind.Y))


def test_the_explanation_follows_who_made_the_files(verdict) -> None:
    bad = put("//gl-cor:documentType", "fatura")
    assert "GİB'in yakalamadığı" in whole(written(verdict(Kind.Y, bad)))
    assert "GİB'in yakalamadığı" not in whole(written(verdict(Kind.Y, bad, own=True), own=True))


def test_reports_of_the_library_make_a_page(judge) -> None:
    sink = io.BytesIO()
    html_page([judge(Kind.Y), judge(Kind.K)], sink, "en")
    assert "all are valid" in sink.getvalue().decode()
