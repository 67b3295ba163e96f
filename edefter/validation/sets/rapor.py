"""The defter raporu against all kebir parts of its month (R-STR-19; format.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator

from edefter.model.finding import Finding, Severity
from edefter.model.money import kurus_text
from edefter.validation.gathering.turnovers import Turnovers, same
from edefter.validation.sets.group import Document, difference

RULE = "R-STR-19"


def compare(
    report: Document, stated: Turnovers, actual: Turnovers, severity: Severity
) -> Iterator[Finding]:
    """Compare a report with the turnovers of all kebir parts of its month.

    Args:
        report: the defter raporu.
        stated: what it says.
        actual: what the kebir parts add up to.
        severity: of the findings.
    """
    for main in sorted(stated.accounts ^ actual.accounts):
        key = "set_report_more" if main in stated.accounts else "set_report_less"
        yield difference(
            RULE, key, report, severity, field="gl-cor:accountMainID", account=main, value=main
        )
    for main in sorted(stated.accounts & actual.accounts):
        for side in ("D", "C"):
            facts = {"account": main, "side": side}
            left, right = stated.of(main, side), actual.of(main, side)
            if not same(left, right):
                yield difference(
                    RULE,
                    "set_report_amount",
                    report,
                    severity,
                    field="gl-cor:amount",
                    value=kurus_text(left.cents),
                    expected=kurus_text(right.cents),
                    **facts,
                )
            said, counted = stated.count(main, side), actual.count(main, side)
            if said != counted:
                yield difference(
                    RULE,
                    "set_report_count",
                    report,
                    severity,
                    field="gl-cor:documentApplyToNumber",
                    value=said,
                    expected=counted,
                    **facts,
                )


def unreadable(report: Document, file: str, severity: Severity) -> Finding:
    """The finding that a file of the month could not be read."""
    return difference(RULE, "set_report_unreadable", report, severity, other=file)
