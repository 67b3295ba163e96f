"""Proof that nothing was lost: local files, journal, portal's list, its copies, its receipts.

Each proof is asked by itself, and what it finds names it (portal.md §9). The archive disk alone is
never believed: what state and portal say stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edefter.archive.audit import audit_receipts, challenge
from edefter.archive.hashtree import root_of
from edefter.archive.manifest import Entry
from edefter.archive.port import Receipt
from edefter.archive.portal import PortalClient
from edefter.archive.receipts import held_receipt
from edefter.engine.copy_proof import prove_copies
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.reconciling import reconcile_company
from edefter.engine.sampling import share
from edefter.engine.services import Services
from edefter.engine.uploading import upload_name, uploads_of
from edefter.engine.witnesses import Witnesses, disposed_years
from edefter.engine.worklist import books_of, months_of
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.model.finding import Finding
from edefter.state.records import UploadRecord


@dataclass
class Proof:
    """One proof.

    Args:
        name: `files`, `completeness`, `reconcile`, `challenge`, `receipts` or `copies`.
        checked: how many files, months, rows or receipts it looked at.
        findings: what it caught; empty = it holds.
    """

    name: str
    checked: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Extent:
    """What one month folder must hold.

    Args:
        folder: `fiscal year/month`.
        files, size_bytes: of its rows.
        root: of their hash tree, lower-case hex.
    """

    folder: str
    files: int
    size_bytes: int
    root: str


@dataclass(frozen=True, slots=True)
class ProofReport:
    """What is proven of a company.

    Args:
        company: code.
        proofs: in the order in which they were asked.
        folders: of every month folder (`fiscal year/month`) how many files it must hold, their
            bytes, the root of their hash tree; sorted.
        root: of the whole tree.
        receipts: number of the firm's last receipt at the portal; 0 = none.
    """

    company: str
    proofs: tuple[Proof, ...]
    folders: tuple[Extent, ...]
    root: str
    receipts: int

    @property
    def files(self) -> int:
        """How many files the tree must hold."""
        return sum(folder.files for folder in self.folders)

    @property
    def size_bytes(self) -> int:
        """Their bytes."""
        return sum(folder.size_bytes for folder in self.folders)

    @property
    def safe(self) -> bool:
        """Whether every proof holds."""
        return not any(proof.findings for proof in self.proofs)


@dataclass(frozen=True, slots=True)
class _Uploaded:
    """A file that the portal has given a receipt for."""

    file_name: str
    sha256: str
    record: UploadRecord
    document_id: int

    @property
    def receipt(self) -> Receipt:
        return held_receipt(self.record.receipt or "")

    @property
    def archive_id(self) -> str:
        return str(self.receipt.body["portal_file_id"])


def prove_company(
    services: Services,
    company: Company,
    *,
    percent: float,
) -> ProofReport:
    """Ask every proof.

    Args:
        services: the world.
        company: whose.
        percent: of the copies at the portal and at each second place, this share is read back, at
            least one.

    Returns:
        The report; what was found is in its proofs.

    Raises:
        WaitingError: another run holds the company.
        PortalUnreachable, PortalWaiting, PortalSetupRefused: the portal cannot be asked.
        OSError: a local file cannot be read.
    """
    branch = books_of(company)[0]
    job = Job(services, company, branch, company.first_period(branch))
    # A run in the midst of archiving would look like something lost.
    with company_lock(services.data_dir / "locks", services.store, company):
        witnesses = Witnesses(job, job.vault)
        try:
            proofs = [_local_files(job, witnesses), _completeness(services, job, company)]
        finally:
            witnesses.close()
    uploaded = list(_uploaded(job))
    if job.settings.portal.enabled and (uploaded or witnesses.last_receipt):
        held = [(item.file_name, item.receipt) for item in uploaded]
        chain = audit_receipts(job.portal, held, _contents(witnesses))
        proofs += [
            _reconciled(services, company),
            _challenged(services, job.portal, uploaded, percent),
            Proof("receipts", *chain),
        ]
    rows = {f"{folder}/{name}": row for folder, name, row in _rows(witnesses)}
    proofs += [Proof("copies", *told) for told in prove_copies(job, rows.items(), percent)]
    return ProofReport(
        company=company.code,
        proofs=tuple(proofs),
        folders=tuple(_extent(f, held) for f, held in sorted(witnesses.tree.items()) if held),
        root=root_of((path, row.sha256) for path, row in rows.items()),
        receipts=witnesses.last_receipt,
    )


def _extent(folder: str, rows: Mapping[str, Entry]) -> Extent:
    return Extent(
        folder=folder,
        files=len(rows),
        size_bytes=sum(row.size_bytes for row in rows.values()),
        root=root_of((name, row.sha256) for name, row in rows.items()),
    )


def _rows(witnesses: Witnesses) -> Iterator[tuple[str, str, Entry]]:
    for folder, rows in witnesses.tree.items():
        for name, row in rows.items():
            yield folder, name, row


def _contents(witnesses: Witnesses) -> dict[str, set[str]]:
    """SHA-256 of everything that ever bore a name here; cancelled sets bear those of later ones."""
    contents: dict[str, set[str]] = {}
    for _, name, row in _rows(witnesses):
        contents.setdefault(Path(name).name, set()).add(row.sha256)
    return contents


def _local_files(job: Job, witnesses: Witnesses) -> Proof:
    """Disk, manifests and journals against each other and against state and portal."""
    proof = Proof("files", findings=list(witnesses.findings))
    for folder, rows in sorted(witnesses.tree.items()):
        proof.checked += len(rows)
        proof.findings += job.vault.verify(witnesses.top / folder, rows)
    return proof


def _completeness(services: Services, job: Job, company: Company) -> Proof:
    """Of every month that is closed and was made here."""
    proof = Proof("completeness")
    deleted = disposed_years(job)
    for branch in books_of(company):
        for month in months_of(services, company, branch):
            documents = services.store.documents(company.code, branch, month.period)
            if not month.archived or any(document.adopted for document in documents):
                continue
            year = company.fiscal_year(month.period.first_day)
            if job.vault.year_name(year) in deleted:
                continue
            proof.checked += 1
            found = job.vault.completeness(company.tax_id.number, year, month.period, branch)
            proof.findings += found.problems
    return proof


def _reconciled(services: Services, company: Company) -> Proof:
    found, findings = reconcile_company(services, company)
    return Proof("reconcile", len(found.equal) + len(found.waiting), findings)


def _uploaded(job: Job) -> Iterator[_Uploaded]:
    store = job.store
    for document in store.documents(job.company.code, kinds=tuple(Kind)):
        files = store.files(document.id)
        for role in uploads_of(document.kind):
            record = store.upload(document.id, role)
            if record is not None and record.state == "stored" and record.receipt:
                name = upload_name(job, document, role, files)
                yield _Uploaded(name, record.sha256, record, document.id)


def _challenged(
    services: Services, portal: PortalClient, uploaded: Sequence[_Uploaded], percent: float
) -> Proof:
    """The portal rereads its new copies, and a share of all comes back here whole."""
    proof = Proof("challenge")
    whole = share(uploaded, percent, lambda item: item.record.challenged_at or "")
    new = [item for item in uploaded if item.record.verified_at is None and item not in whole]
    for item in [*whole, *new]:
        proof.checked += 1
        back = item in whole
        found = challenge(portal, item.archive_id, item.file_name, item.sha256, whole=back)
        if found is not None:
            proof.findings.append(found)
        else:
            services.store.note_reading(item.document_id, item.record.role, whole=back)
    return proof
