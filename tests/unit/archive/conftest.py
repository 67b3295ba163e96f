"""A vault in a temporary folder with its own stylesheets and clock."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from edefter.archive.vault import Vault
from edefter.config.keeping import ArchiveSettings
from edefter.model.documents import DocumentName
from edefter.model.files import StoredFile
from edefter.model.period import FiscalYear, Period

TAX = "1234567808"
YEAR = FiscalYear(date(2026, 1, 1), date(2026, 12, 31))
JANUARY = Period(2026, 1)


@pytest.fixture
def house(tmp_path):
    """`vault`, `folder` of January 2026, and `stored(name, data)` that makes a source file."""
    sheets = tmp_path / "xslt"
    sheets.mkdir()
    for name in ("yevmiye.xslt", "kebir.xslt", "berat.xslt"):
        (sheets / name).write_text(f"<view of='{name}'/>", encoding="utf-8")
    moments = (datetime(2026, 2, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(10_000))
    vault = Vault(
        ArchiveSettings(), tmp_path / "archive", wall=lambda: next(moments), stylesheets=sheets
    )
    source = tmp_path / "source"
    source.mkdir()

    def stored(name: str, data: bytes) -> StoredFile:
        path = source / name
        path.write_bytes(data)
        return StoredFile(
            path=path,
            name=DocumentName.parse(name),
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )

    folder = vault.folder(TAX, YEAR, JANUARY)
    return SimpleNamespace(vault=vault, folder=folder, stored=stored, sheets=sheets, root=tmp_path)
