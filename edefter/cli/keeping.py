"""`archive status | export`: where every month stands, and months for somebody else."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from edefter.cli.context import (
    chosen_companies,
    console,
    jobs_of,
    open_services,
    parse_period,
)
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt
from edefter.engine.exporting import export_months
from edefter.engine.standing import MonthKept, months_kept

AskOpt = Annotated[bool, typer.Option("--ask", help=say("help_archive_ask"))]


def status(
    company: CompanyOpt = None, every: AllOpt = False, ask: AskOpt = False, as_json: JsonOpt = False
) -> None:
    """The command `archive status`."""
    plain = []
    table = Table()
    for column in ("col_company", "col_branch", "col_period", "col_standing", "col_in_tree",
                   "col_receipts", "col_at_portal", "col_copies", "col_keep_until"):  # fmt: skip
        table.add_column(say(column))
    with open_services(quiet=as_json, gate=ask) as services:
        for item in chosen_companies(services.store, company, every):
            for kept in months_kept(services, item, ask=ask):
                plain.append(_plain(item.code, kept))
                copies = ", ".join(f"{p} {n}/{kept.files}" for p, n in kept.copies.items())
                table.add_row(
                    item.code, kept.month.branch, str(kept.month.period),
                    say(f"standing_{kept.month.standing}"), _word(kept.in_tree),
                    f"{kept.receipts}/{kept.uploads}", _word(kept.at_portal), copies,
                    str(kept.keep_until),
                )  # fmt: skip
    if as_json:
        print(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        console().print(table)


def _word(known: bool | None) -> str:
    return "–" if known is None else say("word_yes" if known else "word_no")


def _plain(company: str, kept: MonthKept) -> dict[str, Any]:
    return {
        "company": company,
        "branch": kept.month.branch,
        "period": str(kept.month.period),
        "standing": kept.month.standing,
        "deadline": kept.month.deadline.day.isoformat(),
        "in_tree": kept.in_tree,
        "receipts": kept.receipts,
        "uploads": kept.uploads,
        "at_portal": kept.at_portal,
        "files": kept.files,
        "copies": kept.copies,
        "keep_until": kept.keep_until.isoformat(),
    }


def export(
    periods: Annotated[list[str], typer.Argument(help=say("help_period"), metavar="PERIOD…")],
    to: Annotated[Path, typer.Option("--to", help=say("help_archive_export_to"), metavar="DIR")],
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    as_json: JsonOpt = False,
) -> None:
    """The command `archive export`."""
    with open_services(quiet=as_json, gate=False) as services:
        jobs = [
            job
            for item in chosen_companies(services.store, company, every)
            for text in periods
            for job in jobs_of(services, item, branch, parse_period(text))
        ]
        done = export_months(jobs, to)
    if as_json:
        print(json.dumps([asdict(item) for item in done], ensure_ascii=False, indent=1))
        return
    for item in done:
        shown = say(
            "exported", company=item.company, period=item.period, count=len(item.files),
            size=item.size_bytes, place=to,
        )  # fmt: skip
        console().print(shown, markup=False)
