"""The examples of docs/how-to/library.md are run as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from tests.support.office import REPO, Office


def _examples() -> list[str]:
    page = (REPO / "docs" / "how-to" / "library.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)


def _python(office: Office, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=office.folder, check=False, capture_output=True, text=True
    )


def test_both_examples(office: Office) -> None:
    month, check = _examples()
    done = _python(office, month)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True True 0\n")
    assert len(done.stdout.splitlines()) == 7
    (yevmiye,) = office.archived("*-202601-Y-000000.xml")
    shutil.copy(yevmiye, office.folder / yevmiye.name)
    done = _python(office, check.replace("1234567808", office.tax_number))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True True\n"
