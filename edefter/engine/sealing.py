"""Clock → signature → validation of the signed file → berat → signature → package.

Nothing is sent here. Each ledger goes on from the state it is in; what a killed run left half
done is done again, and its files are replaced before anyone outside has seen them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

from edefter.berat.build import build_berat
from edefter.engine.checks import findings_of, judge_file, validate_file, warn_of
from edefter.engine.errors import FindingsStop
from edefter.engine.files import require_whole
from edefter.engine.job import ISTANBUL, Job
from edefter.engine.movements import movements_of
from edefter.engine.packing import pack
from edefter.engine.spreading import spread
from edefter.engine.stamping import ensure_stamped, stamps_wanted
from edefter.model.documents import Kind
from edefter.model.files import SignedFile, StoredFile
from edefter.model.finding import FindingLog
from edefter.signature.sign import prove, sign_file
from edefter.state.records import Document
from edefter.state.states import State
from edefter.validation.judging.entries_proof import EntriesProof
from edefter.validation.report import Report
from edefter.validation.sets.cross import check_berat, check_pair


def ensure_ledgers_signed(job: Job) -> None:
    """Bring every ledger of the month from PRECHECKED to VALIDATED at least.

    Raises:
        ClockRefused, SealRefused: nothing is signed.
        FindingsStop: a signed file has a finding; no berat is made from it.
    """
    for document in job.in_state(State.PRECHECKED):
        unsigned = require_whole(job, document, "unsigned").stored
        job.services.listener.step("engine.step_sign", **job.facts, file=unsigned.path.name)
        # Proven by `_validate_signed`, before any berat is made from it.
        signed = _sign(job, document, unsigned, "signed", proven=False)
        job.store.transition(
            document.id, State.SIGNED, cause="signed", files={"ledger": signed}, intent=None
        )
    _validate_signed(job)


def _sign(
    job: Job, document: Document, source: StoredFile, folder: str, *, proven: bool = True
) -> SignedFile:
    job.check_seal(job.measured_time("sign"))
    now = job.require_clock("sign")
    job.store.transition(
        document.id,
        document.state,
        cause=f"sign.{folder}.intended",
        intent="sign",
        intent_at=job.as_of(now),
        evidence={"sha256": source.sha256},
    )
    return sign_file(
        source,
        job.folder(folder),
        job.seal,
        signing_time=now.astimezone(ISTANBUL).replace(microsecond=0),
        proven=proven,
    )


def _validate_signed(job: Job) -> None:
    waiting = job.in_state(State.SIGNED)
    if not waiting:
        return
    findings, looks = FindingLog(), []
    for document in waiting:
        ledger = require_whole(job, document, "ledger")
        job.services.listener.step("engine.step_validate", **job.facts, file=ledger.path.name)
        proof = job.judged.proof(ledger.path)
        looks.append((ledger, spread(job, ledger.size_bytes, _look, ledger.signed, proof)))
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


def _look(ledger: SignedFile, proof: EntriesProof | None) -> Report:
    """Prove and judge a signed ledger; any process may do it."""
    prove(ledger)
    return judge_file(ledger.file.path, signed=True, proof=proof)


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
    for document in job.in_state(State.VALIDATED):
        ledger = require_whole(job, document, "ledger").signed
        ettn = uuid.UUID(document.ettn) if document.ettn else uuid.uuid4()
        job.store.transition(document.id, State.VALIDATED, cause="berat.intended", ettn=str(ettn))
        berat = build_berat(
            ledger, job.folder("berat-unsigned"), ettn=ettn, known=movements_of(document)
        )
        job.store.transition(
            document.id, State.BERAT_BUILT, cause="berat built", files={"berat_unsigned": berat}
        )
    for document in job.in_state(State.BERAT_BUILT):
        _seal_berat(job, document)
    if "berat" in stamped:
        ensure_stamped(job, State.BERAT_SIGNED, "berat")
    waiting = job.in_state(State.BERAT_SIGNED)
    for document in waiting:
        require_whole(job, document, "berat")
    # A ledger that is not the one that was signed any more is refused while it is packed.
    packages = [pack(job, document) for document in waiting]
    for document, package in zip(waiting, packages, strict=True):
        stored, members = package()
        job.store.transition(
            document.id,
            State.PACKAGED,
            cause="packaged",
            files={"package": stored},
            evidence={"members": members},
        )


def _seal_berat(job: Job, document: Document) -> None:
    unsigned = require_whole(job, document, "berat_unsigned").stored
    job.services.listener.step("engine.step_berat", **job.facts, file=unsigned.path.name)
    berat = _sign(job, document, unsigned, "berat")
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
