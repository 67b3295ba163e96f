"""Approved → the local tree, with manifest, stylesheets and the evidence of seals."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from edefter.engine.files import require_whole
from edefter.engine.job import Job
from edefter.engine.trusting import archive_evidence
from edefter.model.documents import DocumentName, Kind
from edefter.state.records import Document, FileRecord
from edefter.state.states import State


def roles_of(kind: Kind) -> tuple[str, ...]:
    """Files of a document that are archived, in this order; a report has no berat."""
    return ("ledger", "berat", "approved") if kind.has_berat else ("ledger",)


def ensure_in_tree(job: Job, *done: State) -> None:
    """Put the files of every document that has come to its end into the local archive tree.

    Args:
        job: the month.
        done: the states in which documents have: approved; a report is also when it is not to be
            sent, or GİB has processed it.

    Raises:
        OperatorNeeded: another file stands under the same name.
    """
    for document in job.in_state(*(done or (State.APPROVED,))):
        if document.adopted:
            continue
        folder = folder_of(job, document)
        job.services.listener.step("engine.step_archive", **job.facts, file=document.label)
        files = job.store.files(document.id)
        roles = roles_of(document.kind)
        held = {}
        for role in roles:
            stored = files[role].stored
            if not (folder / stored.name.xml).is_file():
                require_whole(job, document, role)
            held[role] = job.vault.put(stored, folder, archive_kind(stored.name)).sha256
            job.vault.note(
                folder,
                stored.name.xml,
                ledger_signature_sha256=signature_sha256(files),
                gib_state=document.state.value,
            )
        job.vault.put_stylesheets(folder)
        archive_evidence(job, {role: files[role] for role in roles}, folder)
        job.store.transition(
            document.id,
            State.ARCHIVING,
            cause="in local tree",
            evidence={"folder": folder.name, "files": held},
        )


def folder_of(job: Job, document: Document) -> Path:
    """The month folder that a document's files lie in."""
    return job.archive_folder_of(date.fromisoformat(document.first_day))


def signature_sha256(files: dict[str, FileRecord]) -> str:
    """SHA-256, lower-case hex, of the ledger's SignatureValue; files by role."""
    return hashlib.sha256((files["ledger"].signature_value or "").encode()).hexdigest()


def archive_kind(name: DocumentName) -> str:
    """Kind of a file for the portal and the manifest: `Y`, `YB`, `GIB-YB` …"""
    return f"GIB-{name.kind}" if name.approved else str(name.kind)
