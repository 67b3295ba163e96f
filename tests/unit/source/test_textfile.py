from __future__ import annotations

from pathlib import Path

import pytest

from edefter.source import textfile
from edefter.source.textfile import Encoding, detect_encoding, line_frames


def write(folder: Path, content: bytes) -> Path:
    path = folder / "dosya.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("şğı".encode(), Encoding("utf-8", "strict")),
        (b"yalnizca ascii", Encoding("utf-8", "strict")),
        ("şğı".encode("cp1254"), Encoding("cp1254", "fallback")),
        ("şğı".encode("utf-8-sig"), Encoding("utf-8-sig", "mark")),
        ("şğı".encode("utf-16"), Encoding("utf-16", "mark")),
        ("ş".encode() * 3 + "ş".encode()[:1], Encoding("cp1254", "fallback")),
        (b"", Encoding("utf-8", "strict")),
    ],
)
def test_detection(tmp_path: Path, content: bytes, expected: Encoding) -> None:
    path = write(tmp_path, content)
    assert detect_encoding(path) == expected


def test_a_configured_encoding_wins(tmp_path: Path) -> None:
    path = write(tmp_path, b"abc")
    assert detect_encoding(path, "ISO-8859-9") == Encoding("iso8859-9", "configured")
    with pytest.raises(LookupError):
        detect_encoding(path, "klingon")


@pytest.mark.parametrize("block", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    "content", [b"a\rb\rc", b"a\nb\nc\n", b"a\r\nb\r\nc\r\n", b"a\r\nb\nc\r", b"a\rb\nc"]
)
def test_any_line_end_at_any_block_border(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, block: int
) -> None:
    monkeypatch.setattr(textfile, "BLOCK_CHARS", block)
    path = write(tmp_path, content)
    rows = [row for frame in line_frames(path, "cp1254") for row in frame.rows()]
    assert rows == [("a", 1), ("b", 2), ("c", 3)]


def test_undecodable_bytes_become_the_replacement_character(tmp_path: Path) -> None:
    path = write(tmp_path, b"a\x81b\rc")  # 0x81 is free in cp1254
    assert [row for f in line_frames(path, "cp1254") for row in f["line"]] == ["a\ufffdb", "c"]


def test_only_line_feeds_and_returns_end_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a\u2028b\x85c\x0bd".encode())
    assert [row for f in line_frames(path, "utf-8") for row in f["line"]] == ["a\u2028b\x85c\x0bd"]
