"""`package import FILE`: keep the official e-Defter package that the user downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edefter.cli.context import console, loaded_settings
from edefter.cli.lang import say
from edefter.engine.official import import_package

group = typer.Typer(help=say("help_package_group"), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="package")


@group.callback()
def _group() -> None:
    """Keep `import` a sub-command even while it is the only one."""


@group.command("import", help=say("help_package_import"))
def _import(
    file: Annotated[Path, typer.Argument(help=say("help_paths"))],
) -> None:
    kept = import_package(file, loaded_settings().settings.data_dir / "official")
    console().print(
        say("package_stored", path=str(kept.path), sha256=kept.sha256, count=kept.file_count),
        markup=False,
    )
