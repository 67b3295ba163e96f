"""A command loads what it needs and no more, and none is lost by that."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from edefter.cli.main import COMMANDS, build_app


def test_all_commands_are_known_by_name() -> None:
    assert set(get_command(build_app()).commands) == set(COMMANDS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_found_wherever_it_stands(name: str) -> None:
    for words in ([name], ["--config", "run", name], ["-v", name, "status"]):
        assert name in get_command(build_app(words)).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["--help", "run"], ["statsu"], ["--config", "x.toml"]]
)
def test_where_no_command_is_meant_all_are_there(words: list[str]) -> None:
    assert set(get_command(build_app(words)).commands) == set(COMMANDS)  # type: ignore[attr-defined]


def test_what_takes_long_to_load_is_loaded_by_who_needs_it() -> None:
    code = (
        "import sys\nfrom edefter.cli.main import build_app\nbuild_app(['status'])\n"
        "print(*({'zeep', 'alembic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
