"""Clock → signature → validation of the signed file → berat → signature → package.

Nothing is sent here. Each ledger goes on from the state it is in; what a killed run left half
done is done again, and its files are replaced before anyone outside has seen them.
"""

from __future__ import annotations

import uuid

from edefter.atomic import sha256_file
from edefter.berat.build import build_berat
from edefter.engine.checks import validate_file, warn_of
from edefter.engine.errors import FindingsStop
from edefter.engine.job import ISTANBUL, Job
from edefter.errors import OperatorNeeded
from edefter.gib.package import build_package
from edefter.model.documents import Kind
from edefter.model.files import SignedFile, StoredFile
from edefter.model.finding import FindingLog
from edefter.signature.sign import sign_file
from edefter.state.records import Document
from edefter.state.states import State
from edefter.validation.cross import check_berat, check_pair


def ensure_ledgers_signed(job: Job) -> None:
    """Bring every ledger of the month from PRECHECKED to VALIDATED at least.

    Raises:
        ClockRefused, SealRefused: nothing is signed.
        FindingsStop: a signed file has a finding; no berat is made from it.
    """
    for document in job.in_state(State.PRECHECKED):
        unsigned = _whole(job, document, "unsigned")
        job.services.listener.step("engine.step_sign", **job.facts, file=unsigned.path.name)
        signed = _sign(job, document, unsigned, "signed")
        job.store.transition(
            document.id, State.SIGNED, cause="signed", files={"ledger": signed}, intent=None
        )
    _validate_signed(job)


def _sign(job: Job, document: Document, source: StoredFile, folder: str) -> SignedFile:
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
    )


def _whole(job: Job, document: Document, role: str) -> StoredFile:
    record = job.store.files(document.id)[role]
    if not record.path.exists() or sha256_file(record.path) != record.sha256:
        raise OperatorNeeded(
            "engine.file_changed", **job.facts, file=record.name, path=str(record.path)
        )
    return record.stored


def _validate_signed(job: Job) -> None:
    waiting = job.in_state(State.SIGNED)
    if not waiting:
        return
    findings = FindingLog()
    for document in waiting:
        ledger = _whole(job, document, "ledger")
        job.services.listener.step("engine.step_validate", **job.facts, file=ledger.path.name)
        findings.merge(validate_file(job, ledger.path, signed=True))
    ledgers = {
        d.kind: job.store.files(d.id)["ledger"].path
        for d in job.documents()
        if "ledger" in job.store.files(d.id)
    }
    if Kind.Y in ledgers and Kind.K in ledgers:
        findings.merge(check_pair(ledgers[Kind.Y], ledgers[Kind.K]))
    if findings.has_errors:
        for document in waiting:
            job.store.transition(document.id, State.DRAFT, cause="signed file has findings")
        raise FindingsStop(
            "engine.findings_signed", findings, **{**job.facts, "count": findings.total}
        )
    warn_of(job, findings)
    for document in waiting:
        job.store.transition(document.id, State.VALIDATED, cause="validated")


def ensure_packaged(job: Job) -> None:
    """Bring every ledger from VALIDATED to PACKAGED at least: berat, its signature, zip.

    Raises:
        ClockRefused, SealRefused: nothing is signed.
        FindingsStop: a berat has a finding; nothing is packaged.
    """
    for document in job.in_state(State.VALIDATED):
        ledger = job.store.files(document.id)["ledger"].signed
        _whole(job, document, "ledger")
        ettn = uuid.UUID(document.ettn) if document.ettn else uuid.uuid4()
        job.store.transition(document.id, State.VALIDATED, cause="berat.intended", ettn=str(ettn))
        berat = build_berat(ledger, job.folder("berat-unsigned"), ettn=ettn)
        job.store.transition(
            document.id, State.BERAT_BUILT, cause="berat built", files={"berat_unsigned": berat}
        )
    for document in job.in_state(State.BERAT_BUILT):
        _seal_berat(job, document)
    for document in job.in_state(State.BERAT_SIGNED):
        _whole(job, document, "ledger")
        _whole(job, document, "berat")
        stored, members = pack(job, document)
        job.store.transition(
            document.id,
            State.PACKAGED,
            cause="packaged",
            files={"package": stored},
            evidence={"members": members},
        )


def pack(job: Job, document: Document) -> tuple[StoredFile, dict[str, str]]:
    """Zip the signed berat of a document (with its ledger where GİB wants it).

    Returns:
        The zip, and the SHA-256 of its members by name.

    Raises:
        PackageRefused: the files are not those that were signed.
    """
    files = job.store.files(document.id)
    package = build_package(
        files["berat"].signed,
        files["ledger"].signed,
        job.folder("package"),
        kebir_upload_until=job.settings.gib.kebir_upload_until,
    )
    stored = StoredFile(
        path=package.path,
        name=package.name,
        size_bytes=package.size_bytes,
        sha256=package.sha256,
    )
    return stored, {m.path.name: m.sha256 for m in package.members}


def _seal_berat(job: Job, document: Document) -> None:
    unsigned = _whole(job, document, "berat_unsigned")
    job.services.listener.step("engine.step_berat", **job.facts, file=unsigned.path.name)
    berat = _sign(job, document, unsigned, "berat")
    findings = validate_file(job, berat.file.path, signed=True)
    ledger = job.store.files(document.id)["ledger"]
    findings.merge(check_berat(berat.file.path, ledger.path))
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
