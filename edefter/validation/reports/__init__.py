"""Verdicts for people and programs: groups, flat records, JSON, CSV, HTML, and without names.

Library use::

    from edefter.validation import validate
    from edefter.validation.reports import by_voucher, html_page

    reports = [validate(stream, name) for name, stream in documents]
    for group in by_voucher(reports):
        print(group.voucher, [finding.rule for finding in group.findings])
    with open("rapor.html", "wb") as sink:
        html_page(reports, sink)
"""

from edefter.validation.reports.groups import RuleGroup, VoucherGroup, by_rule, by_voucher
from edefter.validation.reports.html_report import html_page
from edefter.validation.reports.plain import plain_finding
from edefter.validation.reports.redact import Redactor

__all__ = [
    "Redactor",
    "RuleGroup",
    "VoucherGroup",
    "by_rule",
    "by_voucher",
    "html_page",
    "plain_finding",
]
