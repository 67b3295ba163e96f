"""`verify PATH…`: signatures of ledgers and berats, and GİB's approval of GIB- files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509
from cryptography.x509.oid import NameOID
from rich.markup import escape

from edefter.berat.approved import check_approved
from edefter.cli.context import OPTIONS, console, error_console
from edefter.cli.files import documents_under
from edefter.cli.lang import LANG, say
from edefter.cli.screen import print_findings, turkish_time
from edefter.config.load import load_settings
from edefter.config.settings import Settings
from edefter.engine.services import utc_now
from edefter.errors import ConfigError, ExitCode
from edefter.model.documents import DocumentName
from edefter.model.finding import FindingLog
from edefter.signature.verify import verify_file
from edefter.trust.anchors import anchors_of


@dataclass
class _Verdict:
    path: Path
    approval: bool
    findings: FindingLog
    signer: str
    time: str

    @property
    def ok(self) -> bool:
        return not self.findings.has_errors


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("verify", help=say("help_verify"))(_verify)


def _verify(
    paths: Annotated[list[Path], typer.Argument(help=say("help_paths"))],
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
) -> int:
    settings = _settings()
    anchors = anchors_of(settings)
    if not anchors:
        error_console().print(f"[yellow]{escape(say('no_anchor'))}[/yellow]")
    verdicts = [_one(path, settings, anchors) for path in documents_under(paths)]
    if as_json:
        print(json.dumps([_plain(v) for v in verdicts], ensure_ascii=False, indent=1))
    else:
        for verdict in verdicts:
            _print(verdict)
        bad = sum(not v.ok for v in verdicts)
        console().print(say("verify_end", count=len(verdicts), bad=bad), markup=False)
    return int(ExitCode.OK if all(v.ok for v in verdicts) else ExitCode.FINDINGS)


def _settings() -> Settings:
    """The configuration if there is one: verifying foreign files needs none."""
    try:
        return load_settings(OPTIONS.config, environ=os.environ).settings
    except ConfigError:
        if OPTIONS.config is not None:
            raise
        return Settings()


def _one(path: Path, settings: Settings, anchors: tuple[x509.Certificate, ...]) -> _Verdict:
    try:
        name = DocumentName.parse(path.name)
    except ValueError:
        name = None
    now: datetime = utc_now()
    if name is not None and name.approved:
        approved = check_approved(
            path.read_bytes(), file_name=path.name, sent_berat=None, ledger_signature_value=None,
            anchors=anchors, gib_tax_number=settings.gib.tax_number,
            environment=settings.environment, now=now,
        )  # fmt: skip
        at = approved.approved_at.isoformat() if approved.approved_at else ""
        return _Verdict(path, True, approved.findings, _common_name(approved.gib_certificate), at)
    owners = (name.tax_number,) if name is not None else ()
    found = verify_file(path, anchors=anchors, tax_numbers=owners, now=now)
    at = found.signing_time.isoformat() if found.signing_time else ""
    return _Verdict(path, False, found.findings, _common_name(found.certificate), at)


def _common_name(certificate: x509.Certificate | None) -> str:
    if certificate is None:
        return ""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _print(verdict: _Verdict) -> None:
    mark = "[green]✓[/green]" if verdict.ok else "[red]✗[/red]"
    key = ("verified" if verdict.ok else "not_verified") + ("_approval" if verdict.approval else "")
    text = say(key, signer=verdict.signer, time=turkish_time(verdict.time))
    console().print(f"{mark} {escape(verdict.path.name)}: {escape(text)}")
    if verdict.findings.total:
        print_findings(error_console(), verdict.findings)


def _plain(verdict: _Verdict) -> dict[str, Any]:
    return {
        "file": verdict.path.name,
        "ok": verdict.ok,
        "approval": verdict.approval,
        "signer": verdict.signer,
        "time": verdict.time,
        "findings": [
            {"rule": f.rule, "text": f.text(LANG), "remedy": f.remedy(LANG)}
            for f in verdict.findings
        ],
    }
