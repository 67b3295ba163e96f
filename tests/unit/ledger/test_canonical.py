from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.ledger.canonical import (
    FORBIDDEN_PATTERN,
    escape_attribute,
    escape_column,
    escape_text,
    is_writable,
    start_tag,
)
from tests.unit.ledger.reading import canonical

ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
SPICY = st.text(st.sampled_from("&<>\"'\r\n\tİıŞğ ]😀\u200f\u0085\u2028\ud7ff\ue000\ufffd"))


def legal(text: str) -> str:
    return "".join(char for char in text if is_writable(char))


@given(st.one_of(ANY_TEXT, SPICY))
def test_text_and_attribute_are_what_libxml2_calls_canonical(text: str) -> None:
    text = legal(text)
    written = f'<a b="{escape_attribute(text)}">{escape_text(text)}</a>'.encode()
    assert canonical(written) == written


@given(st.lists(st.one_of(ANY_TEXT, SPICY), min_size=1, max_size=5))
def test_columns_are_escaped_like_single_texts(values: list[str]) -> None:
    values = [legal(value) for value in values]
    frame = pl.DataFrame({"t": values}).select(escape_column(pl.col("t")))
    assert frame["t"].to_list() == [escape_text(value) for value in values]


@pytest.mark.parametrize("char", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_characters_outside_xml_are_refused(char: str) -> None:
    assert not is_writable(f"a{char}")
    with pytest.raises(ValueError, match="XML"):
        escape_text(f"a{char}")
    with pytest.raises(ValueError, match="XML"):
        escape_attribute(char)


@given(st.characters(codec="utf-8"))
def test_the_column_pattern_is_the_same_rule(char: str) -> None:
    found = pl.Series([char]).str.contains(FORBIDDEN_PATTERN)[0]
    assert found is not is_writable(char)


def test_declarations_by_prefix_and_attributes_by_namespace() -> None:
    uris = {"z": "urn:a", "a": "urn:z"}
    tag = start_tag("z:e", uris, {"z:q": "1", "a:b": "2", "y": "3", "unitRef": "4"}, uris)
    assert tag == ('<z:e xmlns:a="urn:z" xmlns:z="urn:a" unitRef="4" y="3" z:q="1" a:b="2">')
    whole = f"{tag}</z:e>".encode()
    assert canonical(whole) == whole
