"""`run`, `build`, `sign`, `submit`: the month end, whole or up to a step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from edefter.cli.context import (
    OPTIONS,
    chosen_companies,
    console,
    error_console,
    jobs_of,
    open_services,
    parse_day,
    parse_period,
)
from edefter.cli.dry_run import dry_run
from edefter.cli.lang import LANG, say
from edefter.cli.screen import print_error, print_report
from edefter.engine.correcting import start_again
from edefter.engine.month import run_month
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Services
from edefter.errors import EdefterError, ExitCode, worst
from edefter.model.company import Company

PeriodArg = Annotated[str, typer.Argument(help=say("help_period"), metavar="PERIOD")]
CompanyOpt = Annotated[list[str] | None, typer.Option("--company", help=say("help_company"))]
BranchOpt = Annotated[str | None, typer.Option("--branch", help=say("help_branch"))]
AllOpt = Annotated[bool, typer.Option("--all", help=say("help_all"))]
UntilOpt = Annotated[
    str | None, typer.Option("--until", help=say("help_until"), metavar="YYYY-MM-DD")
]
JsonOpt = Annotated[bool, typer.Option("--json", help=say("help_json"))]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("run", help=say("help_run"))(_run)
    app.command("build", help=say("help_build"))(_build)
    app.command("sign", help=say("help_sign"))(_sign)
    app.command("submit", help=say("help_submit"))(_submit)
    app.command("stamp", help=say("help_stamp"))(_stamp)


def _run(
    period: PeriodArg,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    until: UntilOpt = None,
    as_json: JsonOpt = False,
    rehearse: Annotated[bool, typer.Option("--dry-run", help=say("help_dry_run"))] = False,
) -> int:
    if rehearse:
        return month_end(
            period, company, branch, every, as_json, Goal.ARCHIVE, rehearse=True, until=until
        )
    return month_end(period, company, branch, every, as_json, Goal.ARCHIVE, until=until)


def _build(
    period: PeriodArg,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    until: UntilOpt = None,
    as_json: JsonOpt = False,
    again: Annotated[bool, typer.Option("--again", help=say("help_again"))] = False,
    reason: Annotated[str, typer.Option("--reason", help=say("help_reason"))] = "",
) -> int:
    if again:
        with open_services(quiet=as_json) as services:
            for item in chosen_companies(services.store, company, every):
                for job in jobs_of(services, item, branch, parse_period(period), parse_day(until)):
                    start_again(job, reason)
    return month_end(period, company, branch, every, as_json, Goal.BUILD, until=until)


def _sign(
    period: PeriodArg,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    until: UntilOpt = None,
    as_json: JsonOpt = False,
) -> int:
    return month_end(period, company, branch, every, as_json, Goal.SIGN, until=until)


def _submit(
    period: PeriodArg,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    until: UntilOpt = None,
    as_json: JsonOpt = False,
) -> int:
    return month_end(period, company, branch, every, as_json, Goal.SUBMIT, until=until)


def _stamp(
    period: PeriodArg,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    until: UntilOpt = None,
    as_json: JsonOpt = False,
) -> int:
    return month_end(period, company, branch, every, as_json, Goal.SIGN, outage=True, until=until)


def month_end(
    period_text: str,
    codes: list[str] | None,
    branch: str | None,
    every: bool,
    as_json: bool,
    goal: Goal,
    *,
    rehearse: bool = False,
    outage: bool = False,
    until: str | None = None,
) -> int:
    """Run the month end of the chosen companies up to `goal` and print the closing reports.

    Returns:
        The exit code of the worst.
    """
    period, last_day = parse_period(period_text), parse_day(until)

    def run(services: Services, company: Company) -> Iterator[MonthReport]:
        if rehearse:
            yield from dry_run(services, company, branch, period, last_day)
            return
        for job in jobs_of(services, company, branch, period, last_day):
            yield run_month(job, goal, outage=outage)

    status = run_companies(run, str(period), codes, every, as_json, gate=not rehearse)
    if rehearse and not OPTIONS.json:
        console().print(say("dry_run_end"))
    return status


def run_companies(
    run: Callable[[Services, Company], Iterator[MonthReport]],
    shown: str,
    codes: list[str] | None,
    every: bool,
    as_json: bool,
    *,
    gate: bool = True,
) -> int:
    """Run something for each of the chosen companies and print the closing reports.

    Args:
        run: gives the reports of one company.
        shown: the month or day that is worked on, for the screen.
        codes, every: which companies.
        as_json: nothing but the reports, as JSON.
        gate: refuse when the environment's own conditions do not hold.

    Returns:
        The exit code of the worst.
    """
    reports: list[MonthReport] = []
    titles: dict[str, str] = {}
    with open_services(quiet=as_json, gate=gate) as services:
        for company in chosen_companies(services.store, codes, every):
            titles[company.code] = company.title
            if not as_json:
                error_console().print(f"[bold]{company.code}[/bold] {shown}", highlight=False)
            try:
                reports.extend(run(services, company))
            except EdefterError as error:
                reports.append(_failed(company, shown, error))
    if OPTIONS.json:
        print(json.dumps([r.as_json(LANG) for r in reports], ensure_ascii=False, indent=1))
    else:
        screen = console()
        for report in reports:
            print_report(screen, report, titles[report.company])
            if report.error is not None:
                print_error(error_console(), report.error)
    return int(worst([r.exit_code for r in reports] or [ExitCode.OK]))


def _failed(company: Company, period: str, error: EdefterError) -> MonthReport:
    """One company that could not even start never stops the others."""
    return MonthReport(
        company=company.code,
        branch="",
        period=period,
        error=error.with_facts(company=company.code, period=period),
    )
