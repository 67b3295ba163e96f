"""What the fast path believes of elements is what the schema says of them."""

import pytest
from lxml import etree

from edefter.resources import schemas_dir
from edefter.validation.proof.fields import (
    AFTER_ACCOUNT,
    BEFORE_ACCOUNT,
    DOCUMENT_TYPES,
    KEBIR_HEAD,
    LEAVES,
    MAIN_ACCOUNT,
    SUB_ACCOUNT,
    YEVMIYE_HEAD,
    Content,
)

XS = "{http://www.w3.org/2001/XMLSchema}"
_FILES = {"gl-cor": "gl-cor.xsd", "gl-bus": "gl-bus.xsd", "gl-muc": "gl-muc.xsd"}
_NUMERIC = {"monetaryItemType", "decimalItemType", "integerItemType", "pureItemType"}
_FITS = {
    Content.TEXT: {"stringItemType"},
    Content.FREE: {"stringItemType"},
    Content.DATE: {"dateTimeItemType", "dateItemType"},
    Content.MONEY: {"monetaryItemType"},
    Content.NUMBER: {"decimalItemType", "integerItemType", "stringItemType"},
    Content.DECIMAL: {"monetaryItemType", "pureItemType", "decimalItemType"},
    Content.CODE: {"QNameItemType", "tokenItemType"},
    Content.SIDE: {"tokenItemType"},
}


def declared(name: str) -> etree._Element:
    prefix, local = name.split(":")
    root = etree.parse(schemas_dir() / _FILES[prefix]).getroot()
    return root.find(f"{XS}element[@name='{local}']")


def type_of(name: str) -> str:
    element = declared(name)
    found = element.get("type")
    if found is None:
        found = next(element.iter(f"{XS}restriction", f"{XS}extension")).get("base")
    return found.rpartition(":")[2]


def values_of(name: str) -> set[str]:
    return {item.get("value") for item in declared(name).iter(f"{XS}enumeration")}


@pytest.mark.parametrize("name", LEAVES)
def test_content_fits_the_type(name):
    leaf = LEAVES[name]
    assert type_of(name) in _FITS[leaf.content]
    assert leaf.numeric is (type_of(name) in _NUMERIC)
    if leaf.content in (Content.TEXT, Content.FREE):
        assert not values_of(name)


def test_closed_lists():
    assert values_of("gl-cor:documentType") == DOCUMENT_TYPES
    assert {"D", "C"} <= values_of("gl-cor:debitCreditCode")


@pytest.mark.parametrize(
    ("parent", "leaves"),
    [
        ("gl-cor:entryHeader", (*YEVMIYE_HEAD,)),
        ("gl-cor:entryHeader", (*KEBIR_HEAD,)),
        ("gl-cor:entryDetail", (*BEFORE_ACCOUNT, "gl-cor:account", *AFTER_ACCOUNT)),
        ("gl-cor:account", (*MAIN_ACCOUNT, "gl-cor:accountSub")),
        ("gl-cor:accountSub", SUB_ACCOUNT),
    ],
)
def test_order_is_that_of_the_schema_and_all_may_be_missing(parent, leaves):
    children = list(declared(parent).iter(f"{XS}element"))[1:]
    order = [child.get("ref") for child in children]
    names = [leaf if isinstance(leaf, str) else leaf.name for leaf in leaves]
    assert [name for name in order if name in names] == names
    # The schema is asked about single elements alone, which takes that no other is required.
    assert {child.get("minOccurs") for child in children} == {"0"}
