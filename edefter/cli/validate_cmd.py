"""`validate PATH…`: schema, official rules and strict layer over files, ours or foreign."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from edefter.cli.context import console
from edefter.cli.files import documents_under
from edefter.cli.lang import LANG, say
from edefter.cli.screen import print_findings
from edefter.errors import ExitCode
from edefter.model.documents import Kind
from edefter.validation import Report, validate

PathsArg = Annotated[list[Path], typer.Argument(help=say("help_paths"))]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("validate", help=say("help_validate"))(_validate)


def _validate(
    paths: PathsArg,
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
    kind: Annotated[Kind | None, typer.Option("--kind", help=say("help_kind"))] = None,
    own: Annotated[bool, typer.Option("--own", help=say("help_own"))] = False,
) -> int:
    reports: list[tuple[Path, Report]] = []
    screen = console()
    for path in documents_under(paths):
        with path.open("rb") as stream:
            report = validate(stream, path.name, kind=kind, own=own)
        reports.append((path, report))
        if not as_json:
            mark = "[green]✓[/green]" if report.ok else "[red]✗[/red]"
            verdict = say("valid" if report.ok else "not_valid", count=report.findings.total)
            screen.print(f"{mark} {escape(path.name)}: {escape(verdict)}")
            if report.findings.total:
                print_findings(screen, report.findings)
    if as_json:
        print(json.dumps([_plain(p, r) for p, r in reports], ensure_ascii=False, indent=1))
    bad = any(not report.ok for _, report in reports)
    return int(ExitCode.FINDINGS if bad else ExitCode.OK)


def _plain(path: Path, report: Report) -> dict[str, Any]:
    return {
        "file": path.name,
        "kind": report.kind.value if report.kind else None,
        "ok": report.ok,
        "evaluated": report.evaluated,
        "counts": dict(report.findings.counts),
        "findings": [
            {
                "rule": f.rule, "severity": f.severity.value, "layer": f.layer.value,
                "place": {k: v for k, v in asdict(f.place).items() if v not in ("", None)},
                "value": f.value, "text": f.text(LANG), "remedy": f.remedy(LANG),
            }
            for f in report.findings
        ],
    }  # fmt: skip
