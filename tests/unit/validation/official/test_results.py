"""Answers of rules are read alike, whichever form they have, and nothing in them is executed."""

from __future__ import annotations

import pytest

from edefter.validation.official.places import LAST_LINE, NodePlace, Places
from edefter.validation.official.results import NotUnderstood, read_failures
from edefter.validation.official.saxon import Document, DocumentUnreadable, Engine, SaxonMissing
from edefter.validation.official.worker import SAMPLES, grouped

E = "http://www.edefter.gov.tr"
DATA = (
    f'<?xml version="1.0"?>\n<e:defter xmlns:e="{E}">\n <e:a/><b/>\n <!-- Şubat -->'
    "<?x y?><e:a>\n<c/></e:a></e:defter>"
).encode()


def svrl(location: str, extra: str = "") -> str:
    return (
        '<s:schematron-output xmlns:s="http://purl.oclc.org/dsdl/svrl">'
        f'<s:failed-assert test=" a  = b" location="{location}"{extra}>'
        "<s:text> Ölçü\n yok </s:text></s:failed-assert></s:schematron-output>"
    )


def places(data: bytes = DATA) -> Places:
    return Places(Document(data, "a.xml").root, data)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/", "/"),
        ("", "/"),
        (f"/*:defter[namespace-uri()='{E}'][1]", "/e:defter"),
        (f"/*:defter[namespace-uri()='{E}'][1]/*:a[namespace-uri()='{E}'][2]", "/e:defter/e:a[2]"),
        ("/e:defter/e:a[2]/c", "/e:defter/e:a[2]/c"),
        ("/*/*[local-name()='b' and namespace-uri()=''][1]", "/e:defter/b"),
        ("/*[local-name()='defter'][1]/*[3]", "/e:defter/e:a[2]"),
        ("/e:defter[1]/e:a[1]/@id", "/e:defter/e:a[1]"),
    ],
)
def test_locations_of_svrl(location: str, path: str) -> None:
    (failure,) = read_failures(svrl(location), places())
    assert failure.place.path == path
    assert (failure.assertion, failure.has_id, failure.text) == ("a = b", False, "Ölçü yok")


def test_an_id_of_svrl() -> None:
    (failure,) = read_failures(svrl("/*", ' id="Y-1" role="hata"'), places())
    assert (failure.assertion, failure.has_id, failure.role) == ("Y-1", True, "hata")


@pytest.mark.parametrize(
    "result",
    [
        "",
        "<html/>",
        svrl("/e:defter/e:a[9]"),
        svrl("/e:yok"),
        '<o:failures xmlns:o="urn:edefter:second-opinion"><o:failure path="1/9"/></o:failures>',
    ],
)
def test_what_is_not_understood(result: str) -> None:
    with pytest.raises(NotUnderstood):
        read_failures(result, places())


def test_lines_are_those_of_libxml2_until_it_stops_counting() -> None:
    data = b"<a>" + b"\n" * (LAST_LINE + 5) + b"<b><c/></b></a>"
    found = places(data)
    deep = found.child(found.child(found.child(None, 1), 1), 1)
    assert found.of(deep) == NodePlace("c", "/a/b/c", 0, -1)


def test_offsets_are_those_of_the_element_around_that_we_track() -> None:
    root = Document(DATA, "a.xml").root
    found = Places(root, DATA)
    offset = DATA.index(b"<e:defter")
    assert found.of(root) == NodePlace(f"{{{E}}}defter", "/e:defter", 2, offset)
    assert found.of(root[1]) == NodePlace("b", "/e:defter/b", 3, offset)


def test_offsets_are_left_out_where_expat_cannot_read() -> None:
    head = '<?xml version="1.0" encoding="Shift_JIS"?>'
    data = DATA.decode().replace("Şubat", "").replace('<?xml version="1.0"?>', head).encode("sjis")
    assert places(data).of(None) == NodePlace("", "/", 0, -1)
    root = Document(data, "a.xml").root
    assert Places(root, data).of(root).offset == -1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-well-formed"),
        (b"<a>", "not-well-formed"),
        (b"<!DOCTYPE a><a/>", "dtd"),
        (b'<?xml version="1.0" encoding="yok"?><a/>', "not-well-formed"),
        (b"<a>" * 5_000, "limit"),
    ],
)
def test_documents_that_are_not_read(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentUnreadable) as problem:
        Document(data, "a.xml")
    assert problem.value.reason == reason


def test_groups_count_all_and_show_some() -> None:
    text = "".join(svrl(f"/e:defter/e:a[{1 + at % 2}]")[62:-22] for at in range(50))
    whole = f'<s:schematron-output xmlns:s="http://purl.oclc.org/dsdl/svrl">{text}</s:schematron-output>'
    (group,) = grouped(read_failures(whole, places()))
    assert (group["count"], len(group["places"]), len(group["samples"])) == (50, 50, SAMPLES)


def test_saxon_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "saxonche", None)
    with pytest.raises(SaxonMissing):
        Engine()
