"""`archive prove`: every proof, on the screen or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from edefter.archive.proof_report import content_of
from edefter.cli.archive_findings import plain_findings, show_findings
from edefter.cli.context import chosen_companies, console, open_services
from edefter.cli.lang import say
from edefter.cli.run_cmd import AllOpt, CompanyOpt, JsonOpt
from edefter.cli.screen import turkish_time
from edefter.engine.proof_reports import check_reports, keep_report
from edefter.engine.proving import ProofReport, prove_company
from edefter.errors import ExitCode

PercentOpt = Annotated[
    float | None, typer.Option("--percent", min=0.01, max=100, help=say("help_archive_percent"))
]


def prove(
    company: CompanyOpt = None,
    every: AllOpt = False,
    percent: PercentOpt = None,
    as_json: JsonOpt = False,
) -> int:
    """The command; exit 6 when a proof does not hold."""
    reports = []
    with open_services(quiet=as_json) as services:
        share = percent or services.settings.portal.challenge_percent
        for item in chosen_companies(services.store, company, every):
            report = prove_company(services, item, percent=share)
            keep_report(services, item, report)
            reports.append(report)
            if not as_json:
                _show(report)
    if as_json:
        print(json.dumps([_plain(r) for r in reports], ensure_ascii=False, indent=1))
    return int(ExitCode.OK if all(report.safe for report in reports) else ExitCode.OPERATOR)


def _show(report: ProofReport) -> None:
    screen = console()
    for proof in report.proofs:
        key = "proof_fails" if proof.findings else "proof_holds"
        name = say(f"proof_{proof.name}")
        screen.print(
            say(key, name=name, checked=proof.checked, problems=len(proof.findings)), markup=False
        )
        show_findings(proof.findings)
    facts = {"files": report.files, "size": report.size_bytes, "root": report.root}
    screen.print(say("proof_total", company=report.company, **facts), markup=False)


def _plain(report: ProofReport) -> dict[str, Any]:
    return {
        "company": report.company,
        "safe": report.safe,
        "files": report.files,
        "size_bytes": report.size_bytes,
        "root": report.root,
        "proofs": [
            {
                "name": proof.name,
                "checked": proof.checked,
                "findings": plain_findings(proof.findings),
            }
            for proof in report.proofs
        ],
    }  # fmt: skip


def reports(company: CompanyOpt = None, every: AllOpt = False, as_json: JsonOpt = False) -> int:
    """The command `archive reports`; exit 6 when the chain does not hold."""
    bad, told = False, []
    with open_services(quiet=as_json, gate=False) as services:
        for item in chosen_companies(services.store, company, every):
            known, findings = check_reports(services, item)
            bad = bad or bool(findings)
            told += [
                {"company": item.code, **asdict(report), "content": content_of(report.jws)}
                for report in known
            ]
            if not as_json:
                for report in known:
                    key = "report_safe" if report.safe else "report_unsafe"
                    moment = turkish_time(report.at)
                    shown = say(key, company=item.code, moment=moment, sha256=report.sha256)
                    console().print(shown, markup=False)
                show_findings(findings)
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    return int(ExitCode.OPERATOR if bad else ExitCode.OK)
