"""What was proven, as a chain of signed reports in the state database and as files."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from edefter import __version__
from edefter.archive.proof_report import SignedReport, audit_reports, sign_report
from edefter.atomic import write_bytes
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.proving import ProofReport
from edefter.engine.services import Services
from edefter.engine.worklist import books_of, months_of
from edefter.model.company import Company
from edefter.model.finding import Finding
from edefter.state.database import utc_text
from edefter.state.keeping import ReportRecord


def keep_report(services: Services, company: Company, proven: ProofReport) -> SignedReport:
    """Sign a report, keep it in the state database, and write it below `data_dir/reports`.

    Args:
        services: the world.
        company: whose.
        proven: by `prove_company`.

    Raises:
        WaitingError: another run holds the company.
        OSError: the disk refuses.
    """
    branch = books_of(company)[0]
    job = Job(services, company, branch, company.first_period(branch))
    moment = services.wall().astimezone(UTC)
    with company_lock(services.data_dir / "locks", services.store, company):
        before = services.store.reports(company.code)
        body = _body(services, company, proven, moment.isoformat(timespec="seconds"))
        signed = sign_report(body, before[-1].sha256 if before else "", job.key_folder)
        folder = services.data_dir / "reports" / company.code
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / f"{moment:%Y%m%dT%H%M%S.%fZ}.jws", signed.jws.encode("ascii"))
        services.store.add_report(
            company.code,
            ReportRecord(
                at=utc_text(moment), safe=proven.safe, sha256=signed.sha256, jws=signed.jws
            ),
            {"key_id": signed.key_id, "root": proven.root},
        )
    return signed


def check_reports(services: Services, company: Company) -> tuple[list[ReportRecord], list[Finding]]:
    """All reports of a company, and what is wrong with their chain.

    Keys are those that the audit chain says were signed with.
    """
    reports = services.store.reports(company.code)
    keys = {
        str(record["evidence"].get("key_id"))
        for record in services.store.audit_records()
        if record["action"] == "archive.proven" and record["company"] == company.code
    }
    return reports, audit_reports([(report.at, report.jws) for report in reports], keys)


def _body(services: Services, company: Company, proven: ProofReport, moment: str) -> dict[str, Any]:
    months = [
        {
            "branch": month.branch, "period": month.period.compact, "standing": month.standing,
            "deadline": month.deadline.day.isoformat(),
        }
        for branch in books_of(company)
        for month in months_of(services, company, branch)
    ]  # fmt: skip
    return {
        "version": 1,
        "software": f"edefter {__version__}",
        "at": moment,
        "company": company.code,
        "tax_number": company.tax_id.number,
        "safe": proven.safe,
        "root": proven.root,
        "files": proven.files,
        "size_bytes": proven.size_bytes,
        "receipts": proven.receipts,
        "folders": [
            {"folder": f.folder, "files": f.files, "size_bytes": f.size_bytes, "root": f.root}
            for f in proven.folders
        ],
        "months": months,
        "proofs": [
            {
                "name": proof.name, "checked": proof.checked,
                "findings": [{"rule": f.rule, "file": f.place.file} for f in proof.findings],
            }
            for proof in proven.proofs
        ],
    }  # fmt: skip
