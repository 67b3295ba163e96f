"""Source → yevmiye and kebir in parts → precheck; a month with a finding goes no further."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from edefter.engine.bookmaking import JudgedBooks
from edefter.engine.checks import validate_file, warn_of
from edefter.engine.errors import FindingsStop
from edefter.engine.files import remake_lost_files
from edefter.engine.job import Job
from edefter.engine.movements import TURNOVERS
from edefter.engine.reading import read_source
from edefter.engine.spans import Span, reaches, span_to_build
from edefter.errors import OperatorNeeded, RefusedError
from edefter.ledger.build import build_parts
from edefter.ledger.head import LedgerHead
from edefter.ledger.soundness import undisturbed
from edefter.ledger.totals import add, frame_totals, voucher_starts
from edefter.model.documents import BOOKS, Kind
from edefter.model.files import Counters, LedgerPart, StoredFile, Totals
from edefter.model.finding import Finding, FindingLog
from edefter.model.journal import JournalBatch
from edefter.state.parts import PartPlan, misfits
from edefter.state.records import Document
from edefter.state.states import NOT_SENT, State

REBUILDABLE = (State.DRAFT, State.BUILT)
_STILL_OPEN = (*REBUILDABLE, State.PRECHECKED)


def ensure_built(job: Job) -> list[Document]:
    """Bring both ledgers of all parts up to this run's last day to PRECHECKED at least.

    Raises:
        FindingsStop: the data has findings; the unsigned files are removed again.
        RefusedError: the days are not over yet.
        OperatorNeeded: counters of the month before are unknown, or the books changed of which
            GİB has a part.
        DataError, ConfigError: the source cannot be read at all.
    """
    remake_lost_files(job)
    documents = job.documents()
    if reaches(job, documents) and not any(d.state in REBUILDABLE for d in documents):
        return documents
    span = span_to_build(job, documents)
    _require_unchanged(job, span)
    _build(job, span, _start(job, span))
    return job.documents()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """What is fixed when a build starts, and kept through restarts."""

    creation_date: str
    source_application: str
    before: Counters


def _start(job: Job, span: Span) -> _Start:
    """Creation day, program and first numbers; what is open is DRAFT afterwards.

    When a document of these days is past rebuilding (signed, sent, approved), the others take
    over its values: only then do the same books give the same files.
    """
    lead = next((d.counters_before for d in span.documents if d.counters_before), None)
    same_days = reaches(job, span.documents)
    anew = not same_days or any(d.state is State.DRAFT for d in span.documents)
    open_states = _STILL_OPEN if same_days else NOT_SENT
    past = (d for d in span.documents if d.state not in open_states and d.counters_before)
    model = next(past, None)
    if model is None and anew:
        return _open(job, span, _start_now(job, span))
    model = model or span.documents[0]
    start = _Start(
        creation_date=model.creation_date,
        source_application=model.source_application,
        before=lead or Counters(),
    )
    return _open(job, span, start) if anew else start


def _start_now(job: Job, span: Span) -> _Start:
    today = job.today()
    if today <= job.last_day:
        key = "engine.month_not_over" if job.whole_month else "engine.days_not_over"
        raise RefusedError(key, **job.facts, day=job.last_day.isoformat(), today=today.isoformat())
    counters, known = job.counters_before(span.first_day)
    if not known or counters is None:
        raise OperatorNeeded(
            "engine.counters_unknown", **{**job.facts, "before": job.period.previous()}
        )
    return _Start(
        creation_date=today.isoformat(),
        source_application=job.source_application,
        before=counters,
    )


def _open(job: Job, span: Span, start: _Start) -> _Start:
    """Record what is fixed before anything is built; how many parts come of it is not known yet."""
    fixed: dict[str, Any] = {
        "creation_date": start.creation_date,
        "source_application": start.source_application,
    }
    opened = list(span.documents)
    if not opened:
        for kind in BOOKS:
            opened.append(
                job.store.open_document(
                    company=job.company.code,
                    branch=job.branch_number,
                    period=job.period,
                    kind=kind,
                    part=span.part,
                    first_day=span.first_day.isoformat(),
                    last_day=job.last_day.isoformat(),
                    counters_before=asdict(start.before),
                    **fixed,
                )
            )
    for document in opened:
        if document.state in _STILL_OPEN:
            job.store.transition(document.id, State.DRAFT, cause="build.start", **fixed)
    return start


def _build(job: Job, span: Span, start: _Start) -> None:
    job.services.listener.step("engine.step_build", **job.facts)
    parts, findings = _make(job, span, start)
    if parts is None:
        _discard(job, (), findings)
        return
    documents = _lay_out(job, span, start, parts)
    fresh = {stored.name.stem: stored for part in parts for stored in (part.yevmiye, part.kebir)}
    if _other_books_now(job, documents, fresh):
        ensure_built(job)
        return
    for part in parts:
        _record(job, part, [d for d in documents if d.part == part.yevmiye.name.part])
    job.services.listener.step("engine.step_precheck", **job.facts)
    if findings.has_errors:
        _discard(job, parts, findings)
    warn_of(job, findings)
    for document in job.in_state(State.BUILT):
        job.store.transition(
            document.id,
            State.PRECHECKED,
            cause="prechecked",
            evidence={"warnings": findings.total},
        )


def _make(job: Job, span: Span, start: _Start) -> tuple[tuple[LedgerPart, ...] | None, FindingLog]:
    """Read the source, write the books and judge them.

    Returns:
        The parts, or None when the rows hold an error; and all findings.
    """
    folder = job.folder("unsigned")
    books = JudgedBooks(job, folder)
    head = LedgerHead(
        company=job.company,
        branch=job.branch,
        period=job.period,
        part=span.part,
        first_day=span.first_day,
        last_day=job.last_day,
        creation_date=date.fromisoformat(start.creation_date),
        source_application=start.source_application,
    )

    def written(
        batches: Iterator[JournalBatch], findings: FindingLog
    ) -> tuple[tuple[LedgerPart, ...] | None, FindingLog]:
        books.begin(findings)
        parts = build_parts(
            batches,
            head,
            before=start.before,
            numbering=job.settings.sources[job.company.source].numbering,
            folder=folder,
            findings=findings,
            source_name=job.company.source,
            progress=job.services.progress,
            examine=_Examined(job, findings).add,
            most_bytes=job.settings.ledger.part_bytes,
            may_be_empty=not job.whole_month or bool(_given_totals(span.before).lines),
            maker=books,
        )
        if findings.has_errors:
            return None, findings
        findings.merge(books.verdict)
        return parts, findings

    return read_source(job, span.first_day, job.last_day, written, on_rows=books.expect)


def _given_totals(documents: Iterable[Document]) -> Totals:
    """Sums over the source rows of the yevmiye parts among these documents."""
    totals = Totals()
    for document in documents:
        if document.kind is Kind.Y and document.totals and "source" in document.totals:
            totals = add(totals, Totals(**document.totals["source"]))
    return totals


def _require_unchanged(job: Job, span: Span) -> None:
    """An entry that was added to days of which GİB has the part already would be lost silently.

    Raises:
        OperatorNeeded: the source holds other entries, lines or sums for those days now.
    """
    if not span.before:
        return
    given = _given_totals(span.before)
    last_day = span.first_day - timedelta(days=1)
    now = read_source(job, job.period.first_day, last_day, lambda batches, _: _sums(batches))
    if now != given:
        raise OperatorNeeded(
            "engine.given_days_changed",
            **job.facts,
            first_day=job.period.first_day.isoformat(),
            last_day=last_day.isoformat(),
            given=f"{given.entries} / {given.lines} / {given.debit_kurus}",
            now=f"{now.entries} / {now.lines} / {now.debit_kurus}",
        )


def _sums(batches: Iterable[JournalBatch]) -> Totals:
    totals = Totals()
    for batch in batches:
        totals = add(totals, frame_totals(batch.frame, int(voucher_starts(batch.frame).sum())))
    return totals


def _lay_out(job: Job, span: Span, start: _Start, parts: Sequence[LedgerPart]) -> list[Document]:
    """Make the documents of the month those of the parts before and of these.

    Raises:
        OperatorNeeded: GİB has a part that does not come out again.
    """
    plans = [
        PartPlan(
            part=part.yevmiye.name.part,
            first_day=part.first_day.isoformat(),
            last_day=part.last_day.isoformat(),
            counters_before=asdict(part.before),
        )
        for part in parts
    ]
    for document in misfits(span.documents, plans):
        raise OperatorNeeded("engine.sibling_differs", **job.facts, document=document.label)
    numbers = {plan.part for plan in plans}
    stale = [
        record.path
        for document in span.documents
        if document.part not in numbers
        for record in job.store.files(document.id).values()
    ]
    kept = {document.part: document for document in span.before}
    job.store.lay_out(
        company=job.company.code,
        branch=job.branch_number,
        period=job.period,
        kinds=BOOKS,
        parts=[*(_as_it_is(document) for document in kept.values()), *plans],
        creation_date=start.creation_date,
        source_application=start.source_application,
    )
    for path in stale:
        path.unlink(missing_ok=True)
    return [document for document in job.documents() if document.part in numbers]


def _as_it_is(document: Document) -> PartPlan:
    return PartPlan(
        part=document.part,
        first_day=document.first_day,
        last_day=document.last_day,
        counters_before=asdict(document.counters_before or Counters()),
    )


def _record(job: Job, part: LedgerPart, documents: Sequence[Document]) -> None:
    totals = {
        "source": asdict(part.source_totals),
        "yevmiye": asdict(part.yevmiye_totals),
        "kebir": asdict(part.kebir_totals),
        TURNOVERS: {account: astuple(each) for account, each in part.turnovers.items()},
    }
    stored = {Kind.Y: part.yevmiye, Kind.K: part.kebir}
    for document in documents:
        if document.state in (State.BUILT, State.PRECHECKED):
            job.store.transition(document.id, State.DRAFT, cause="build.again")
        elif document.state is not State.DRAFT:
            continue
        job.store.transition(
            document.id,
            State.BUILT,
            cause="built",
            files={"unsigned": stored[document.kind]},
            counters_after=asdict(part.after),
            totals=totals,
        )


def _other_books_now(job: Job, documents: Sequence[Document], fresh: dict[str, StoredFile]) -> bool:
    """What is past rebuilding must come out again equal, or nothing of it was sent.

    Returns:
        True when something differs and was not sent: it is DRAFT now, and all is built anew.

    Raises:
        OperatorNeeded: it differs, and may be at GİB or is approved.
    """
    differing = []
    for document in documents:
        record = job.store.files(document.id).get("unsigned")
        name = document.name(job.company.tax_id.number).stem
        if document.state in _STILL_OPEN or (record and record.sha256 == fresh[name].sha256):
            continue
        if document.state not in NOT_SENT:
            raise OperatorNeeded("engine.sibling_differs", **job.facts, document=document.label)
        differing.append(document)
    for document in differing:
        job.store.transition(
            document.id, State.DRAFT, cause="books changed before sending", ettn=None, intent=None
        )
    return bool(differing)


class _Examined:
    """What the rules say of the vouchers without an error, so that users see all at once."""

    def __init__(self, job: Job, findings: FindingLog) -> None:
        self._job = job
        self._findings = findings
        self._heads: set[tuple[str, str, str]] = set()

    def add(self, *paths: Path) -> None:
        """Look at the files of one part."""
        reports = [validate_file(self._job, path, signed=False) for path in paths]
        for report in reports:
            known = undisturbed(report, self._findings)
            self._findings.extend(finding for finding in known if self._is_new(finding))

    def _is_new(self, finding: Finding) -> bool:
        """All parts have the same head: what is wrong with it is told once."""
        place = finding.place
        if place.entry_no or place.line_no or place.voucher:
            return True
        told = (finding.rule, place.field, finding.value)
        if told in self._heads:
            return False
        self._heads.add(told)
        return True


def _discard(job: Job, parts: Sequence[LedgerPart], findings: FindingLog) -> None:
    for document in job.in_state(State.BUILT):
        job.store.transition(
            document.id,
            State.DRAFT,
            cause="findings",
            evidence={"findings": dict(findings.counts)},
        )
    for part in parts:
        for stored in (part.yevmiye, part.kebir):
            stored.path.unlink(missing_ok=True)
    raise FindingsStop("engine.findings", findings, **{**job.facts, "count": findings.total})
