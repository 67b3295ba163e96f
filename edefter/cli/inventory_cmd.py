"""`envanter DAY`: the envanter defteri of the first or last day of a fiscal year."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from edefter.cli.context import branch_numbers, chosen_companies, open_services, parse_day
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt, run_companies
from edefter.engine.correcting import start_again
from edefter.engine.inventory import inventory_job, run_inventory
from edefter.engine.job import Job
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Services
from edefter.model.company import Company
from edefter.model.period import Period


class _Step(StrEnum):
    BUILD = "build"
    SIGN = "sign"
    SUBMIT = "submit"
    ARCHIVE = "archive"

    @property
    def goal(self) -> Goal:
        return Goal[self.name]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("envanter", help=say("help_envanter"))(_envanter)


def _envanter(
    day: Annotated[str, typer.Argument(help=say("help_envanter_day"), metavar="YYYY-MM-DD")],
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    to: Annotated[_Step, typer.Option("--to", help=say("help_envanter_to"))] = _Step.ARCHIVE,
    again: Annotated[bool, typer.Option("--again", help=say("help_again"))] = False,
    reason: Annotated[str, typer.Option("--reason", help=say("help_reason"))] = "",
    as_json: JsonOpt = False,
) -> int:
    date = parse_day(day)
    assert date is not None

    def jobs(services: Services, item: Company) -> list[Job]:
        numbers = branch_numbers(item, branch, Period.of(date))
        return [inventory_job(services, item, number, date) for number in numbers]

    if again:
        with open_services(quiet=as_json) as services:
            for item in chosen_companies(services.store, company, every):
                for job in jobs(services, item):
                    start_again(job, reason)

    def run(services: Services, item: Company) -> Iterator[MonthReport]:
        for job in jobs(services, item):
            yield run_inventory(job, to.goal)

    return run_companies(run, date.isoformat(), company, every, as_json)
