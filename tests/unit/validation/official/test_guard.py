"""Nothing that reaches beyond the judged document is let through, by whatever name it is called."""

from __future__ import annotations

import pytest

from edefter.validation.official.compiled import stylesheet_of
from edefter.validation.official.guard import Refused, function_names
from edefter.validation.official.schematron import BadSchematron
from edefter.validation.official.schematron_source import no_resources
from edefter.validation.official.xpath_tokens import tokens
from tests.support.official_package import RULE_FILES, SCHEMATRON, SVRL_YEVMIYE
from tests.support.stylesheet_attacks import ATTACKS, value, whole

SCH = (
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron"'
    ' xmlns:xsl="http://www.w3.org/1999/XSL/Transform" queryBinding="xslt2">'
    '<ns prefix="o" uri="urn:own"/><ns prefix="f" uri="http://www.w3.org/2005/xpath-functions"/>'
)
D = "doc(&quot;file:///etc/hosts&quot;)"


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        stylesheet_of(ATTACKS[name].encode(), "yevmiye.xsl", no_resources)
    assert refused.value.reasons


@pytest.mark.parametrize(
    "body",
    [
        f'<pattern><rule context="/"><assert test="{D}"/></rule></pattern>',
        f'<pattern><rule context="/"><report test="f:{D}"/></rule></pattern>',
        f'<pattern><rule context="*[{D}]"><assert test="1"/></rule></pattern>',
        f'<let name="x" value="{D}"/><pattern/>',
        f'<pattern><let name="x" value="{D}"/></pattern>',
        f'<pattern><rule context="/"><let name="x" value="{D}"/></rule></pattern>',
        '<pattern><rule context="/"><assert test="0"><value-of select="' + D + '"/></assert></rule>'
        "</pattern>",
        '<pattern><rule context="/"><assert test="0"><name path="' + D + '"/></assert></rule>'
        "</pattern>",
        f'<xsl:function name="o:f"><xsl:sequence select="{D}"/></xsl:function><pattern/>',
        '<xsl:function name="o:f"><xsl:result-document href="x"/></xsl:function><pattern/>',
        f'<xsl:key name="k" match="*" use="{D}"/><pattern/>',
        '<let name="x"><xsl:evaluate xpath="1"/></let><pattern/>',
        '<let name="x"><e a="{' + D + '}"/></let><pattern/>',
        '<pattern abstract="true" id="a"><rule context="/"><assert test="$x"/></rule></pattern>'
        '<pattern is-a="a"><param name="x" value="' + D + '"/></pattern>',
        '<pattern abstract="true" id="a"><rule context="/"><assert test="$x(.)"/></rule></pattern>'
        '<pattern is-a="a"><param name="x" value="doc"/></pattern>',
    ],
)
def test_schematron_is_guarded_as_well(body: str) -> None:
    with pytest.raises(Refused):
        stylesheet_of(f"{SCH}{body}</schema>".encode(), "edefter_yevmiye.sch", no_resources)


@pytest.mark.parametrize("family", RULE_FILES)
def test_all_restated_rules_pass(family: str) -> None:
    data = (SCHEMATRON / RULE_FILES[family][1]).read_bytes()
    assert stylesheet_of(data, "x.sch", no_resources)


def test_compiled_rules_pass_and_descend_over_elements() -> None:
    made = stylesheet_of(SVRL_YEVMIYE, "edefter_yevmiye.xslt", no_resources).decode()
    assert made.count('<xsl:apply-templates select="*" mode="M1"/>') == 2
    assert "processing-instruction()" not in made


def test_rules_about_attributes_keep_their_walk() -> None:
    union = b"@*|*|comment()|processing-instruction()"
    data = SVRL_YEVMIYE.replace(b'match="gl-cor:entryDetail"', b'match="gl-cor:entryDetail/@id"')
    assert data.count(union) == stylesheet_of(data, "x.xsl", no_resources).count(union) == 2


@pytest.mark.parametrize(
    "expression",
    [
        "if (a) then (b) else (c)",
        "some $x in (1, 2) satisfies ($x = 3) or not(false())",
        "for $doc in (1) return $doc",
        "xs:decimal('1') idiv (2)",
        "o:own(1)",
        "Q{urn:own}own(1)",
        "element(doc) | doc/text() | self::node()",
        "'doc(1)', \"document('x')\", 1 (: doc(1) :)",
        "count(document), @doc, doc/collection",
    ],
)
def test_what_rules_need_is_let_through(expression: str) -> None:
    own = (
        '<xsl:function name="o:own"><xsl:param name="x"/><xsl:sequence select="$x"/></xsl:function>'
    )
    sheet = value(expression).replace("<xsl:template", f"{own}<xsl:template", 1)
    assert stylesheet_of(sheet.encode(), "x.xsl", no_resources)


def test_names_of_functions_in_an_expression() -> None:
    text = "a:b (1), c#2, $d(3), Q{u}e('f(1)'), g (: h(1) :) (i), j, k:l#0, * (m), 'n'(o)"
    assert list(function_names(tokens(text))) == ["a:b", "c", "Q{u}e", "g", "k:l"]


def test_inclusions_of_a_compiled_file_come_from_the_package_and_are_guarded() -> None:
    main = whole('<xsl:include href="ortak/a.xsl"/>').encode()
    files = {
        "ortak/a.xsl": whole('<xsl:include href="b.xsl"/>').encode(),
        "ortak/b.xsl": whole('<xsl:template name="t"><x/></xsl:template>').encode(),
    }
    made = stylesheet_of(main, "x.xsl", files.__getitem__)
    assert b'name="t"' in made
    assert b"include" not in made
    files["ortak/b.xsl"] = value("doc('x')").encode()
    with pytest.raises(Refused, match="function doc"):
        stylesheet_of(main, "x.xsl", files.__getitem__)
    files["ortak/b.xsl"] = main  # a, b, a, b …
    with pytest.raises(Refused, match="include"):
        stylesheet_of(whole('<xsl:include href="x"/>').encode(), "x.xsl", lambda _: main)


def test_an_inclusion_with_other_defaults_is_not_mixed_in() -> None:
    module = whole("").replace("version=", 'xpath-default-namespace="urn:x" version=').encode()
    with pytest.raises(BadSchematron, match="xpath-default-namespace"):
        stylesheet_of(whole('<xsl:include href="a.xsl"/>').encode(), "x.xsl", lambda _: module)


@pytest.mark.parametrize("data", [b"<x/>", b"<!DOCTYPE x [<!ENTITY e 'x'>]><x/>", b"", b"\x00"])
def test_what_is_no_stylesheet(data: bytes) -> None:
    with pytest.raises(BadSchematron):
        stylesheet_of(data, "x.xslt", no_resources)
