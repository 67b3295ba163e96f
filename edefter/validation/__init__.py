"""GİB's schema, all official rules and our strict layer over any e-Defter document, in one pass.

    from pathlib import Path

    from edefter.validation import validate

    path = Path("1234567808-202601-Y-000000.xml")
    with path.open("rb") as stream:
        report = validate(stream, path.name)
    print(report.ok, report.facts.totals.lines)
    for finding in report.findings:
        print(finding.rule, finding.place.voucher, finding.text("tr"), finding.remedy("tr"))

Nothing here needs a database or configuration, and nothing is ever fetched for a document. Between
documents: `check_pair` (kebir and yevmiye), `check_berat` (berat and ledger), and
`edefter.validation.sets.check_set` for all of a taxpayer's files at once.
"""

from edefter.validation.report import Facts, Report
from edefter.validation.run import validate
from edefter.validation.sets.cross import check_berat, check_pair

__all__ = ["Facts", "Report", "check_berat", "check_pair", "validate"]
