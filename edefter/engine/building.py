"""Source → the books of a month, or an envanter → precheck; with a finding they go no further."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from edefter.engine.checks import warn_of
from edefter.engine.errors import FindingsStop
from edefter.engine.files import remake_lost_files
from edefter.engine.job import Job
from edefter.engine.laying_out import lay_out, number_of, other_books_now, record
from edefter.engine.making import make_books, make_inventory
from edefter.engine.reading import read_source
from edefter.engine.spans import Span, reaches, span_to_build
from edefter.engine.start import REBUILDABLE, Start, start_of
from edefter.errors import OperatorNeeded
from edefter.ledger.totals import add, frame_totals, voucher_starts
from edefter.model.documents import Kind
from edefter.model.files import BuiltPart, Totals
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch
from edefter.state.records import Document
from edefter.state.states import State


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
    if not needs_building(job, documents):
        return documents
    span = span_to_build(job, documents)
    _require_unchanged(job, span)
    _build(job, span, start_of(job, span))
    return job.documents()


def needs_building(job: Job, documents: list[Document]) -> bool:
    """Whether books up to this run's last day are still to be built, or may be built anew."""
    return not reaches(job, documents) or any(d.state in REBUILDABLE for d in documents)


def _build(job: Job, span: Span, start: Start) -> None:
    job.services.listener.step("engine.step_build", **job.facts)
    if job.is_inventory:
        parts, findings = make_inventory(job, span, start)
    else:
        may_be_empty = not job.whole_month or bool(_given_totals(span.before).lines)
        parts, findings = make_books(job, span, start, may_be_empty=may_be_empty)
    if parts is None:
        _discard(job, (), findings)
        return
    documents = lay_out(job, span, start, parts)
    fresh = {stored.name.stem: stored for part in parts for stored in part.books.values()}
    if other_books_now(job, documents, fresh):
        ensure_built(job)
        return
    for part in parts:
        record(job, part, [d for d in documents if d.part == number_of(part)])
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


def _discard(job: Job, parts: Sequence[BuiltPart], findings: FindingLog) -> None:
    for document in job.in_state(State.BUILT):
        job.store.transition(
            document.id,
            State.DRAFT,
            cause="findings",
            evidence={"findings": dict(findings.counts)},
        )
    for part in parts:
        for stored in part.books.values():
            stored.path.unlink(missing_ok=True)
    raise FindingsStop("engine.findings", findings, **{**job.facts, "count": findings.total})
