"""PDF files in yevmiye and envanter: canonical, judged, refused when they are none."""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from edefter.ledger.attachments import MOST_BYTES
from edefter.ledger.build import build_parts
from edefter.model.files import Counters, LedgerPart
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch
from edefter.validation import validate
from tests.unit.ledger.factory import head, two_vouchers
from tests.unit.ledger.reading import canonical, without_declaration

NAMESPACE = "{http://www.edefter.gov.tr/ek}"


def build(
    folder: Path, *attached: Path, most_bytes: int | None = None
) -> tuple[tuple[LedgerPart, ...] | None, FindingLog]:
    findings = FindingLog()
    parts = build_parts(
        [JournalBatch.from_vouchers(two_vouchers())],
        replace(head(), attachments=attached),
        before=Counters(), numbering="source", folder=folder, findings=findings,
        most_bytes=most_bytes,
    )  # fmt: skip
    return parts, findings


def pdf(folder: Path, name: str = "rehin & sözleşme.pdf", size: int = 100_001) -> Path:
    path = folder / name
    path.write_bytes(b"%PDF-1.7\n" + os.urandom(size - 9))
    return path


def test_each_file_is_an_extension_of_the_yevmiye(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    files = [pdf(tmp_path), pdf(tmp_path, "ek-2.pdf", 900_000)]
    parts, findings = build(tmp_path / "out", *files)
    assert parts is not None and not findings.total
    (part,) = parts
    content = part.yevmiye.path.read_bytes()
    assert canonical(content) == without_declaration(content)
    held = etree.fromstring(content).findall(f"extensions/extension/{NAMESPACE}binaryObject")
    assert [base64.b64decode(each.text or "") for each in held] == [
        path.read_bytes() for path in files
    ]
    assert [dict(each.attrib) for each in held] == [
        {"encodingCode": "Base64", "filename": path.name, "format": "pdf",
         "mimeCode": "application/pdf"}
        for path in files
    ]  # fmt: skip
    assert b"extension" not in part.kebir.path.read_bytes()
    for stored in (part.yevmiye, part.kebir):
        with stored.path.open("rb") as stream:
            report = validate(stream, stored.path.name, signed=False, own=True)
        assert list(report.findings) == []


def test_a_divided_month_carries_them_once_and_counts_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    limit = 230_000
    parts, findings = build(tmp_path / "out", pdf(tmp_path), most_bytes=limit)
    assert parts is not None and not findings.total
    sizes = [part.yevmiye.size_bytes for part in parts]
    assert max(sizes) < limit and sizes[0] > 130_000
    carrying = [b"binaryObject" in part.yevmiye.path.read_bytes() for part in parts]
    assert carrying == [True, *[False] * (len(parts) - 1)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Sözleşme.PDF", b"%PDF-1.7"),
        ("not.txt", b"%PDF-1.7"),
        ("boş.pdf", b""),
        ("resim.pdf", b"\x89PNG\r\n"),
        ("büyük.pdf", b"%PDF-" + bytes(MOST_BYTES)),
    ],
)
def test_what_cannot_be_attached_is_a_finding(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "out").mkdir()
    path = tmp_path / name
    path.write_bytes(content)
    parts, findings = build(tmp_path / "out", path)
    assert parts is None
    assert [(f.rule, f.place.file) for f in findings] == [("LED-16", name)]
    assert not list((tmp_path / "out").iterdir())


def test_a_file_that_is_gone_is_a_finding(tmp_path: Path) -> None:
    parts, findings = build(tmp_path, tmp_path / "yok.pdf")
    assert parts is None and [f.rule for f in findings] == ["LED-16"]


def test_too_much_for_one_file_is_a_finding(tmp_path: Path) -> None:
    """Not that every entry is too large for what they leave."""
    (tmp_path / "out").mkdir()
    files = [pdf(tmp_path, f"ek-{number}.pdf") for number in range(3)]
    parts, findings = build(tmp_path / "out", *files, most_bytes=450_000)
    assert parts is None and [f.rule for f in findings] == ["LED-16"]
    parts, _ = build(tmp_path / "out", *files, most_bytes=600_000)
    assert parts is not None
