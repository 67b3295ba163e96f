"""`calendar [PERIOD]`: until when the books of each month may be loaded."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Table

from edefter.cli.context import (
    branch_numbers,
    chosen_companies,
    console,
    open_services,
    parse_period,
)
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt
from edefter.deadlines import Step, StepKind
from edefter.engine.services import Services
from edefter.engine.worklist import MonthDue, months_of
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
    if one is None:
        numbers = [branch] if branch is not None else [b.number for b in company.branches] or [""]
        return [
            month
            for number in numbers
            for month in months_of(services, company, number)
            if not month.closed
        ]
    return [
        month
        for number in branch_numbers(company, branch, one)
        for month in months_of(services, company, number, through=one)
        if month.period == one
    ]


def state_of(month: MonthDue) -> str:
    """One word for how far a month is: new, begun, closed, archived."""
    if month.archived:
        return "archived"
    if month.closed:
        return "closed"
    return "begun" if month.begun else "new"


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
            say(f"due_{state_of(month)}"), why,
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
        "state": state_of(month),
        "steps": [
            {"kind": step.kind.value, "day": step.day.isoformat(), "source": step.source}
            for step in month.deadline.steps
        ],
    }
