"""Validation of our own files, as the engine uses it."""

from __future__ import annotations

from pathlib import Path

from edefter.engine.job import Job
from edefter.model.files import Counters
from edefter.model.finding import FindingLog, Severity
from edefter.validation import validate
from edefter.validation.sets import check_counters


def validate_file(
    job: Job,
    path: Path,
    *,
    signed: bool,
    before: Counters | None = None,
    after: Counters | None = None,
) -> FindingLog:
    """Schema, official and strict rules over one of our own files.

    Args:
        job: whose file it is.
        path: the file.
        signed: False before its own signature is put in.
        before: last numbers of the fiscal year before this yevmiye; None = not compared.
        after: what is kept as the last numbers in it; None = not compared.
    """
    job.services.progress.advance(f"validate {path.name}", 0)
    with path.open("rb") as stream:
        report = validate(stream, path.name, signed=signed, own=True)
    if before is not None:
        report.findings.extend(check_counters(report, before, after))
    return report.findings


def warn_of(job: Job, findings: FindingLog) -> None:
    """Tell warnings that do not stop the run."""
    for finding in findings:
        if finding.severity is Severity.WARNING:
            job.warn(
                "engine.finding_warning",
                **job.facts,
                rule=finding.rule,
                text_tr=finding.message_tr,
                text_en=finding.message_en,
            )
