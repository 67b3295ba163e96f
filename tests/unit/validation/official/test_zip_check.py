"""Hostile and damaged zips are refused with the reason, good ones are taken."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from edefter import messages
from edefter.errors import ConfigError
from edefter.validation.official import zip_check
from edefter.validation.official.package import import_package
from edefter.validation.official.zip_check import BadZip, check_zip
from tests.support.official_package import package_files, write_zip


def refused(path: Path) -> BadZip:
    with pytest.raises(BadZip) as problem:
        check_zip(path)
    return problem.value


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """The zip with every occurrence of some bytes changed (names stand twice in a zip)."""
    assert len(old) == len(new)
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    return path


def test_a_good_package_is_taken(tmp_path: Path) -> None:
    files = package_files()
    found = check_zip(write_zip(tmp_path / "p.zip", files))
    assert sorted(item.filename for item in found) == sorted(files)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../ust.xsd",
        "xsd/../../ust.xsd",
        "xsd/./a.xsd",
        "xsd//a.xsd",
        "xsd\\a.xsd",
        "..\\a.xsd",
        "C:a.xsd",
        "C:/a.xsd",
        "\\\\sunucu\\a.xsd",
        "a\nb.xsd",
        "..",
    ],
)
def test_names_that_point_outside(name: str, tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    assert refused(path).key == "zip_path"


def test_a_name_cut_by_a_nul(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.xsd#.txt": b"x"})
    assert refused(rewritten(path, b"a.xsd#.txt", b"a.xsd\x00.txt")).key == "zip_path"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices(kind: int, tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("a.xsd")
        info.external_attr = (kind | 0o644) << 16
        archive.writestr(info, "/etc/passwd")
    assert refused(path).key == "zip_link"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("first", "second", "key"),
    [
        ("a.xsd", "a.xsd", "zip_twice"),
        ("a.xsd", "A.xsd", "zip_alike"),
        ("\u015ema.xsd", "S\u0327ma.xsd", "zip_alike"),
        ("\u015f/a.xsd", "\u015e/A.XSD", "zip_alike"),
        ("a", "a/", "zip_twice"),
    ],
)
def test_twins(first: str, second: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(first, b"1")
        archive.writestr(second, b"" if second.endswith("/") else b"2")
    assert refused(path).key == key


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.xsd": b"x" * 100})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refused(path).key == "zip_encrypted"


def test_an_unusual_compression(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.xsd", b"x" * 100)
    assert refused(path).key == "zip_method"


def test_a_wrong_checksum(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.xsd", b"kurus=100")
    assert refused(rewritten(path, b"kurus=100", b"kurus=900")).key == "zip_damaged"


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_truncated_zip(cut: int, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.xsd": bytes(range(256)) * 4})
    path.write_bytes(path.read_bytes()[:-cut])
    assert refused(path).key == "zip_damaged"


def test_what_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(b"<html>Sayfa bulunamad\xc4\xb1</html>")
    assert refused(path).key == "zip_damaged"


def test_a_bomb_by_its_ratio(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.xsd": bytes(3_000_000)})
    problem = refused(path)
    assert problem.key == "zip_bomb"
    assert problem.facts["member"] == "a.xsd"


def test_a_bomb_by_its_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_check, "MAX_TOTAL_BYTES", 250_000)
    files = {f"{at}.xsd": bytes(range(256)) * 400 for at in range(3)}
    assert refused(write_zip(tmp_path / "p.zip", files)).key == "zip_bomb"


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    """The header tells 10 bytes; what counts are the bytes that come out."""
    path = write_zip(tmp_path / "p.zip", {"a.xsd": bytes(3_000_000)})
    rewritten(path, struct.pack("<L", 3_000_000), struct.pack("<L", 10))
    assert refused(path).key in ("zip_bomb", "zip_damaged")


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_check, "MAX_MEMBERS", 2)
    problem = refused(write_zip(tmp_path / "p.zip", {f"{at}.txt": b"" for at in range(3)}))
    assert problem.key == "zip_many"
    assert problem.facts == {"count": 3, "limit": 2}


def test_a_nested_zip_is_not_opened(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "i.zip", {"../x": b"x"}).read_bytes()
    assert check_zip(write_zip(tmp_path / "p.zip", {"i.zip": inner}))


KEYS = ["zip_damaged", "zip_encrypted", "zip_many", "zip_path", "zip_link", "zip_method",
        "zip_twice", "zip_alike", "zip_bomb", "no_schema", "no_rules"]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_every_reason_has_a_sentence_and_a_remedy(key: str) -> None:
    for lang in ("tr", "en"):
        assert messages.text(f"official.{key}", lang, path="p.zip")
        assert messages.remedy(f"official.{key}", lang)


def test_a_refused_package_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {**package_files(), "../x.xsd": b""})
    with pytest.raises(ConfigError, match="zip_path") as problem:
        import_package(path, tmp_path / "official")
    assert "../x.xsd" in problem.value.text()
    assert list((tmp_path / "official").iterdir()) == []
