"""`make demo` with an empty home: two months from database to archive, a closing table, exit 0."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def demo(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    home = out.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "edefter.sandbox.demo", "--out", str(out), *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(home)},
    )


def test_demo_closes_two_months_and_says_where_to_look(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = demo(out, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("closed and archived") == 2
    for column in ("File", "Size (bytes)", "SHA-256", "State", "GİB time", "Portal receipt"):
        assert column in done.stdout
    assert "12 documents checked, 0 not valid." in done.stdout
    assert str(out / "archive") in done.stdout
    assert len(list((out / "sayfalar").glob("*.html"))) == 12
    again = demo(out, "--lang", "en")
    assert again.returncode == 0, "the demo may be given again"


def test_demo_never_empties_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    out = tmp_path / "books"
    out.mkdir()
    (out / "defter.xlsx").write_bytes(b"precious")
    assert demo(out).returncode != 0
    assert (out / "defter.xlsx").read_bytes() == b"precious"
