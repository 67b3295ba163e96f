"""`archive years | hold | release | delete`: retention, legal holds, deletion by order."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from edefter.cli.context import chosen_companies, console, open_services, parse_day
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, CompanyOpt, JsonOpt
from edefter.engine.opening import registered_company
from edefter.engine.retaining import (
    YearKept,
    delete_year,
    place_hold,
    release_hold,
    years_kept,
)

OneCompany = Annotated[str, typer.Option("--company", help=say("help_company"))]
DayArg = Annotated[str, typer.Argument(help=say("help_archive_year_day"), metavar="YYYY-MM-DD")]
ReasonOpt = Annotated[str, typer.Option("--reason", help=say("help_archive_reason"))]


def years(company: CompanyOpt = None, every: AllOpt = False, as_json: JsonOpt = False) -> None:
    """The command `archive years`."""
    plain = []
    table = Table()
    for column in ("col_company", "col_year", "col_keep_until", "col_holds", "col_disposal"):
        table.add_column(say(column))
    with open_services(quiet=as_json, gate=False) as services:
        for item in chosen_companies(services.store, company, every):
            for kept in years_kept(services, item):
                plain.append(_plain(item.code, kept))
                last = say("keep_over" if kept.over else "keep_runs", day=kept.keep_until)
                holds = "; ".join(f"{hold.id}: {hold.reason}" for hold in kept.holds)
                order = kept.disposal.reason if kept.disposal else ""
                table.add_row(item.code, kept.folder.name, last, holds, order)
    if as_json:
        print(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        console().print(table)


def hold(company: OneCompany, day: DayArg, reason: ReasonOpt) -> None:
    """The command `archive hold`."""
    with open_services(gate=False) as services:
        item = registered_company(services.store, company)
        number = place_hold(services, item, parse_day(day), reason)
    console().print(say("hold_placed", number=number), markup=False)


def release(
    company: OneCompany,
    number: Annotated[int, typer.Argument(help=say("help_archive_hold_number"))],
    reason: ReasonOpt,
) -> None:
    """The command `archive release`."""
    with open_services(gate=False) as services:
        release_hold(services, registered_company(services.store, company), number, reason)
    console().print(say("hold_released", number=number), markup=False)


def delete(
    company: OneCompany,
    day: DayArg,
    reason: ReasonOpt,
    confirm: Annotated[str, typer.Option("--confirm", help=say("help_archive_confirm"))] = "",
) -> None:
    """The command `archive delete`."""
    with open_services(gate=False) as services:
        item = registered_company(services.store, company)
        done = delete_year(services, item, parse_day(day), reason=reason, confirm=confirm)
    console().print(say("year_deleted", files=done.files, root=done.root), markup=False)


def _plain(company: str, kept: YearKept) -> dict[str, object]:
    return {
        "company": company,
        "year": kept.folder.name,
        "keep_until": kept.keep_until.isoformat(),
        "over": kept.over,
        "holds": [
            {"number": hold.id, "reason": hold.reason, "placed_at": hold.placed_at}
            for hold in kept.holds
        ],
        "deleted": None
        if kept.disposal is None
        else {
            "reason": kept.disposal.reason,
            "files": kept.disposal.files,
            "root": kept.disposal.root,
            "done_at": kept.disposal.done_at,
        },
    }
