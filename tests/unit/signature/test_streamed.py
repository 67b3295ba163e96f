"""The streamed canonical form is what libxml2 makes of the same document without its signature."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from edefter.model.documents import Kind
from edefter.xmlsig.names import INCLUSIVE, Canonicalization, ds
from edefter.xmlsig.parsing import canonical_document, detach, parse
from edefter.xmlsig.problem import Unreadable
from edefter.xmlsig.streamed import Streamed, read_through
from tests.support.signed_documents import ledger_bytes

METHODS = [
    INCLUSIVE,
    Canonicalization(exclusive=True),
    Canonicalization(exclusive=True, prefixes=("p", "", "none")),
]


def streamed(data: bytes, method: Canonicalization = INCLUSIVE, most: int = 1 << 20) -> Streamed:
    return read_through(BytesIO(data), "sha256", method, most_signature_bytes=most)


def by_libxml2(data: bytes, method: Canonicalization) -> bytes:
    tree = parse(data)
    for signature in tree.getroot().findall(ds("Signature"))[:1]:
        detach(signature)
    return hashlib.sha256(canonical_document(tree, method)).digest()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-9"])
@pytest.mark.parametrize("kind", [Kind.Y, Kind.K, Kind.E])
def test_a_ledger_in_other_spellings(kind: Kind, encoding: str, method: Canonicalization) -> None:
    root = etree.fromstring(ledger_bytes(kind))
    etree.indent(root)
    data = etree.tostring(root, encoding=encoding, xml_declaration=True)
    data = b"\r\n".join(data.splitlines()) if encoding != "UTF-16" else data
    assert streamed(data, method).digest == by_libxml2(data, method)


HEAD = (
    b'<r xmlns="u:d" xmlns:p="u:p" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    b'xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">'
)
SIGNATURE = (
    b"<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#' Id='s'><!-- c --><?p d?>"
    b"<x xmlns='' p:b='1' a = \"'&#10;\" ><![CDATA[<&]]></x>"
    b"<a/><p:a/><p:x xmlns:p='u:p'/><p:x xmlns:p='u:other'/></ds:Signature>"
)


def test_the_signature_is_handed_over_with_its_namespaces_and_comments() -> None:
    data = HEAD + b"<a/>" + SIGNATURE + b"t<b/></r>"
    found = streamed(data)
    assert found.signatures == 1 and found.enveloped and found.ids == {"s": 1}
    (there,) = parse(found.skeleton).getroot()
    (here,) = parse(data).getroot().findall(ds("Signature"))
    for exclusive in (False, True):
        assert etree.tostring(
            there, method="c14n", exclusive=exclusive, with_comments=True
        ) == etree.tostring(here, method="c14n", exclusive=exclusive, with_comments=True)


def test_signatures_are_counted() -> None:
    assert not streamed(HEAD + b"<a><ds:Signature/></a></r>").enveloped
    assert streamed(HEAD + b"<ds:Signature/><a><ds:Signature/></a></r>").signatures == 2
    assert streamed(HEAD + b"<ds:Signature/><ds:Signature/></r>").signatures == 2
    # a counter-signature is part of the signature
    assert streamed(HEAD + b"<ds:Signature><ds:Signature/></ds:Signature></r>").signatures == 1


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<r>", "xmlsig.not_well_formed"),
        (b"", "xmlsig.not_well_formed"),
        (b"<r/><r/>", "xmlsig.not_well_formed"),
        (b"<r>&x;</r>", "xmlsig.not_well_formed"),
        (b"<p:r/>", "xmlsig.not_well_formed"),
        (b'<r xmlns:p="u:p" xmlns:q="u:p" p:a="1" q:a="2"/>', "xmlsig.not_well_formed"),
        (b'<r xmlns:p="relative"/>', "xmlsig.not_well_formed"),
        (b'<r xmlns:p="u:&#10;p"/>', "xmlsig.not_well_formed"),
        (b'<?xml version="1.0" encoding="nobody-knows"?><r/>', "xmlsig.not_well_formed"),
        (b"\xff\xfe<\x00r\x00", "xmlsig.not_well_formed"),
        (b'<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>', "xmlsig.doctype"),
        (b"<!DOCTYPE r><r/>", "xmlsig.doctype"),
        (HEAD + b"<ds:Signature>" + b"x" * 3000 + b"</ds:Signature></r>", "signature_too_large"),
    ],
)
def test_what_has_no_form_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(Unreadable) as refused:
        streamed(data, most=2000)
    assert problem in refused.value.problem.key


NAMES = st.sampled_from(["a", "b", "p:a", "q:b", "ds:x"])
BINDINGS = st.sampled_from(
    ["", ' xmlns=""', ' xmlns="u:d"', ' xmlns="u:e"', " xmlns:p='u:p'", ' xmlns:p="u:q"',
     ' xmlns:q="u:q"', ' xmlns:q="u:z"']
)  # fmt: skip
ATTRIBUTES = st.lists(
    st.sampled_from(
        [' z="1"', " b='\"&lt;>'", ' p:z="&#9;&#10;&#13;"', ' q:y="a\tb\nc"', ' xml:lang="tr"',
         ' xml:space="preserve"', ' B="ş"', ' ş="1"', ' 日="2"']
    ),
    max_size=4, unique=True,
)  # fmt: skip
CONTENT = st.sampled_from(
    ["", "x", "\r\n", "\r", "&#13;", "&gt;>&amp;", "<![CDATA[]]>", "<![CDATA[a<b]]>", "<!-- c -->",
     "<?p d?>", "<?p?>", "İ😀", "\t\n "]
)  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(NAMES)
    head = f"<{name}{draw(BINDINGS)}{''.join(draw(ATTRIBUTES))}"
    inside = draw(CONTENT)
    if depth:
        inside += "".join(draw(st.lists(elements(depth - 1), max_size=3))) + draw(CONTENT)
    return f"{head}/>" if not inside else f"{head}>{inside}</{name} >"


@settings(max_examples=400, deadline=None)
@given(
    st.lists(elements(), max_size=3),
    st.booleans(),
    st.sampled_from(["", "<!-- o -->", "<?o p?> ", "\n"]),
    st.sampled_from(METHODS),
)
def test_any_document(
    content: list[str], signed: bool, outside: str, method: Canonicalization
) -> None:
    inside = "".join(content)
    signature = SIGNATURE.decode() if signed else ""
    data = f'{outside}{HEAD.decode()[:-1]} xmlns:q="u:q0">{inside}{signature}{inside}</r>{outside}'
    assert streamed(data.encode(), method).digest == by_libxml2(data.encode(), method)
