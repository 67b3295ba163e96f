"""`drift PERIOD`: which vouchers of an approved month were changed in the books since."""

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
    jobs_of,
    open_services,
    parse_period,
)
from edefter.cli.lang import LANG, say
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt
from edefter.cli.screen import print_findings
from edefter.engine.drift import Drift, drift_of
from edefter.errors import ExitCode
from edefter.model.money import kurus_text


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("drift", help=say("help_drift"))(_drift)


def _drift(
    period: Annotated[str, typer.Argument(help=say("help_period"), metavar="PERIOD")],
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    as_json: JsonOpt = False,
) -> int:
    with open_services(quiet=as_json, gate=False) as services:
        drifts = [
            drift_of(job)
            for item in chosen_companies(services.store, company, every)
            for job in jobs_of(services, item, branch, parse_period(period))
        ]
    if as_json:
        print(json.dumps([_plain(drift) for drift in drifts], ensure_ascii=False, indent=1))
    else:
        for drift in drifts:
            _show(drift)
    same = all(drift.is_none for drift in drifts)
    return int(ExitCode.OK if same else ExitCode.FINDINGS)


def _show(drift: Drift) -> None:
    branch = f" {drift.branch}" if drift.branch else ""
    facts = {"company": drift.company, "period": drift.period, "branch": branch}
    if drift.is_none:
        console().print(say("drift_none", **facts), markup=False)
        return
    table = Table(title=say("drift_title", **facts))
    for name in ("col_voucher", "col_day", "col_change", "col_lines_before", "col_lines_after",
                 "col_debit_before", "col_debit_after"):  # fmt: skip
        is_number = name.startswith(("col_lines", "col_debit"))
        table.add_column(say(name), justify="right" if is_number else "left")
    for voucher in drift.vouchers:
        table.add_row(
            escape(voucher.voucher), f"{voucher.day:%d.%m.%Y}" if voucher.day else "",
            say(f"drift_{voucher.change.value}"), str(voucher.lines_before),
            str(voucher.lines_after), kurus_text(voucher.debit_before_kurus),
            kurus_text(voucher.debit_after_kurus),
        )  # fmt: skip
    console().print(table)
    print_findings(error_console(), drift.unreadable)
    error_console().print(say("drift_remedy"), markup=False)


def _plain(drift: Drift) -> dict[str, Any]:
    return {
        "company": drift.company,
        "branch": drift.branch,
        "period": drift.period,
        "same": drift.is_none,
        "vouchers": [
            {
                "change": voucher.change.value,
                "voucher": voucher.voucher,
                "day": voucher.day.isoformat() if voucher.day else None,
                "lines_before": voucher.lines_before,
                "lines_after": voucher.lines_after,
                "debit_before": kurus_text(voucher.debit_before_kurus),
                "debit_after": kurus_text(voucher.debit_after_kurus),
            }
            for voucher in drift.vouchers
        ],
        "unreadable": [
            {"rule": f.rule, "row": f.place.row, "field": f.place.field, "text": f.text(LANG)}
            for f in drift.unreadable
        ],
    }
