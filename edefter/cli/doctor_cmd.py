"""`doctor`: can this machine reach GİB, the portal and the time servers, and is its clock right?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edefter.cli.context import console, loaded_settings
from edefter.cli.lang import LANG, say
from edefter.config.secrets import SecretReader
from edefter.config.settings import Settings
from edefter.engine.doctor.probes import run_doctor
from edefter.engine.doctor.results import DoctorReport

_STYLE = {"ok": "green", "warn": "yellow", "fail": "red"}
_MARK = {"ok": "✓", "warn": "!", "fail": "✗"}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("doctor", help=say("help_doctor"))(_doctor)


def _doctor(
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
) -> int:
    settings = loaded_settings().settings
    report = run_doctor(
        settings, client_pair=_stored_client_pair(settings), secret=SecretReader(os.environ)
    )
    if as_json:
        print(json.dumps(report.to_mapping(LANG), ensure_ascii=False, indent=1))
    else:
        _print(console(), report)
    return int(report.exit_code)


def _stored_client_pair(settings: Settings) -> tuple[Path, Path] | None:
    """The client certificate that some company's registration at the portal stored."""
    for certificate in sorted((settings.data_dir / "keys").glob("*/*-client.pem")):
        key = certificate.with_suffix(".key")
        if key.exists():
            return certificate, key
    return None


def _print(screen: Console, report: DoctorReport) -> None:
    table = Table(say("col_target"), say("col_step"), "", say("col_detail"))
    for result in report.results:
        style = _STYLE[result.state]
        detail = result.text(LANG)
        if result.state != "ok" and result.remedy(LANG):
            detail = f"{detail} {result.remedy(LANG)}"
        table.add_row(
            escape(result.target),
            result.step,
            f"[{style}]{_MARK[result.state]}[/{style}]",
            escape(detail),
        )
    screen.print(table)
    for finding in report.findings:
        screen.print(
            f"[yellow]! {escape(finding.text(LANG))} {escape(finding.remedy(LANG))}[/yellow]"
        )
    screen.print("\n" + escape(report.advice(LANG)))
