"""Submit, poll, fetch: one loop until GİB has decided or the run's time is over.

What may be sent is sent by `sending`, what GİB says is taken in by `asking`; each records the
intent before its call and the outcome after it. "Answer unknown" is a state of its own whose only
way out is asking GİB (gib-webservice.md §7, §8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from edefter.config.settings import GibSettings
from edefter.engine.asking import Watch, ask, package_id
from edefter.engine.job import Job
from edefter.engine.sending import BLOCKED, send
from edefter.errors import OperatorNeeded, WaitingError
from edefter.messages import LANGS
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES, State

DECIDED = (State.REJECTED, State.OPERATOR_NEEDED)
_ASKING = (State.ANSWER_UNKNOWN, State.SENT, State.BERAT_OK, State.PROCESSED)


def ensure_submitted(job: Job, *, send: bool = True) -> None:
    """Send what is packaged, ask until GİB has decided, fetch and verify the approved berats.

    As soon as one book is refused or needs a person, nothing more of the month is sent; what is
    at GİB already is asked for to the end.

    Args:
        job: the month.
        send: False = only ask.

    Raises:
        WaitingError: GİB has not finished or cannot be reached; a later run continues.
        OperatorNeeded: rejected, another version is approved, the approved berat is wrong, or
            GİB's words stayed unknown until the limit.
        ConfigError: GİB refuses the set-up (role, consent, address).
    """
    watch = Watch()
    _resolve_killed_sends(job)
    _ask_once_more(job)
    deadline: float | None = None
    schedule = _schedule(job)
    while True:
        try:
            for document in _asked_for(job):
                ask(job, document, watch)
        except WaitingError:
            stop_if_decided(job, watch)  # what needs a person is told even when GİB is silent
            raise
        if send and not job.in_state(*DECIDED):
            _send_due(job)
        waiting = _asked_for(job)
        if send and not job.in_state(*DECIDED):
            waiting += job.in_state(State.PACKAGED)
        if deadline is None:  # patience is for GİB: it begins when everything due has gone
            deadline = job.services.monotonic() + job.patience_s
        if not waiting:
            stop_if_decided(job, watch)
            return
        wait_s = _next_wait(job, waiting, next(schedule))
        if job.services.monotonic() + wait_s > deadline:
            _give_up_unknown(job, waiting, watch, wait_s)
            stop_if_decided(job, watch)
            raise _waiting(job, waiting, watch)
        job.services.progress.advance("gib.wait", 0)
        job.services.sleep(wait_s)


def _asked_for(job: Job) -> list[Document]:
    """What GİB still has to say something about: of a report nothing comes back."""
    return [
        document
        for document in job.in_state(*_ASKING)
        if document.kind.has_berat or document.state is not State.PROCESSED
    ]


def _schedule(job: Job) -> Iterator[float]:
    """Waits between questions; a run goes on where the one before it stood in the schedule."""
    asked = [document.asked_times for document in _asked_for(job)]
    for questions in count(max(min(asked, default=0), 1)):
        yield _wait_after(job.settings.gib, questions)


def _wait_after(gib: GibSettings, questions: int) -> float:
    """Seconds to the next question after so many."""
    return gib.poll_schedule_s[min(max(questions, 1), len(gib.poll_schedule_s)) - 1]


def next_question(gib: GibSettings, documents: Iterable[Document]) -> datetime | None:
    """When it is time to ask GİB again about a month, or to send what it turned away.

    Args:
        gib: schedule and waits.
        documents: of the month.

    Returns:
        UTC; None = something of it can be done now, or waits for somebody else.
    """
    moments = []
    for document in documents:
        if document.state in _ASKING and document.asked_at:
            wait_s = _wait_after(gib, document.asked_times)
            if document.not_found_at:
                wait_s = max(wait_s, gib.not_found_wait_s)
            moments.append(datetime.fromisoformat(document.asked_at) + timedelta(seconds=wait_s))
        elif document.state is State.PACKAGED and document.send_after:
            moments.append(datetime.fromisoformat(document.send_after))
        elif document.state not in APPROVED_STATES:
            return None
    return min(moments, default=None)


def _send_due(job: Job) -> None:
    for document in job.in_state(State.PACKAGED):
        if _seconds_until_due(job, document) <= 0:
            send(job, document)


def _seconds_until_due(job: Job, document: Document) -> float:
    if document.send_after is None:
        return 0.0
    due = datetime.fromisoformat(document.send_after)
    return (due - job.services.wall().astimezone(UTC)).total_seconds()


def _next_wait(job: Job, waiting: list[Document], scheduled_s: float) -> float:
    """Until the first of them has something to do."""
    waits = []
    for document in waiting:
        if document.state is State.PACKAGED:
            waits.append(max(scheduled_s, _seconds_until_due(job, document)))
        elif document.not_found_at:
            waits.append(max(scheduled_s, job.settings.gib.not_found_wait_s))
        else:
            waits.append(scheduled_s)
    return min(waits)


def _resolve_killed_sends(job: Job) -> None:
    """A send whose outcome was never recorded (killed run) can only be asked about."""
    for document in job.in_state(State.SENDING):
        job.store.transition(
            document.id,
            State.ANSWER_UNKNOWN,
            cause="run ended while sending",
            unknown_since=document.intent_at,
        )


def _ask_once_more(job: Job) -> None:
    """What needed a person is asked for once in every run: the person, or GİB, may have acted."""
    for document in job.in_state(State.OPERATOR_NEEDED):
        job.store.transition(document.id, State.ANSWER_UNKNOWN, cause="asked once more")


def _give_up_unknown(job: Job, waiting: list[Document], watch: Watch, wait_s: float) -> None:
    """Words that are none of §7's, until the limit: never success, a person must look.

    The limit counts from when GİB took the package in, over all runs.
    """
    now = job.services.wall()
    for document in waiting:
        text = watch.unknown_texts.get(document.id)
        if text is None:
            continue
        since = datetime.fromisoformat(document.accepted_at) if document.accepted_at else now
        waited_s = (now - since).total_seconds()
        if waited_s + wait_s < job.settings.gib.poll_limit_s:
            continue
        job.store.transition(
            document.id,
            State.OPERATOR_NEEDED,
            cause="gib: text unknown until the limit",
            evidence={"text": text},
        )
        watch.errors[document.id] = OperatorNeeded(
            "engine.text_unknown",
            **{**job.facts, "package": package_id(job, document), "text": text or "-"},
        )


def _waiting(job: Job, waiting: list[Document], watch: Watch) -> WaitingError:
    facts = {
        **job.facts,
        "names": ", ".join(package_id(job, d) for d in waiting),
        "text": "; ".join(sorted({d.gib_text or d.state.value for d in waiting})),
    }
    if any(d.state is State.PACKAGED and d.gib_code == BLOCKED for d in waiting):
        return WaitingError("engine.waiting_blocked", **facts)
    if watch.trouble is not None:
        told = {f"problem_{lang}": watch.trouble.text(lang) for lang in LANGS}
        return WaitingError("engine.waiting_unanswered", **facts, **told)
    return WaitingError("engine.waiting_for_gib", **facts)


def stop_if_decided(job: Job, watch: Watch | None = None) -> None:
    """Stop the month when GİB refused a book or a person must decide.

    Args:
        job: the month.
        watch: what this run saw; its own error says more than the state alone.

    Raises:
        OperatorNeeded: with GİB's words, or with what this run found.
    """
    for document in job.in_state(State.OPERATOR_NEEDED):
        if watch is not None and document.id in watch.errors:
            raise watch.errors[document.id]
    rejected = job.in_state(State.REJECTED)
    if rejected:
        raise OperatorNeeded(
            "engine.rejected",
            **{
                **job.facts,
                "names": ", ".join(package_id(job, d) for d in rejected),
                "text": "; ".join(d.gib_text or "" for d in rejected),
            },
        )
    stuck = job.in_state(State.OPERATOR_NEEDED)
    if stuck:
        raise OperatorNeeded(
            "engine.operator_needed",
            **{**job.facts, "names": ", ".join(package_id(job, d) for d in stuck)},
        )
