"""What GİB says about a package, taken into state: status questions and the approved berat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from edefter.atomic import sha256_file, write_bytes
from edefter.berat.approved import ApprovedBerat
from edefter.engine.approval import examine_approved
from edefter.engine.files import require_whole
from edefter.engine.job import Job
from edefter.errors import EdefterError, OperatorNeeded
from edefter.gib.codes import CodeClass
from edefter.gib.errors import AnswerUnknown, GibAnswerUnusable, GibFault, GibUnreachable
from edefter.gib.port import BatchState, BatchStatus, Fetched
from edefter.gib.states import turkish_fold
from edefter.model.files import StoredFile
from edefter.model.finding import Severity
from edefter.state.records import Document
from edefter.state.states import State

T = TypeVar("T")
MISSES = 3
"""Questions in a row that may fail to reach GİB before the run gives up for now."""

_OTHER_VERSION = frozenset({"SIG-APPROVED-DIFFERS", "SIG-APPROVED-LEDGER-SIGNATURE"})


@dataclass(slots=True)
class Watch:
    """What one run saw while it asked.

    Args:
        unknown_texts: by document, GİB's last words when they were none of §7's.
        errors: by document, why a person is needed.
        misses: questions in a row that did not reach GİB.
        trouble: why the last question brought no answer; None = it brought one.
    """

    unknown_texts: dict[int, str] = field(default_factory=dict)
    errors: dict[int, OperatorNeeded] = field(default_factory=dict)
    misses: int = 0
    trouble: EdefterError | None = None


def package_id(job: Job, document: Document) -> str:
    """The id that GİB is asked by."""
    return document.name(job.company.tax_id.number, document.kind.package).package_id


def ask(job: Job, document: Document, watch: Watch) -> None:
    """Ask once about a document that may be at GİB, and fetch its approved berat when done.

    Raises:
        GibUnreachable: GİB was not reached several times in a row.
        GibFault: GİB refuses to answer (set-up, consent).
        ClockRefused: no question is asked with a wrong clock.
    """
    if document.state is State.PROCESSED:
        _fetch(job, document, watch)
        return
    status = _status(job, document, watch)
    if status is None:
        return
    watch.unknown_texts.pop(document.id, None)
    if status.state is BatchState.NOT_FOUND:
        _on_nothing_of_ours(job, document, watch, "gib.304")
        return
    if _is_older_rejection(document, status):
        _on_nothing_of_ours(job, document, watch, "gib: older rejection")
        return
    if status.state is BatchState.UNKNOWN:
        watch.unknown_texts[document.id] = status.text
    target = _state_after(document.state, status)
    job.store.transition(
        document.id,
        target,
        cause=f"gib.status.{status.state.value}",
        evidence={"code": status.code, "text": status.text},
        intent=None,
        not_found_at=None,
        asked_at=job.as_of(status.answered_at),
        asked_times=document.asked_times + 1,
        gib_code=status.code,
        gib_text=status.text,
        accepted_at=document.accepted_at or job.as_of(status.answered_at),
        rejected_text=status.text if target is State.REJECTED else document.rejected_text,
    )
    if target is State.PROCESSED and document.kind.has_berat:
        _fetch(job, job.store.document(document.id), watch)


def _question(job: Job, document: Document, watch: Watch, call: Callable[[], T]) -> T | None:
    """One question; None = no answer now, ask again later."""
    try:
        answer = call()
    except GibUnreachable as error:
        watch.misses += 1
        watch.trouble = error
        if watch.misses >= MISSES:
            raise error.with_facts(**job.facts) from None
        return None
    except AnswerUnknown as error:
        watch.trouble = error
        return None  # a question may be lost; it is asked again
    except GibFault as fault:
        if not fault.retryable:
            raise fault.with_facts(**job.facts, package=package_id(job, document)) from None
        watch.misses = 0
        if fault.code_class is CodeClass.POLL_AGAIN:
            watch.trouble = None
            _confirm_done(job, document, watch)
        else:
            watch.trouble = fault
        return None
    watch.misses, watch.trouble = 0, None
    return answer


def _status(job: Job, document: Document, watch: Watch) -> BatchStatus | None:
    asked = package_id(job, document)
    return _question(job, document, watch, lambda: job.authority.status(asked))


def _state_after(state: State, status: BatchStatus) -> State:
    """Where a status answer other than 304 leads from `state`."""
    if status.state is BatchState.DONE:
        return State.PROCESSED
    if status.state is BatchState.REJECTED:
        return State.REJECTED
    if status.state is BatchState.UNKNOWN:
        return state  # never success from an unknown text: keep asking
    if state is State.BERAT_OK or "bekleniyor" in turkish_fold(status.text):
        return State.BERAT_OK
    return State.SENT


def _is_older_rejection(document: Document, status: BatchStatus) -> bool:
    """Whether a rejection is that of an older package of the same id, not of the one sent last.

    Several packages may share an id and the newest that arrived is reported (§7). While it is
    unknown whether ours arrived, the very words of an earlier rejection prove nothing; sending
    again is harmless, since a refused package leaves no trace (lifecycle.md §12).
    """
    return (
        document.state is State.ANSWER_UNKNOWN
        and document.accepted_at is None
        and status.state is BatchState.REJECTED
        and status.text == document.rejected_text
    )


def _on_nothing_of_ours(job: Job, document: Document, watch: Watch, cause: str) -> None:
    """GİB knows nothing of it. Twice, some minutes apart, allows to send again (§8)."""
    now = job.as_of(job.services.wall())
    if document.state is not State.ANSWER_UNKNOWN:
        job.store.transition(
            document.id,
            State.ANSWER_UNKNOWN,
            cause=f"{cause} after acceptance",
            asked_at=now,
            asked_times=document.asked_times + 1,
            not_found_at=now,
            unknown_since=now,
        )
        return
    first = document.not_found_at
    if first is None:
        job.store.transition(
            document.id, State.ANSWER_UNKNOWN, cause=cause, asked_at=now, not_found_at=now,
            asked_times=document.asked_times + 1,
        )  # fmt: skip
        return
    elapsed = datetime.fromisoformat(now) - datetime.fromisoformat(first)
    if elapsed.total_seconds() + 1 < job.settings.gib.not_found_wait_s:
        return
    if document.accepted_at:
        # GİB accepted it once and knows nothing of it now: deleted there, or lost. Not ours to
        # decide: sending again might be against the operator's wish.
        error = OperatorNeeded("engine.gone_at_gib", **job.facts, package=package_id(job, document))
        _call_operator(job, document, watch, error, {"cause": f"{cause} twice after acceptance"})
        return
    job.store.transition(
        document.id,
        State.PACKAGED,
        cause=f"{cause} twice",
        intent=None,
        unknown_since=None,
        not_found_at=None,
        asked_at=now,
    )


def _confirm_done(job: Job, document: Document, watch: Watch) -> None:
    """No approved berat (204) although the status said done: it lags, or GİB changed its mind."""
    status = _status(job, document, watch)
    if status is not None and status.state is not BatchState.DONE:
        job.store.transition(
            document.id,
            State.ANSWER_UNKNOWN,
            cause="gib.204, status not done any more",
            evidence={"code": status.code, "text": status.text},
        )


def _fetch(job: Job, document: Document, watch: Watch) -> None:
    asked = package_id(job, document)
    try:
        berat = require_whole(job, document, "berat")
        ledger = require_whole(job, document, "ledger")
        fetched = _question(
            job, document, watch, lambda: job.authority.fetch(asked, job.folder("approved"))
        )
    except (GibAnswerUnusable, OperatorNeeded) as error:
        _call_operator(job, document, watch, error, {"key": error.key})
        return
    if fetched is None:
        return
    approved = examine_approved(
        job,
        fetched.data,
        file_name=fetched.file_name,
        package_id=asked,
        sent_berat=berat.path.read_bytes(),
        ledger_signature_value=ledger.signature_value,
    )
    if not approved.ok:
        _refuse_approved(job, document, watch, fetched, approved)
        return
    name = document.name(job.company.tax_id.number, document.kind.berat).as_approved()
    path = job.folder("approved") / name.xml
    write_bytes(path, fetched.data)
    stored = StoredFile(
        path=path, name=name, size_bytes=len(fetched.data), sha256=sha256_file(path)
    )
    job.store.transition(
        document.id,
        State.APPROVED,
        cause="approved berat verified",
        files={"approved": stored},
        approved_at=job.as_of(approved.approved_at or fetched.received_at),
        evidence={"sha256": stored.sha256},
    )
    job.services.listener.step("engine.step_approved", **job.facts, file=name.xml)


def _refuse_approved(
    job: Job, document: Document, watch: Watch, fetched: Fetched, approved: ApprovedBerat
) -> None:
    """Keep the wrong file aside, never over ours, and call the operator."""
    path = _keep_aside(job, document, fetched.data)
    errors = [f for f in approved.findings if f.severity is Severity.ERROR]
    rules = {finding.rule for finding in errors}
    # Sound in itself and only not ours: then somebody sent another version under this id.
    other = bool(approved.ettn) and approved.ettn != document.ettn and rules <= _OTHER_VERSION
    error = OperatorNeeded(
        "engine.other_version_approved" if other else "engine.approved_berat_wrong",
        **{
            **job.facts,
            "package": package_id(job, document),
            "path": str(path),
            "rule": errors[0].rule if errors else "",
            "finding_tr": errors[0].message_tr if errors else "",
            "finding_en": errors[0].message_en if errors else "",
        },
    )
    evidence: dict[str, object] = {"findings": sorted(rules), "aside": path.name}
    _call_operator(job, document, watch, error, evidence)


def _keep_aside(job: Job, document: Document, data: bytes) -> Path:
    """Named by content: the same wrong answer every night is kept once."""
    name = f"{document.kind.berat}-{hashlib.sha256(data).hexdigest()[:16]}.xml"
    path = job.folder("aside") / name
    write_bytes(path, data)
    return path


def _call_operator(
    job: Job, document: Document, watch: Watch, error: OperatorNeeded, evidence: dict[str, object]
) -> None:
    watch.errors[document.id] = error
    job.store.transition(
        document.id,
        State.OPERATOR_NEEDED,
        cause=error.key,
        evidence=evidence,
        intent=None,
    )
