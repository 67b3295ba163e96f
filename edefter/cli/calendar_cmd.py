"""`calendar [PERIOD]`: until when the books of each month may be loaded."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Table

from edefter.cli.context import (
    chosen_companies,
    console,
    open_services,
    parse_period,
)
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt
from edefter.deadlines import Step, StepKind
from edefter.engine.services import Services
from edefter.engine.worklist import MonthDue, books_of, months_of
from edefter.model.company import Company
from edefter.model.period import Period


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("calendar", help=say("help_calendar"))(_calendar)


def _calendar(
    period: Annotated[
        str | None, typer.Argument(help=say("help_calendar_period"), metavar="[PERIOD]")
    ] = None,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    as_json: JsonOpt = False,
) -> int:
    one = parse_period(period) if period is not None else None
    with open_services(quiet=as_json, gate=False) as services:
        months = [
            month
            for item in chosen_companies(services.store, company, every)
            for month in _months(services, item, branch, one)
        ]
    if as_json:
        print(json.dumps([_plain(month) for month in months], ensure_ascii=False, indent=1))
    elif not months:
        console().print(say("no_open_months"))
    else:
        _show(months)
    return 0


def _months(
    services: Services, company: Company, branch: str | None, one: Period | None
) -> list[MonthDue]:
    return [
        month
        for number in ([branch] if branch is not None else books_of(company))
        for month in months_of(services, company, number, through=one)
        if (month.period == one if one is not None else not month.closed)
    ]


def _why(step: Step) -> str:
    return say("step_working_day") if step.kind is StepKind.WORKING_DAY else step.source


def _show(months: list[MonthDue]) -> None:
    table = Table()
    for name in ("col_company", "col_branch", "col_period", "col_last_day", "col_days_left",
                 "col_due_state", "col_why"):  # fmt: skip
        table.add_column(say(name), justify="right" if name == "col_days_left" else "left")
    for month in months:
        why = "; ".join(f"{step.day:%d.%m.%Y} {_why(step)}" for step in month.deadline.steps)
        if not month.deadline.certain:
            why += f" {say('due_uncertain')}"
        table.add_row(
            month.company.code, month.branch, str(month.period),
            f"{month.deadline.day:%d.%m.%Y}", str(month.days_left),
            say(f"due_{month.standing}"), why,
            style="red" if month.days_left < 0 and not month.closed else None,
        )  # fmt: skip
    console().print(table)


def _plain(month: MonthDue) -> dict[str, Any]:
    return {
        "company": month.company.code,
        "branch": month.branch,
        "period": str(month.period),
        "last_day": month.deadline.day.isoformat(),
        "moment": month.deadline.moment.isoformat(),
        "certain": month.deadline.certain,
        "days_left": month.days_left,
        "state": month.standing,
        "steps": [
            {"kind": step.kind.value, "day": step.day.isoformat(), "source": step.source}
            for step in month.deadline.steps
        ],
    }
