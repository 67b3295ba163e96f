"""Text files of unknown encoding and line ends, as columns of lines.

Encoding: byte order mark, then strict UTF-8 over the whole file, then cp1254 (inputs.md §2).
Line ends CR, LF and CRLF all end a line, also mixed. Nothing is kept in memory but one block.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

BLOCK_CHARS = 1_000_000  # characters read at a time
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FALLBACK = "cp1254"
REPLACEMENT = "\ufffd"
"""Stands for bytes that the encoding does not know; a line that holds it is a finding."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """Name of the codec, and how it was found: `mark`, `strict`, `fallback`, `configured`."""

    name: str
    found_by: str


def detect_encoding(path: Path, configured: str = "auto") -> Encoding:
    """Which encoding the file is in.

    Args:
        path: the file, read to its end when it is UTF-8.
        configured: `auto`, or the name of a Python codec, which is then taken as it is.

    Raises:
        LookupError: the configured name is no codec.
        OSError: the file cannot be read.
    """
    if configured != "auto":
        return Encoding(codecs.lookup(configured).name, "configured")
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as source:
        block = source.read(1 << 20)
        for mark, name in _MARKS:
            if block.startswith(mark):
                return Encoding(name, "mark")
        try:
            while block:
                decoder.decode(block)
                block = source.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return Encoding(FALLBACK, "fallback")
    return Encoding("utf-8", "strict")


def line_frames(path: Path, encoding: str) -> Iterator[pl.DataFrame]:
    """The lines as frames with the columns `line` (text) and `row` (1-based line number).

    Args:
        path: the file.
        encoding: codec; undecodable bytes become U+FFFD.

    Raises:
        OSError: the file cannot be read.
    """
    rest, row = "", 1
    with path.open(encoding=encoding, errors="replace", newline=None) as source:
        while block := source.read(BLOCK_CHARS):
            text = rest + block
            whole, end, rest = text.rpartition("\n")
            if not end:
                rest = text
                continue
            frame = _lines(whole, row)
            row += frame.height
            yield frame
    if rest:
        yield _lines(rest, row)


def _lines(text: str, first_row: int) -> pl.DataFrame:
    lines = pl.Series("line", [text]).str.split("\n").explode()
    return pl.DataFrame(
        [lines, pl.int_range(first_row, first_row + len(lines), eager=True).alias("row")]
    )
