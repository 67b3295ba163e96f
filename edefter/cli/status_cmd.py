"""`status [PERIOD]`: where every month stands, from the state database alone."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from edefter.cli.context import (
    chosen_companies,
    console,
    jobs_of,
    open_services,
    parse_period,
)
from edefter.cli.lang import LANG, say
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt
from edefter.cli.screen import print_report, turkish_time
from edefter.engine.report import month_report
from edefter.engine.services import Services
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.state.states import State


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("status", help=say("help_status"))(_status)


def _status(
    period: Annotated[
        str | None, typer.Argument(help=say("help_period"), metavar="[PERIOD]")
    ] = None,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    as_json: JsonOpt = False,
) -> int:
    plain = []
    with open_services(quiet=as_json, gate=False) as services:
        for item in chosen_companies(services.store, company, every):
            if period is None:
                plain.append(_overview(services, item, branch, as_json))
                continue
            for job in jobs_of(services, item, branch, parse_period(period)):
                report = month_report(job)
                plain.append(report.as_json(LANG))
                if not as_json:
                    print_report(console(), report, item.title)
                    _causes(services, item, report.period)
    if as_json:
        print(json.dumps(plain, ensure_ascii=False, indent=1))
    return 0


def _overview(
    services: Services, company: Company, branch: str | None, as_json: bool
) -> dict[str, object]:
    documents = services.store.documents(company.code, branch, kinds=tuple(Kind))
    if not as_json:
        table = Table(title=f"{company.code} · {company.title}", title_justify="left")
        for column in ("col_period", "col_branch", "col_kind", "col_part", "col_state",
                       "col_gib_time", "col_gib_text"):  # fmt: skip
            table.add_column(say(column))
        for d in documents:
            table.add_row(
                str(d.period), d.branch, d.kind.value, d.part, say(f"state_{d.state.value}"),
                turkish_time(d.approved_at or d.accepted_at or ""), d.gib_text or "",
            )  # fmt: skip
        console().print(table if documents else say("no_months", company=company.code))
    return {
        "company": company.code,
        "documents": [
            {
                "period": str(d.period), "branch": d.branch, "kind": d.kind.value,
                "part": d.part, "state": d.state.value, "accepted_at": d.accepted_at,
                "approved_at": d.approved_at, "gib_text": d.gib_text,
            }
            for d in documents
        ],
    }  # fmt: skip


def _causes(services: Services, company: Company, period: str) -> None:
    """For documents that need a person: the last record of the audit chain says why."""
    stuck = {
        (d.period.compact, d.kind.value, d.part)
        for d in services.store.documents(company.code, kinds=tuple(Kind))
        if d.state in (State.OPERATOR_NEEDED, State.REJECTED) and str(d.period) == period
    }
    if not stuck:
        return
    for record in services.store.audit_records():
        key = (record["period"], record["kind"], record["part"])
        if record["company"] == company.code and key in stuck and record["to_state"]:
            console().print(
                say("cause", at=turkish_time(record["at"]), kind=record["kind"],
                    state=record["to_state"], cause=record["cause"]),
                markup=False,
            )  # fmt: skip
