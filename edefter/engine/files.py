"""Are the files that state speaks of still there, byte for byte? And what to do when not.

Before anything was sent, a lost or changed file only means that its document is made again. What
may be at GİB is never made again: then a person must bring the file back.
"""

from __future__ import annotations

from edefter.atomic import sha256_file
from edefter.engine.job import Job
from edefter.engine.packing import pack
from edefter.errors import OperatorNeeded
from edefter.signature.sign import restore
from edefter.state.records import Document, FileRecord
from edefter.state.states import State

_NEEDED: dict[State, tuple[str, ...]] = {
    State.PRECHECKED: ("unsigned",),
    State.SIGNED: ("ledger",),
    State.VALIDATED: ("ledger",),
    State.BERAT_BUILT: ("ledger", "berat_unsigned"),
    State.BERAT_SIGNED: ("ledger", "berat"),
    State.PACKAGED: ("ledger", "berat"),
}


def is_whole(record: FileRecord | None) -> bool:
    """Whether the file is on disk and is the one that was recorded."""
    return (
        record is not None and record.path.is_file() and sha256_file(record.path) == record.sha256
    )


def remake_lost_files(job: Job) -> None:
    """Take documents back to DRAFT whose files are gone or changed; zip a lost package again.

    Only documents of which nothing was taken in by GİB are touched.
    """
    for document in job.in_state(*_NEEDED):
        files = job.store.files(document.id)
        needed = _NEEDED[document.state]
        if not document.kind.has_berat:
            needed = tuple(role for role in needed if role != "berat")
        lost = [
            role
            for role in needed
            if not (is_whole(files.get(role)) or _brought_back(job, role, files.get(role)))
        ]
        if lost:
            job.warn("engine.made_again", **job.facts, file=document.label, roles=", ".join(lost))
            job.store.transition(
                document.id,
                State.DRAFT,
                cause="work file missing or changed",
                evidence={"lost": lost},
                ettn=None,
                intent=None,
            )
        elif document.state is State.PACKAGED and not is_whole(files.get("package")):
            job.store.transition(
                document.id,
                State.PACKAGED,
                cause="package made again",
                files={"package": pack(job, document)()[0]},
            )


def _brought_back(job: Job, role: str, record: FileRecord | None) -> bool:
    """Whether an unsigned ledger is there again, which a killed run was about to sign."""
    if role != "unsigned" or record is None:
        return False
    return restore(record.stored, job.folder("signed") / record.path.name)


def require_whole(job: Job, document: Document, role: str) -> FileRecord:
    """The record of a file that must be there now.

    Raises:
        OperatorNeeded: it is missing or was changed; the text says where it must be.
    """
    record = job.store.files(document.id).get(role)
    if record is None or not is_whole(record):
        raise file_changed(job, document, role, record)
    return record


def file_changed(
    job: Job, document: Document, role: str, record: FileRecord | None
) -> OperatorNeeded:
    """The error that a file is missing or was changed; the text says where it must be."""
    return OperatorNeeded(
        "engine.file_changed",
        **job.facts,
        file=record.name if record else f"{document.label} {role}",
        path=str(record.path) if record else "-",
    )
