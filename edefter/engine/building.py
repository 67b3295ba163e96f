"""Source → yevmiye and kebir → precheck; a month with a finding goes no further."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from edefter.engine.checks import validate_file, warn_of
from edefter.engine.closing import BOOKS
from edefter.engine.errors import FindingsStop
from edefter.engine.files import remake_lost_files
from edefter.engine.job import Job
from edefter.errors import OperatorNeeded, RefusedError
from edefter.ledger.build import build_part
from edefter.ledger.soundness import undisturbed
from edefter.model.documents import UNDIVIDED, Kind
from edefter.model.files import Counters, LedgerPart
from edefter.model.finding import FindingLog
from edefter.source.port import ReadRequest
from edefter.state.records import Document
from edefter.state.states import NOT_SENT, State
from edefter.validation.sets.cross import check_pair

REBUILDABLE = (State.DRAFT, State.BUILT)
_STILL_OPEN = (*REBUILDABLE, State.PRECHECKED)


def ensure_built(job: Job) -> list[Document]:
    """Bring both ledgers of the month to PRECHECKED at least.

    Raises:
        FindingsStop: the data has findings; the unsigned files are removed again.
        RefusedError: the month is not over yet.
        OperatorNeeded: counters of the month before are unknown.
        DataError, ConfigError: the source cannot be read at all.
    """
    remake_lost_files(job)
    documents = _open_pair(job)
    if not any(document.state in REBUILDABLE for document in documents):
        return documents
    _build(job, documents)
    return job.documents()


def _open_pair(job: Job) -> list[Document]:
    existing = job.documents()
    if existing and not any(document.state is State.DRAFT for document in existing):
        return existing
    today = job.today()
    if today <= job.period.last_day:
        raise RefusedError("engine.month_not_over", **job.facts, today=today.isoformat())
    fixed = _fixed_values(job, existing, today)
    for kind in BOOKS:
        document = job.store.open_document(
            company=job.company.code,
            branch=job.branch_number,
            period=job.period,
            kind=kind,
            part=UNDIVIDED,
            first_day=job.period.first_day.isoformat(),
            last_day=job.period.last_day.isoformat(),
            **fixed,
        )
        if document.state in _STILL_OPEN:
            # A build starts anew here: its day and program version are fixed from now on, for
            # both books alike, since they are made from one head.
            job.store.transition(document.id, State.DRAFT, cause="build.start", **fixed)
    return job.documents()


def _fixed_values(job: Job, existing: list[Document], today: date) -> dict[str, Any]:
    """Creation day, program and counters of a build that starts now.

    When one book is past rebuilding (sent, approved), the other takes over its values: only then
    do the same books give the same files.
    """
    for document in existing:
        if document.state not in _STILL_OPEN and document.counters_before is not None:
            return {
                "creation_date": document.creation_date,
                "source_application": document.source_application,
                "counters_before": asdict(document.counters_before),
            }
    counters, known = job.counters_before(job.period.first_day)
    if not known or counters is None:
        raise OperatorNeeded(
            "engine.counters_unknown", **{**job.facts, "before": job.period.previous()}
        )
    return {
        "creation_date": today.isoformat(),
        "source_application": job.source_application,
        "counters_before": asdict(counters),
    }


def _build(job: Job, documents: list[Document]) -> None:
    listener = job.services.listener
    yevmiye = next(d for d in documents if d.kind is Kind.Y)
    kebir = next(d for d in documents if d.kind is Kind.K)
    findings = FindingLog()
    listener.step("engine.step_build", **job.facts)
    folder = job.folder("unsigned")
    part = build_part(
        job.source.read(
            ReadRequest(
                company=job.company.source_company,
                branch=job.branch_number,
                first_day=date.fromisoformat(yevmiye.first_day),
                last_day=date.fromisoformat(yevmiye.last_day),
                spill_folder=folder,
            ),
            findings,
        ),
        job.head(yevmiye),
        before=yevmiye.counters_before or Counters(),
        numbering=job.settings.sources[job.company.source].numbering,
        folder=folder,
        findings=findings,
        source_name=job.company.source,
        progress=job.services.progress,
        examine=lambda *paths: _examine_rest(job, paths, findings),
    )
    if part is None or findings.has_errors:
        _discard(job, part, documents, findings)
        return
    if _other_books_now(job, documents, part):
        ensure_built(job)
        return
    totals = {
        "source": asdict(part.source_totals),
        "yevmiye": asdict(part.yevmiye_totals),
        "kebir": asdict(part.kebir_totals),
    }
    for document, stored in ((yevmiye, part.yevmiye), (kebir, part.kebir)):
        if document.state is State.BUILT or document.state is State.PRECHECKED:
            job.store.transition(document.id, State.DRAFT, cause="build.again")
        elif document.state is not State.DRAFT:
            continue
        job.store.transition(
            document.id,
            State.BUILT,
            cause="built",
            files={"unsigned": stored},
            counters_after=asdict(part.after),
            totals=totals,
        )
    listener.step("engine.step_precheck", **job.facts)
    findings.merge(
        validate_file(job, part.yevmiye.path, signed=False, before=part.before, after=part.after)
    )
    findings.merge(validate_file(job, part.kebir.path, signed=False))
    findings.merge(check_pair(part.yevmiye.path, part.kebir.path))
    if findings.has_errors:
        _discard(job, part, documents, findings)
    warn_of(job, findings)
    for document in job.in_state(State.BUILT):
        job.store.transition(
            document.id,
            State.PRECHECKED,
            cause="prechecked",
            evidence={"warnings": findings.total},
        )


def _other_books_now(job: Job, documents: list[Document], part: LedgerPart) -> bool:
    """When one of the pair is past rebuilding, the other may only be rebuilt from equal books.

    Returns:
        True when they differ and nothing was sent yet: both are DRAFT now and must be built anew.

    Raises:
        OperatorNeeded: they differ, and the other one may be at GİB or is approved.
    """
    fresh = {Kind.Y: part.yevmiye.sha256, Kind.K: part.kebir.sha256}
    differing = []
    for document in documents:
        record = job.store.files(document.id).get("unsigned")
        if document.state in _STILL_OPEN or (record and record.sha256 == fresh[document.kind]):
            continue
        if document.state not in NOT_SENT:
            raise OperatorNeeded("engine.sibling_differs", **job.facts, document=document.label)
        differing.append(document)
    for document in differing:
        job.store.transition(
            document.id, State.DRAFT, cause="books changed before sending", ettn=None, intent=None
        )
    return bool(differing)


def _examine_rest(job: Job, paths: tuple[Path, ...], findings: FindingLog) -> None:
    """Add what the rules say of the vouchers without an error, so that users see all at once."""
    reports = [validate_file(job, path, signed=False) for path in paths]
    for report in reports:
        findings.extend(undisturbed(report, findings))


def _discard(
    job: Job, part: LedgerPart | None, documents: list[Document], findings: FindingLog
) -> None:
    for document in documents:
        now = job.store.document(document.id)
        if now.state is State.BUILT:
            job.store.transition(
                now.id,
                State.DRAFT,
                cause="findings",
                evidence={"findings": dict(findings.counts)},
            )
    if part is not None:
        for stored in (part.yevmiye, part.kebir):
            stored.path.unlink(missing_ok=True)
    raise FindingsStop("engine.findings", findings, **{**job.facts, "count": findings.total})
