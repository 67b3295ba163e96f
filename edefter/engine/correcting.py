"""Taking a month back: what was never valid by `start_again`, what is approved by `correct_month`.

A document is made anew with the same numbers under a new ETTN; nothing that was valid is erased:
its files go to the folder of cancelled sets, the portal marks its copies as superseded, and the
audit chain keeps why (lifecycle.md §12, gib-webservice.md §10).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from edefter.archive import manifest
from edefter.archive.bundle import rows_of
from edefter.archive.receipts import held_receipt
from edefter.atomic import sha256_file
from edefter.engine.archiving import archive_kind
from edefter.engine.job import Job
from edefter.engine.ledger_report import report_job
from edefter.engine.lock import company_lock
from edefter.engine.uploading import uploads_of
from edefter.engine.worklist import legal_calendar
from edefter.errors import ConfigError, EdefterError, OperatorNeeded
from edefter.gib.port import BatchState, BatchStatus
from edefter.model.documents import Kind
from edefter.model.files import StoredFile
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES, AT_GIB, State

TAKEN_BACK = (State.DELETED, State.CANCELLED)
"""A correction was begun and did not come to its end: `correct_month` goes on with it."""


_WAS_SENT = (State.REJECTED, State.OPERATOR_NEEDED)


def start_again(job: Job, reason: str) -> None:
    """Take what GİB refused (or what was never sent) back to draft, same counters.

    Args:
        job: the month, or an envanter.
        reason: the operator's words, kept in the audit chain.

    Raises:
        OperatorNeeded: something of it may be at GİB (or still is, as its status says), or is
            being corrected.
        WaitingError: another run holds the company, or GİB cannot be asked now.
    """
    with company_lock(job.services.data_dir / "locks", job.store, job.company):
        require_corrections_finished(job)
        _take_unapproved_back(job, reason)


def correct_month(job: Job, reason: str, *, reference: str = "") -> list[Path]:
    """Take an approved month back, so that it is made anew from corrected books.

    Within the legal time the berats are deleted in GİB's application first; that they are really
    gone is asked twice, some time apart. After it GİB's written permission is needed. A second
    call goes on where a killed one ended.

    Args:
        job: the month.
        reason: the operator's words; kept in the audit chain and with the cancelled files.
        reference: date and number of GİB's permission; needed when the legal time is over.

    Returns:
        Where the cancelled files are now.

    Raises:
        ConfigError: no reason was given.
        OperatorNeeded: nothing of the month is approved, something of it is on its way at GİB, GİB
            still holds a berat, or the legal time is over and there is no permission.
        WaitingError: another run holds the company; GİB or the portal cannot be asked now.
        OSError: the files cannot be moved.
    """
    if not reason.strip():
        raise ConfigError("engine.correct_no_reason", **job.facts)
    with company_lock(job.services.data_dir / "locks", job.store, job.company):
        jobs = (job, report_job(job))
        every = [(own, document) for own in jobs for document in own.documents()]
        valid = [(o, d) for o, d in every if d.state in (*APPROVED_STATES, *TAKEN_BACK)]
        if not any(own is job for own, _ in valid):
            raise OperatorNeeded("engine.correct_nothing", **job.facts)
        _refuse_on_its_way(job, [document for _, document in every])
        target = _target(job, reference)
        approved = [(o, d) for o, d in valid if d.state in APPROVED_STATES]
        answers = _require_deleted(job, [d for _, d in approved if d.kind.has_berat])
        for own, document in approved:
            own.store.transition(
                document.id,
                target,
                cause="operator: correction",
                evidence={
                    "reason": reason, "reference": reference,
                    "gib": answers.get(document.id, ""),
                },
            )  # fmt: skip
        moved = []
        for own in jobs:
            for document in own.in_state(*TAKEN_BACK):
                moved += _set_aside(own, document, reason, reference)
        _set_work_aside(job)
        # The books last: by them a later call knows that there is something to go on with.
        for own in reversed(jobs):
            for document in own.in_state(*TAKEN_BACK):
                _to_draft(own, document, "correction: files set aside", reason)
        _take_unapproved_back(job, reason)
        return moved


def require_corrections_finished(job: Job) -> None:
    """Refuse to work on a month whose correction was begun and did not come to its end.

    Raises:
        OperatorNeeded: it did not.
    """
    if job.in_state(*TAKEN_BACK):
        raise OperatorNeeded("engine.correct_unfinished", **job.facts)


# -- before anything is changed --------------------------------------------------------------


def _refuse_on_its_way(job: Job, documents: Iterable[Document]) -> None:
    for document in documents:
        if document.state in AT_GIB:
            raise OperatorNeeded("engine.again_at_gib", **job.facts, document=document.label)


def _target(job: Job, reference: str) -> State:
    """Deleted within the legal time, or cancelled with GİB's permission after it."""
    begun = next((d.state for d in job.in_state(*TAKEN_BACK)), None)
    if begun is not None:
        return begun
    deadline = legal_calendar(job.services).deadline(job.company, job.period)
    if deadline.days_left(job.services.wall()) >= 0:
        return State.DELETED
    if not reference.strip():
        raise OperatorNeeded("engine.correct_too_late", **job.facts, day=deadline.day.isoformat())
    return State.CANCELLED


def _require_deleted(job: Job, documents: Sequence[Document]) -> dict[int, str]:
    """GİB's answers when it knows nothing of the berats any more; asked twice, some time apart."""
    answers: dict[int, str] = {}
    for times in range(2 if documents else 0):
        if times:
            job.services.listener.step("engine.step_ask_again", **job.facts)
            job.services.sleep(job.settings.gib.not_found_wait_s)
        for document in documents:
            status = _status(job, document)
            if status.state is not BatchState.NOT_FOUND:
                raise OperatorNeeded(
                    "engine.correct_still_at_gib",
                    **{**job.facts, "package": _package(job, document), "text": status.text or "-"},
                )
            answers[document.id] = status.text or str(status.code)
    return answers


def _package(job: Job, document: Document) -> str:
    return document.name(job.company.tax_id.number, document.kind.package).package_id


def _status(job: Job, document: Document) -> BatchStatus:
    try:
        return job.authority.status(_package(job, document))
    except EdefterError as error:
        raise error.with_facts(**job.facts, package=_package(job, document)) from None


# -- setting aside ---------------------------------------------------------------------------


def _set_aside(job: Job, document: Document, reason: str, reference: str) -> list[Path]:
    """The archive's copies go to the folder of cancelled sets; the portal hears that they do."""
    folder = job.archive_folder_of(date.fromisoformat(document.first_day))
    _withdraw(job, document, reason)
    names = _archived_names(job, document, folder)
    if not names:
        return []
    job.services.listener.step("engine.step_set_aside", **job.facts, file=document.label)
    return job.vault.cancel(folder, names, reason=reason, reference=reference)


def _archived_names(job: Job, document: Document, folder: Path) -> list[str]:
    """Everything of a document that lies in its month folder: files, receipts, evidence."""
    number = job.company.tax_id.number
    ledger = document.name(number)
    berat = replace(ledger, kind=ledger.kind.berat) if document.kind.has_berat else ledger
    own = (ledger, berat, berat.as_approved())
    for name in own:
        path = folder / name.xml
        if path.is_file():  # perhaps adopted from a tree that has no manifest
            held = StoredFile(
                path=path, name=name, size_bytes=path.stat().st_size, sha256=sha256_file(path)
            )
            job.vault.put(held, folder, archive_kind(name))
    return list(rows_of(manifest.read(folder), ledger))


def _withdraw(job: Job, document: Document, reason: str) -> None:
    """The portal holds other content under a name only when the one before is superseded."""
    if not job.settings.portal.enabled:
        return
    for role in uploads_of(document.kind):
        done = job.store.upload(document.id, role)
        if done is None or done.receipt is None:
            continue
        receipt = held_receipt(done.receipt)
        job.portal.withdraw(str(receipt.body["portal_file_id"]), reason)


def _set_work_aside(job: Job) -> None:
    """Files of before stay, under a number of their own: no later ones take their place."""
    folder = job.folder()
    if not any(folder.iterdir()):
        return
    number = 1
    while (target := folder.with_name(f"{folder.name}-{number}")).exists():
        number += 1
    folder.rename(target)


# -- back to draft ---------------------------------------------------------------------------


def _take_unapproved_back(job: Job, reason: str) -> None:
    every = job.documents()
    if Kind.K in job.kinds:
        every += report_job(job).documents()
    documents = [d for d in every if d.state not in APPROVED_STATES]
    _refuse_on_its_way(job, documents)
    for document in documents:
        if document.state is State.OPERATOR_NEEDED:
            _require_gone(job, document)
    if len(documents) == len(every) and any(d.state in _WAS_SENT for d in documents):
        _set_work_aside(job)  # what was sent and refused stays as it was sent
    for document in documents:
        if document.state is not State.DRAFT:
            _to_draft(job, document, "operator: build again", reason)


def _require_gone(job: Job, document: Document) -> None:
    """GİB holds nothing valid of it any more (gib-webservice.md §10): deleted there, or refused."""
    status = _status(job, document)
    if status.state not in (BatchState.NOT_FOUND, BatchState.REJECTED):
        raise OperatorNeeded(
            "engine.again_still_at_gib",
            **{**job.facts, "package": _package(job, document), "text": status.text or "-"},
        )


def _to_draft(job: Job, document: Document, cause: str, reason: str) -> None:
    job.store.transition(
        document.id,
        State.DRAFT,
        cause=cause,
        evidence={"reason": reason},
        revision=document.revision + 1,
        adopted=0,
        ettn=None,
        accepted_at=None,
        approved_at=None,
        gib_code=None,
        gib_text=None,
        not_found_at=None,
        unknown_since=None,
        send_after=None,
        intent=None,
    )
