"""Take over approved berats (GIB- files) that an operator downloaded from GİB's application."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edefter.berat.approved import ApprovedBerat
from edefter.engine.approval import examine_approved
from edefter.engine.job import Job
from edefter.engine.prior import adopt_approved
from edefter.engine.services import Services
from edefter.errors import ConfigError, DataError
from edefter.model.company import Company
from edefter.model.documents import DocumentName


def adopt_file(services: Services, company: Company, path: Path) -> ApprovedBerat:
    """Verify one GIB- file and take its month over as approved.

    Args:
        services: the world.
        company: whose berat it must be.
        path: the file, under the name that GİB gave it.

    Returns:
        What the approved berat says about itself.

    Raises:
        ConfigError: no name of an approved berat, or of another company.
        DataError: the file does not verify.
    """
    try:
        name = DocumentName.parse(path.name)
    except ValueError:
        raise ConfigError("engine.not_approved_name", file=path.name) from None
    if not name.approved or not name.kind.is_berat or name.tax_number != company.tax_id.number:
        raise ConfigError("engine.not_approved_name", file=path.name)
    job = Job(services, company, name.branch, name.period)
    data = path.read_bytes()
    plain = DocumentName(name.tax_number, name.period, name.kind, name.part, name.branch)
    approved = examine_approved(job, data, file_name=path.name, package_id=plain.package_id)
    if not approved.ok:
        first = next(iter(approved.findings))
        raise DataError(
            "engine.adopt_refused",
            file=path.name,
            problem_tr=first.message_tr,
            problem_en=first.message_en,
        )
    adopt_approved(job, plain, name.kind.ledger, data, approved, cause="operator.adopted")
    return approved


def adopt_files(
    services: Services, company: Company, paths: Sequence[Path]
) -> list[tuple[Path, ApprovedBerat]]:
    """Take over several files; the first that does not verify stops."""
    return [(path, adopt_file(services, company, path)) for path in paths]
