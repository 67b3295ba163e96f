"""`doctor`: can this machine reach GİB, the portal and the time servers, and is its clock right?"""

from __future__ import annotations

from typing import Annotated

import typer

from edefter.cli.context import loaded_settings
from edefter.cli.lang import say
from edefter.engine.doctor.probes import run_doctor


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("doctor", help=say("help_doctor"))(_doctor)


def _doctor(
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
) -> int:
    del os, asdict, __version__
    report = run_doctor(loaded_settings().settings)
    del report, json, Table, escape, console, LANG
    return 0
