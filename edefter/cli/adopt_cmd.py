"""`adopt DIR`: a lost state comes back from a folder tree of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from edefter.cli.context import console, open_services
from edefter.cli.lang import say
from edefter.cli.run_cmd import JsonOpt
from edefter.engine.reimport import Retaken, retake_folder


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("adopt", help=say("help_adopt"))(_adopt)


def _adopt(
    folder: Annotated[Path, typer.Argument(help=say("help_adopt_folder"), metavar="DIR")],
    as_json: JsonOpt = False,
) -> int:
    with open_services(quiet=as_json) as services:
        taken = retake_folder(services, folder)
    if as_json:
        plain = [
            {
                "company": item.company, "name": item.name.stem, "files": list(item.roles),
                "was_known": item.was_known,
            }
            for item in taken
        ]  # fmt: skip
        print(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        _show(taken)
    return 0


def _show(taken: list[Retaken]) -> None:
    table = Table()
    for name in ("col_company", "col_branch", "col_period", "col_kind", "col_part", "col_state",
                 "col_files"):  # fmt: skip
        table.add_column(say(name))
    for item in taken:
        table.add_row(
            item.company, item.name.branch, str(item.name.period), str(item.name.kind),
            item.name.part, say("retaken_known" if item.was_known else "retaken_new"),
            ", ".join(item.roles),
        )  # fmt: skip
    console().print(table)
    console().print(say("retaken_end", count=len(taken)), markup=False)
