"""Our Schematron compiler, judged by what Saxon answers on small documents."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import pytest

from edefter.validation.official.places import NodePlace
from edefter.validation.official.results import Failure
from edefter.validation.official.saxon import RulesStopped, run_schematron
from edefter.validation.official.schematron import BadSchematron, compile_schematron
from edefter.validation.official.schematron_source import no_resources

HEAD = '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">'
NAME = "1234567803-202501-Y-000000.xml"
LEDGER = """<d:defter xmlns:d="urn:ornek">
  <d:fis no="1"><d:tutar>10.00</d:tutar><!-- ığdır --></d:fis>
  <d:fis no="2"><d:tutar>-3</d:tutar></d:fis>
  <d:fis><d:tutar>Şişli İnşaat</d:tutar><?bos hedef?></d:fis>
</d:defter>"""


def schema(body: str) -> bytes:
    return f'{HEAD}<ns prefix="d" uri="urn:ornek"/>{body}</schema>'.encode()


def judge(
    body: str,
    document: str = LEDGER,
    resolve: Callable[[str], bytes] = no_resources,
    name: str = NAME,
) -> list[Failure]:
    stylesheet = compile_schematron(schema(body), resolve=resolve)
    return run_schematron(stylesheet, document.encode(), name)


def fired(body: str, **more: object) -> list[tuple[str, int]]:
    return [(item.assertion, item.place.line) for item in judge(body, **more)]  # type: ignore[arg-type]


def test_assert_and_report_give_id_role_message_place() -> None:
    failures = judge(
        """<pattern><rule context="d:fis">
          <assert id="F1" role="hata" test="@no">Fiş <emph>no</emph> yok:
            <value-of select="d:tutar"/> (<name/>, <name path="d:tutar"/>)</assert>
          <report test="d:tutar = '-3'">eksi {tutar}</report>
        </rule></pattern>"""
    )
    assert failures == [
        Failure(
            assertion="1.1.2",
            has_id=False,
            text="eksi {tutar}",
            role="",
            place=NodePlace("{urn:ornek}fis", "/d:defter/d:fis[2]", 3, -1),
        ),
        Failure(
            assertion="F1",
            has_id=True,
            text="Fiş no yok: Şişli İnşaat (d:fis, d:tutar)",
            role="hata",
            place=NodePlace("{urn:ornek}fis", "/d:defter/d:fis[3]", 4, -1),
        ),
    ]


def test_the_first_matching_rule_of_a_pattern_judges_a_node() -> None:
    body = """<pattern>
      <rule context="d:fis[@no = '1']"><assert id="first" test="false()"/></rule>
      <rule context="d:fis"><assert id="rest" test="false()"/></rule>
    </pattern>
    <pattern><rule context="*"><assert id="other" test="local-name() != 'fis'"/></rule></pattern>"""
    assert fired(body) == [
        ("first", 2), ("rest", 3), ("rest", 4), ("other", 2), ("other", 3), ("other", 4),
    ]  # fmt: skip


def test_one_failing_assertion_does_not_stop_the_others() -> None:
    body = """<pattern><rule context="/d:defter">
      <assert id="A" test="false()"/><assert id="B" test="true()"/><assert id="C" test="d:yok"/>
    </rule></pattern>"""
    assert [name for name, _ in fired(body)] == ["A", "C"]


def test_the_document_node_is_judged() -> None:
    found = judge('<pattern><rule context="/"><assert id="R" test="d:berat"/></rule></pattern>')
    assert [(item.assertion, item.place) for item in found] == [("R", NodePlace("", "/", 0, -1))]


def test_a_test_with_a_comma_is_one_test() -> None:
    """An `assert` must not become `not(a, b)`, which is no XPath."""
    assert fired('<pattern><rule context="/"><assert id="S" test="(), ()"/></rule></pattern>') == [
        ("S", 0)
    ]


@pytest.mark.parametrize(
    ("context", "count"),
    [
        ("@no", 2),
        ("d:fis/@*", 2),
        ("comment()", 1),
        ("processing-instruction()", 1),
        ("d:x|@no", 2),
    ],
)
def test_contexts_that_are_no_elements(context: str, count: int) -> None:
    body = f'<pattern><rule context="{context}"><assert id="X" test="false()"/></rule></pattern>'
    assert len(judge(body)) == count


def test_variables_of_schema_pattern_and_rule() -> None:
    body = """<let name="sınır" value="5"/>
    <pattern><let name="x" value="/d:defter/d:fis[1]"/>
      <rule context="d:fis[. is $x]"><let name="y" value="number(d:tutar)"/>
        <assert id="P1" test="$y &lt; $sınır"/></rule></pattern>
    <pattern><let name="x" value="/d:defter/d:fis[2]"/>
      <rule context="d:fis[. is $x]"><let name="y" value="d:tutar"/>
        <assert id="P2" test="some $x in $y satisfies $x = '3'"/>
        <assert id="P3" test="$x/@no = '2'"/></rule></pattern>
    <pattern>
      <let name="sınır" value="'gölge'"/>
      <rule context="/">
        <assert id="P4" test="$sınır = 'başka'"><value-of select="$sınır"/></assert></rule>
    </pattern>"""
    found = judge(body)
    assert [(item.assertion, item.text) for item in found] == [
        ("P1", ""), ("P2", ""), ("P4", "gölge"),
    ]  # fmt: skip


def test_abstract_patterns_and_rules() -> None:
    body = """
    <pattern abstract="true" id="var"><rule context="$yer">
      <assert id="V" test="$ne">$ne yok</assert></rule></pattern>
    <pattern is-a="var"><param name="yer" value="d:fis"/><param name="ne" value="@no"/></pattern>
    <pattern is-a="var"><param name="yer" value="d:defter"/><param name="ne" value="@ad"/></pattern>
    <pattern>
      <rule abstract="true" id="temel"><assert id="T" test="d:tutar != '-3'"/></rule>
      <rule abstract="true" id="orta"><extends rule="temel"/><assert id="O" test="@no"/></rule>
      <rule context="d:fis"><extends rule="orta"/><assert id="S" test="@no = '1'"/></rule>
    </pattern>"""
    assert fired(body) == [("V", 4), ("V", 1), ("T", 3), ("S", 3), ("O", 4), ("S", 4)]


def test_inclusions_come_from_the_package() -> None:
    files = {
        "ortak/kurallar.sch": b'<pattern xmlns="http://purl.oclc.org/dsdl/schematron">'
        b'<rule context="/"><include href="parca.sch#p"/></rule></pattern>',
        "ortak/parca.sch": b'<r xmlns="http://purl.oclc.org/dsdl/schematron">'
        b'<assert id="p" test="false()">x</assert><assert id="q" test="false()">y</assert></r>',
    }
    assert fired('<include href="ortak/kurallar.sch"/>', resolve=files.__getitem__) == [("p", 0)]


@pytest.mark.parametrize(
    "href",
    ["../x.sch", "/etc/passwd", "http://127.0.0.1/x.sch", "file:///x.sch", "yok.sch", "..\\x"],
)
def test_inclusions_never_leave_the_package(href: str) -> None:
    with pytest.raises(BadSchematron):
        compile_schematron(schema(f'<include href="{href}"/>'), resolve={}.__getitem__)


def test_inclusions_that_never_end() -> None:
    files = {"a.sch": f'{HEAD}<include href="a.sch"/></schema>'.encode()}
    with pytest.raises(BadSchematron, match="too many"):
        compile_schematron(schema('<include href="a.sch"/>'), resolve=files.__getitem__)


def test_functions_and_keys_of_xslt() -> None:
    body = """
    <xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema"
        name="d:kurus" as="xs:integer">
      <xsl:param name="t"/><xsl:sequence select="xs:integer(xs:decimal($t) * 100)"/></xsl:function>
    <xsl:key xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="fis" match="d:fis" use="@no"/>
    <pattern><rule context="d:fis[@no]">
      <assert id="K" test="d:kurus(d:tutar) > 0"/><assert id="A" test="key('fis', @no) is ."/>
    </rule></pattern>"""
    assert fired(body) == [("K", 3)]


def test_rules_see_the_name_of_the_file() -> None:
    body = """<pattern><rule context="/*">
      <assert id="D" test="contains(document-uri(/), '1234567803-')"/>
      <assert id="B" test="contains(base-uri(.), '-202501-')"/>
      <let name="parts" value="tokenize(base-uri(.), '/')"/>
      <report id="klasör" test="$parts[position() &lt; last()][matches(., '[0-9-]')]"/>
    </rule></pattern>"""
    assert fired(body) == []
    assert [name for name, _ in fired(body, name="GİB beratı.xml")] == ["D", "B"]


@pytest.mark.parametrize(
    "name",
    ["1-2 Şube İstanbul.xml", "100%-#1?.xml", "[1]{-}|\\^`.xml", "книга-1.xml", "a\nb-1.xml"],
)
def test_any_name_of_a_file_becomes_a_uri(name: str) -> None:
    body = """<pattern><rule context="/"><report id="R" test="contains(document-uri(.), '-')">
      <value-of select="document-uri(.)"/></report></rule></pattern>"""
    (found,) = judge(body, name=name)
    assert unquote(found.text) == f"file:///e/{name}"


def test_a_dynamic_error_stops_the_rules() -> None:
    body = '<pattern><rule context="/*"><assert test="string-length(d:fis) > 1"/></rule></pattern>'
    with pytest.raises(RulesStopped, match="XPTY0004"):
        judge(body)


def test_an_unused_variable_with_an_error_stops_nothing() -> None:
    body = """<let name="hata" value="xs:date('yok')"/>
    <pattern><rule context="/"><assert id="F" test="false()"/></rule></pattern>"""
    assert fired(body) == [("F", 0)]


@pytest.mark.parametrize(
    "body",
    [
        "<pattern><rule><assert test='1'/></rule></pattern>",
        "<pattern><rule context='/'><assert/></rule></pattern>",
        "<pattern><rule context='/'><assert test='\"x'/></rule></pattern>",
        "<pattern><rule context='/'><extends rule='yok'/></rule></pattern>",
        "<pattern is-a='yok'/>",
        "<pattern documents='\"b.xml\"'><rule context='/'/></pattern>",
        "<pattern><rule abstract='true' id='a'><extends rule='a'/></rule>"
        "<rule context='/'><extends rule='a'/></rule></pattern>",
        "<xsl:output xmlns:xsl='http://www.w3.org/1999/XSL/Transform' method='text'/>",
    ],
)
def test_what_has_no_meaning_is_refused(body: str) -> None:
    with pytest.raises(BadSchematron):
        compile_schematron(schema(body))


@pytest.mark.parametrize(
    "source",
    [
        b"<x/>",
        b"no xml",
        b'<!DOCTYPE schema [<!ENTITY e SYSTEM "x">]><schema/>',
        b'<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xquery"/>',
    ],
)
def test_what_is_no_schematron_is_refused(source: bytes) -> None:
    with pytest.raises(BadSchematron):
        compile_schematron(source)


def test_the_old_namespace_and_foreign_prefixes() -> None:
    old = b"""<s:schema xmlns:s="http://www.ascc.net/xml/schematron" xmlns:xsl="urn:baska">
      <s:ns prefix="out" uri="urn:ornek"/>
      <s:pattern name="x"><s:rule context="out:fis"><s:assert test="xsl:a">y</s:assert></s:rule>
      </s:pattern></s:schema>"""
    found = run_schematron(compile_schematron(old), LEDGER.encode(), NAME)
    assert [item.place.line for item in found] == [2, 3, 4]
