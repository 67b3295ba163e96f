"""Findings and verdicts as flat records of texts and numbers, the same for every format."""

from __future__ import annotations

from typing import Any

from edefter.messages import Lang
from edefter.model.finding import Finding
from edefter.validation.batch.verdict import Verdict
from edefter.validation.reports.groups import errors_and_warnings

FIELDS = (
    "rule",
    "severity",
    "layer",
    "kind",
    "file",
    "xml_line",
    "byte_offset",
    "voucher",
    "entry_no",
    "line_no",
    "account",
    "field",
    "value",
    "message",
    "remedy",
)
"""Keys of a finding's record, in this order."""


def plain_finding(finding: Finding, file: str, lang: Lang) -> dict[str, str | int | None]:
    """One finding as a record with the keys `FIELDS`.

    Args:
        finding: what is told.
        file: file name when the finding names none.
        lang: language of message and remedy.

    Returns:
        texts (empty = does not apply), `xml_line` and `byte_offset` numbers or None, `kind` a
        text or None.
    """
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "layer": finding.layer.value,
        "kind": finding.kind.value if finding.kind else None,
        "file": writable(place.file or file),
        "xml_line": place.xml_line,
        "byte_offset": place.byte_offset,
        "voucher": place.voucher,
        "entry_no": place.entry_no,
        "line_no": place.line_no,
        "account": place.account,
        "field": place.field,
        "value": finding.value,
        "message": finding.text(lang),
        "remedy": finding.remedy(lang),
    }


def plain_verdict(verdict: Verdict) -> dict[str, Any]:
    """What came out for one file, without its findings."""
    report = verdict.report
    errors, warnings = errors_and_warnings(report)
    totals = report.facts.totals
    return {
        "file": writable(report.name),
        "path": writable(verdict.shown),
        "kind": report.kind.value if report.kind else None,
        "ok": report.ok,
        "evaluated": report.evaluated,
        "well_formed": report.well_formed,
        "schema_valid": report.schema_valid,
        "cross": verdict.is_cross,
        "errors": errors,
        "warnings": warnings,
        "counts": dict(report.findings.counts),
        "entries": totals.entries,
        "lines": totals.lines,
        "size_bytes": report.facts.size_bytes,
    }


def writable(name: str) -> str:
    """A file name as it may be written in UTF-8: bytes that are none become `\\xNN`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
