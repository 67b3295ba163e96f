"""Submit, poll, fetch and verify the approved berats; nothing is ever sent twice.

The intent is recorded before each call and resolved after it. "Answer unknown" is a state of its
own whose only way out is asking GİB (gib-webservice.md §7, §8).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from edefter.atomic import sha256_file, write_bytes
from edefter.berat.approved import ApprovedBerat
from edefter.engine.approval import examine_approved
from edefter.engine.job import Job
from edefter.errors import EdefterError, OperatorNeeded, WaitingError
from edefter.gib.errors import AnswerUnknown, GibFault, GibUnreachable
from edefter.gib.port import BatchState, BatchStatus, Fetched
from edefter.model.files import Package, StoredFile
from edefter.state.records import Document
from edefter.state.states import State

ALREADY_UPLOADED = 111
QUEUE_ERROR = 113
NO_SUCCESSFUL_PACKAGE = 204
SEND_ATTEMPTS = 3
SEND_RETRY_S = 5.0

_ASKING = (State.ANSWER_UNKNOWN, State.SENT, State.BERAT_OK, State.PROCESSED)


def ensure_submitted(job: Job) -> None:
    """Send what is packaged, ask until GİB has decided, fetch and verify the approved berats.

    Raises:
        WaitingError: GİB has not finished or cannot be reached; a later run continues.
        OperatorNeeded: rejected, another version is approved, or the approved berat is wrong.
        ConfigError: GİB refuses the set-up (role, consent, address).
    """
    _resolve_killed_sends(job)
    deadline = job.services.monotonic() + job.settings.gib.poll_limit_s
    schedule = _schedule(job)
    while True:
        for document in job.in_state(State.PACKAGED):
            _send(job, document)
        for document in job.in_state(*_ASKING):
            _ask(job, document)
        _stop_if_decided_badly(job)
        waiting = job.in_state(State.PACKAGED, *_ASKING)
        if not waiting:
            return
        wait_s = _next_wait(job, waiting, next(schedule))
        if job.services.monotonic() + wait_s > deadline:
            raise WaitingError(
                "engine.waiting_for_gib",
                **{
                    **job.facts,
                    "names": ", ".join(_package_id(job, d) for d in waiting),
                    "text": "; ".join(sorted({d.gib_text or d.state.value for d in waiting})),
                },
            )
        job.services.progress.advance("gib.wait", 0)
        job.services.sleep(wait_s)


def _schedule(job: Job) -> Iterator[float]:
    schedule = job.settings.gib.poll_schedule_s
    yield from schedule
    while True:
        yield schedule[-1]


def _next_wait(job: Job, waiting: list[Document], scheduled_s: float) -> float:
    if any(d.not_found_at for d in waiting):
        return max(scheduled_s, job.settings.gib.not_found_wait_s)
    return scheduled_s


def _package_id(job: Job, document: Document) -> str:
    return document.name(job.company.tax_id.number, document.kind.berat).package_id


def _resolve_killed_sends(job: Job) -> None:
    """A send whose outcome was never recorded (killed run) can only be asked about."""
    for document in job.in_state(State.SENDING):
        job.store.transition(
            document.id,
            State.ANSWER_UNKNOWN,
            cause="run ended while sending",
            unknown_since=document.intent_at,
        )


def _send(job: Job, document: Document) -> None:
    record = job.store.files(document.id)["package"]
    package = Package(
        path=record.path,
        name=record.stored.name,
        size_bytes=record.size_bytes,
        sha256=record.sha256,
    )
    job.services.listener.step("engine.step_send", **job.facts, file=record.name)
    for attempt in range(1, SEND_ATTEMPTS + 1):
        now = job.require_clock("send")
        job.store.transition(
            document.id,
            State.SENDING,
            cause="send.intended",
            intent="send",
            intent_at=job.as_of(now),
            evidence={"sha256": record.sha256},
        )
        try:
            accepted = job.authority.send(package)
        except GibUnreachable as error:
            job.store.transition(document.id, State.PACKAGED, cause="gib.unreachable", intent=None)
            if attempt == SEND_ATTEMPTS:
                raise error.with_facts(**job.facts, package=package.package_id) from None
            job.services.sleep(SEND_RETRY_S * attempt)
            continue
        except AnswerUnknown as error:
            _unknown(job, document, error)
            return
        except GibFault as fault:
            _on_send_fault(job, document, fault, package)
            return
        except EdefterError as error:
            # Raised before anything left (clock, package pre-check): nothing is at GİB.
            job.store.transition(
                document.id, State.PACKAGED, cause=f"not sent: {error.key}", intent=None
            )
            raise
        job.store.transition(
            document.id,
            State.SENT,
            cause="gib.accepted",
            intent=None,
            accepted_at=job.as_of(accepted.received_at),
            gib_text=accepted.text,
            evidence={"text": accepted.text},
        )
        return


def _unknown(job: Job, document: Document, error: EdefterError) -> None:
    job.store.transition(
        document.id,
        State.ANSWER_UNKNOWN,
        cause=error.key,
        unknown_since=job.as_of(job.services.wall()),
        evidence={"error": error.text("en")},
    )


def _on_send_fault(job: Job, document: Document, fault: GibFault, package: Package) -> None:
    if fault.code in (ALREADY_UPLOADED, QUEUE_ERROR):
        _unknown(job, document, fault)
        return
    job.store.transition(
        document.id,
        State.PACKAGED,
        cause=f"gib.{fault.code}",
        intent=None,
        gib_code=fault.code,
        gib_text=fault.text_from_gib,
        evidence={"code": fault.code, "text": fault.text_from_gib},
    )
    if not fault.retryable:
        raise fault.with_facts(**job.facts, package=package.package_id)


def _ask(job: Job, document: Document) -> None:
    package_id = _package_id(job, document)
    if document.state is State.PROCESSED:
        _fetch(job, document, package_id)
        return
    try:
        status = job.authority.status(package_id)
    except GibFault as fault:
        if not fault.retryable:
            raise fault.with_facts(**job.facts, package=package_id) from None
        return
    except AnswerUnknown:
        return  # a question may be lost; it is asked again
    if status.state is BatchState.NOT_FOUND:
        _on_not_found(job, document, job.as_of(job.services.wall()))
        return
    target = _state_after(document.state, status)
    job.store.transition(
        document.id,
        target,
        cause=f"gib.status.{status.state.value}",
        evidence={"code": status.code, "text": status.text},
        intent=None,
        not_found_at=None,
        asked_at=job.as_of(status.answered_at),
        gib_code=status.code,
        gib_text=status.text,
        accepted_at=document.accepted_at or job.as_of(status.answered_at),
    )
    if target is State.PROCESSED:
        _fetch(job, job.store.document(document.id), package_id)


def _state_after(state: State, status: BatchStatus) -> State:
    """Where a status answer other than 304 leads from `state`."""
    if status.state is BatchState.DONE:
        return State.PROCESSED
    if status.state is BatchState.REJECTED:
        return State.REJECTED
    if status.state is BatchState.UNKNOWN:
        return state  # never success from an unknown text: keep asking
    if state is State.BERAT_OK or "bekleniyor" in status.text.lower():
        return State.BERAT_OK
    return State.SENT


def _on_not_found(job: Job, document: Document, now: str) -> None:
    """304: never arrived. Twice, some minutes apart, allows to send again; else it is strange."""
    if document.state is not State.ANSWER_UNKNOWN:
        job.store.transition(
            document.id,
            State.ANSWER_UNKNOWN,
            cause="gib.304 after acceptance",
            asked_at=now,
            not_found_at=now,
            unknown_since=now,
        )
        return
    first = document.not_found_at
    if first is None:
        job.store.transition(
            document.id, State.ANSWER_UNKNOWN, cause="gib.304", asked_at=now, not_found_at=now
        )
        return
    elapsed = datetime.fromisoformat(now) - datetime.fromisoformat(first)
    if elapsed.total_seconds() + 1 < job.settings.gib.not_found_wait_s:
        return
    if document.accepted_at:
        # GİB accepted it once and knows nothing of it now: deleted there, or lost. Not ours to
        # decide: sending again might be against the operator's wish.
        job.store.transition(
            document.id, State.OPERATOR_NEEDED, cause="gib.304 twice after acceptance"
        )
        return
    job.store.transition(
        document.id,
        State.PACKAGED,
        cause="gib.304 twice",
        intent=None,
        unknown_since=None,
        not_found_at=None,
        asked_at=now,
    )


def _fetch(job: Job, document: Document, package_id: str) -> None:
    try:
        fetched = job.authority.fetch(package_id, job.folder("approved"))
    except GibFault as fault:
        if fault.code == NO_SUCCESSFUL_PACKAGE or fault.retryable:
            return  # the approval signature may lag behind the status
        raise fault.with_facts(**job.facts, package=package_id) from None
    except AnswerUnknown:
        return
    files = job.store.files(document.id)
    berat = files["berat"].signed
    approved = examine_approved(
        job,
        fetched.data,
        file_name=fetched.file_name,
        package_id=package_id,
        sent_berat=berat.file.path.read_bytes(),
        ledger_signature_value=files["ledger"].signature_value,
    )
    if not approved.ok:
        _refuse_approved(job, document, fetched, approved)
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
    job: Job,
    document: Document,
    fetched: Fetched,
    approved: ApprovedBerat,
) -> None:
    """Keep the wrong file aside, never over ours, and call the operator."""
    aside = job.folder("aside")
    stamp = job.services.wall().strftime("%Y%m%dT%H%M%S")
    path = aside / f"{stamp}-{document.kind.berat}.xml"
    write_bytes(path, fetched.data)
    other = bool(approved.ettn) and approved.ettn != document.ettn
    job.store.transition(
        document.id,
        State.OPERATOR_NEEDED,
        cause="another version is approved" if other else "approved berat does not verify",
        evidence={"findings": [f.rule for f in approved.findings], "aside": path.name},
    )
    first = next(iter(approved.findings), None)
    raise OperatorNeeded(
        "engine.other_version_approved" if other else "engine.approved_berat_wrong",
        **{
            **job.facts,
            "package": _package_id(job, document),
            "path": str(path),
            "rule": first.rule if first else "",
            "finding_tr": first.message_tr if first else "",
            "finding_en": first.message_en if first else "",
        },
    )


def _stop_if_decided_badly(job: Job) -> None:
    rejected = job.in_state(State.REJECTED)
    if rejected:
        raise OperatorNeeded(
            "engine.rejected",
            **{
                **job.facts,
                "names": ", ".join(_package_id(job, d) for d in rejected),
                "text": "; ".join(d.gib_text or "" for d in rejected),
            },
        )
    stuck = job.in_state(State.OPERATOR_NEEDED)
    if stuck:
        raise OperatorNeeded(
            "engine.operator_needed",
            **{**job.facts, "names": ", ".join(_package_id(job, d) for d in stuck)},
        )
