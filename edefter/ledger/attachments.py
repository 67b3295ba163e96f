"""PDF files that go into a yevmiye or envanter (format.md §2.2), such as a pledge agreement.

A document carries each in an `extension` of its own, as base64 behind the entries; kebir and
berats carry none. The files are read when the book is written, piece by piece.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path

from edefter.ledger.canonical import is_writable, start_tag
from edefter.ledger.findings import LedgerRule, make
from edefter.ledger.sink import HashingSink
from edefter.model.documents import Kind
from edefter.model.finding import Finding, Place

CARRIERS = (Kind.Y, Kind.E)
MOST_BYTES = 7_000_000
"""Of one file: its base64 stays below the 10,000,000 characters that libxml2, which many readers
are built on, takes as one text."""
_NAMESPACE = {"defterek": "http://www.edefter.gov.tr/ek"}
_BEGINNING = b"%PDF-"
_PIECE_BYTES = 3 << 18  # whole groups of base64


def problems(paths: Sequence[Path], most_bytes: int | None) -> Iterator[Finding]:
    """What is wrong with files that are to be attached: no PDF, no such file, too large …

    Args:
        paths: the files.
        most_bytes: of the signed document; attachments may take three quarters of it. None = any.
    """
    found = {path.name: _problem(path) for path in paths}
    if paths and most_bytes is not None and attached_bytes(paths) > most_bytes // 4 * 3:
        size = attached_bytes(paths)
        found[paths[-1].name] = (
            f"ekler birlikte {size} bayt; bir defter dosyası en çok {most_bytes} bayt olabilir",
            f"all attachments take {size} bytes; a ledger file may have {most_bytes} at most",
        )
    for name, reason in found.items():
        if reason is not None:
            yield make(
                LedgerRule.ATTACHMENT,
                Place(file=name),
                file=name,
                reason_tr=reason[0],
                reason_en=reason[1],
            )


def _problem(path: Path) -> tuple[str, str] | None:
    if path.suffix != ".pdf" or not is_writable(path.name):
        return "adı .pdf ile bitmiyor (küçük harfle)", "its name does not end in .pdf (lower case)"
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            beginning = file.read(len(_BEGINNING))
    except OSError as error:
        return f"okunamıyor: {error.strerror}", f"it cannot be read: {error.strerror}"
    if beginning != _BEGINNING:
        return "içeriği PDF değil", "its content is no PDF"
    if size > MOST_BYTES:
        return f"{MOST_BYTES} bayttan büyük ({size})", f"larger than {MOST_BYTES} bytes ({size})"
    return None


def attached_bytes(paths: Sequence[Path]) -> int:
    """How many bytes the files take in a document, at most; none where one cannot be read."""
    if not paths:
        return 0
    sizes = (path.stat().st_size if path.is_file() else 0 for path in paths)
    texts = sum((size + 2) // 3 * 4 for size in sizes)
    tags = sum(len(_start(path).encode()) + len(_END) for path in paths if is_writable(path.name))
    return texts + tags + len(_OPEN) + len(_CLOSE)


def write_attachments(paths: Sequence[Path], sink: HashingSink) -> None:
    """Write the extensions of a document; nothing when there is no file.

    Args:
        paths: files that `problems` says nothing of.
        sink: stands right after `xbrli:xbrl`.

    Raises:
        OSError: a file cannot be read any more.
    """
    if not paths:
        return
    sink.write(_OPEN.encode())
    for path in paths:
        sink.write(_start(path).encode())
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                sink.write(base64.b64encode(piece))
        sink.write(_END.encode())
    sink.write(_CLOSE.encode())


_OPEN, _CLOSE = "\n<extensions>\n", "</extensions>"
_END = "</defterek:binaryObject></extension>\n"


def _start(path: Path) -> str:
    attributes = {
        "encodingCode": "Base64",
        "filename": path.name,
        "format": "pdf",
        "mimeCode": "application/pdf",
    }
    return f"<extension>{start_tag('defterek:binaryObject', _NAMESPACE, attributes)}"
