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
    "ALL-STR-23": (Kind.EB, attribute("//gl-cor:creationDate", "contextRef", "yok")),
}
_BRANCH = "".join(
    "<gl-bus:organizationIdentifiers><gl-bus:organizationIdentifier @C>"
    f"{value}</gl-bus:organizationIdentifier><gl-bus:organizationDescription @C>{description}"
    "</gl-bus:organizationDescription></gl-bus:organizationIdentifiers>"
    for value, description in (("Iğdır Şubesi", "Şube Adı"), ("0001", "Şube No"))
)
_BATCH = "<gl-bus:batchID @C>0001</gl-bus:batchID>"


def branch_book(*batches: str):
    """A yevmiye of branch 0001; `batches` stand in its entries."""
    name, number = _BRANCH.split("</gl-bus:organizationIdentifiers>")[:2]
    end = "</gl-bus:organizationIdentifiers>"
    title = "//gl-bus:organizationIdentifiers"
    entries = [
        after(f"(//gl-cor:entryHeader)[{place}]/gl-cor:entryNumber", batch)
        for place, batch in enumerate(batches, start=1)
    ]
    return both(after(title, number + end), after(title, name + end), *entries)


IN_BRANCH = FILE[Kind.Y].replace(".xml", "-0001.xml")
KEEPS = {
    "Y-STR-01": (
        Kind.Y,
        both(
            put("(//gl-cor:entryHeader)[1]//gl-cor:lineNumberCounter", "500"),
            put("(//gl-cor:entryHeader)[2]//gl-cor:lineNumberCounter", "501"),
            put("(//gl-cor:entryNumberCounter)[1]", "500"),
            put("(//gl-cor:entryNumberCounter)[2]", "501"),
        ),
    ),
    "Y-STR-02": (
        Kind.Y,
        both(
            put("//gl-cor:enteredDate", "2026-01-31"),
            put("//gl-cor:postingDate", "2026-01-31"),
        ),
    ),
    "Y-STR-03": (
        Kind.Y,
        both(*(put(f"(//gl-cor:lineNumber)[{place}]", str(900 + place)) for place in range(1, 5))),
    ),
    "YK-STR-05": (
        Kind.Y,
        both(
            put(f"{LINE}//gl-cor:accountMainID", "1000"),
            put(f"{LINE}//gl-cor:accountSubID", "1000.01"),
        ),
    ),
    "YK-STR-06": (Kind.Y, drop(f"{LINE}//gl-cor:accountSub")),
    "YK-STR-07": (Kind.K, put(f"{LINE}/gl-cor:debitCreditCode", "D")),
    "YK-STR-08": (Kind.K, put(f"{LINE}/gl-cor:documentDate", "2024-02-29")),
    "YK-STR-09": (
        Kind.Y,
        both(
            put("(//gl-cor:entryHeader)[1]//gl-cor:amount", "12345678901.05"),
            put("(//gl-bus:totalDebit)[1]", "12345678901.05"),
            put("(//gl-bus:totalCredit)[1]", "12345678901.05"),
        ),
    ),
    "YK-STR-10": (
        Kind.Y,
        both(
            put(f"{LINE}/gl-cor:documentType", "order-vendor"),
            drop(f"{LINE}/gl-cor:documentNumber"),
            drop(f"{LINE}/gl-cor:documentDate"),
        ),
    ),
    "YK-STR-11": (
        Kind.Y,
        both(
            attribute("//xbrli:unit[1]", "id", "eur"),
            put("//xbrli:unit[1]/xbrli:measure", "iso4217:EUR"),
            put("//gl-muc:defaultCurrency", "iso4217:EUR"),
            put("//gl-muc:amountCurrency", "iso4217:EUR"),
            attribute("//*[@unitRef='try']", "unitRef", "eur"),
        ),
    ),
    "YK-STR-12": (
        Kind.Y,
        both(
            put("//gl-bus:fiscalYearStart", "2025-02-01"),
            put("//gl-bus:fiscalYearEnd", "2026-01-31"),
        ),
    ),
    "YK-STR-13": (Kind.Y, branch_book(_BATCH, _BATCH)),
    "K-STR-15": (
        Kind.K,
        both(
            put("((//gl-cor:entryHeader)[2]//gl-cor:accountMainID)[1]", "100"),
            put("((//gl-cor:entryHeader)[2]//gl-cor:accountSubID)[1]", "100.02"),
        ),
    ),
    "YK-STR-22": (Kind.K, put(f"{LINE}/gl-cor:detailComment", "kısa")),
    "B-STR-16": (Kind.KB, put("//gl-bus:creator", "Şükrü Işık")),
    "E-STR-20": (Kind.E, into(LINE, _GOODS.format(unit="KGM", ref="countable"))),
    "ALL-STR-21": (Kind.DR, put("//gl-bus:businessDescription", "62.01")),
    "ALL-STR-23": (Kind.E, attribute("//gl-cor:creationDate", "contextRef", "assets_context")),
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


@pytest.mark.parametrize("rule", KEEPS)
def test_what_comes_close_to_breaking_a_strict_rule_is_none(rule):
    kind, change = KEEPS[rule]
    name = IN_BRANCH if rule == "YK-STR-13" else FILE[kind]
    report = validate(io.BytesIO(spoiled(kind, change)), name, own=True)
    assert [finding.message_tr for finding in report.findings] == []


def test_every_strict_rule_has_a_good_and_a_bad_document():
    declared = {rule.name for rule in all_rules() if rule.layer is Layer.STRICT}
    assert declared == KEEPS.keys()
    assert declared == BREAKS.keys() | {"YK-STR-22"}  # its bad one: test_file_over_the_limit


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


@pytest.mark.parametrize(
    ("kind", "name", "rule", "count"),
    [
        (Kind.KB, "contextRef", "ALL-STR-23", 1),
        (Kind.DR, "unitRef", "ALL-STR-23", 4),
        (Kind.E, "unitRef", "ALL-STR-23", 4),
        (Kind.K, "unitRef", "YK-STR-11", 4),
    ],
)
def test_references_that_lead_nowhere(kind, name, rule, count):
    path = "//gl-cor:creationDate" if name == "contextRef" else "//gl-cor:amount"
    report = validate(io.BytesIO(spoiled(kind, attribute(path, name, "yok"))), FILE[kind], own=True)
    assert dict(report.findings.counts) == {rule: count}
    assert "“yok” tanımlı değil" in next(iter(report.findings)).message_tr


@pytest.mark.parametrize("text", ["2026-02-10T00:00:00", "2026-02-10+03:00", " 2026-02-10"])
def test_date_of_the_context_is_plain(text):
    content = spoiled(Kind.K, put("//xbrli:instant", text))
    report = validate(io.BytesIO(content), FILE[Kind.K], own=True)
    assert dict(report.findings.counts) == {"YK-STR-08": 1} and report.schema_valid


@pytest.mark.parametrize(
    ("batches", "count"),
    [
        ((_BATCH, _BATCH.replace("0001", "0002")), 1),
        ((_BATCH,), 1),  # the second entry names no branch
        ((), 2),
    ],
)
def test_entries_of_a_branch_book_name_its_branch(batches, count):
    content = spoiled(Kind.Y, branch_book(*batches))
    report = validate(io.BytesIO(content), IN_BRANCH, own=True)
    assert dict(report.findings.counts) == {"YK-STR-13": count}


def test_branch_0000_is_none():
    content = spoiled(Kind.Y, branch_book(_BATCH, _BATCH)).replace(b">0001<", b">0000<")
    report = validate(io.BytesIO(content), FILE[Kind.Y], own=True)
    assert dict(report.findings.counts) == {"YK-STR-13": 1}


def test_a_name_that_is_none_says_so():
    name = FILE[Kind.Y].replace(".xml", " (1).xml")
    report = validate(io.BytesIO(document(Kind.Y)), name)
    assert dict(report.findings.counts) == {"YK-STR-13": 1}
    assert "e-Defter adı değil" in next(iter(report.findings)).message_tr


def test_a_berat_fits_the_kind_that_its_name_tells():
    report = validate(io.BytesIO(document(Kind.YB)), FILE[Kind.KB], kind=Kind.YB, own=True)
    assert dict(report.findings.counts) == {"B-STR-16": 1}


def test_branch_of_the_name_must_be_the_branch_inside():
    report = validate(io.BytesIO(document(Kind.Y)), "1234567808-202601-Y-000000-0001.xml", own=True)
    assert report.findings.counts["YK-STR-13"] == 1


def test_file_over_the_limit(monkeypatch):
    from edefter.validation.rules import strict_document

    content = document(Kind.K)
    for limit, counts in ((len(content), {}), (len(content) - 1, {"YK-STR-22": 1})):
        monkeypatch.setattr(strict_document, "MOST_FILE_BYTES", limit)
        report = validate(io.BytesIO(content), FILE[Kind.K], own=True)
        assert dict(report.findings.counts) == counts


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
