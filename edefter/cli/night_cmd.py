"""`night`: all companies in one run, with a closing report in groups."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from edefter.cli.context import (
    chosen_companies,
    console,
    error_console,
    open_services,
    parse_period,
)
from edefter.cli.lang import LANG, say
from edefter.cli.run_cmd import JsonOpt
from edefter.cli.screen import print_error, turkish_time
from edefter.engine.mailing import mail_of, send_mail
from edefter.engine.night import Group, NightMonth, NightReport, run_night, work_list
from edefter.engine.services import Services
from edefter.engine.visiting import Outcome
from edefter.engine.worklist import MonthDue
from edefter.errors import EdefterError


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("night", help=say("help_night"))(_night)


def _night(
    until: Annotated[
        str | None, typer.Option("--until", help=say("help_night_until"), metavar="YYYY-MM")
    ] = None,
    company: Annotated[
        list[str] | None, typer.Option("--company", help=say("help_company"))
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help=say("help_night_list"))] = False,
    distributed: Annotated[
        bool, typer.Option("--distributed", help=say("help_night_distributed"))
    ] = False,
    as_json: JsonOpt = False,
) -> int:
    through = parse_period(until) if until is not None else None
    with open_services(quiet=as_json) as services:
        companies = chosen_companies(services.store, company, not company)
        months = work_list(services, companies, until=through)
        if only_list:
            _show_list(months, as_json)
            return 0
        told = None if as_json else _told
        if distributed:
            from edefter.workers.night import share_night
            from edefter.workers.queue import VisitQueue

            queue = VisitQueue(services.store.engine)
            report = share_night(services, queue, months, told=told)
        else:
            report = run_night(services, months, told=told)
        _mail(services, report)
    if as_json:
        print(json.dumps(_plain(report), ensure_ascii=False, indent=1))
    else:
        _show(report)
    return int(report.exit_code)


def _mail(services: Services, report: NightReport) -> None:
    """A mail that cannot be sent is told, and changes nothing."""
    settings = services.settings.mail
    if not settings.host:
        return
    try:
        send_mail(mail_of(report, settings, LANG), settings, services.secret)
    except EdefterError as error:
        print_error(error_console(), error)


def _told(outcome: Outcome) -> None:
    report = outcome.report(LANG)
    said = outcome.text(LANG) or say("group_closed")
    error_console().print(
        f"[bold]{escape(report['company'])}[/bold] {report['period']} {escape(said)}"
    )


def _show_list(months: list[MonthDue], as_json: bool) -> None:
    if as_json:
        plain = [
            {
                "company": m.company.code, "branch": m.branch, "period": str(m.period),
                "last_day": m.deadline.day.isoformat(), "state": m.standing,
            }
            for m in months
        ]  # fmt: skip
        print(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    table = Table()
    for name in ("col_company", "col_branch", "col_period", "col_last_day", "col_due_state"):
        table.add_column(say(name))
    for m in months:
        table.add_row(
            m.company.code, m.branch, str(m.period), f"{m.deadline.day:%d.%m.%Y}",
            say(f"due_{m.standing}"),
        )  # fmt: skip
    console().print(table if months else say("night_nothing"))


def _what(month: NightMonth) -> tuple[str, str]:
    """What stopped a month, and what to do."""
    if month.outcome is None:
        return say("night_not_reached"), ""
    return month.outcome.text(LANG), month.outcome.remedy(LANG)


def _show(report: NightReport) -> None:
    screen = console()
    if not report.months:
        screen.print(say("night_nothing"))
        return
    table = Table(
        title=say(
            "night_title",
            begun=turkish_time(report.begun_at.isoformat()),
            ended=turkish_time(report.ended_at.isoformat()),
        )
    )
    for name in ("col_group", "col_company", "col_branch", "col_period", "col_last_day",
                 "col_problem", "col_remedy"):  # fmt: skip
        table.add_column(say(name))
    for group in Group:
        for month in report.of_group(group):
            table.add_row(
                say(f"group_{group.value}"), month.due.company.code, month.due.branch,
                str(month.due.period), f"{month.due.deadline.day:%d.%m.%Y}",
                *map(escape, _what(month)),
            )  # fmt: skip
    screen.print(table)
    counts = (f"{say(f'group_{group.value}')}: {len(report.of_group(group))}" for group in Group)
    screen.print(" · ".join(counts))


def _plain(report: NightReport) -> dict[str, Any]:
    return {
        "begun_at": report.begun_at.isoformat(),
        "ended_at": report.ended_at.isoformat(),
        "exit_code": int(report.exit_code),
        "groups": {group.value: len(report.of_group(group)) for group in Group},
        "months": [
            {
                "company": month.due.company.code,
                "branch": month.due.branch,
                "period": str(month.due.period),
                "last_day": month.due.deadline.day.isoformat(),
                "group": month.group.value,
                "visits": month.visits,
                "report": month.outcome.report(LANG) if month.outcome else None,
            }
            for month in report.months
        ],
    }
