"""Time stamps on ledgers and berats: by configuration on every berat, or because GİB is down.

A token is kept on disk as soon as it arrives, under the hash of what it covers. So a run that was
killed afterwards finds it, and no stamp is bought twice for one signature. Source: signing.md §4;
lifecycle.md §9.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from edefter.atomic import write_bytes
from edefter.engine.checks import validate_file
from edefter.engine.errors import FindingsStop
from edefter.engine.files import require_whole
from edefter.engine.job import Job
from edefter.errors import EdefterError, RefusedError
from edefter.gib.errors import GibUnreachable
from edefter.model.documents import UNDIVIDED, DocumentName, Kind
from edefter.model.files import SignedFile
from edefter.signature.timestamping import add_timestamp, bytes_to_stamp
from edefter.state.records import Document
from edefter.state.states import State
from edefter.timestamp.budget import Budget
from edefter.timestamp.client import TimestampClient
from edefter.timestamp.xades import check_stamps
from edefter.xmlsig.document import open_document

_TO_BE_MADE_AGAIN = (State.BERAT_BUILT, State.BERAT_SIGNED, State.PACKAGED)


def ensure_stamped(job: Job, state: State, role: str) -> None:
    """Give every file of `role` in `state` its time stamp, where it has none yet.

    Args:
        job: the month.
        state: VALIDATED for ledgers, BERAT_SIGNED for berats; it stays.
        role: `ledger` or `berat`.

    Raises:
        ConfigError, OperatorNeeded, WaitingError: no stamp; what is signed stays as it is.
        FindingsStop: the stamped file has a finding.
        ClockRefused: nothing is asked for.
    """
    for document in job.in_state(state):
        signed = require_whole(job, document, role).signed
        if not check_stamps(open_document(signed.file.path).signature, job.anchors).count:
            _stamp(job, document, role, signed)


def _stamp(job: Job, document: Document, role: str, signed: SignedFile) -> None:
    job.services.listener.step("engine.step_stamp", **job.facts, file=signed.file.name.xml)
    data = bytes_to_stamp(signed)
    kept = job.folder("stamps") / f"{sha256(data).hexdigest()}.tst"
    now = job.require_clock("stamp")
    if not kept.exists():
        settings = job.settings.timestamp
        client = TimestampClient(
            settings,
            secret=job.services.secret,
            budget=Budget(job.services.data_dir / "timestamps" / "used.json", settings.budget),
            anchors=job.anchors,
        )
        job.store.transition(
            document.id,
            document.state,
            cause=f"stamp.{role}.intended",
            intent="stamp",
            intent_at=job.as_of(now),
            evidence={"url": settings.url},
        )
        stamp = client.stamp(data, now=now)
        write_bytes(kept, stamp.token)
        if stamp.left is not None and stamp.left < settings.warn_left:
            job.warn("timestamp.budget_low", **job.facts, left=stamp.left)
    stamped = add_timestamp(
        signed, job.folder(f"{role}-stamped"), kept.read_bytes(), anchors=job.anchors, now=now
    )
    findings = validate_file(job, stamped.file.path, signed=True)
    if findings.has_errors:
        raise FindingsStop(
            "engine.findings_stamped", findings, **{**job.facts, "count": findings.total}
        )
    job.store.transition(
        document.id,
        document.state,
        cause=f"{role} stamped",
        files={role: stamped},
        intent=None,
        evidence={"token_sha256": sha256(kept.read_bytes()).hexdigest()},
    )


def note_outage(job: Job) -> None:
    """Make sure that GİB is down, keep the proof, and take berats without stamps back.

    Berats that were made already are made again after their ledgers are stamped: they say how large
    those are.

    Raises:
        RefusedError: GİB answers, so the month can be submitted as it is.
        ClockRefused: the time of the proof would be worth nothing.
    """
    trouble = _trouble(job)
    documents = job.documents()
    evidence = {
        "asked": job.settings.gib.base_url,
        "error": trouble.text("en"),
        "measured_at": job.as_of(job.require_clock("outage")),
    }
    for document in documents:
        if document.state not in (*_TO_BE_MADE_AGAIN, State.VALIDATED):
            continue
        job.store.transition(
            document.id, document.state, cause="gib.outage", evidence=evidence, intent=None
        )
        if document.state in _TO_BE_MADE_AGAIN and not _has_stamp(job, document):
            job.store.transition(document.id, State.VALIDATED, cause="berat again, with a stamp")


def _has_stamp(job: Job, document: Document) -> bool:
    berat = job.store.files(document.id).get("berat")
    if document.state is State.BERAT_BUILT or berat is None or not berat.path.is_file():
        return False
    signature = open_document(berat.path).signature
    return check_stamps(signature, job.anchors).gen_time is not None


def _trouble(job: Job) -> EdefterError:
    """What keeps GİB from answering.

    Raises:
        RefusedError: it answers.
    """
    name = DocumentName(
        job.company.tax_id.number, job.period, Kind.YB, UNDIVIDED, job.branch_number
    )
    try:
        job.authority.status(name.package_id)
    except GibUnreachable as error:
        return error
    except EdefterError:
        pass  # an answer is an answer
    raise RefusedError("engine.gib_is_there", **job.facts)


def stamps_wanted(job: Job, *, outage: bool) -> Iterable[str]:
    """Which files get time stamps in this run: `ledger`, `berat`, both or none."""
    if outage:
        return ("ledger", "berat")
    return ("berat",) if job.settings.timestamp.use == "berats" else ()
