"""The portal's list against what was archived here."""

from __future__ import annotations

from collections.abc import Iterator

from edefter.archive.reconcile import Held, Reconciliation, reconcile, unsteady
from edefter.engine.job import Job
from edefter.engine.services import Services
from edefter.engine.uploading import upload_name, uploads_of
from edefter.engine.worklist import books_of
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.model.finding import Finding
from edefter.state.states import APPROVED_STATES


def reconcile_company(services: Services, company: Company) -> tuple[Reconciliation, list[Finding]]:
    """Compare everything of a company with the portal's list, which is read twice.

    Args:
        services: the world.
        company: whose.

    Returns:
        How both sides stand, and what must not be.

    Raises:
        PortalUnreachable, PortalWaiting, PortalSetupRefused: the portal cannot be asked.
        ContractViolation: it broke its contract.
    """
    branch = books_of(company)[0]
    job = Job(services, company, branch, company.first_period(branch))
    first, second = list(job.portal.archives()), list(job.portal.archives())
    found = reconcile(_held(job), second)
    # A row that either reading shows is there: the list is at fault, not what it lists.
    return found, [*found.findings, *unsteady(first, second)]


def _held(job: Job) -> Iterator[Held]:
    for document in job.store.documents(job.company.code, kinds=tuple(Kind)):
        if document.state not in APPROVED_STATES:
            continue
        files = job.store.files(document.id)
        for role in uploads_of(document.kind):
            upload = job.store.upload(document.id, role)
            if role in files:
                receipted = upload is not None and upload.state == "stored"
                yield Held(upload_name(job, document, role, files), files[role].sha256, receipted)
            elif upload is not None:
                name = upload_name(job, document, role, files)
                yield Held(name, upload.sha256, upload.state == "stored")
