"""`verify PATH…`: signatures of ledgers and berats, and GİB's approval of GIB- files."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.markup import escape

from edefter.atomic import atomic_writer
from edefter.cli.context import OPTIONS, console, error_console
from edefter.cli.files import check_output, documents_under
from edefter.cli.lang import LANG, say
from edefter.cli.screen import print_findings, turkish_time
from edefter.config.load import load_settings
from edefter.config.settings import Settings
from edefter.engine.services import utc_now
from edefter.errors import ConfigError, ExitCode
from edefter.trust.anchors import anchors_of
from edefter.trust.revocation import RevocationChecker
from edefter.verification.judge import Ground, Judgement, judge
from edefter.verification.links import link
from edefter.verification.page import verification_page
from edefter.verification.report import as_json as plain
from edefter.verification.report import conclusion_words, proof_words, question_words

_MARKS = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "[yellow]?[/yellow]"}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("verify", help=say("help_verify"))(_verify)


def _verify(
    paths: Annotated[list[Path], typer.Argument(help=say("help_paths"))],
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
    online: Annotated[bool, typer.Option("--online", help=say("help_online"))] = False,
    rules: Annotated[bool, typer.Option("--rules/--no-rules", help=say("help_rules"))] = True,
    output: Annotated[Path | None, typer.Option("--output", help=say("help_verify_output"))] = None,
) -> int:
    check_output(output, paths)
    if output is not None and output.suffix.lower() not in _WRITERS:
        raise ConfigError("cli.bad_suffix", path=str(output), known=", ".join(_WRITERS))
    settings = _settings()
    anchors = anchors_of(settings)
    if not anchors:
        error_console().print(f"[yellow]{escape(say('no_anchor'))}[/yellow]")
    now: datetime = utc_now()
    ground = Ground(
        anchors=anchors,
        environment=settings.environment,
        gib_tax_number=settings.gib.tax_number,
        now=now,
        checker=RevocationChecker(settings.trust, None) if online else None,
        with_rules=rules,
    )
    judgements = [judge(path, ground) for path in documents_under(paths)]
    link(judgements, ground)
    if output is not None:
        with atomic_writer(output) as sink:
            _WRITERS[output.suffix.lower()](judgements, ground, sink)
    if as_json:
        print(_json_text(judgements))
    else:
        for item in judgements:
            _print(item)
        bad = sum(not item.ok for item in judgements)
        console().print(say("verify_end", count=len(judgements), bad=bad), markup=False)
        if output is not None:
            console().print(say("report_written", path=str(output)), markup=False)
    return int(ExitCode.OK if all(item.ok for item in judgements) else ExitCode.FINDINGS)


def _json_text(judgements: list[Judgement]) -> str:
    return json.dumps([plain(item, LANG) for item in judgements], ensure_ascii=False, indent=1)


def _write_json(judgements: list[Judgement], _: Ground, sink: BinaryIO) -> None:
    sink.write(_json_text(judgements).encode() + b"\n")


def _write_page(judgements: list[Judgement], ground: Ground, sink: BinaryIO) -> None:
    verification_page(judgements, ground, sink, LANG)


_WRITERS = {".html": _write_page, ".json": _write_json}


def _settings() -> Settings:
    """The configuration if there is one: verifying foreign files needs none."""
    try:
        return load_settings(OPTIONS.config, environ=os.environ).settings
    except ConfigError:
        if OPTIONS.config is not None:
            raise
        return Settings()


def _print(found: Judgement) -> None:
    key = ("verified" if found.ok else "not_verified") + ("_approval" if found.approval else "")
    at = found.approved_at if found.approval else found.signing_time
    text = say(key, signer=found.signer, time=turkish_time(at.isoformat() if at else ""))
    screen = console()
    screen.print(f"{_MARKS[found.ok]} {escape(found.path.name)}: {escape(text)}")
    told = "; ".join(f"{name}: {answer}" for name, answer in conclusion_words(found, LANG))
    screen.print(f"    {escape(told)}")
    asked = "  ".join(f"{_MARKS[yes]} {escape(name)}" for name, yes in question_words(found, LANG))
    screen.print(f"    {asked}")
    proven = turkish_time(found.proven_at.isoformat()) if found.proven_at else ""
    proof = proof_words(found, LANG, proven)
    if proof:
        screen.print(f"    {escape(proof)}")
    if found.findings.total:
        print_findings(error_console(), found.findings)
