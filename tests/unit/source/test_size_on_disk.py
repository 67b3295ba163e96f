"""How large a source is, as far as its files tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from edefter.config.settings import SourceSettings
from edefter.source.open import size_on_disk


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "books.sqlite"
    path.write_bytes(b"x" * 1234)
    return path


@pytest.mark.parametrize("url", ["sqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///{}?mode=ro"])
def test_a_database_in_a_file(file: Path, url: str) -> None:
    assert size_on_disk(SourceSettings(kind="sql", url=url.format(file))) == 1234


@pytest.mark.parametrize("url", ["postgresql:///books", "mysql+pymysql://h/books", "sqlite://", ""])
def test_a_server_has_none_here(url: str) -> None:
    assert size_on_disk(SourceSettings(kind="sql", url=url)) == 0


def test_files_and_folders(file: Path, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_bytes(b"y" * 66)
    assert size_on_disk(SourceSettings(kind="izibiz", path=file)) == 1234
    assert size_on_disk(SourceSettings(kind="edefter", path=tmp_path)) == 1300
    assert size_on_disk(SourceSettings(kind="edefter", path=tmp_path / "gone")) == 0
