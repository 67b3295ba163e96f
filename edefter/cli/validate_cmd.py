"""`validate PATH…`: schema, official rules and strict layer over files, ours or foreign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edefter.cli.context import OPTIONS
from edefter.cli.files import check_output
from edefter.cli.lang import say
from edefter.cli.package_cmd import official_folder
from edefter.cli.validating import By, Format, Group, Validating
from edefter.errors import ConfigError
from edefter.model.documents import Kind
from edefter.validation.official.package import choose_package
from edefter.validation.reports.redact import Redactor

SCREEN_LIMIT = 20  # findings of a rule in a file; more than that nobody reads on a screen
FILE_LIMIT = 100


_SUFFIXES = {
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".csv": Format.CSV,
    ".html": Format.HTML,
    ".htm": Format.HTML,
}
_SEPARATORS = {";": ";", ",": ",", "tab": "\t"}

PathsArg = Annotated[list[Path], typer.Argument(help=say("help_validate_paths"))]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("validate", help=say("help_validate"))(_validate)


def _validate(
    paths: PathsArg,
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
    format_: Annotated[Format | None, typer.Option("--format", help=say("help_format"))] = None,
    output: Annotated[Path | None, typer.Option("--output", help=say("help_output"))] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help=say("help_kind"))] = None,
    own: Annotated[bool, typer.Option("--own", help=say("help_own"))] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help=say("help_limit"))] = None,
    group: Annotated[Group, typer.Option("--group", help=say("help_group"))] = Group.RULE,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help=say("help_jobs"))] = None,
    redact: Annotated[bool, typer.Option("--redact", help=say("help_redact"))] = False,
    mask: Annotated[
        bool, typer.Option("--mask-tax-numbers", help=say("help_mask_tax_numbers"))
    ] = False,
    separator: Annotated[str, typer.Option("--separator", help=say("help_separator"))] = ";",
    engine: Annotated[By, typer.Option("--engine", help=say("help_engine"))] = By.OWN,
    package: Annotated[str, typer.Option("--package", help=say("help_package"))] = "",
) -> int:
    chosen = _format(format_, as_json, output)
    # An error that stops the command is JSON too where the result would be.
    OPTIONS.json = OPTIONS.json or (chosen in (Format.JSON, Format.JSONL) and output is None)
    check_output(output, paths)
    if separator not in _SEPARATORS:
        raise ConfigError("cli.bad_separator", value=separator)
    if engine is By.OFFICIAL and (redact or mask):
        raise ConfigError("cli.opinion_not_redacted")
    official = official_folder() if engine is By.OFFICIAL else None
    if official is not None:
        choose_package(official, package)  # before the first document, not after it
    default = SCREEN_LIMIT if chosen is Format.TABLE and output is None else FILE_LIMIT
    run = Validating(
        paths=paths,
        format=chosen,
        output=output,
        kind=kind,
        own=own,
        limit=limit or default,
        group=group,
        jobs=jobs,
        redactor=Redactor(mask_tax_numbers=mask) if redact or mask else None,
        separator=_SEPARATORS[separator],
        official=official,
        package=package,
    )
    return int(run.run())


def _format(asked: Format | None, as_json: bool, output: Path | None) -> Format:
    """The format asked for, else the one that the output's name tells, else the screen's.

    Raises:
        ConfigError: two different formats are asked for.
    """
    if as_json:
        if asked not in (None, Format.JSON):
            raise ConfigError("cli.two_formats", first="--json", second=f"--format {asked}")
        return Format.JSON
    if asked is not None:
        return asked
    return _SUFFIXES.get(output.suffix.lower(), Format.TABLE) if output else Format.TABLE
