"""The strict layer: errors in files we make, warnings in foreign ones."""

import io

import pytest

from edefter.model.documents import Kind
from edefter.model.finding import Layer, Severity
from edefter.validation import validate
from edefter.validation.rule import all_rules
from tests.unit.validation.documents import (
    FILE,
    after,
    attribute,
    both,
    document,
    drop,
    into,
    put,
    spoiled,
    twice,
)

LINE = "(//gl-cor:entryDetail)[1]"
LAST = "(//gl-cor:entryHeader)[last()]"
_GOODS = (
    "<gl-bus:measurable><gl-bus:measurableID @C>U-1</gl-bus:measurableID>"
    '<gl-bus:measurableQuantity @C decimals="INF" unitRef="{ref}">3</gl-bus:measurableQuantity>'
    "<gl-bus:measurableUnitOfMeasure @C>{unit}</gl-bus:measurableUnitOfMeasure></gl-bus:measurable>"
)
BREAKS = {
    "Y-STR-01": (Kind.Y, put("(//gl-cor:entryNumberCounter)[2]", "1")),
    "Y-STR-02": (Kind.Y, put(f"{LAST}/gl-cor:enteredDate", "2026-01-01")),
    "Y-STR-03": (Kind.Y, put("(//gl-cor:lineNumber)[2]", "2.0")),
    "YK-STR-05": (Kind.K, put(f"{LINE}//gl-cor:accountMainID", "10A")),
    "YK-STR-06": (Kind.Y, twice(f"{LINE}/gl-cor:account")),
    "YK-STR-07": (Kind.Y, put(f"{LINE}/gl-cor:debitCreditCode", "debit")),
    "YK-STR-08": (Kind.K, put(f"{LINE}/gl-cor:documentDate", "2026-01-02T00:00:00")),
    "YK-STR-09": (Kind.Y, put(f"{LINE}/gl-cor:amount", "120.0")),
    "YK-STR-10": (Kind.Y, put(f"{LINE}/gl-cor:documentType", "reminder")),
    "YK-STR-11": (Kind.Y, attribute(f"{LINE}/gl-cor:amount", "unitRef", "lira")),
    "YK-STR-12": (Kind.Y, put("//gl-bus:fiscalYearEnd", "2027-01-01")),
    "YK-STR-13": (
        Kind.Y,
        after(f"{LAST}/gl-cor:entryNumber", "<gl-bus:batchID @C>0007</gl-bus:batchID>"),
    ),
    "K-STR-15": (
        Kind.K,
        both(
            put("((//gl-cor:entryHeader)[2]//gl-cor:accountMainID)[1]", "100"),
            put("((//gl-cor:entryHeader)[2]//gl-cor:accountSubID)[1]", "100.00"),
        ),
    ),
    "B-STR-16": (Kind.YB, put("//gl-cor:entriesType", "ledger")),
    "E-STR-20": (Kind.E, into(LINE, _GOODS.format(unit="ZZZ", ref="countable"))),
    "ALL-STR-21": (Kind.DR, put("//xbrli:identifier", "1234567800")),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_strict_rule_is_error_for_own_and_warning_for_foreign_files(rule):
    kind, change = BREAKS[rule]
    content = spoiled(kind, change)
    for own, severity in ((True, Severity.ERROR), (False, Severity.WARNING)):
        report = validate(io.BytesIO(content), FILE[kind], own=own)
        found = [finding for finding in report.findings if finding.rule == rule]
        assert found, [finding.message_tr for finding in report.findings]
        assert found[0].severity is severity and found[0].layer is Layer.STRICT
        assert "{" not in found[0].message_tr + found[0].message_en


def test_all_strict_rules_are_broken_here():
    declared = {rule.name for rule in all_rules() if rule.layer is Layer.STRICT}
    assert declared == BREAKS.keys() | {"YK-STR-22"}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("YK-STR-11", attribute("(//gl-cor:amount)[1]", "contextRef", "yok")),
        ("YK-STR-11", attribute("//xbrli:unit[@id='countable']", "id", "COUNTABLE")),
        ("YK-STR-12", put("//gl-bus:fiscalYearStart", "2026-01-02")),
        ("YK-STR-08", put("//gl-cor:creationDate", "2026-02-30")),
        ("YK-STR-09", put("(//gl-bus:totalDebit)[1]", "120")),
        ("ALL-STR-21", put("//gl-bus:businessDescription", "yazılım")),
        ("ALL-STR-21", put("//gl-bus:sourceApplication", "a##b##c")),
    ],
)
def test_other_ways_to_break_strict_rules(rule, change):
    report = validate(io.BytesIO(spoiled(Kind.Y, change)), FILE[Kind.Y], own=True)
    assert report.findings.counts[rule] > 0


def test_branch_of_the_name_must_be_the_branch_inside():
    report = validate(io.BytesIO(document(Kind.Y)), "1234567808-202601-Y-000000-0001.xml", own=True)
    assert report.findings.counts["YK-STR-13"] == 1


def test_file_over_the_limit(monkeypatch):
    from edefter.validation.rules import strict_document

    content = document(Kind.K)
    monkeypatch.setattr(strict_document, "MAX_FILE_BYTES", len(content) - 1)
    report = validate(io.BytesIO(content), FILE[Kind.K], own=True)
    assert dict(report.findings.counts) == {"YK-STR-22": 1}


def test_first_numbers_are_free_because_another_file_holds_the_last_ones():
    change = both(
        put("(//gl-cor:entryNumberCounter)[1]", "500"),
        put("(//gl-cor:entryNumberCounter)[2]", "501"),
        put("(//gl-cor:entryHeader)[1]//gl-cor:lineNumberCounter", "500"),
        put("(//gl-cor:entryHeader)[2]//gl-cor:lineNumberCounter", "501"),
    )
    assert validate(io.BytesIO(spoiled(Kind.Y, change)), FILE[Kind.Y], own=True).ok


def test_missing_optional_parts_are_no_strict_finding():
    change = both(
        drop("//gl-cor:documentType"),
        drop("//gl-cor:documentNumber"),
        drop("//gl-cor:documentDate"),
        drop("//gl-cor:accountSub"),
    )
    assert validate(io.BytesIO(spoiled(Kind.Y, change)), FILE[Kind.Y], own=True).ok


@pytest.mark.parametrize(
    ("unit", "ref", "fires"),
    [
        ("C62", "countable", False),
        ("3I", "countable", False),
        ("AMVT", "countable", False),
        ("c62", "countable", True),
        ("C62", "try", True),
    ],
)
def test_units_of_goods(unit, ref, fires):
    content = spoiled(Kind.E, into(LINE, _GOODS.format(unit=unit, ref=ref)))
    report = validate(io.BytesIO(content), FILE[Kind.E], own=True)
    assert ("E-STR-20" in report.findings.counts) is fires
    assert report.schema_valid


@pytest.mark.parametrize(
    ("main", "sub", "fires"),
    [
        ("100", "100.02", False),
        ("100", "100.01", False),  # the same twice is AEN-05
        ("100", "100.00", True),
        ("100", "100.011", False),  # text order
        ("320", "320.00", False),
    ],
)
def test_order_of_sub_accounts(main, sub, fires):
    second = "((//gl-cor:entryHeader)[2]//gl-cor:account{}ID)[1]"
    change = both(put(second.format("Main"), main), put(second.format("Sub"), sub))
    report = validate(io.BytesIO(spoiled(Kind.K, change)), FILE[Kind.K], own=True)
    assert ("K-STR-15" in report.findings.counts) is fires
