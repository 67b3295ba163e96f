"""`source check`: can the accounting source be read, and does it have the columns?"""

from __future__ import annotations

from typing import Annotated

import typer

from edefter.cli.context import console, error_console, open_services
from edefter.cli.lang import LANG, say
from edefter.engine.opening import registered_company
from edefter.errors import ExitCode
from edefter.source.open import open_source

group = typer.Typer(help=say("help_source_group"), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="source")


@group.command("check", help=say("help_source_check"))
def _check(
    company: Annotated[str | None, typer.Option("--company", help=say("help_company"))] = None,
) -> int:
    bad = False
    with open_services(gate=False) as services:
        names = list(services.settings.sources)
        if company is not None:
            names = [registered_company(services.store, company).source]
        for name in names:
            settings = services.settings.sources.get(name)
            if settings is None:
                error_console().print(say("source_missing", name=name), markup=False)
                bad = True
                continue
            check = open_source(name, settings, services.secret).check()
            detail = check.detail_tr if LANG == "tr" else check.detail_en
            bad = bad or not check.ready
            key = "source_ready" if check.ready else "source_not_ready"
            console().print(say(key, name=name, state=check.state, detail=detail), markup=False)
    return int(ExitCode.CONFIG if bad else ExitCode.OK)
