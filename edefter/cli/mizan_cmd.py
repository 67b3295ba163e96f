"""`mizan PERIOD`: the trial balance from the accounting source, as table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from edefter.atomic import write_bytes
from edefter.cli.context import (
    chosen_companies,
    console,
    error_console,
    jobs_of,
    open_services,
    parse_day,
    parse_period,
)
from edefter.cli.lang import LANG, say
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt, UntilOpt
from edefter.engine.job import Job
from edefter.engine.trial_balance import trial_balance
from edefter.errors import ConfigError, ExitCode
from edefter.ledger.mizan import Mizan, MizanRow
from edefter.model.finding import FindingLog
from edefter.model.money import kurus_text
from edefter.validation.reports.csv_report import guarded

_COLUMNS = ("account", "name", "debit", "credit", "debit_balance", "credit_balance")


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("mizan", help=say("help_mizan"))(_mizan)


def _mizan(
    period: Annotated[str, typer.Argument(help=say("help_period"), metavar="PERIOD")],
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    until: UntilOpt = None,
    subs: Annotated[bool, typer.Option("--subs", help=say("help_mizan_subs"))] = False,
    month: Annotated[bool, typer.Option("--month", help=say("help_mizan_month"))] = False,
    output: Annotated[Path | None, typer.Option("--output", help=say("help_mizan_output"))] = None,
    as_json: JsonOpt = False,
) -> int:
    if output is not None and output.suffix.lower() != ".csv":
        raise ConfigError("cli.mizan_output", path=str(output))
    plain, sound = [], True
    with open_services(quiet=as_json, gate=False) as services:
        jobs = [
            job
            for item in chosen_companies(services.store, company, every)
            for job in jobs_of(services, item, branch, parse_period(period), parse_day(until))
        ]
        if output is not None and len(jobs) > 1:
            raise ConfigError("cli.mizan_one", path=str(output))
        for job in jobs:
            found, first_day, findings = trial_balance(job, month_only=month)
            rows = found.rows if subs else found.mains
            sound = sound and found.balances and not findings.has_errors
            if output is not None:
                write_bytes(output, _csv(rows).encode("utf-8-sig"))
                console().print(say("mizan_written", path=str(output)), markup=False)
            elif as_json:
                plain.append(_plain(job, found, rows, first_day))
            else:
                _show(job, found, rows, first_day)
            _complain(found, findings)
    if as_json:
        print(json.dumps(plain, ensure_ascii=False, indent=1))
    return int(ExitCode.OK if sound else ExitCode.FINDINGS)


def _values(row: MizanRow) -> tuple[str, ...]:
    sums = (
        row.debit_kurus,
        row.credit_kurus,
        row.debit_balance_kurus,
        row.credit_balance_kurus,
    )
    return (row.account, row.name, *map(kurus_text, sums))


def _csv(rows: tuple[MizanRow, ...]) -> str:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([say(f"mizan_{name}") for name in _COLUMNS])
    for row in rows:
        account, name, *sums = _values(row)
        # A spreadsheet with Turkish settings reads numbers with a comma.
        shown = [text.replace(".", ",") if LANG == "tr" else text for text in sums]
        writer.writerow([guarded(account), guarded(name), *shown])
    return sink.getvalue()


def _plain(
    job: Job, found: Mizan, rows: tuple[MizanRow, ...], first_day: date
) -> dict[str, object]:
    return {
        "company": job.company.code,
        "branch": job.branch_number,
        "first_day": first_day.isoformat(),
        "last_day": job.last_day.isoformat(),
        "entries": found.totals.entries,
        "lines": found.totals.lines,
        "debit": kurus_text(found.totals.debit_kurus),
        "credit": kurus_text(found.totals.credit_kurus),
        "balances": found.balances,
        "rows": [dict(zip(_COLUMNS, _values(row), strict=True)) for row in rows],
    }


def _show(job: Job, found: Mizan, rows: tuple[MizanRow, ...], first_day: date) -> None:
    title = say(
        "mizan_title",
        title=job.company.title,
        branch=f" {job.branch_number}" if job.branch_number else "",
        first_day=first_day.isoformat(),
        last_day=job.last_day.isoformat(),
    )
    table = Table(title=title, show_footer=True)
    sums = [
        found.totals.debit_kurus,
        found.totals.credit_kurus,
        sum(row.debit_balance_kurus for row in found.mains),
        sum(row.credit_balance_kurus for row in found.mains),
    ]
    footers = ["", say("mizan_total"), *map(kurus_text, sums)]
    for name, footer in zip(_COLUMNS, footers, strict=True):
        is_text = name in ("account", "name")
        table.add_column(say(f"mizan_{name}"), footer, justify="left" if is_text else "right")
    for row in rows:
        account, *others = _values(row)
        indent = "  " if row.level > 1 else ""
        table.add_row(indent + account, *others, style=None if row.level > 1 else "bold")
    console().print(table)


def _complain(found: Mizan, findings: FindingLog) -> None:
    screen = error_console()
    for finding in findings:
        screen.print(f"{finding.rule}: {finding.text(LANG)} {finding.remedy(LANG)}", markup=False)
    if not found.balances:
        screen.print(
            say(
                "mizan_unbalanced",
                debit=kurus_text(found.totals.debit_kurus),
                credit=kurus_text(found.totals.credit_kurus),
            ),
            markup=False,
        )
