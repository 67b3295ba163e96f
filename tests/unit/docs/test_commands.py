"""Every command that a page names exists, with the options it is shown with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from edefter.cli.main import build_app

REPO = Path(__file__).resolve().parents[3]
PAGES = [
    *sorted((REPO / "docs").glob("*.md")),
    *sorted((REPO / "docs" / "how-to").glob("*.md")),
    *sorted((REPO / "docs" / "reference").glob("*.md")),
    REPO / "README.md",
    REPO / "README.tr.md",
]


def commands() -> list[tuple[str, str]]:
    """Page and command line of everything that begins with `edefter ` in code."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fenced = "\n".join(re.split(r"^```.*$", text, flags=re.M)[1::2])
        for code in re.findall(r"^edefter .*", fenced, re.M) + re.findall(r"`(edefter .*?)`", text):
            found.append((page.relative_to(REPO).as_posix(), code.split("#")[0].strip()))
    return sorted(set(found))


def test_pages_name_commands():
    assert len(commands()) > 20


@pytest.mark.parametrize(("page", "line"), commands())
def test_command_exists_with_its_options(page: str, line: str):
    command = get_command(build_app())
    words = shlex.split(line)[1:]
    known = {option for item in command.params for option in item.opts}
    while words:
        word = words.pop(0)
        children = getattr(command, "commands", None)
        if word.startswith("-"):
            assert word in known, f"{page}: {line}: no option {word}"
        elif children is not None:
            assert word in children, f"{page}: {line}: no command {word}"
            command = children[word]
            known |= {option for item in command.params for option in item.opts}
        # anything else is an argument or an option's value
    assert getattr(command, "commands", None) is None or line.count(" ") == 0, f"{page}: {line}"
