"""One examination of every approved berat, wherever it came from: seals, schema and rules."""

from __future__ import annotations

import io

from edefter.berat.approved import ApprovedBerat, check_approved
from edefter.engine.job import Job
from edefter.validation import validate


def examine_approved(
    job: Job,
    data: bytes,
    *,
    file_name: str,
    package_id: str,
    sent_berat: bytes | None = None,
    ledger_signature_value: str | None = None,
) -> ApprovedBerat:
    """Check an approved berat by gib-webservice.md §9: seals, then schema and rules.

    Args:
        job: whose month it belongs to.
        data: the XML document.
        file_name: its name, `GIB-….xml`.
        package_id: what was asked for.
        sent_berat, ledger_signature_value: what is held here; None = not made here.

    Raises:
        ClockRefused: validity of seals is not judged with a wrong clock.
    """
    approved = check_approved(
        data,
        file_name=file_name,
        package_id=package_id,
        sent_berat=sent_berat,
        ledger_signature_value=ledger_signature_value,
        anchors=job.anchors,
        gib_tax_number=job.settings.gib.tax_number,
        environment=job.settings.environment,
        now=job.measured_time("verify"),
    )
    approved.findings.merge(validate(io.BytesIO(data), file_name).findings)
    return approved
