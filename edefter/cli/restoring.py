"""`archive restore`: lost files brought back, or the whole tree built anew from the portal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from edefter.cli.archive_findings import plain_findings, show_findings
from edefter.cli.context import chosen_companies, console, open_services
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, CompanyOpt, JsonOpt
from edefter.engine.restoring import Restored, require_empty, restore_company
from edefter.errors import ExitCode

ToOpt = Annotated[Path | None, typer.Option("--to", help=say("help_archive_to"), metavar="DIR")]


FromOpt = Annotated[
    str | None, typer.Option("--from", help=say("help_archive_from"), metavar="NAME")
]


def restore(
    company: CompanyOpt = None,
    every: AllOpt = False,
    to: ToOpt = None,
    origin: FromOpt = None,
    as_json: JsonOpt = False,
) -> int:
    """The command; exit 6 when something could not be brought back."""
    if to is not None:
        require_empty(to)
    told = []
    with open_services(quiet=as_json) as services:
        for item in chosen_companies(services.store, company, every):
            done = restore_company(services, item, to, origin)
            told.append(done)
            if not as_json:
                _show(done)
    if as_json:
        print(json.dumps([_plain(done) for done in told], ensure_ascii=False, indent=1))
    return int(ExitCode.OPERATOR if any(done.findings for done in told) else ExitCode.OK)


def _show(done: Restored) -> None:
    screen = console()
    for file, origin in done.restored:
        screen.print(say("restored_file", file=file, origin=origin), markup=False)
    if done.set_aside:
        places = sorted({str(path.parent) for path in done.set_aside})
        screen.print(say("set_aside_in", place=", ".join(places)), markup=False)
    screen.print(
        say(
            "restored", company=done.company, whole=done.whole, restored=len(done.restored),
            aside=len(done.set_aside), problems=len(done.findings), files=done.files,
            size=done.size_bytes, root=done.root,
        ),
        markup=False,
    )  # fmt: skip
    show_findings(done.findings)


def _plain(done: Restored) -> dict[str, Any]:
    return {
        "company": done.company,
        "whole": done.whole,
        "restored": [{"file": file, "origin": origin} for file, origin in done.restored],
        "set_aside": [str(path) for path in done.set_aside],
        "rebooked": done.rebooked,
        "files": done.files,
        "size_bytes": done.size_bytes,
        "root": done.root,
        "findings": plain_findings(done.findings),
    }
