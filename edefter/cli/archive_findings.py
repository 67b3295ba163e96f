"""Findings of the archive on the screen and as plain values."""

from __future__ import annotations

from collections.abc import Iterable

from edefter.cli.context import error_console
from edefter.cli.lang import LANG
from edefter.cli.screen import print_findings
from edefter.model.finding import Finding, FindingLog


def plain_findings(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """For `--json`: rule, file, sentence and remedy of each."""
    return [
        {"rule": f.rule, "file": f.place.file, "text": f.text(LANG), "remedy": f.remedy(LANG)}
        for f in findings
    ]


def show_findings(findings: Iterable[Finding]) -> None:
    """One below the other, on standard error."""
    log = FindingLog()
    log.extend(findings)
    print_findings(error_console(), log)
