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


UNITS = {
    "edefter-night": ("01:30:00", ["night"]),
    "edefter-prove": ("07:30:00", ["archive copy --all", "archive prove --all"]),
}


@pytest.mark.parametrize("name", UNITS)
def test_units_have_the_sections_that_systemd_wants(name: str) -> None:
    at, commands = UNITS[name]
    # A oneshot unit may name several commands; the parser keeps the last of them.
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    text = (DEPLOY / f"{name}.service").read_text(encoding="utf-8")
    unit.read_string(text)
    assert unit["Service"]["SuccessExitStatus"] == "3"
    starts = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    assert [line.rpartition("/edefter ")[2] for line in starts] == commands
    unit.read_string((DEPLOY / f"{name}.timer").read_text(encoding="utf-8"))
    assert unit["Timer"]["OnCalendar"] == f"*-*-* {at} Europe/Istanbul"
    assert unit["Install"]["WantedBy"] == "timers.target"


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
