"""The public face for programs that use edefter as a library.

What is imported from here keeps its shape between versions; everything else may move. A month
end beside an accounting database::

    from pathlib import Path
    from edefter.api import Goal, Job, Period, open_services, registered_company, run_month

    with open_services(Path("edefter.toml")) as services:
        company = registered_company(services.store, "ornek")
        report = run_month(Job(services, company, "", Period(2026, 1)), Goal.ARCHIVE)
        print(report.closed, report.archived, int(report.exit_code))
        if report.error is not None:
            print(report.error.text("en"), report.error.remedy("en"))

Validation and signature checks need no configuration and no database::

    from edefter.api import validate, verify_file

    with path.open("rb") as stream:
        for finding in validate(stream, path.name).findings:
            print(finding.rule, finding.place.voucher, finding.text("en"))
    print(verify_file(path).ok)
"""

from edefter.engine.inventory import inventory_job, run_inventory
from edefter.engine.job import Job
from edefter.engine.month import run_month
from edefter.engine.opening import open_services, registered_company
from edefter.engine.report import FileRow, MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Listener, Services
from edefter.errors import EdefterError, ExitCode
from edefter.model.company import Company
from edefter.model.finding import Finding, FindingLog
from edefter.model.period import Period
from edefter.model.registration import read_registration, registration_to_mapping
from edefter.signature.verify import Verification, verify_file
from edefter.validation import Report, validate

__all__ = [
    "Company",
    "EdefterError",
    "ExitCode",
    "FileRow",
    "Finding",
    "FindingLog",
    "Goal",
    "Job",
    "Listener",
    "MonthReport",
    "Period",
    "Report",
    "Services",
    "Verification",
    "inventory_job",
    "open_services",
    "read_registration",
    "registered_company",
    "registration_to_mapping",
    "run_inventory",
    "run_month",
    "validate",
    "verify_file",
]
