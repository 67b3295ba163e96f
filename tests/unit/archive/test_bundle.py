"""A document's side files as one zip: the same whenever and wherever it is made."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from edefter.archive.bundle import write_bundle


def _made(folder: Path, files: dict[str, bytes]) -> bytes:
    folder.mkdir()
    members = {}
    for number, (name, data) in enumerate(files.items()):
        path = folder / f"{number}"
        path.write_bytes(data)
        os.utime(path, (number, number))
        members[name] = path
    sink = io.BytesIO()
    write_bundle(sink, members)
    return sink.getvalue()


FILES = {"b.receipt.jws": b"x" * 3_000_000, "a.evidence": "kanıt".encode(), "manifest.json": b"{}"}


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    one = _made(tmp_path / "one", FILES)
    other = _made(tmp_path / "other", dict(reversed(FILES.items())))
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as bundle:
        assert bundle.namelist() == sorted(FILES)
        assert {name: bundle.read(name) for name in FILES} == FILES
        assert bundle.testzip() is None
        assert {info.compress_type for info in bundle.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("name", ["", "a/b", "..", "/etc/passwd"])
def test_names_with_folders_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        _made(tmp_path / "x", {name: b""})


def test_an_empty_bundle_is_refused() -> None:
    with pytest.raises(ValueError, match="members"):
        write_bundle(io.BytesIO(), {})
