"""`archive copy`: everything of the archive at the second places."""

from __future__ import annotations

import json
from dataclasses import asdict

from edefter.cli.context import chosen_companies, console, error_console, open_services
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, CompanyOpt, JsonOpt
from edefter.engine.copying import copy_company
from edefter.errors import ExitCode


def copy(company: CompanyOpt = None, every: AllOpt = False, as_json: JsonOpt = False) -> int:
    """The command; exit 6 when a file here is not what it should be."""
    told = []
    with open_services(quiet=as_json) as services:
        for item in chosen_companies(services.store, company, every):
            told += copy_company(services, item)
    if as_json:
        print(json.dumps([asdict(done) for done in told], ensure_ascii=False, indent=1))
    elif not told:
        error_console().print(say("copied_nowhere"), markup=False)
    for done in () if as_json else told:
        console().print(
            say(
                "copied", company=done.company, place=done.place, put=len(done.put),
                size=done.size_bytes, present=done.present, damaged=len(done.damaged),
            ),
            markup=False,
        )  # fmt: skip
    return int(ExitCode.OPERATOR if any(done.damaged for done in told) else ExitCode.OK)
