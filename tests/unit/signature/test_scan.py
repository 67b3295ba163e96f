"""The canonical proof is sound: what it accepts is byte for byte what libxml2 canonicalises to."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edefter.model.documents import Kind
from edefter.xmlsig import scan as scan_module
from edefter.xmlsig.names import INCLUSIVE
from edefter.xmlsig.parsing import canonical_document, parse
from edefter.xmlsig.scan import NotCanonical, Scan, scan_stream
from tests.support.signed_documents import ledger_bytes

DOCUMENT = ledger_bytes(Kind.Y)


def scanned(data: bytes, block_bytes: int) -> Scan:
    return scan_stream(BytesIO(data), block_bytes=block_bytes)


@pytest.mark.parametrize("kind", [Kind.Y, Kind.K, Kind.E])
def test_a_ledger_is_proven_and_equals_libxml2(kind: Kind) -> None:
    data = ledger_bytes(kind)
    found = scan_stream(BytesIO(data))
    assert data[found.content_start : found.content_end] == canonical_document(
        parse(data), INCLUSIVE
    )


@pytest.mark.parametrize("block_bytes", [1, 7, 64, 1000])
def test_block_borders_do_not_matter(block_bytes: int) -> None:
    assert scanned(DOCUMENT, block_bytes) == scanned(DOCUMENT, len(DOCUMENT))


def test_signature_span_and_ids() -> None:
    root, _, rest = DOCUMENT.rpartition(b"</edefter:defter>")
    signature = b'<ds:Signature Id="s"><ds:Object Id="o"></ds:Object></ds:Signature>'
    found = scanned(root + signature + b"</edefter:defter>\n" + rest, 50)
    assert found.signatures == [(len(root), len(root) + len(signature))]
    assert found.ids == {"s": 1, "o": 1, "journal_context": 1, "try": 1, "countable": 1}
    assert not found.stray_signatures


def test_signature_elsewhere_is_seen() -> None:
    data = DOCUMENT.replace(
        b"<gl-cor:documentInfo>", b"<gl-cor:documentInfo><ds:Signature></ds:Signature>"
    )
    assert scanned(data, 100).stray_signatures == 1
    # … even directly below a gl- element that itself is a child of the root
    data = DOCUMENT.replace(
        b"</xbrli:xbrl>", b"</xbrli:xbrl><ds:x><ds:Signature></ds:Signature></ds:x>"
    )
    assert scanned(data, 100).stray_signatures == 1


FIRST = b'<gl-cor:language contextRef="journal_context">'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"?>\n<edefter", b"?>\n\n<edefter"),
        (b"?>\n<edefter", b"?><edefter"),
        (b"?>\n<edefter", b"?>\n<!-- x --><edefter"),
        (b'encoding="UTF-8"', b'encoding="ISO-8859-9"'),
        (b'version="1.0"', b'version="1.1"'),
        (b'<?xml version', b'\xef\xbb\xbf<?xml version'),
        (FIRST, b"<!-- x -->" + FIRST),
        (FIRST, b"<?pi x?>" + FIRST),
        (FIRST, b"<![CDATA[x]]>" + FIRST),
        (FIRST, b"\r\n" + FIRST),
        (FIRST, b"&#13;" + FIRST),
        (FIRST, b"&#xd;" + FIRST),
        (FIRST, b"&quot;" + FIRST),
        (FIRST, b"&apos;" + FIRST),
        (FIRST, b">" + FIRST),
        (FIRST, b"&#x130;" + FIRST),
        (FIRST, b"\xff" + FIRST),
        (FIRST, b"\xef\xbf\xbe" + FIRST),
        (FIRST, b"\x01" + FIRST),
        (FIRST, FIRST.replace(b'"', b"'")),
        (FIRST, FIRST.replace(b" c", b"  c")),
        (FIRST, FIRST.replace(b">", b" >")),
        (FIRST, FIRST.replace(b"=", b" = ")),
        (FIRST, FIRST.replace(b"_", b"&#x5f;")),
        (FIRST, FIRST.replace(b"_", b"&gt;")),
        (FIRST, FIRST.replace(b"_", b"\t")),
        (b"</gl-cor:language>", b"</gl-cor:language >"),
        (b"</gl-cor:language>", b"</gl-cor:creator>"),
        (b"</gl-cor:language>", b""),
        (b"</link:schemaRef>", b""),
        (b"></link:schemaRef>", b"/>"),
        (b'<link:schemaRef ', b'<link:schemaRef xlink:type="simple" '),
        (b'decimals="INF" unitRef="try"', b'unitRef="try" decimals="INF"'),
        (b"<link:schemaRef ", b'<link:schemaRef xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '),
        (b"<link:schemaRef ", b'<link:schemaRef xmlns="" '),
        (b"<xbrli:entity>", b'<xbrli:entity xml:lang="tr">'),
        (b"<xbrli:entity>", b'<xbrli:entity id="b" Id="a">'),
        (b"<xbrli:entity>", b'<xbrli:entity a="1" a="2">'),
        (b"<xbrli:entity>", b"<yok:entity>"),
        (b"</edefter:defter>", b"</edefter:defter><!-- x -->"),
        (b"</edefter:defter>", b"</edefter:defter><edefter:defter></edefter:defter>"),
        (b"</edefter:defter>", b""),
        (b"<edefter:defter", b'<!DOCTYPE x [<!ENTITY e "x">]><edefter:defter'),
    ],
)  # fmt: skip
def test_not_canonical_is_not_proven(old: bytes, new: bytes) -> None:
    mutant = DOCUMENT.replace(old, new, 1)
    assert mutant != DOCUMENT, "the mutation must hit"
    with pytest.raises(NotCanonical):
        scan_stream(BytesIO(mutant))
    with pytest.raises(NotCanonical):
        scanned(mutant, 13)


def test_other_content_is_still_proven() -> None:
    """Control of the table above: a change of content alone does not end the proof."""
    scan_stream(BytesIO(DOCUMENT.replace(b' xlink:type="simple"', b"", 1)))
    scan_stream(BytesIO(DOCUMENT.replace(FIRST, FIRST + b"&lt;&amp;&gt;&#xD;\n", 1)))
    declared = FIRST.replace(b" c", b' xmlns:q="u:q" c')
    scan_stream(BytesIO(DOCUMENT.replace(FIRST, declared, 1)))


def test_endless_tag_ends_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "_TOKEN_LIMIT_BYTES", 1000)
    with pytest.raises(NotCanonical):
        scanned(DOCUMENT.replace(FIRST, b'<a b="' + b"x" * 5000 + b'">'), 100)


@pytest.fixture
def quick_to_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of a few thousand bytes are taken as large ones are."""
    monkeypatch.setattr(scan_module, "_SAMPLE_BYTES", 40)
    monkeypatch.setattr(scan_module, "_LEAST_BYTES", 200)
    monkeypatch.setattr(scan_module, "_WINDOW_BYTES", 600)


def record(number: int, *, other: str = "") -> str:
    """One entry of a kind that some programs write; every third has an optional element."""
    optional = '<p:c contextRef="j">şğ &amp; €</p:c>' if number % 3 == 0 else ""
    return (
        f'<p:e><p:a contextRef="j">{number}</p:a>{optional}<p:d>\n<p:f contextRef="j" decimals="2"'
        f' unitRef="t">1.00</p:f>{other}</p:d>\n</p:e>\n'
    )


def records(places: dict[int, str]) -> bytes:
    content = "".join(record(number, other=places.get(number, "")) for number in range(60))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<r xmlns:p="u:p"><p:x>\n<p:y>{content}</p:y>'
        "</p:x></r>"
    ).encode()


ODD = [
    "<p:g></p:g>", "<p:g>x<p:h></p:h>y</p:g>", '<p:g Id="i">x</p:g>', '<p:g xmlns:q="u:q"></p:g>',
    '<p:g contextRef="&quot;"></p:g>', '<p:g contextRef=">">x</p:g>', "😀",
    '<p:f contextRef="j">again</p:f>', "<p:a></p:a>", "<p:d><p:d><p:d></p:d></p:d></p:d>",
    "<p:1></p:1>".replace("1", "_1"),
]  # fmt: skip
BAD = [
    "<p:g/>", "<p:g></p:h>", "<q:g></q:g>", "<g />", "<!-- c -->", "<![CDATA[x]]>", "<?p d?>", ">",
    "&#13;", "&quot;", "&x;", "\r", "\x01", "\ufffe", "\uffff", "<p:g contextRef='j'></p:g>",
    '<p:g unitRef="t" contextRef="j"></p:g>', '<p:g contextRef="j" contextRef="j"></p:g>',
    '<p:g contextRef="\t"></p:g>', '<p:g xml:lang="tr"></p:g>', "</p:d><p:d>".replace("d>", "d >"),
    '<p:g xmlns="u:p"></p:g>'[:-6] + "</p:h>", "<p:g>", "</p:g>", "<p:g></p:d>",
]  # fmt: skip


@pytest.mark.usefixtures("quick_to_learn")
@pytest.mark.parametrize("block_bytes", [300, 1000, 100_000])
@pytest.mark.parametrize("odd", ODD)
def test_what_differs_from_what_was_learnt_is_still_proven(odd: str, block_bytes: int) -> None:
    data = records({31: odd, 32: odd, 50: odd})
    found = scanned(data, block_bytes)
    assert data[found.content_start : found.content_end] == canonical_document(
        parse(data), INCLUSIVE
    )
    assert found.digest == hashlib.sha256(canonical_document(parse(data), INCLUSIVE)).digest()


@pytest.mark.usefixtures("quick_to_learn")
@pytest.mark.parametrize("block_bytes", [300, 1000, 100_000])
@pytest.mark.parametrize("bad", BAD)
def test_what_was_learnt_hides_nothing(bad: str, block_bytes: int) -> None:
    with pytest.raises(NotCanonical):
        scanned(records({40: bad}), block_bytes)


@pytest.mark.usefixtures("quick_to_learn")
@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xc0\x80", b"\xc3", b"\xed\xa0\x80", b"\xef\xbf\xbf", b"\xf4\x90\x80\x80",
            b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\x80"]
)  # fmt: skip
def test_text_is_utf_8(bad: bytes) -> None:
    data = records({}).replace(b">40<", b">4" + bad + b"0<")
    with pytest.raises(NotCanonical):
        scanned(data, 1000)


@pytest.mark.usefixtures("quick_to_learn")
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_one_changed_byte_is_proven_only_if_canonical(drawn: st.DataObject) -> None:
    data = bytearray(records({20: ODD[1], 35: ODD[4]}))
    place = drawn.draw(st.integers(100, len(data) - 1))
    data[place] = drawn.draw(
        st.sampled_from(b"<>&/:\"' =abpdxef\r\n\t\x00\x80\xc5;") | st.integers(0, 255)
    )
    try:
        found = scanned(bytes(data), drawn.draw(st.sampled_from([700, 5000])))
    except NotCanonical:
        return
    assert data[found.content_start : found.content_end] == canonical_document(
        parse(bytes(data)), INCLUSIVE
    )


PIECES = st.lists(
    st.sampled_from(
        [b"<a>", b"</a>", b"<p:a>", b"</p:a>", b'<a x="1" y="2">', b'<a y="2" x="1">', b"<a/>",
         b'<a xmlns:q="u:q">', b'<q:a q:x="1">', b"</q:a>", b'<a p:z="1" q:a="2" b="3">',
         b'<a b="3" p:z="1">', b'<a b="&#xA;&#x9;">', b'<a b="&#10;">', b'<a b=">">',
         b"&amp;", b"&gt;", b"&#xD;", b"\n", b"\r", "İşğ😀".encode(), b"x", b"<!--c-->", b"<?p d?>",
         b'<gl-x:a contextRef="c" unitRef="u">', b"</gl-x:a>", b'<a Id="i">', b"<a>t</a>"]
    ),
    max_size=12,
)  # fmt: skip


@given(PIECES, st.sampled_from([b"", b"\n"]), st.integers(1, 40))
def test_whatever_is_proven_is_canonical(
    pieces: list[bytes], after: bytes, block_bytes: int
) -> None:
    data = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<?s t?>\n'
        b'<r xmlns:gl-x="u:x" xmlns:p="u:p">' + b"".join(pieces) + b"</r>" + after
    )
    try:
        found = scanned(data, block_bytes)
    except NotCanonical:
        return
    assert data[found.content_start : found.content_end] == canonical_document(
        parse(data), INCLUSIVE
    )
