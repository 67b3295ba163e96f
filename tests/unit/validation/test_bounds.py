"""What piles up in memory is counted; a real ledger of any length is not stopped."""

import itertools

import pytest
from lxml import etree

from edefter.model.documents import Kind
from edefter.validation.reading import bounds
from edefter.validation.reading.bounds import ATTRIBUTES, BYTES, ITEMS, Bounds
from edefter.validation.reading.trouble import TooLarge
from tests.unit.validation.documents import document, journal

CHUNK = 64 * 1024


def read(content: bytes, *, taken_out: bool = False) -> None:
    """Feed a parser under bounds; with `taken_out`, entries leave the tree as they end."""
    watch = Bounds()
    parser = etree.XMLPullParser(events=("start", "end"), huge_tree=True)
    root = None
    for start in range(0, len(content), CHUNK):
        data = content[start : start + CHUNK]
        watch.before(data)
        parser.feed(data)
        moved = False
        for event, element in parser.read_events():
            moved = True
            if root is None:
                root = element
            if taken_out and event == "end" and str(element.tag).endswith("entryHeader"):
                element.clear()
        watch.after(root, moved=moved)
    parser.close()


def test_a_long_ledger_is_not_stopped(monkeypatch):
    monkeypatch.setattr(bounds, "ITEMS", 3000)
    monkeypatch.setattr(bounds, "BYTES", 1 << 18)
    content = b"".join(journal(2000, 2))
    assert content.count(b"<") > 100_000 and len(content) > 1 << 22
    read(content, taken_out=True)
    with pytest.raises(TooLarge) as stop:
        read(content)
    assert stop.value.trouble.rule == "XML-LIMIT"


@pytest.mark.parametrize("kind", list(Kind))
def test_small_documents_pass(kind):
    read(document(kind))


@pytest.mark.parametrize(
    "content",
    [
        b"<a>" + b"<q/>" * (2 * ITEMS) + b"</a>",
        b"<a>" + b"<q b='1' c='2' d='3'/>" * (ITEMS // 2) + b"</a>",
        b"<a>" + b"".join(b"<q xmlns:p%d='u'/>" % n for n in range(ITEMS)) + b"</a>",
        b"<a>" + (b"<q>" + b"x" * (BYTES // 4) + b"</q>") * 8 + b"</a>",
    ],
    ids=["elements", "attributes", "namespaces", "text"],
)
def test_heaps_outside_entries_are_stopped(content):
    with pytest.raises(TooLarge, match="limit_outside"):
        read(content)


@pytest.mark.parametrize("pattern", [b"a%d='%d' ", b'xmlns:p%d = "u%d" ', b"a%d\n=\n'>%d='"])
def test_one_element_with_a_heap_of_attributes_is_stopped(pattern):
    many = b"".join(pattern % (n, n) for n in range(2 * ATTRIBUTES))
    with pytest.raises(TooLarge, match="limit_attributes"):
        read(b"<a " + many + b"/>")
    # Elements before it do not pay for it.
    with pytest.raises(TooLarge, match="limit_attributes"):
        read(b"<r>" + b"<q/>" * 100_000 + b"<a " + many + b"/></r>")
    with pytest.raises(TooLarge, match="limit_attributes"):
        Bounds().before((b"<a " + many).decode().encode("utf-16"))


@pytest.mark.parametrize(
    ("start", "end"), [(b"<!--", b"-->"), (b"<?p ", b"?>"), (b"<![CDATA[", b"]]>"), (b"", b"")]
)
def test_a_token_without_end_is_stopped(start, end):
    with pytest.raises(TooLarge, match="limit_outside"):
        read(b"<a><b/>" + start + b"c" * (BYTES + CHUNK) + end + b"</a>")


def test_equals_signs_in_texts_are_no_attributes():
    read(b"<a>" + b"=" * (10 * ATTRIBUTES) + b"</a>")
    read(b"<a>" + b"".join(itertools.repeat(b"<q a='1' b='2' c='3'>x = 'y'</q>", 20_000)) + b"</a>")
