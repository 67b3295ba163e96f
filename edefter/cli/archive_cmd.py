"""`archive …`: local tree, portal, second places; GIB- files taken over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from edefter.archive.vault import Vault
from edefter.cli.archive_findings import plain_findings, show_findings
from edefter.cli.context import chosen_companies, console, error_console, open_services
from edefter.cli.copying import copy
from edefter.cli.keeping import export, status
from edefter.cli.lang import say
from edefter.cli.proving import prove, reports
from edefter.cli.restoring import restore
from edefter.cli.retaining import delete, hold, release, years
from edefter.cli.run_cmd import AllOpt, BranchOpt, CompanyOpt, JsonOpt, PeriodArg, month_end
from edefter.cli.screen import print_findings
from edefter.engine.adopting import adopt_files
from edefter.engine.job import Job
from edefter.engine.opening import registered_company
from edefter.engine.reconciling import reconcile_company
from edefter.engine.running import Goal
from edefter.errors import ExitCode
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.model.finding import FindingLog
from edefter.model.period import Period

group = typer.Typer(help=say("help_archive_group"), no_args_is_help=True, rich_markup_mode=None)
for _name, _command in (
    ("status", status), ("export", export), ("reports", reports), ("copy", copy),
    ("prove", prove), ("restore", restore),
    ("years", years), ("hold", hold), ("release", release), ("delete", delete),
):  # fmt: skip
    group.command(_name, help=say(f"help_archive_{_name}"))(_command)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="archive")


@group.command("upload", help=say("help_archive_upload"))
def _upload(
    period: PeriodArg,
    company: CompanyOpt = None,
    branch: BranchOpt = None,
    every: AllOpt = False,
    as_json: JsonOpt = False,
) -> int:
    return month_end(period, company, branch, every, as_json, Goal.ARCHIVE)


@group.command("verify", help=say("help_archive_verify"))
def _verify(
    company: CompanyOpt = None,
    every: AllOpt = False,
) -> int:
    bad = False
    with open_services(gate=False) as services:
        vault = Vault(services.settings.archive, services.settings.archive.root)
        for item in chosen_companies(services.store, company, every):
            periods = {
                d.period
                for d in services.store.documents(item.code, kinds=tuple(Kind))
                if not d.adopted
            }
            for folder in _folders(vault, item, sorted(periods)):
                if not folder.is_dir():
                    continue
                log = FindingLog()
                log.extend(vault.verify(folder))
                bad = bad or log.has_errors
                if log.total:
                    console().print(
                        say("archive_broken", folder=str(folder), count=log.total), markup=False
                    )
                    print_findings(error_console(), log)
                else:
                    count = sum(1 for path in folder.iterdir() if path.is_file())
                    console().print(
                        say("archive_whole", folder=str(folder), count=count), markup=False
                    )
    return int(ExitCode.OPERATOR if bad else ExitCode.OK)


@group.command("reconcile", help=say("help_archive_reconcile"))
def _reconcile(
    company: CompanyOpt = None,
    every: AllOpt = False,
    as_json: JsonOpt = False,
) -> int:
    bad, told = False, []
    with open_services(quiet=as_json) as services:
        for item in chosen_companies(services.store, company, every):
            found, findings = reconcile_company(services, item)
            bad = bad or bool(findings)
            told.append({
                "company": item.code,
                **asdict(found),
                "findings": plain_findings(findings),
            })  # fmt: skip
            if not as_json:
                counts = {"equal": len(found.equal), "waiting": len(found.waiting)}
                console().print(
                    say(
                        "reconciled", company=item.code, **counts,
                        superseded=found.superseded, problems=len(findings),
                    ),
                    markup=False,
                )  # fmt: skip
                show_findings(findings)
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    return int(ExitCode.OPERATOR if bad else ExitCode.OK)


def _folders(vault: Vault, company: Company, periods: list[Period]) -> Iterator[Path]:
    """The folders of months; one in which a fiscal year ends has one in each year."""
    for period in periods:
        ends = company.year_ends(period, period.last_day)
        for day in (period.first_day, *(end + timedelta(days=1) for end in ends)):
            yield vault.folder(company.tax_id.number, company.fiscal_year(day), period)


@group.command("register", help=say("help_archive_register"))
def _register(
    company: Annotated[str, typer.Option("--company", help=say("help_company"))],
) -> None:
    with open_services() as services:
        item = registered_company(services.store, company)
        branch = item.branches[0].number if item.branches else ""
        Job(services, item, branch, item.first_period(branch)).portal.register(item)
        console().print(say("portal_registered", company=company), markup=False)


@group.command("adopt", help=say("help_archive_adopt"))
def _adopt(
    files: Annotated[list[Path], typer.Argument(help=say("help_paths"))],
    company: Annotated[str, typer.Option("--company", help=say("help_company"))],
) -> None:
    with open_services() as services:
        for path, approved in adopt_files(
            services, registered_company(services.store, company), files
        ):
            console().print(
                say(
                    "adopted",
                    file=path.name,
                    start=approved.period_start,
                    end=approved.period_end,
                ),
                markup=False,
            )
