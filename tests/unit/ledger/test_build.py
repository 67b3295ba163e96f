from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from edefter.errors import DataError, InternalError
from edefter.ledger import making
from edefter.model.company import Branch
from edefter.model.documents import Kind
from edefter.model.files import Counters, LedgerPart, Totals
from edefter.model.finding import FindingLog, Place, Severity
from edefter.model.journal import JournalBatch, Voucher
from edefter.source.findings import SourceRule, make
from tests.support.building import build_part
from tests.unit.ledger.factory import head, line, two_vouchers, voucher
from tests.unit.ledger.reading import (
    NS,
    canonical,
    child_names,
    headers,
    texts,
    tree,
    without_declaration,
)


def batches(vouchers: Iterable[Voucher]) -> list[JournalBatch]:
    """One batch per voucher, so that every border is crossed."""
    return [JournalBatch.from_vouchers([each]) for each in vouchers]


def built(
    folder: Path, vouchers: Iterable[Voucher], findings: FindingLog | None = None, **changes: object
) -> LedgerPart | None:
    options: dict[str, object] = {
        "before": Counters(),
        "numbering": "source",
        "folder": folder,
        "findings": FindingLog() if findings is None else findings,
        "source_name": "muhasebe",
    }
    of = changes.pop("head", None) or head()
    return build_part(batches(vouchers), of, **{**options, **changes})  # type: ignore[arg-type]


def good(folder: Path, vouchers: Iterable[Voucher], **changes: object) -> LedgerPart:
    part = built(folder, vouchers, **changes)
    assert part is not None
    return part


def test_the_part_tells_names_sizes_digests_and_counters(tmp_path: Path) -> None:
    before = Counters(entry_no=0, line_no=0, yevmiye_serial=4, kebir_serial=6)
    part = good(tmp_path, two_vouchers(), before=before)
    assert part.yevmiye.path == tmp_path / "1234567808-202601-Y-000000.xml"
    assert part.kebir.path == tmp_path / "1234567808-202601-K-000000.xml"
    for stored in (part.yevmiye, part.kebir):
        content = stored.path.read_bytes()
        assert stored.size_bytes == len(content)
        assert stored.sha256 == hashlib.sha256(content).hexdigest()
        assert canonical(content) == without_declaration(content)
    assert part.after == Counters(entry_no=2, line_no=5, yevmiye_serial=5, kebir_serial=7)
    assert b"YEV202601000005" in part.yevmiye.path.read_bytes()
    assert b"KEB202601000007" in part.kebir.path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "1234567808-202601-K-000000.xml",
        "1234567808-202601-Y-000000.xml",
    ]
    sums = {"lines": 5, "debit_kurus": 23_600, "credit_kurus": 23_600}
    assert part.source_totals == part.yevmiye_totals == Totals(entries=2, **sums)
    assert part.kebir_totals == Totals(entries=4, **sums)


def test_same_input_same_bytes_however_it_is_cut(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    first = good(tmp_path / "a", two_vouchers())
    whole = [JournalBatch.from_vouchers(two_vouchers())]
    second = build_part(
        whole,
        head(),
        before=Counters(),
        numbering="source",
        folder=tmp_path / "b",
        findings=FindingLog(),
    )
    assert second is not None
    assert (first.yevmiye.sha256, first.kebir.sha256) == (
        second.yevmiye.sha256,
        second.kebir.sha256,
    )


def test_an_entry_of_the_yevmiye(tmp_path: Path) -> None:
    entry = headers(good(tmp_path, two_vouchers()).yevmiye.path)[1]
    assert child_names(entry) == [
        "gl-cor:enteredBy",
        "gl-cor:enteredDate",
        "gl-cor:entryNumber",
        "gl-cor:entryComment",
        "gl-bus:totalDebit",
        "gl-bus:totalCredit",
        "gl-cor:entryNumberCounter",
        *["gl-cor:entryDetail"] * 3,
    ]
    assert [fact.text for fact in entry[:7]] == [
        "İ. Öz", "2026-01-09", "F00002", "Satış & tahsilat", "118.00", "118.00", "2",
    ]  # fmt: skip
    assert dict(entry[4].attrib) == {
        "contextRef": "journal_context",
        "decimals": "INF",
        "unitRef": "try",
    }
    assert entry[6].get("unitRef") == "countable"


def test_a_line_with_everything_keeps_the_order_of_the_guide(tmp_path: Path) -> None:
    full = line(
        1, "120.01", "1234567.8", "D",
        document_type="other",
        document_type_description="dekont",
        document_number="D-1",
        document_reference="F00001",
        document_date=date(2026, 1, 4),
        payment_method="Banka",
        line_comment="a < b",
        amount_currency="TRY",
        original_rate_date=date(2026, 1, 5),
        original_amount="30864.2",
        original_currency="USD",
        original_rate="40.0000",
        original_rate_source="T.C.M.B.",
        original_rate_comment="Döviz satış",
        fund_quantity="100",
        fund_unit_cost="12345.678",
    )  # fmt: skip
    entry = voucher(1, full, line(2, "600", "1234567.8", "C"))
    part = good(tmp_path, [entry])
    expected = [
        "gl-cor:lineNumber",
        "gl-cor:lineNumberCounter",
        "gl-cor:account",
        "gl-cor:amount",
        "gl-muc:amountCurrency",
        "gl-muc:amountOriginalExchangeRateDate",
        "gl-muc:amountOriginalAmount",
        "gl-muc:amountOriginalCurrency",
        "gl-muc:amountOriginalExchangeRate",
        "gl-muc:amountOriginalExchangeRateSource",
        "gl-muc:amountOriginalExchangeRateComment",
        "gl-cor:debitCreditCode",
        "gl-cor:postingDate",
        "gl-cor:documentType",
        "gl-cor:documentTypeDescription",
        "gl-cor:documentNumber",
        "gl-cor:documentReference",
        "gl-cor:documentDate",
        "gl-bus:paymentMethod",
        "gl-cor:detailComment",
        "gl-bus:measurable",
    ]
    for stored, context in ((part.yevmiye, "journal_context"), (part.kebir, "ledger_context")):
        detail = tree(stored.path).find(".//c:entryDetail", NS)
        assert detail is not None
        assert child_names(detail) == expected
        assert {fact.get("contextRef") for fact in detail if len(fact) == 0} == {context}
        assert texts(detail, "m:amountOriginalAmount") == ["30864.20"]
        assert texts(detail, "m:amountOriginalCurrency") == ["iso4217:USD"]
        assert texts(detail, "c:amount") == ["1234567.80"]
        assert texts(detail, "c:postingDate") == ["2026-01-05"]
        assert texts(detail, "b:measurable/*") == [
            "NT", "Maddi Olmayan Kalemler", "100", "Fon", "Adet", "12345.678",
        ]  # fmt: skip
        assert child_names(detail[2]) == [
            "gl-cor:accountMainID",
            "gl-cor:accountMainDescription",
            "gl-cor:accountSub",
        ]
        assert texts(detail[2], "c:accountSub/*") == ["Alt hesap 120.01", "120.01"]
        assert texts(tree(stored.path), ".//m:defaultCurrency") == ["iso4217:TRY"]


def test_missing_values_are_missing_elements(tmp_path: Path) -> None:
    detail = tree(good(tmp_path, two_vouchers()).yevmiye.path).find(".//c:entryDetail", NS)
    assert detail is not None
    assert child_names(detail) == [
        "gl-cor:lineNumber",
        "gl-cor:lineNumberCounter",
        "gl-cor:account",
        "gl-cor:amount",
        "gl-cor:debitCreditCode",
        "gl-cor:postingDate",
    ]


def test_kebir_headers_are_accounts_in_text_order_with_net_balances(tmp_path: Path) -> None:
    vouchers = [
        voucher(
            1,
            line(1, "1000", "5.00", "D"),
            line(2, "120.02", "10.00", "D"),
            line(3, "120", "7.00", "C"),
            line(4, "120.01", "8.00", "C"),
        ),
        voucher(
            2, line(5, "120.02", "4.50", "C"), line(6, "100", "2.50", "D"), line(7, "101", "2", "D")
        ),
    ]
    part = good(tmp_path, vouchers)
    found = []
    for header in headers(part.kebir.path):
        assert child_names(header)[:2] == ["gl-bus:totalDebit", "gl-bus:totalCredit"]
        detail = header[2]
        account = texts(detail, "c:account/c:accountSub/c:accountSubID") or texts(
            detail, "c:account/c:accountMainID"
        )
        lines = texts(header, "c:entryDetail/c:lineNumber")
        found.append((account[0], header[0].text, header[1].text, lines))
    assert found == [
        ("100", "2.50", "0.00", ["6"]),
        ("1000", "5.00", "0.00", ["1"]),
        ("101", "2.00", "0.00", ["7"]),
        ("120", "0.00", "7.00", ["3"]),
        ("120.01", "0.00", "8.00", ["4"]),
        ("120.02", "5.50", "0.00", ["2", "5"]),
    ]


def test_kebir_lines_are_copies_of_journal_lines(tmp_path: Path) -> None:
    part = good(tmp_path, two_vouchers())
    lines = [
        sorted(
            row.replace("journal_context", "ledger_context")
            for row in stored.path.read_text(encoding="utf-8").splitlines()
            if row.startswith("<gl-cor:entryDetail>")
        )
        for stored in (part.yevmiye, part.kebir)
    ]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 5


def test_an_account_with_two_names_is_a_warning_and_keeps_them(tmp_path: Path) -> None:
    findings = FindingLog()
    vouchers = [
        voucher(1, line(1, "120.01", "1", "D"), line(2, "600", "1", "C")),
        voucher(
            2,
            line(3, "120.01", "1", "D", sub_description="Öteki ad"),
            line(4, "600", "1", "C", main_description="SATIŞ"),
        ),
    ]
    part = good(tmp_path, vouchers, findings=findings)
    assert [(f.rule, f.severity, f.place.account, f.value) for f in findings] == [
        ("LED-10", Severity.WARNING, "120.01", "Alt hesap 120.01"),
        ("LED-10", Severity.WARNING, "600", "HESAP 600"),
    ]
    assert "Öteki ad" in part.kebir.path.read_text(encoding="utf-8")


def test_an_unbalanced_entry_is_written_as_it_is(tmp_path: Path) -> None:
    findings = FindingLog()
    entry = voucher(1, line(1, "100", "10.00", "D"), line(2, "600", "9.99", "C"))
    part = good(tmp_path, [entry], findings=findings)
    assert texts(headers(part.yevmiye.path)[0], "b:totalDebit") == ["10.00"]
    assert texts(headers(part.yevmiye.path)[0], "b:totalCredit") == ["9.99"]
    assert not findings.total


def test_branch_books_name_the_branch_in_every_header(tmp_path: Path) -> None:
    branch = Branch(number="0042", name="Kadıköy <Çarşı> Şubesi")
    part = good(tmp_path, two_vouchers(), head=head(branch=branch))
    assert part.yevmiye.path.name == "1234567808-202601-Y-000000-0042.xml"
    for stored, count in ((part.yevmiye, 2), (part.kebir, 4)):
        parsed = tree(stored.path)
        assert texts(parsed, ".//c:entryHeader/b:batchID") == ["0042"] * count
        assert texts(parsed, ".//c:entryHeader/b:batchDescription") == [branch.name] * count
        content = stored.path.read_bytes()
        assert canonical(content) == without_declaration(content)


def test_an_entry_of_another_branch_is_refused(tmp_path: Path) -> None:
    findings = FindingLog()
    entry = voucher(1, line(1, "100", "1", "D"), line(2, "600", "1", "C"), batch_id="0007")
    branch = Branch(number="0042", name="Kadıköy Şubesi")
    assert built(tmp_path, [entry], findings, head=head(branch=branch)) is None
    assert dict(findings.counts) == {"LED-09": 1}


@pytest.mark.parametrize(
    ("changes", "line_changes", "rule", "field"),
    [
        ({"entered_by": None}, {}, "LED-01", "entered_by"),
        ({"entered_date": None}, {}, "LED-01", "entered_date"),
        ({}, {"main_account": None}, "LED-01", "main_account"),
        ({}, {"dc": None}, "LED-01", "dc"),
        ({"entry_comment": "zil\x07"}, {}, "LED-02", "entry_comment"),
        ({}, {"line_comment": "\ufffe"}, "LED-02", "line_comment"),
        ({}, {"original_rate": "1\x00"}, "LED-02", "original_rate"),
        ({"entry_no": None}, {}, "LED-03", "entry_no"),
        ({}, {"line_no": None}, "LED-03", "line_no"),
        ({"entered_date": date(2026, 2, 1)}, {}, "LED-07", "entered_date"),
    ],
)
def test_what_cannot_be_written_is_a_finding_and_leaves_nothing(
    tmp_path: Path,
    changes: dict[str, object],
    line_changes: dict[str, object],
    rule: str,
    field: str,
) -> None:
    findings = FindingLog()
    first = line(1, "100", "1", "D", **line_changes)
    entry = voucher(1, first, line(2, "600", "1", "C"), **changes)
    assert built(tmp_path, [entry], findings) is None
    assert [each for each in findings if each.rule == rule and each.place.field == field]
    assert {each.rule for each in findings} == {rule}
    found = next(iter(findings))
    assert found.place.file == "muhasebe"
    assert found.place.voucher == "F00001"
    assert found.message_tr and found.message_en and found.remedy_tr and found.remedy_en
    assert "{" not in found.message_tr + found.message_en + found.remedy_tr + found.remedy_en
    assert list(tmp_path.iterdir()) == []


def test_what_the_source_reported_is_not_reported_again(tmp_path: Path) -> None:
    from edefter.model.finding import Finding, Layer, Place

    findings = FindingLog()
    known = Finding(
        rule="SRC-06", message_tr="x", message_en="x", remedy_tr="x", remedy_en="x",
        layer=Layer.SOURCE, place=Place(row=1, field="amount"),
    )  # fmt: skip
    findings.add(known)
    entry = voucher(1, line(1, "100", "1", "D", dc=None), line(2, "600", "1", "C"))
    assert built(tmp_path, [entry], findings) is None
    assert list(findings) == [known]


def test_an_invisible_control_character_is_written_with_a_warning(tmp_path: Path) -> None:
    findings = FindingLog()
    entry = voucher(1, line(1, "100", "1", "D", line_comment="a\x85b"), line(2, "600", "1", "C"))
    part = good(tmp_path, [entry], findings=findings)
    assert [(f.rule, f.value) for f in findings] == [("LED-11", "a\\u0085b")]
    content = part.yevmiye.path.read_bytes()
    assert canonical(content) == without_declaration(content)


def test_company_data_that_xml_cannot_hold_is_a_finding(tmp_path: Path) -> None:
    from tests.unit.ledger.factory import company

    findings = FindingLog()
    owner = company(title="Çan\x07")
    assert built(tmp_path, two_vouchers(), findings, head=head(owner=owner)) is None
    assert [(f.rule, f.place.field) for f in findings] == [("LED-12", "company.title")]


def test_entries_must_come_in_date_order(tmp_path: Path) -> None:
    findings = FindingLog()
    vouchers = [
        voucher(1, line(1, "100", "1", "D"), line(2, "600", "1", "C"), day=9),
        voucher(2, line(3, "100", "1", "D"), line(4, "600", "1", "C"), day=8),
    ]
    assert built(tmp_path, vouchers, findings) is None
    assert [(f.rule, f.place.voucher) for f in findings] == [("LED-06", "F00002")]


def test_a_whole_month_cannot_be_empty_but_a_part_can(tmp_path: Path) -> None:
    findings = FindingLog()
    assert built(tmp_path, [], findings) is None
    assert [f.rule for f in findings] == ["LED-08"]
    assert list(tmp_path.iterdir()) == []
    part = head(part="000002", first_day=date(2026, 1, 11), last_day=date(2026, 1, 20))
    counters = Counters(entry_no=4, line_no=9, yevmiye_serial=1, kebir_serial=1)
    empty = good(tmp_path, [], head=part, before=counters, may_be_empty=True)
    assert headers(empty.yevmiye.path) == headers(empty.kebir.path) == []
    assert empty.after == Counters(entry_no=4, line_no=9, yevmiye_serial=2, kebir_serial=2)
    content = empty.kebir.path.read_bytes()
    assert canonical(content) == without_declaration(content)


def test_totals_that_differ_are_a_defect_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = making.write_kebir

    def losing(*args: object, **kwargs: object) -> Totals:
        totals = real(*args, **kwargs)  # type: ignore[arg-type]
        return Totals(
            entries=totals.entries,
            lines=totals.lines,
            debit_kurus=totals.debit_kurus - 1,
            credit_kurus=totals.credit_kurus,
        )

    monkeypatch.setattr(making, "write_kebir", losing)
    with pytest.raises(InternalError) as caught:
        built(tmp_path, two_vouchers())
    assert caught.value.key == "ledger.totals_differ"
    assert list(tmp_path.iterdir()) == []


def test_a_voucher_split_over_batches_is_a_defect_of_the_source(tmp_path: Path) -> None:
    half = [voucher(1, line(1, "100", "1", "D")), voucher(1, line(2, "600", "1", "C"))]
    with pytest.raises(InternalError) as caught:
        built(tmp_path, half)
    assert caught.value.key == "ledger.split_voucher"
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_breaks_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def breaking() -> Iterable[JournalBatch]:
        yield JournalBatch.from_vouchers(two_vouchers())
        raise DataError("source.columns_missing", source="x", columns="y")

    with pytest.raises(DataError):
        build_part(
            breaking(),
            head(),
            before=Counters(),
            numbering="source",
            folder=tmp_path,
            findings=FindingLog(),
        )
    assert list(tmp_path.iterdir()) == []


def test_sums_beyond_64_bits_are_refused_instead_of_wrapping_around(tmp_path: Path) -> None:
    huge = Decimal(2**63 - 1).scaleb(-2)
    entry = voucher(
        1, line(1, "100", str(huge), "D"), line(2, "100", str(huge), "D"), line(3, "600", "1", "C")
    )
    with pytest.raises(DataError) as caught:
        built(tmp_path, [entry])
    assert caught.value.key == "ledger.total_out_of_range"


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []

    class Listener:
        def advance(self, step: str, done: int, total: int | None = None) -> None:
            told.append((step, done, total))

    good(tmp_path, two_vouchers(), progress=Listener())
    assert ("ledger.read", 5, None) in told
    assert ("ledger.entries", 5, 5) in told
    assert told[-1] == ("ledger.kebir", 5, 5)


def test_kinds_are_named_in_findings(tmp_path: Path) -> None:
    findings = FindingLog()
    built(tmp_path, [], findings)
    assert [f.kind for f in findings] == [Kind.Y]


def test_with_errors_the_other_vouchers_are_shown_for_examination_and_nothing_stays(
    tmp_path: Path,
) -> None:
    vouchers = [
        voucher(1, line(1, "100", "1", "D"), line(2, "600", "1", "C")),
        voucher(2, line(3, "100", "1", "D"), line(4, "600", "1", "C"), entered_by=None),
        voucher(3, line(5, "100", "2", "D"), line(6, "600", "3", "C")),
        voucher(5, line(7, "100", "4", "D"), line(8, "600", "4", "C")),
        voucher(None, line(9, "100", "4", "D"), line(10, "600", "4", "C")),
    ]
    seen: dict[str, list[str]] = {}

    def examine(yevmiye: Path, kebir: Path) -> None:
        assert (yevmiye.name, kebir.name) == (
            "1234567808-202601-Y-000000.xml",
            "1234567808-202601-K-000000.xml",
        )
        seen["counters"] = texts(tree(yevmiye), ".//c:entryNumberCounter")
        seen["debits"] = texts(tree(yevmiye), ".//b:totalDebit")
        seen["kebir"] = texts(tree(kebir), ".//c:lineNumber")

    findings = FindingLog()
    assert built(tmp_path, vouchers, findings, examine=examine) is None
    assert [(f.rule, f.place.voucher) for f in findings] == [
        ("LED-01", "F00002"),
        ("LED-01", "F00002"),
        ("LED-05", "F00005"),
        ("LED-03", "FNone"),
        ("LED-03", "FNone"),
    ]
    assert seen == {
        "counters": ["1", "3", "5"],
        "debits": ["1.00", "2.00", "4.00"],
        "kebir": ["1", "5", "7", "2", "6", "8"],
    }
    assert list(tmp_path.iterdir()) == []


def test_examination_is_left_out_when_nothing_is_sound(tmp_path: Path) -> None:
    wrong = [voucher(1, line(1, "100", "1", "D"), line(2, "600", "1", "C"), entered_by=None)]
    called: list[Path] = []
    findings = FindingLog()
    assert built(tmp_path, wrong, findings, examine=lambda y, k: called.append(y)) is None
    assert called == []


def test_gaps_around_unread_rows_are_no_findings_of_their_own(tmp_path: Path) -> None:
    vouchers = [
        voucher(1, line(1, "100", "1", "D"), line(2, "600", "1", "C")),
        voucher(3, line(5, "100", "1", "D"), line(6, "600", "1", "C")),
    ]
    findings = FindingLog()
    findings.add(make(SourceRule.FIELD_COUNT, Place(file="muhasebe", row=3), expected=1, found=2))
    assert built(tmp_path, vouchers, findings) is None
    assert dict(findings.counts) == {"SRC-01": 1}
    findings = FindingLog()
    assert built(tmp_path, vouchers, findings) is None
    assert dict(findings.counts) == {"LED-05": 2}


def test_mistakes_beyond_the_kept_ones_are_not_reported_twice(tmp_path: Path) -> None:
    findings = FindingLog(limit_per_rule=1)
    wrong = [
        voucher(each, line(each, "100", "1", "D"), entered_by=None, entry_key=f"F{each}")
        for each in (1, 2, 3)
    ]
    for each in wrong:
        place = Place(file="muhasebe", row=each.lines[0].source_row, field="entered_by")
        findings.add(make(SourceRule.REQUIRED, place))
    assert built(tmp_path, wrong, findings) is None
    assert dict(findings.counts) == {"SRC-03": 3}
