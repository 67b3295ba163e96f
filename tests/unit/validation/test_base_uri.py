"""xml:base as Saxon resolves it; the expected values are Saxon's answers for `file:///e/<name>`."""

import pytest

from edefter.model.documents import Kind
from edefter.validation.reading.base_uri import resolve
from tests.unit.validation.documents import FILE, drop
from tests.unit.validation.test_differences import counts

NAME = "1234567808-202601-Y-000000.xml"


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        (NAME, "other.xml", "other.xml"),
        (NAME, "", NAME),
        (NAME, "#x", f"{NAME}#x"),
        (NAME, "http://example.org/a/b", "http://example.org/a/b"),
        ("http://example.org/a/b", "c/../d", "http://example.org/a/d"),
        ("a/b", "?c", "a/?c"),  # RFC 3986 keeps b
        (NAME, "http://[", "http://["),
        (NAME, "%zz", "%zz"),
        ("http://example.org/a", " b ", " b "),
        ("http://[", "b/..", "b/.."),
        ("urn:a", "b", "b"),
        ("urn:a", "", "urn:a"),
        ("1:2", "b/../c", "b/../c"),
        ("http://example.org/", "http:x", "http:x"),
    ],
)
def test_resolution(base, reference, expected):
    assert resolve(base, reference) == expected


@pytest.mark.parametrize(
    ("value", "fires"),
    [("other.xml", False), ("sub/", False), ("#x", True), ("?x", False), ("http://[", False)],
)
def test_journal_without_entries_is_named_by_its_base(value, fires):
    def change(root):
        drop("//gl-cor:entryHeader")(root)
        root[0].set("{http://www.w3.org/XML/1998/namespace}base", value)

    assert FILE[Kind.Y] == NAME
    assert counts(Kind.Y, change) == ({"Y-AEN-03": 1} if fires else {})
