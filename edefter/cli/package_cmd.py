"""`package import FILE`, `package list`: the official e-Defter package that the user downloaded."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from edefter import messages
from edefter.cli.context import console, loaded_settings
from edefter.cli.lang import LANG, say
from edefter.cli.screen import turkish_time
from edefter.validation.official.members import FAMILIES
from edefter.validation.official.package import OfficialPackage, import_package, list_packages

group = typer.Typer(help=say("help_package_group"), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="package")


def official_folder() -> Path:
    """Where packages are kept.

    Raises:
        ConfigError: the configuration is wrong.
    """
    return loaded_settings().settings.data_dir / "official"


@group.command("import", help=say("help_package_import"))
def _import(
    file: Annotated[Path, typer.Argument(help=say("help_package_file"))],
) -> None:
    kept = import_package(file, official_folder())
    screen = console()
    screen.print(_text("stored", source=file.name, path=kept.path), markup=False)
    screen.print(facts_of(kept), markup=False)
    missing = [family for family in FAMILIES if family not in kept.rules]
    if missing:
        screen.print(_text("families_missing", families=" ".join(missing)), markup=False)


@group.command("list", help=say("help_package_list"))
def _list() -> None:
    screen = console()
    packages = list_packages(official_folder())
    if not packages:
        screen.print(_text("none"), markup=False)
        screen.print(messages.remedy("official.none", LANG), markup=False)
    for at, kept in enumerate(packages):
        line = _text(
            "listed",
            sha256=kept.sha256[:12],
            imported=turkish_time(kept.imported),
            source=kept.source,
        )
        used = "" if at else "  " + _text("in_use")
        screen.print(line + used, markup=False)
        screen.print(f"    {facts_of(kept)}", markup=False)


def facts_of(package: OfficialPackage) -> str:
    """What a kept package holds, in one line."""
    return _text(
        "package_facts",
        sha256=package.sha256,
        count=package.file_count,
        version=version_of(package),
        newest=turkish_date(package.newest),
        schema=package.schema,
        families=package.families,
    )


def version_of(package: OfficialPackage) -> str:
    """The version that the package itself tells, or that it tells none."""
    return package.version or _text("version_unknown")


def turkish_date(text: str) -> str:
    """An ISO date as people write it in Turkey; an unknown one is a dash."""
    return date.fromisoformat(text).strftime("%d.%m.%Y") if text else "–"


def _text(key: str, **facts: object) -> str:
    return messages.text(f"official.{key}", LANG, **facts)
