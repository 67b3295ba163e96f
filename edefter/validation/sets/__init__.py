"""Checks between the documents of a taxpayer: partners, parts of a month, months of a year.

    reports = check_set([Judged(path, report), …], own=False)

Each check sees file names and the facts that validating gathered; a file whose lines have to be
compared is read once more, and the lines of a ledger are never held. Whether signatures, GİB's
counter-signature among them, are genuine is for `edefter verify`: that takes certificates.
"""

from __future__ import annotations

from collections.abc import Sequence

from edefter.model.finding import FindingLog, Severity
from edefter.validation.report import Report
from edefter.validation.sets import chain, contents, copies, months, parts
from edefter.validation.sets.chain import check_counters
from edefter.validation.sets.group import Judged, grouped, in_order

__all__ = ["MESSAGES", "Judged", "check_counters", "check_set"]

MESSAGES = (
    ("K-STR-14", ("pair_different", "pair_unreadable")),
    (
        "B-STR-17",
        (
            "berat_entries",
            "berat_size",
            "berat_amount",
            "berat_signature_value",
            "berat_unreadable",
        ),
    ),
    ("B-STR-18", ("berat_info",)),
    (
        "Y-STR-04",
        (
            "set_numbers",
            "set_numbers_back",
            "set_first_numbers",
            "set_own_number",
            "set_last_number",
        ),
    ),
    (
        "R-STR-19",
        (
            "set_report_more",
            "set_report_less",
            "set_report_amount",
            "set_report_count",
            "set_report_unreadable",
        ),
    ),
    ("SET-01", ("set_missing_partner",)),
    ("SET-02", ("set_approved_differs", "set_unreadable")),
    ("SET-03", ("set_whole_and_parts",)),
    ("SET-04", ("set_part_missing",)),
    ("SET-05", ("set_days", "set_first_day", "set_last_day")),
    ("SET-06", ("set_part_alone", "set_other_days")),
    ("SET-07", ("set_month_missing",)),
    ("SET-08", ("set_head",)),
    ("SET-09", ("set_serial", "set_first_serial")),
    ("SET-10", ("set_copies", "set_unreadable")),
)
"""Finding ids between documents, and the keys of their texts in the area `validation`."""

_CHECKS = (parts.check, months.check, chain.check)


def check_set(
    judged: Sequence[Judged], *, own: bool = False, limit_per_rule: int = 100
) -> list[Report]:
    """Compare documents with each other.

    Args:
        judged: documents that were validated, in any order; those whose file name is no e-Defter
            name and those that are no XML take no part.
        own: True makes differences errors, as for files we make; missing files and several files
            of one name are warnings always.
        limit_per_rule: findings kept of each rule (≥ 1); all are counted.

    Returns:
        one report for each taxpayer and branch with at least two documents, named by them; its
        findings have layer CROSS.

    Raises:
        ValueError: `limit_per_rule` below 1.

    Source: rules.md §5, lifecycle.md §3 and §4.
    """
    if limit_per_rule < 1:
        raise ValueError(f"at least one finding of each rule is kept: {limit_per_rule}")
    severity = Severity.ERROR if own else Severity.WARNING
    reports = []
    for (tax_number, branch), given in grouped(judged).items():
        if len(given) < 2:
            continue
        log = FindingLog(limit_per_rule)
        documents = in_order(copies.chosen(given, log))
        contents.check(documents, severity, log)
        for check in _CHECKS:
            log.extend(check(documents, severity))
        reports.append(
            Report(
                name=f"{tax_number}-{branch}" if branch else tax_number,
                kind=None,
                findings=log,
                evaluated=True,
                well_formed=True,
                schema_valid=True,
            )
        )
    return reports
