"""`trust import | list`: the certificates that seals must lead to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from edefter.cli.context import console, error_console, loaded_settings
from edefter.cli.lang import LANG, say
from edefter.config.checks import anchor_folders
from edefter.config.settings import Settings
from edefter.engine.services import utc_now
from edefter.errors import ConfigError
from edefter.messages import text
from edefter.model.environment import Environment
from edefter.trust.anchors import import_anchor, load_anchors
from edefter.xmlsig.certificate import common_name, fingerprint

group = typer.Typer(
    help=text("trust.help_group", LANG), no_args_is_help=True, rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="trust")


@group.command("import", help=text("trust.help_import", LANG))
def _import(
    file: Annotated[Path, typer.Argument(help=text("trust.help_file", LANG))],
    sha256: Annotated[str, typer.Option("--sha256", help=text("trust.help_sha256", LANG))],
    environment: Annotated[
        Environment | None, typer.Option("--environment", help=text("trust.help_environment", LANG))
    ] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help=text("trust.help_expired", LANG))
    ] = False,
) -> None:
    settings = _for(environment)
    done = import_anchor(file, sha256, settings, now=utc_now(), expired=expired)
    key = "trust.imported" if done.new else "trust.imported_before"
    facts = {
        "subject": common_name(done.certificate),
        "environment": settings.environment.value,
        "path": str(done.path),
        "not_after": f"{done.certificate.not_valid_after_utc:%d.%m.%Y}",
    }
    console().print(text(key, LANG, **facts), markup=False)


@group.command("list", help=text("trust.help_list", LANG))
def _list(
    environment: Annotated[
        Environment | None, typer.Option("--environment", help=text("trust.help_environment", LANG))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
) -> None:
    settings = _for(environment)
    rows = [
        {
            "subject": common_name(certificate),
            "issuer": certificate.issuer.rfc4514_string(),
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "sha256": fingerprint(certificate),
            "folder": str(folder),
        }
        for folder in anchor_folders(settings)
        for certificate in load_anchors(folder)
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not rows:
        folder = str(anchor_folders(settings)[-1])
        said = text("trust.none", LANG, environment=settings.environment.value, folder=folder)
        error_console().print(f"[yellow]{escape(said)}[/yellow]")
        return
    table = Table(*(text(f"trust.col_{name}", LANG) for name in ("subject", "end", "sha256")))
    for row in rows:
        table.add_row(escape(row["subject"]), row["not_after"][:10], row["sha256"])
    console().print(table)


def _for(environment: Environment | None) -> Settings:
    """The settings, turned to another environment where one is named.

    Raises:
        ConfigError: `trust_anchors` names one folder, which belongs to the configured environment.
    """
    settings = loaded_settings().settings
    if environment is None or environment is settings.environment:
        return settings
    if settings.trust_anchors is not None:
        raise ConfigError(
            "trust.import_other_environment",
            configured=settings.environment.value, asked=environment.value,
        )  # fmt: skip
    return settings.model_copy(update={"environment": environment})
