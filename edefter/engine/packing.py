"""The zip that goes to GİB, from the files that state holds; made alike at first and again."""

from __future__ import annotations

from collections.abc import Callable

from edefter.engine.job import Job
from edefter.engine.spreading import spread
from edefter.gib.package import build_package, expected_members
from edefter.model.documents import DocumentName
from edefter.model.files import StoredFile
from edefter.state.records import Document


def pack(job: Job, document: Document) -> Callable[[], tuple[StoredFile, dict[str, str]]]:
    """Begin to zip a document's signed berat (with the ledger where GİB wants it), or a report.

    Returns:
        Gives the zip, and the SHA-256 of its members by name.

    Raises:
        PackageRefused: the files are not those that were signed.
    """
    files = job.store.files(document.id)
    ahead = job.judged.take_deflated(files["ledger"].sha256)
    made = spread(
        job,
        0 if ahead is not None else files["ledger"].size_bytes,
        build_package,
        files["berat" if document.kind.has_berat else "ledger"].signed,
        files["ledger"].signed if document.kind.has_berat else None,
        job.folder("package"),
        kebir_upload_until=job.settings.gib.kebir_upload_until,
        deflate=job.settings.gib.deflate,
        ahead=ahead,
    )

    def result() -> tuple[StoredFile, dict[str, str]]:
        package = made()
        if ahead is not None:
            ahead.path.unlink(missing_ok=True)
        stored = StoredFile(
            path=package.path,
            name=package.name,
            size_bytes=package.size_bytes,
            sha256=package.sha256,
        )
        return stored, {m.path.name: m.sha256 for m in package.members}

    return result


def deflate_for(job: Job, document: DocumentName) -> str:
    """How a ledger or report is compressed for its package; empty when it goes into none."""
    kind = document.kind
    package = document.with_kind(kind.berat) if kind.has_berat else document
    members = expected_members(package, job.settings.gib.kebir_upload_until)
    return job.settings.gib.deflate if document in members else ""
