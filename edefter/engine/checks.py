"""Validation of our own files, as the engine uses it."""

from __future__ import annotations

from pathlib import Path

from edefter.engine.job import Job
from edefter.engine.piecework import judge_file
from edefter.model.files import Counters
from edefter.model.finding import FindingLog, Severity
from edefter.validation.report import Report
from edefter.validation.sets import check_counters


def validate_file(job: Job, path: Path, *, signed: bool) -> FindingLog:
    """`judge_file` here and now; what it saw is kept in `job.judged`."""
    job.services.progress.advance(f"validate {path.name}", 0)
    report = judge_file(path, signed=signed, proof=job.judged.proof(path))
    return findings_of(job, path, report)


def findings_of(
    job: Job,
    path: Path,
    report: Report,
    *,
    before: Counters | None = None,
    after: Counters | None = None,
) -> FindingLog:
    """Take over what a look at one of our own files has brought.

    Args:
        job: whose file it is.
        path: the file.
        report: what `judge_file` said.
        before: last numbers of the fiscal year before this yevmiye; None = not compared.
        after: what is kept as the last numbers in it; None = not compared.
    """
    job.judged.note(path, report)
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
