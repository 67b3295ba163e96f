"""`correct`: an approved month is taken back, to be made anew from corrected books."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from edefter.cli.context import chosen_companies, console, jobs_of, open_services, parse_period
from edefter.cli.lang import say
from edefter.cli.run_cmd import BranchOpt, JsonOpt, PeriodArg
from edefter.engine.correcting import correct_month


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("correct", help=say("help_correct"))(_correct)


def _correct(
    period: PeriodArg,
    reason: Annotated[str, typer.Option("--reason", help=say("help_correct_reason"))] = "",
    reference: Annotated[
        str, typer.Option("--gib-reference", help=say("help_correct_reference"))
    ] = "",
    company: Annotated[
        list[str] | None, typer.Option("--company", help=say("help_company"))
    ] = None,
    branch: BranchOpt = None,
    as_json: JsonOpt = False,
) -> int:
    month = parse_period(period)
    taken = []
    with open_services(quiet=as_json) as services:
        for item in chosen_companies(services.store, company, every=False):
            for job in jobs_of(services, item, branch, month):
                moved = correct_month(job, reason, reference=reference)
                taken.append((item.code, job.branch_number, moved))
    if as_json:
        plain = [
            {"company": c, "branch": b, "period": str(month), "moved": [str(p) for p in moved]}
            for c, b, moved in taken
        ]
        print(json.dumps(plain, ensure_ascii=False, indent=1))
        return 0
    for code, number, moved in taken:
        facts = {"company": code, "branch": f"-{number}" if number else "", "period": month}
        console().print(say("correct_done", **facts, count=len(moved)))
        for folder in sorted({path.parent for path in moved}):
            console().print(f"    {folder}")
    return 0
