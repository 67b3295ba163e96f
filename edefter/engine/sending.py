"""One upload to GİB: the intent is recorded before the call, the outcome after it."""

from __future__ import annotations

from datetime import timedelta

from edefter.engine.files import require_whole
from edefter.engine.job import Job
from edefter.errors import EdefterError, OperatorNeeded
from edefter.gib.codes import CodeClass
from edefter.gib.errors import AnswerUnknown, GibFault, GibUnreachable
from edefter.model.files import Package
from edefter.state.records import Document
from edefter.state.states import State

ATTEMPTS = 3
RETRY_S = 5.0
BLOCKED = 114


def send(job: Job, document: Document) -> None:
    """Send one packaged document, at most once.

    Raises:
        GibUnreachable: not reached in several tries; nothing was sent.
        GibFault: GİB refused the message or the set-up; the document is PACKAGED again.
        OperatorNeeded: the package was changed on disk, or GİB refuses for a second time what
            only a person can clear.
        ClockRefused: nothing was sent.
    """
    record = require_whole(job, document, "package")
    package = Package(
        path=record.path,
        name=record.stored.name,
        size_bytes=record.size_bytes,
        sha256=record.sha256,
    )
    job.services.listener.step("engine.step_send", **job.facts, file=record.name)
    for attempt in range(1, ATTEMPTS + 1):
        now = job.require_clock("send")
        job.store.transition(
            document.id,
            State.SENDING,
            cause="send.intended",
            intent="send",
            asked_times=0,
            intent_at=job.as_of(now),
            evidence={"sha256": record.sha256},
        )
        try:
            accepted = job.authority.send(package)
        except GibUnreachable as error:
            job.store.transition(document.id, State.PACKAGED, cause="gib.unreachable", intent=None)
            if attempt == ATTEMPTS:
                raise error.with_facts(**job.facts, package=package.package_id) from None
            job.services.sleep(RETRY_S * attempt)
            continue
        except AnswerUnknown as error:
            _unknown(job, document, error)
            return
        except GibFault as fault:
            _on_fault(job, document, fault, package)
            return
        except EdefterError as error:
            # Raised before anything left (clock, package check), or GİB's address turned the
            # message away unread (redirect, 404): nothing is at GİB.
            job.store.transition(
                document.id, State.PACKAGED, cause=f"not sent: {error.key}", intent=None
            )
            raise
        job.store.transition(
            document.id,
            State.SENT,
            cause="gib.accepted",
            intent=None,
            send_after=None,
            accepted_at=job.as_of(accepted.received_at),
            gib_code=None,
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
        not_found_at=None,
        evidence={"error": error.text("en")},
    )


def _on_fault(job: Job, document: Document, fault: GibFault, package: Package) -> None:
    """A code of §6: reconcile, come back later, or stop."""
    if fault.code_class in (CodeClass.RECONCILE, CodeClass.OUTCOME_UNKNOWN):
        _unknown(job, document, fault)
        return
    again = document.gib_code == fault.code
    wait = timedelta(seconds=job.settings.gib.long_wait_s)
    blocked = fault.code_class is CodeClass.LONG_WAIT
    job.store.transition(
        document.id,
        State.PACKAGED,
        cause=f"gib.{fault.code}",
        intent=None,
        gib_code=fault.code,
        gib_text=fault.text_from_gib,
        send_after=job.as_of(job.services.wall() + wait) if blocked else None,
        evidence={"code": fault.code, "text": fault.text_from_gib},
    )
    facts = {
        **job.facts,
        "package": package.package_id,
        "code": fault.code,
        "text": fault.text_from_gib,
    }
    if again and fault.code_class in (CodeClass.LONG_WAIT, CodeClass.RETRY_ONCE):
        raise OperatorNeeded(
            "engine.taxpayer_blocked" if blocked else "engine.refused_twice", **facts
        )
    if blocked:
        job.warn("engine.blocked", **facts)
    elif not fault.retryable:
        raise fault.with_facts(**job.facts, package=package.package_id)
