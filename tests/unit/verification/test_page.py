"""The page of `edefter verify --output`: complete, in both languages, safe with hostile names."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html

from edefter.messages import Lang
from edefter.model.documents import Kind
from edefter.model.environment import Environment
from edefter.sandbox.pki import SandboxPki
from edefter.verification.judge import Ground, Judgement, Question, judge
from edefter.verification.links import link
from edefter.verification.page import verification_page
from edefter.verification.report import as_json
from tests.support.signed_documents import (
    NOW,
    countersign,
    seal_of,
    signed_berat,
    signed_ledger,
)

GIB = "3900383669"
HOSTILE = "<script>alert(1)</script>\"'\u202e&amp;.xml"


@pytest.fixture(scope="module")
def ground(pki: SandboxPki) -> Ground:
    return Ground(
        anchors=[pki.root, pki.seal_ca], environment=Environment.SANDBOX, gib_tax_number=GIB,
        now=NOW, with_rules=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def judged(
    pki: SandboxPki, ground: Ground, tmp_path_factory: pytest.TempPathFactory
) -> list[Judgement]:
    """Ledger, approved berat, a changed file with a hostile name, a file that is no document."""
    folder = tmp_path_factory.mktemp("page")
    ledger = signed_ledger(folder, seal_of(pki), Kind.K)
    berat = signed_berat(folder, seal_of(pki), ledger)
    approved = folder / f"GIB-{berat.file.name.xml}"
    approved.write_bytes(countersign(berat.file.path.read_bytes(), seal_of(pki, tax_number=GIB)))
    changed = folder / HOSTILE.replace("/", "_")
    changed.write_bytes(ledger.file.path.read_bytes().replace(b"46.90.04", b"46.90.05"))
    broken = folder / "bozuk.xml"
    broken.write_bytes(b"<a")
    found = [judge(path, ground) for path in (ledger.file.path, approved, changed, broken)]
    link(found, ground)
    return found


def page(judged: list[Judgement], ground: Ground, lang: Lang = "tr") -> html.HtmlElement:
    sink = io.BytesIO()
    verification_page(judged, ground, sink, lang, now=NOW)
    return html.document_fromstring(sink.getvalue().decode())


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("tr", ["4 belgeden 2 tanesinin", "doğrulanamadı", "GİB'in onay imzası", "sorulmadı",
                "ağ kullanılmadı"]),
        ("en", ["2 of 4 documents", "not verified", "counter-signature", "not asked",
                "no network was used"]),
    ],
)  # fmt: skip
def test_everything_stands_on_the_page(
    judged: list[Judgement], ground: Ground, lang: Lang, words: list[str]
) -> None:
    root = page(judged, ground, lang)
    assert root.get("lang") == lang
    text = root.text_content()
    for word in words:
        assert word in text
    sections = root.xpath("//section[starts-with(@id, 'd')]")
    assert len(sections) == len(judged)
    for section, found in zip(sections, judged, strict=True):
        plain = as_json(found, lang)
        content = section.text_content()
        for finding in plain["findings"]:
            assert finding["rule"] in content and finding["text"][:60] in content
        for fact in ("subject", "issuer", "serial", "key") if plain["certificate"] else ():
            assert plain["certificate"][fact] in content
        assert len(section.xpath(".//th[@scope='row']")) >= len(Question)
    assert root.xpath("//table//th[not(@scope)]") == []


def test_the_page_says_what_proves_the_time(judged: list[Judgement], ground: Ground) -> None:
    """Nobody was asked about revocation, so nothing is promised; the approval is shown."""
    first, approved = page(judged, ground).xpath("//section[starts-with(@id, 'd')]")[:2]
    assert "GİB'in onay zamanı" in approved.text_content()
    assert "Bildirilen imza zamanı" in first.text_content()


def test_hostile_names_stay_text(judged: list[Judgement], ground: Ground) -> None:
    root = page(judged, ground)
    assert root.xpath("//script") == [] and "\u202e" not in root.text_content()
    assert "<script>alert(1)<_script>" in root.text_content()
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in root.xpath("//a/@href")} <= set(ids)


def test_all_good(judged: list[Judgement], ground: Ground) -> None:
    text = page(judged[:2], ground).text_content()
    assert "hiçbirine karşı bir bulgu yok" in text and "doğrulanamadı" not in text


def test_times_are_turkish(pki: SandboxPki, ground: Ground, tmp_path: Path) -> None:
    found = judge(signed_ledger(tmp_path, seal_of(pki)).file.path, ground)
    late = replace(ground, now=NOW + timedelta(days=1))
    shown = f"{NOW + timedelta(hours=3):%d.%m.%Y %H:%M}"
    assert shown in page([found], late).text_content()
