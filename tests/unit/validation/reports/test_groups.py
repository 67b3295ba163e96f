"""Findings by rule and by voucher."""

from __future__ import annotations

import io

from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.validation import Report, validate
from edefter.validation.reports import by_rule, by_voucher
from edefter.validation.reports.groups import alike, by_text, errors_and_warnings
from tests.unit.validation.documents import attribute, put

Y = "1234567808-202601-Y-000000.xml"
K = "1234567808-202601-K-000000.xml"


def report(name: str, *findings: Finding, limit: int = 100) -> Report:
    log = FindingLog(limit)
    log.extend(findings)
    return Report(
        name=name, kind=None, findings=log, evaluated=True, well_formed=True, schema_valid=True
    )


def finding(rule: str, name: str = Y, severity: Severity = Severity.ERROR, **place: str) -> Finding:
    return Finding(
        rule=rule,
        message_tr=f"{rule} yanlış",
        message_en=f"{rule} wrong",
        remedy_tr="Düzeltin.",
        remedy_en="Correct it.",
        layer=Layer.OFFICIAL,
        place=Place(file=name, **place),
        severity=severity,
    )


def test_rules_come_errors_first_then_by_frequency_with_true_counts() -> None:
    groups = by_rule(
        [
            report(Y, *[finding("Y-A")] * 3, *[finding("S", severity=Severity.WARNING)] * 9),
            report(K, *[finding("K-B", K)] * 7, finding("Y-A", K), limit=2),
        ]
    )
    assert [(g.rule, g.count, len(g.findings), g.hidden) for g in groups] == [
        ("K-B", 7, 2, 5),
        ("Y-A", 4, 4, 0),
        ("S", 9, 9, 0),
    ]


def test_a_rule_that_is_error_here_and_warning_there_makes_two_groups() -> None:
    groups = by_rule([report(Y, finding("S")), report(K, *[finding("S", K, Severity.WARNING)] * 2)])
    assert [(g.severity, g.count) for g in groups] == [
        (Severity.ERROR, 1),
        (Severity.WARNING, 2),
    ]


def test_yevmiye_and_kebir_of_a_month_are_one_book_other_months_and_branches_are_not() -> None:
    other = Y.replace("202601", "202602")
    branch = Y.replace(".xml", "-0001.xml")
    groups = by_voucher(
        report(name, finding("R", name, voucher="F10", entry_no="10"))
        for name in (Y, K, other, branch, "şirket.xml")
    )
    assert [(g.book.period, g.book.branch, g.book.file, len(g.findings)) for g in groups] == [
        ("", "", "şirket.xml", 1),
        ("202601", "", "", 2),
        ("202602", "", "", 1),
        ("202601", "0001", "", 1),
    ]


def test_vouchers_come_by_entry_number_and_what_has_no_voucher_first() -> None:
    groups = by_voucher(
        [
            report(
                Y,
                finding("R", voucher="F10", entry_no="10"),
                finding("R", voucher="F9", entry_no="9"),
                finding("R", entry_no="8", account="100"),
                finding("R", account="320"),
                finding("R"),
                finding("R", voucher="F9", entry_no="9", line_no="3"),
            )
        ]
    )
    assert [(g.voucher, g.entry_nos, g.account, len(g.findings)) for g in groups] == [
        ("", [], "", 1),
        ("", [], "320", 1),
        ("", ["8"], "", 1),
        ("F9", ["9"], "", 2),
        ("F10", ["10"], "", 1),
    ]
    assert [g.is_document for g in groups] == [True, False, False, False, False]


def test_a_voucher_in_two_entries_names_both() -> None:
    (group,) = by_voucher(
        [report(Y, *(finding("R", voucher="F1", entry_no=n) for n in ("1", "", "2", "1")))]
    )
    assert group.entry_nos == ["1", "2"]


def test_groups_of_a_real_report(judge) -> None:
    spoilt = judge(Kind.Y, put("//gl-cor:documentType", "fatura"))
    assert {g.rule for g in by_rule([spoilt])} == set(spoilt.findings.counts)
    assert {g.voucher for g in by_voucher([spoilt])} == {"F000001", "F000002"}
    errors, warnings = errors_and_warnings(spoilt)
    assert (errors, warnings) == (4, 4)  # XSD and YK-STR-10, four lines each


def test_counts_are_true_beyond_the_limit() -> None:
    from tests.unit.validation.documents import journal

    data = b"".join(journal(50)).replace(b">invoice<", b">fatura<")
    limited = validate(io.BytesIO(data), Y, limit_per_rule=3)
    assert {g.rule: g.count for g in by_rule([limited])} == {"XSD": 100, "YK-STR-10": 100}
    assert errors_and_warnings(limited) == (100, 100)
    assert len(limited.findings) == 6


def test_few_texts_for_many_findings_are_put_together() -> None:
    assert by_text(["a", "b", "a", "a", "b"]) == [("a", [0, 2, 3]), ("b", [1, 4])]
    assert by_text(["a", "b", "c"]) == [("", [0, 1, 2])]
    assert by_text(["a"]) == [("a", [0])]
    assert by_text([]) == []


def test_findings_of_a_voucher_that_say_the_same_are_put_together(judge) -> None:
    spoilt = judge(Kind.Y, attribute("//gl-cor:amount", "decimals", "2"))
    (group, _) = by_voucher([spoilt])
    assert [len(items) for items in alike(group.findings, "tr")] == [2]
