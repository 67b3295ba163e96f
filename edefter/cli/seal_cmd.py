"""`seal list | check`: the configured seals and whether they fit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from edefter.cli.context import console, open_services
from edefter.cli.lang import say
from edefter.engine.job import Job
from edefter.engine.opening import registered_company
from edefter.engine.services import utc_now

group = typer.Typer(help=say("help_seal_group"), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="seal")


@group.command("list", help=say("help_seal_list"))
def _list() -> None:
    with open_services(gate=False) as services:
        table = Table(say("col_name"), say("col_kind"), say("col_file"), say("col_companies"))
        users: dict[str, list[str]] = {}
        for item in services.store.companies():
            users.setdefault(item.get("seal", "default"), []).append(item["code"])
        for name, seal in services.settings.seals.items():
            table.add_row(name, seal.kind, str(seal.path or ""), ", ".join(users.get(name, [])))
    console().print(table)


@group.command("check", help=say("help_seal_check"))
def _check(
    company: Annotated[str, typer.Option("--company", help=say("help_company"))],
) -> None:
    with open_services(gate=False) as services:
        item = registered_company(services.store, company)
        branch = item.branches[0].number if item.branches else ""
        job = Job(services, item, branch, item.first_period(branch))
        now: datetime = utc_now()
        fitness = job.check_seal(now)
        certificate = job.seal.certificate
        console().print(
            say(
                "seal_fits",
                company=company,
                subject=certificate.subject.rfc4514_string(),
                serial=f"{certificate.serial_number:x}",
                until=certificate.not_valid_after_utc.date().isoformat(),
                days=fitness.days_left,
            ),
            markup=False,
        )
