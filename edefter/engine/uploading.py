"""The archived files of a document to the portal, and its receipts beside them."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from edefter.archive import bundle
from edefter.archive.bundle import RECEIPT_ENDING, bundle_of, bundle_stem
from edefter.archive.manifest import Role
from edefter.archive.port import ArchiveItem, Receipt
from edefter.archive.receipts import held_receipt
from edefter.engine.archiving import archive_kind, folder_of, roles_of, signature_sha256
from edefter.engine.job import Job
from edefter.errors import OperatorNeeded
from edefter.model.documents import Kind
from edefter.state.records import Document, FileRecord
from edefter.state.states import State

BUNDLE = "bundle"
"""Role of a document's side files (`archive.bundle`) among its uploads."""


def uploads_of(kind: Kind) -> tuple[str, ...]:
    """What the portal holds of a document, in this order: its files, then what proves them."""
    return (*roles_of(kind), BUNDLE)


def upload_name(job: Job, document: Document, role: str, files: dict[str, FileRecord]) -> str:
    """File name of an upload.

    Args:
        job: the month.
        document: whose.
        role: of `uploads_of`.
        files: of the document, by role.
    """
    if role == BUNDLE:
        return f"{bundle_stem(document.name(job.company.tax_id.number))}.zip"
    return files[role].stored.name.xml


class _Memory:
    """Keeps the place of one upload in the state database."""

    def __init__(self, job: Job, document: Document, role: str, sha256: str) -> None:
        self._job, self._document = job, document
        self._role, self._sha256 = role, sha256

    def load(self) -> dict[str, str]:
        known = self._job.store.upload(self._document.id, self._role)
        if known is None or known.sha256 != self._sha256:
            return {}
        return known.memory or {}

    def save(self, values: dict[str, str]) -> None:
        self._job.store.save_upload(self._document.id, self._role, self._sha256, memory=values)


def ensure_uploaded(job: Job) -> None:
    """Upload every file of the archived documents to the portal and keep its receipts.

    Raises:
        WaitingError: the portal is not reachable or still verifying; a later run continues.
        OperatorNeeded: it holds other content, or broke its contract.
        ConfigError: credentials or set-up.
    """
    documents = job.in_state(State.ARCHIVING)
    if not job.settings.portal.enabled:
        for document in documents:
            job.store.transition(document.id, State.ARCHIVED, cause="portal switched off")
        return
    documents += _not_wholly_there(job)
    if not documents:
        return
    job.portal.register(job.company)
    told = _send_large_ahead(job, documents)
    for document in documents:
        for role in uploads_of(document.kind):
            _upload(job, document, role, tell=(document.id, role) not in told)
        if document.state is State.ARCHIVING:
            job.store.transition(document.id, State.ARCHIVED, cause="all receipts held")


def _not_wholly_there(job: Job) -> list[Document]:
    """Archived when the portal was switched off, or by a version that made no bundles."""
    return [
        document
        for document in job.in_state(State.ARCHIVED)
        if not document.adopted and not _is_stored(job, document, BUNDLE)
    ]


def _is_stored(job: Job, document: Document, role: str) -> bool:
    known = job.store.upload(document.id, role)
    return known is not None and known.state == "stored"


def _previous_receipt(job: Job) -> Receipt | None:
    """The firm's last receipt held here; the new one must link to it."""
    raw = job.store.last_receipt(job.company.code)
    return held_receipt(raw) if raw else None


def _as_held(path: Path, receipt: Receipt) -> Receipt:
    """The receipt that a killed run filed already, when it is the same one.

    A portal may sign the same receipt anew each time it is asked; the archive keeps the first.
    """
    if not path.is_file():
        return receipt
    held = held_receipt(path.read_text(encoding="ascii"))
    same = held.body == receipt.body
    return held if same else receipt


def _send_large_ahead(job: Job, documents: list[Document]) -> set[tuple[int, str]]:
    """Files of more than one chunk go side by side; confirming them stays one by one.

    Returns:
        (document id, role) of those that were told to the listener.
    """
    waiting: dict[tuple[int, str], tuple[ArchiveItem, _Memory]] = {}
    for document in documents:
        for role in roles_of(document.kind):
            item = _item(job, document, role)
            if item.size_bytes > job.settings.portal.chunk_bytes and _begin(
                job, document, role, item
            ):
                memory = _Memory(job, document, role, item.sha256)
                waiting[document.id, role] = (item, memory)
    at_once = job.portal.uploads_at_once() if len(waiting) > 1 else 1
    if at_once < 2:
        return set(waiting)
    with ThreadPoolExecutor(at_once) as pool:
        send = job.portal.send_ahead
        sent = [pool.submit(send, item, memory) for item, memory in waiting.values()]
        try:
            for future in as_completed(sent):
                future.result()
        finally:
            for future in sent:
                future.cancel()  # those not begun; the others come to their end
    return set(waiting)


def _begin(
    job: Job, document: Document, role: str, item: ArchiveItem, *, tell: bool = True
) -> bool:
    """Record that a file is to be uploaded; False = its receipt is held already."""
    done = job.store.upload(document.id, role)
    if done is not None and done.state == "stored" and done.sha256 == item.sha256:
        return False
    if tell:
        job.services.listener.step("engine.step_upload", **job.facts, file=item.file_name)
    if not item.path.is_file():
        raise OperatorNeeded(
            "engine.file_changed", **job.facts, file=item.file_name, path=str(item.path)
        )
    if done is None or done.sha256 != item.sha256:
        # Another content after a correction: what is known of the one before serves no more, but
        # its receipt, which is a link of the chain.
        job.store.save_upload(
            document.id, role, item.sha256, state="intended",
            memory=None, verified_at=None, challenged_at=None,
        )  # fmt: skip
    return True


def _upload(job: Job, document: Document, role: str, *, tell: bool) -> None:
    item = _item(job, document, role)
    if not _begin(job, document, role, item, tell=tell):
        return
    folder = item.path.parent
    receipt = job.portal.store(
        item, _Memory(job, document, role, item.sha256), _previous_receipt(job)
    )
    receipt_name = f"{item.path.stem}{RECEIPT_ENDING}"
    receipt = _as_held(folder / receipt_name, receipt)
    raw = receipt.raw.encode()
    job.vault.put_bytes(raw, receipt_name, folder, Role.RECEIPT)
    job.vault.note(folder, item.file_name, receipt_id=receipt.receipt_id)
    job.store.save_upload(
        document.id,
        role,
        item.sha256,
        state="stored",
        memory=None,
        receipt_id=receipt.receipt_id,
        receipt_seq=receipt.seq,
        receipt_sha256=hashlib.sha256(raw).hexdigest(),
        receipt=receipt.raw,
        stored_at=job.as_of(receipt.stored_at),
    )


def _item(job: Job, document: Document, role: str) -> ArchiveItem:
    folder = folder_of(job, document)
    files = job.store.files(document.id)
    if role == BUNDLE:
        path, size_bytes, sha256 = _bundle(job, document, folder)
        package_id, kind = path.stem, bundle.KIND
    else:
        record = files[role]
        name = record.stored.name
        path, size_bytes, sha256 = folder / name.xml, record.size_bytes, record.sha256
        package_id, kind = replace(name, approved=False).package_id, archive_kind(name)
    return ArchiveItem(
        path=path,
        file_name=path.name,
        package_id=package_id,
        kind=kind,
        period=job.period.compact,
        branch=job.branch_number,
        part=document.part,
        size_bytes=size_bytes,
        sha256=sha256,
        ledger_signature_sha256=signature_sha256(files),
        firm=job.company.tax_id.number,
    )


def _bundle(job: Job, document: Document, folder: Path) -> tuple[Path, int, str]:
    """The bundle in the vault, made when the receipts of all files are there; path, bytes, hash."""
    ledger = document.name(job.company.tax_id.number)
    path = folder / f"{bundle_stem(ledger)}.zip"
    # Once made it stays: it is at the portal with this content, or on its way there.
    content = path.read_bytes() if path.is_file() else bundle_of(folder, ledger)
    held = job.vault.put_bytes(content, path.name, folder, Role.BUNDLE)
    return held.path, held.size_bytes, held.sha256
