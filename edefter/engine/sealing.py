"""Clock → signature → validation of the signed file → berat → signature → package.

Nothing is sent here. Each ledger goes on from the state it is in; what a killed run left half
done is done again, and its files are replaced before anyone outside has seen them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from edefter.engine.checks import findings_of, validate_file, warn_of
from edefter.engine.errors import FindingsStop
from edefter.engine.files import file_changed, require_whole
from edefter.engine.job import Job
from edefter.engine.movements import movements_of
from edefter.engine.packing import deflate_for, pack
from edefter.engine.piecework import SignedBook, look_at, make_berat, sign_book, take_digest
from edefter.engine.spreading import spread
from edefter.engine.stamping import ensure_stamped, stamps_wanted
from edefter.errors import EdefterError
from edefter.model.documents import Kind
from edefter.model.files import StoredFile
from edefter.model.finding import FindingLog
from edefter.model.period import ISTANBUL
from edefter.signature.sign import (
    seal_digest,
    sign_file,
)
from edefter.state.records import Document, FileRecord
from edefter.state.states import State
from edefter.validation.report import Report
from edefter.validation.sets.cross import check_berat, check_pair
from edefter.xmlsig.certificate import fingerprint


def ensure_ledgers_signed(job: Job) -> None:
    """Bring every ledger of the month from PRECHECKED to VALIDATED at least.

    Raises:
        ClockRefused, SealRefused: nothing is signed.
        OperatorNeeded: an unsigned ledger is not the one that was checked.
        FindingsStop: a signed file has a finding; no berat is made from it.
    """
    looks = _sign_ledgers(job)
    _validate_signed(job, looks)


def _sign_ledgers(job: Job) -> dict[int, Report]:
    """Sign by digests: only the small work of the seal is done here, one after the other.

    Returns:
        What the rules say of the signed files, by document.
    """
    begun = []
    for document in job.in_state(State.PRECHECKED):
        unsigned = job.store.files(document.id).get("unsigned")
        if unsigned is None:
            raise file_changed(job, document, "unsigned", None)
        digest = job.judged.digest(unsigned.sha256)
        heavy = unsigned.size_bytes if digest is None else 0
        begun.append((document, unsigned, spread(job, heavy, take_digest, unsigned.stored, digest)))
    written: list[tuple[Document, Callable[[], SignedBook]]] = []
    stopped: EdefterError | None = None
    for document, unsigned, ready in begun:
        job.services.listener.step("engine.step_sign", **job.facts, file=unsigned.path.name)
        try:
            source = ready()
            if source is None:
                raise file_changed(job, document, "unsigned", unsigned)
            now = _intend(job, document, unsigned.sha256, "signed")
            block = seal_digest(source, job.seal, signing_time=now)
        except EdefterError as error:
            stopped = error  # what the seal has signed by now is kept
            break
        finished = spread(
            job, unsigned.size_bytes, sign_book, source, block, job.folder("signed"), now,
            fingerprint(job.seal.certificate), job.judged.proof(unsigned.path),
            deflate_for(job, unsigned.stored.name),
        )  # fmt: skip
        written.append((document, finished))
    looks = {}
    for document, finished in written:
        made = finished()
        signed, looks[document.id] = made.signed, made.report
        job.judged.note_deflated(made.deflated)
        job.services.listener.step("engine.step_validate", **job.facts, file=signed.file.path.name)
        job.store.transition(
            document.id, State.SIGNED, cause="signed", files={"ledger": signed}, intent=None
        )
    if stopped is not None:
        raise stopped
    return looks


def _intend(job: Job, document: Document, sha256: str, folder: str) -> datetime:
    """Seal and clock are good, and what is about to be signed is recorded; its signing time."""
    job.check_seal(job.measured_time("sign"))
    now = job.require_clock("sign")
    job.store.transition(
        document.id,
        document.state,
        cause=f"sign.{folder}.intended",
        intent="sign",
        intent_at=job.as_of(now),
        evidence={"sha256": sha256},
    )
    return now.astimezone(ISTANBUL).replace(microsecond=0)


def _validate_signed(job: Job, reports: Mapping[int, Report]) -> None:
    waiting = job.in_state(State.SIGNED)
    if not waiting:
        return
    findings = FindingLog()
    looks: list[tuple[FileRecord, Callable[[], Report]]] = []
    for document in waiting:
        ledger = job.store.files(document.id).get("ledger")
        if document.id in reports and ledger is not None:
            looks.append((ledger, partial(reports.__getitem__, document.id)))
            continue
        # A killed run left it so, or the look at it did not come to its end.
        ledger = require_whole(job, document, "ledger")
        job.services.listener.step("engine.step_validate", **job.facts, file=ledger.path.name)
        looks.append((ledger, spread(job, ledger.size_bytes, look_at, ledger.signed)))
    for document, (ledger, look) in zip(waiting, looks, strict=True):
        numbered = document.kind is Kind.Y
        findings.merge(
            findings_of(
                job,
                ledger.path,
                look(),
                before=document.counters_before if numbered else None,
                after=document.counters_after if numbered else None,
            )
        )
    for yevmiye, kebir in _signed_pairs(job):
        findings.merge(check_pair(yevmiye, kebir, readings=job.judged.readings))
    if findings.has_errors:
        for document in waiting:
            job.store.transition(document.id, State.DRAFT, cause="signed file has findings")
        raise FindingsStop(
            "engine.findings_signed", findings, **{**job.facts, "count": findings.total}
        )
    warn_of(job, findings)
    for document in waiting:
        job.store.transition(document.id, State.VALIDATED, cause="validated")


def _signed_pairs(job: Job) -> Iterator[tuple[Path, Path]]:
    """Signed yevmiye and kebir of each part of which both are there."""
    ledgers: dict[str, dict[Kind, Path]] = {}
    for document in job.documents():
        files = job.store.files(document.id)
        if "ledger" in files:
            ledgers.setdefault(document.part, {})[document.kind] = files["ledger"].path
    for pair in ledgers.values():
        if Kind.Y in pair and Kind.K in pair:
            yield pair[Kind.Y], pair[Kind.K]


def ensure_packaged(job: Job, *, outage: bool = False) -> None:
    """Bring every ledger from VALIDATED to PACKAGED at least: berat, its signature, zip.

    Args:
        job: the month.
        outage: GİB is down: ledgers and berats get time stamps.

    Raises:
        ClockRefused, SealRefused: nothing is signed.
        FindingsStop: a berat has a finding; nothing is packaged.
        ConfigError, OperatorNeeded, WaitingError: no time stamp where one is wanted.
    """
    stamped = stamps_wanted(job, outage=outage)
    if "ledger" in stamped:
        ensure_stamped(job, State.VALIDATED, "ledger")
    packing: dict[int, Callable[[], tuple[StoredFile, dict[str, str]]]] = {}
    for document in _berats(job):
        _seal_berat(job, document)
        if "berat" not in stamped:
            packing[document.id] = pack(job, document)
    if "berat" in stamped:
        ensure_stamped(job, State.BERAT_SIGNED, "berat")
    waiting = job.in_state(State.BERAT_SIGNED)
    for document in waiting:
        if document.id not in packing:
            require_whole(job, document, "berat")
            packing[document.id] = pack(job, document)
    for document in waiting:
        # A ledger that is not the one that was signed any more is refused while it is packed.
        stored, members = packing[document.id]()
        job.store.transition(
            document.id,
            State.PACKAGED,
            cause="packaged",
            files={"package": stored},
            evidence={"members": members},
        )


def _berats(job: Job) -> Iterator[Document]:
    """Documents with an unsigned berat: those that a killed run left so, then each as it is built.

    Raises:
        OperatorNeeded: a ledger is not the one that was signed any more.
    """
    yield from job.in_state(State.BERAT_BUILT)
    begun = []
    for document in job.in_state(State.VALIDATED):
        ledger = job.store.files(document.id).get("ledger")
        if ledger is None:
            raise file_changed(job, document, "ledger", None)
        ettn = uuid.UUID(document.ettn) if document.ettn else uuid.uuid4()
        job.store.transition(document.id, State.VALIDATED, cause="berat.intended", ettn=str(ettn))
        folder, known = job.folder("berat-unsigned"), movements_of(document)
        made = spread(job, ledger.size_bytes, make_berat, ledger.signed, folder, ettn, known)
        begun.append((document, ledger, made))
    for document, ledger, made in begun:
        berat = made()
        if berat is None:
            raise file_changed(job, document, "ledger", ledger)
        yield job.store.transition(
            document.id, State.BERAT_BUILT, cause="berat built", files={"berat_unsigned": berat}
        )


def _seal_berat(job: Job, document: Document) -> None:
    unsigned = require_whole(job, document, "berat_unsigned").stored
    job.services.listener.step("engine.step_berat", **job.facts, file=unsigned.path.name)
    now = _intend(job, document, unsigned.sha256, "berat")
    berat = sign_file(unsigned, job.folder("berat"), job.seal, signing_time=now)
    findings = validate_file(job, berat.file.path, signed=True)
    ledger = job.store.files(document.id)["ledger"]
    findings.merge(check_berat(berat.file.path, ledger.path, readings=job.judged.readings))
    if findings.has_errors:
        job.store.transition(document.id, State.DRAFT, cause="berat has findings")
        raise FindingsStop(
            "engine.findings_berat", findings, **{**job.facts, "count": findings.total}
        )
    warn_of(job, findings)
    job.store.transition(
        document.id,
        State.BERAT_SIGNED,
        cause="berat signed",
        files={"berat": berat},
        intent=None,
    )
