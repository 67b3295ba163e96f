"""The unit files that ship are what systemd and Windows understand."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tests.conftest import absent

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


@pytest.mark.parametrize("name", ["edefter-night.service", "edefter-night.timer"])
def test_units_have_the_sections_that_systemd_wants(name: str) -> None:
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    if name.endswith(".timer"):
        assert unit["Timer"]["OnCalendar"] == "*-*-* 01:30:00 Europe/Istanbul"
        assert unit["Install"]["WantedBy"] == "timers.target"
    else:
        assert unit["Service"]["ExecStart"].endswith("/edefter night")
        assert unit["Service"]["SuccessExitStatus"] == "3"


def test_systemd_itself_reads_the_time() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        absent("systemd-analyze")
    done = subprocess.run(
        [analyze, "calendar", "*-*-* 01:30:00 Europe/Istanbul"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_windows_task_is_one() -> None:
    root = etree.parse(str(DEPLOY / "edefter-night.xml")).getroot()
    names = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert root.tag == f"{{{names['t']}}}Task"
    (arguments,) = root.findall("t:Actions/t:Exec/t:Arguments", names)
    assert arguments.text is not None and arguments.text.endswith(" night")
    (policy,) = root.findall("t:Settings/t:MultipleInstancesPolicy", names)
    assert policy.text == "IgnoreNew"
