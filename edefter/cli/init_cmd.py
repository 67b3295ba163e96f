"""`init`: write a commented configuration to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edefter.cli.context import OPTIONS, console
from edefter.cli.lang import say
from edefter.config.template import write_default_config
from edefter.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("init", help=say("help_init"))(_init)


def _init(
    path: Annotated[Path, typer.Argument(help=say("help_init_path"))] = Path("edefter.toml"),
) -> None:
    target = OPTIONS.config or path
    if target.exists():
        raise ConfigError("cli.config_exists", path=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_default_config(target)
    console().print(say("config_written", path=str(target)), markup=False)
