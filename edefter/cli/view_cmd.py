"""`view PATH… --out DIR`: ledgers and berats as HTML pages to read and print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edefter.archive.view import render_html
from edefter.atomic import write_bytes
from edefter.cli.context import console
from edefter.cli.files import documents_under
from edefter.cli.lang import say


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("view", help=say("help_view"))(_view)


def _view(
    paths: Annotated[list[Path], typer.Argument(help=say("help_paths"))],
    out: Annotated[Path, typer.Option("--out", help=say("help_view_out"))],
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for path in documents_under(paths):
        target = out / f"{path.stem}.html"
        write_bytes(target, render_html(path))
        console().print(say("page_written", path=str(target)), markup=False)
