"""The defter raporu of a closed month: built from its kebirs, signed, sent where wanted.

It goes the way of any document as far as that goes: it has no berat, and GİB gives nothing back
(lifecycle.md §7). Neither the archive nor the next month waits for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from edefter.atomic import sha256_file
from edefter.berat.report import build_report
from edefter.engine.checks import validate_file, warn_of
from edefter.engine.errors import FindingsStop
from edefter.engine.files import file_changed, remake_lost_files
from edefter.engine.job import Job
from edefter.engine.packing import pack
from edefter.engine.sealing import ensure_ledgers_signed
from edefter.engine.submitting import ensure_submitted
from edefter.model.documents import UNDIVIDED, Kind
from edefter.model.files import SignedFile
from edefter.state.records import Document
from edefter.state.states import State

_UNFINISHED = (State.DRAFT, State.BUILT, State.PRECHECKED, State.SIGNED)


def report_job(job: Job) -> Job:
    """The job of the month's defter raporu."""
    return job.of_kinds(Kind.DR)


def report_is_done(job: Job) -> tuple[State, ...]:
    """The states in which a report may be archived, as the settings want it."""
    if job.settings.gib.report == "send":
        return (State.PROCESSED,)
    return (State.VALIDATED, State.PROCESSED)


def ensure_report(job: Job) -> None:
    """Bring the defter raporu of a closed month as far as the settings want it.

    Args:
        job: the month, closed. What was approved elsewhere has no kebir here; then there is a
            warning and no report.

    Raises:
        ClockRefused, SealRefused: nothing is signed.
        FindingsStop: the report has a finding; it is not signed, or not sent.
        OperatorNeeded: a kebir is missing or was changed, or GİB refused the report.
        WaitingError: GİB has not finished or cannot be reached.
        DataError: the kebirs do not cover the month, or nothing moved in them.
    """
    reports = report_job(job)
    remake_lost_files(reports)
    document = next(iter(reports.documents()), None)
    if document is None or document.state in _UNFINISHED:
        if any(book.adopted for book in job.documents()):
            job.warn("engine.report_not_made", **job.facts)
            return
        job.check_seal(job.measured_time("seal"))
        if document is None or document.state in (State.DRAFT, State.BUILT):
            _build(job, reports)
        ensure_ledgers_signed(reports)
    if job.settings.gib.report != "send":
        return
    for document in reports.in_state(State.VALIDATED):
        package, members = pack(reports, document)()
        job.store.transition(
            document.id,
            State.PACKAGED,
            cause="packaged",
            files={"package": package},
            evidence={"members": members},
        )
    ensure_submitted(reports)


def _build(job: Job, reports: Job) -> None:
    kebirs = _kebirs(job)
    document = _open(job)
    job.services.listener.step(
        "engine.step_report", **job.facts, file=document.name(job.company.tax_id.number).xml
    )
    ettn = uuid.UUID(document.ettn) if document.ettn else uuid.uuid4()
    job.store.transition(document.id, State.DRAFT, cause="build.start", ettn=str(ettn))
    report = build_report(
        kebirs,
        job.folder("unsigned"),
        ettn=ettn,
        creation_date=date.fromisoformat(document.creation_date),
    )
    job.store.transition(document.id, State.BUILT, cause="built", files={"unsigned": report})
    findings = validate_file(reports, report.path, signed=False)
    if findings.has_errors:
        job.store.transition(document.id, State.DRAFT, cause="findings")
        raise FindingsStop("engine.findings", findings, **{**job.facts, "count": findings.total})
    warn_of(job, findings)
    job.store.transition(document.id, State.PRECHECKED, cause="prechecked")


def _open(job: Job) -> Document:
    """The report as a draft; the day it was first made on stays."""
    first = job.documents()[0]
    document = job.store.open_document(
        company=job.company.code,
        branch=job.branch_number,
        period=job.period,
        kind=Kind.DR,
        part=UNDIVIDED,
        first_day=job.period.first_day.isoformat(),
        last_day=job.period.last_day.isoformat(),
        creation_date=job.today().isoformat(),
        source_application=first.source_application,
        counters_before={},
    )
    if document.state is State.BUILT:
        return job.store.transition(document.id, State.DRAFT, cause="build.again")
    return document


def _kebirs(job: Job) -> Sequence[SignedFile]:
    """The signed kebirs of all parts: as they were signed, or from the archive."""
    found = []
    for book in job.documents():
        if book.kind is not Kind.K:
            continue
        record = job.store.files(book.id).get("ledger")
        if record is None:
            raise file_changed(job, book, "ledger", None)
        folder = job.archive_folder_of(date.fromisoformat(book.first_day))
        places = (record.path, folder / record.name)
        path = next((p for p in places if p.is_file() and sha256_file(p) == record.sha256), None)
        if path is None:
            raise file_changed(job, book, "ledger", record)
        signed = record.signed
        found.append(replace(signed, file=replace(signed.file, path=path)))
    return found
