"""`audit verify | show`: the chain of records of everything that changed state."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from edefter.cli.context import chosen_companies, console, open_services, parse_period
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, CompanyOpt, JsonOpt
from edefter.cli.screen import turkish_time
from edefter.errors import OperatorNeeded


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help=say("help_audit"), no_args_is_help=True)
    group.command("verify", help=say("help_audit_verify"))(_verify)
    group.command("show", help=say("help_audit_show"))(_show)
    app.add_typer(group, name="audit")


def _verify(as_json: JsonOpt = False) -> int:
    with open_services(quiet=True, gate=False) as services:
        broken = services.store.verify_audit()
        if broken is not None:
            raise OperatorNeeded("state.audit_broken", seq=broken)
        records, head = services.store.audit_end()
    if as_json:
        print(json.dumps({"whole": True, "records": records, "head": head}))
    else:
        console().print(say("audit_whole", records=records))
    return 0


def _show(
    period: Annotated[str, typer.Argument(help=say("help_period"), metavar="PERIOD")],
    company: CompanyOpt = None,
    every: AllOpt = False,
    as_json: JsonOpt = False,
) -> int:
    wanted = parse_period(period).compact
    with open_services(quiet=True, gate=False) as services:
        codes = {item.code for item in chosen_companies(services.store, company, every)}
        records = [
            record
            for record in services.store.audit_records()
            if record["company"] in codes and record["period"] == wanted
        ]
    if as_json:
        print(json.dumps(records, ensure_ascii=False, indent=1, default=str))
        return 0
    table = Table()
    for name in ("col_at", "col_company", "col_branch", "col_kind", "col_part", "col_action",
                 "col_state", "col_cause"):  # fmt: skip
        table.add_column(say(name))
    for record in records:
        table.add_row(
            turkish_time(record["at"]), record["company"], record["branch"], record["kind"],
            record["part"], record["action"], record["to_state"] or "", record["cause"],
        )  # fmt: skip
    console().print(table)
    return 0
