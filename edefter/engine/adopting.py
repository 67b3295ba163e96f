"""Take over approved berats (GIB- files): found at GİB, or downloaded by an operator."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from edefter.atomic import sha256_file, write_bytes
from edefter.berat.approved import ApprovedBerat
from edefter.engine.approval import examine_approved
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.services import Services
from edefter.errors import ConfigError, DataError, OperatorNeeded
from edefter.model.company import Company
from edefter.model.documents import DocumentName
from edefter.model.files import StoredFile
from edefter.model.finding import Severity
from edefter.state.records import Document
from edefter.state.states import ADOPTED_FROM, APPROVED_STATES


def adopt_file(services: Services, company: Company, path: Path) -> ApprovedBerat:
    """Verify one GIB- file and take its month over as approved.

    For a month that is approved here already the file is put back when it is the same one.

    Args:
        services: the world.
        company: whose berat it must be.
        path: the file, under the name that GİB gave it.

    Returns:
        What the approved berat says about itself.

    Raises:
        ConfigError: no name of an approved berat, or of another company; no such file.
        DataError: the file does not verify.
        OperatorNeeded: another berat is approved here, or the month stands where it must first
            be asked for.
        WaitingError: another run is working on the company.
    """
    try:
        name = DocumentName.parse(path.name)
    except ValueError:
        raise ConfigError("engine.not_approved_name", file=path.name) from None
    if not name.approved or not name.kind.is_berat or name.tax_number != company.tax_id.number:
        raise ConfigError("engine.not_approved_name", file=path.name)
    job = Job(services, company, name.branch, name.period)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError("engine.no_file", path=str(path)) from None
    plain = DocumentName(name.tax_number, name.period, name.kind, name.part, name.branch)
    approved = examine_approved(job, data, file_name=path.name, package_id=plain.package_id)
    if not approved.ok:
        first = next(f for f in approved.findings if f.severity is Severity.ERROR)
        raise DataError(
            "engine.adopt_refused",
            file=path.name,
            problem_tr=first.message_tr,
            problem_en=first.message_en,
        )
    with company_lock(services.data_dir / "locks", services.store, company):
        adopt_approved(job, plain, data, approved, cause="operator.adopted")
    return approved


def adopt_files(
    services: Services, company: Company, paths: Sequence[Path]
) -> list[tuple[Path, ApprovedBerat]]:
    """Take over several files; the first that does not verify stops."""
    return [(path, adopt_file(services, company, path)) for path in paths]


def adopt_approved(
    job: Job, name: DocumentName, data: bytes, approved: ApprovedBerat, *, cause: str
) -> None:
    """Take over one verified GIB- berat; call it with the company's lock held.

    Args:
        job: company and branch; the month is that of `name`.
        name: of the berat, without `GIB-`.
        data, approved: the file and what it says.
        cause: for the audit chain.

    Raises:
        OperatorNeeded: another version is approved here, or this document may be at GİB.
        VaultConflict: the archive holds something else under that name.
    """
    document = _document(job, name)
    digest = hashlib.sha256(data).hexdigest()
    if document is not None and document.state not in ADOPTED_FROM:
        _put_back(job, document, name, data, digest)
        return
    folder = job.archive_folder_of(approved.period_start or name.period.first_day)
    held = job.vault.put_bytes(data, name.as_approved().xml, folder, f"GIB-{name.kind}")
    stored = StoredFile(
        path=held.path, name=name.as_approved(), size_bytes=held.size_bytes, sha256=held.sha256
    )
    job.store.adopt(
        company=job.company.code,
        branch=job.branch_number,
        period=name.period,
        kind=name.kind.ledger,
        part=name.part,
        first_day=(approved.period_start or name.period.first_day).isoformat(),
        last_day=(approved.period_end or name.period.last_day).isoformat(),
        approved=stored,
        cause=cause,
        approved_at=job.as_of(approved.approved_at) if approved.approved_at else "",
        evidence={"unique_id": approved.unique_id, "package": name.package_id},
    )


def _put_back(job: Job, document: Document, name: DocumentName, data: bytes, digest: str) -> None:
    record = job.store.files(document.id).get("approved")
    if document.state not in APPROVED_STATES or record is None or record.sha256 != digest:
        raise OperatorNeeded(
            "engine.cannot_adopt",
            **{**job.facts, "file": name.as_approved().xml, "state": document.state.value},
        )
    record.path.parent.mkdir(parents=True, exist_ok=True)
    if not record.path.exists():
        write_bytes(record.path, data)


def _document(job: Job, name: DocumentName) -> Document | None:
    known = job.store.documents(
        job.company.code, job.branch_number, name.period, kinds=(name.kind.ledger,)
    )
    return next((d for d in known if (d.kind, d.part) == (name.kind.ledger, name.part)), None)


def approved_file_is_held(job: Job, document: Document) -> bool:
    """Whether the approved berat of a document is here unchanged: as fetched, or in the archive."""
    record = job.store.files(document.id).get("approved")
    if record is None:
        return False
    folder = job.archive_folder_of(date.fromisoformat(document.first_day))
    places = (record.path, folder / record.name)
    return any(path.is_file() and sha256_file(path) == record.sha256 for path in places)
