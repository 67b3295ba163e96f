"""Source → yevmiye and kebir → precheck; a month with a finding goes no further."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from edefter.atomic import sha256_file
from edefter.engine.checks import validate_file, warn_of
from edefter.engine.errors import FindingsStop
from edefter.engine.job import Job
from edefter.errors import OperatorNeeded, RefusedError
from edefter.ledger.build import build_part
from edefter.model.documents import UNDIVIDED, Kind
from edefter.model.files import Counters, LedgerPart
from edefter.model.finding import FindingLog
from edefter.source.port import ReadRequest
from edefter.state.records import Document
from edefter.state.states import State
from edefter.validation.cross import check_pair

REBUILDABLE = (State.DRAFT, State.BUILT)


def ensure_built(job: Job) -> list[Document]:
    """Bring both ledgers of the month to PRECHECKED at least.

    Raises:
        FindingsStop: the data has findings; the unsigned files are removed again.
        RefusedError: the month is not over yet.
        OperatorNeeded: counters of the month before are unknown.
        DataError, ConfigError: the source cannot be read at all.
    """
    documents = _open_pair(job)
    for document in documents:
        if document.state is State.PRECHECKED and not _unsigned_is_whole(job, document):
            job.store.transition(document.id, State.DRAFT, cause="work file missing or changed")
    documents = job.documents()
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
    counters, known = job.counters_before(job.period.first_day)
    if not known or counters is None:
        raise OperatorNeeded(
            "engine.counters_unknown", **{**job.facts, "before": job.period.previous()}
        )
    for kind in (Kind.Y, Kind.K):
        document = job.store.open_document(
            company=job.company.code,
            branch=job.branch_number,
            period=job.period,
            kind=kind,
            part=UNDIVIDED,
            first_day=job.period.first_day.isoformat(),
            last_day=job.period.last_day.isoformat(),
            creation_date=today.isoformat(),
            source_application=job.source_application,
            counters_before=asdict(counters),
        )
        if document.state is State.DRAFT:
            # A build starts anew here: its day and program version are fixed from now on.
            job.store.transition(
                document.id,
                State.DRAFT,
                cause="build.start",
                creation_date=today.isoformat(),
                source_application=job.source_application,
                counters_before=asdict(counters),
            )
    return job.documents()


def _unsigned_is_whole(job: Job, document: Document) -> bool:
    record = job.store.files(document.id).get("unsigned")
    return record is not None and record.path.exists() and sha256_file(record.path) == record.sha256


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
    )
    if part is None or findings.has_errors:
        _discard(job, part, documents, findings)
        return
    _require_unchanged_sibling(job, documents, part)
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
    for stored in (part.yevmiye, part.kebir):
        findings.merge(validate_file(job, stored.path, signed=False))
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


def _require_unchanged_sibling(job: Job, documents: list[Document], part: LedgerPart) -> None:
    """When one of the pair is past rebuilding, the other may only be rebuilt from equal books."""
    fresh = {Kind.Y: part.yevmiye.sha256, Kind.K: part.kebir.sha256}
    for document in documents:
        if document.state in (*REBUILDABLE, State.PRECHECKED):
            continue
        record = job.store.files(document.id).get("unsigned")
        if record is None or record.sha256 != fresh[document.kind]:
            raise OperatorNeeded("engine.sibling_differs", **job.facts, document=document.label)


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
