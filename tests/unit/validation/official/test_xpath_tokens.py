"""Tokens of XPath: nothing is lost, and no function hides in a string or shows up in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.validation.official.xpath_tokens import (
    BadExpression,
    expressions_of_template,
    rename_variables,
    tokens,
)

PIECES = st.sampled_from(
    ["doc", "a:b", "(", ")", "'x'", '"y"', "(: c :)", " ", "$v", "1.5e3", "::", "//", "#", "1",
     "Q{u}n", "'it''s'", "*", "=>", "ığ", "-", ".", "[", "]", "{", "}", ":", "@", "?"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=20))
def test_tokens_joined_are_the_expression(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        assert "".join(token.text for token in tokens(text)) == text
    except BadExpression:
        assert text.count("(:") or text.count("'") or text.count('"')


@given(st.text(alphabet="ab'\"(:){}$ \n", max_size=30))
def test_any_text_is_cut_or_refused(text: str) -> None:
    try:
        assert "".join(token.text for token in tokens(text)) == text
        assert rename_variables(text, {}) == text
    except BadExpression:
        pass


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a:b", ["name"]),
        ("a::b", ["name", "symbol", "name"]),
        ("a :b", ["name", "space", "symbol", "name"]),
        ("Q{http://x}y", ["braced"]),
        ("Q {x}", ["name", "space", "symbol", "name", "symbol"]),
        ("1.5e3", ["number"]),
        ("'a(: b'", ["string"]),
        ("(: 'a (: b :) :)", ["space"]),
        ("şube-adı.x", ["name"]),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in tokens(text)] == kinds


def test_variables_are_renamed_where_they_are_variables() -> None:
    text = "$x + $ x + x + '$x' + $xy + (: $x :) (for $x in $y return $x)"
    assert rename_variables(text, {"x": "z"}) == (
        "$z + $ z + x + '$x' + $xy + (: $x :) (for $z in $y return $z)"
    )


@pytest.mark.parametrize(
    ("template", "expressions"),
    [
        ("düz metin", []),
        ("{a}", ["a"]),
        ("x{a}y{b}", ["a", "b"]),
        ("{{a}}{b}", ["b"]),
        ("{'}'}", ["'}'"]),
        ("' {a} '", ["a"]),
        ("{map{1:{2}}}", ["map{1:{2}}"]),
        ("{(: } :) a}", ["(: } :) a"]),
        ("{Q{u}n('{')}", ["Q{u}n('{')"]),
    ],
)
def test_expressions_of_attribute_value_templates(template: str, expressions: list[str]) -> None:
    assert list(expressions_of_template(template)) == expressions


@pytest.mark.parametrize("template", ["{a", "a}", "{'a}", "{(: a}", "{{a}}}"])
def test_templates_without_an_end(template: str) -> None:
    with pytest.raises(BadExpression):
        list(expressions_of_template(template))
