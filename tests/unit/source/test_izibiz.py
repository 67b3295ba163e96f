from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError, DataError
from edefter.model.finding import FindingLog
from edefter.model.journal import Voucher
from edefter.source import textfile
from edefter.source.open import open_source
from edefter.source.port import ReadRequest

HEADER = (
    "detailref;entryref;linenumber;linenumbercounter;accmainid;accmainiddesc;accsubid;accsubdesc;"
    "amount;debitcreditcode;postingdate;documenttype;doctypedesc;documentnumber;"
    "documentreference;entrynumbercounter;documentdate;paymentmethod;detailcomment;erpno;"
    "divisionno;enteredby;entereddate;entrynumber;entrycomment"
)


def row(
    line: int,
    entry: int,
    account: str = "100",
    amount: str = "10",
    side: str = "D",
    *,
    day: str = "2026-01-05",
    company: str = "001",
    branch: str = "0",
    counter: int | None = None,
    comment: str = "NULL",
) -> str:
    copy = entry if counter is None else counter
    return (
        f"{900 + line};E{entry};{line};{copy};{account};HESABI ŞĞİ;NULL;;{amount};{side};{day};"
        f"invoice;NULL;FTR{entry};F{entry};{entry};{day};NULL;{comment};{company};{branch};H.A.;"
        f"{day};F{entry};{entry} numaralı işlem"
    )


TWO = [
    row(1, 1),
    row(2, 1, "600", side="C"),
    row(3, 2, day="2026-01-06"),
    row(4, 2, side="C", day="2026-01-06"),
]


def read(
    folder: Path,
    lines: list[str],
    *,
    encoding: str = "cp1254",
    end: str = "\r",
    company: str = "",
    branch: str = "",
    **settings: object,
) -> tuple[list[Voucher], FindingLog]:
    path = folder / "yevmiye.csv"
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    source = open_source(
        "izibiz", SourceSettings(kind="izibiz", path=path, **settings), lambda ref: ""
    )
    findings = FindingLog()
    request = ReadRequest(
        company=company,
        branch=branch,
        first_day=date(2026, 1, 1),
        last_day=date(2026, 1, 31),
    )
    batches = list(source.read(request, findings))
    return [voucher for batch in batches for voucher in batch.vouchers()], findings


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["cp1254", "utf-8", "utf-8-sig"])
def test_any_encoding_and_line_end(tmp_path: Path, encoding: str, end: str) -> None:
    vouchers, findings = read(tmp_path, [HEADER, *TWO], encoding=encoding, end=end)
    assert not findings.total
    assert [(v.entry_key, v.entry_no, v.entry_number, len(v.lines)) for v in vouchers] == [
        ("E1", 1, "F1", 2),
        ("E2", 2, "F2", 2),
    ]
    first = vouchers[0].lines[0]
    assert first.main_description == "HESABI ŞĞİ"
    assert (first.sub_account, first.sub_description, first.line_comment) == (None, None, None)
    assert (first.document_type, first.document_number) == ("invoice", "FTR1")
    assert first.source_row == 2


@pytest.mark.parametrize("delimiter", ["\t", "|", ","])
def test_other_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    lines = [line.replace(";", delimiter) for line in (HEADER, *TWO)]
    vouchers, findings = read(tmp_path, lines)
    assert len(vouchers) == 2
    assert not findings.total


def test_column_order_and_case_do_not_matter(tmp_path: Path) -> None:
    turned = [";".join(reversed(line.split(";"))) for line in (HEADER.upper(), *TWO)]
    assert len(read(tmp_path, turned)[0]) == 2


def test_a_row_with_another_field_count_is_named_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfile, "BLOCK_CHARS", 300)
    broken = row(3, 2, comment="ayraç; var")
    vouchers, findings = read(tmp_path, [HEADER, *TWO[:2], broken, *TWO[2:]])
    assert len(vouchers) == 2
    (found,) = findings
    assert (found.rule, found.place.row, found.place.file) == ("SRC-01", 4, "izibiz")
    assert found.value.startswith("903;E2;3;2;100")
    assert "25" in found.message_tr
    assert "26" in found.message_tr


def test_a_row_that_cannot_be_read_is_named_by_the_other_rows_of_its_voucher(
    tmp_path: Path,
) -> None:
    lines = [HEADER, *TWO[:3], row(4, 2, comment="ayraç; var"), "E9;E9"]
    _, findings = read(tmp_path, lines)
    assert [(f.rule, f.place.row, f.place.voucher) for f in findings] == [
        ("SRC-01", 5, "F2"),
        ("SRC-01", 6, "E9"),
    ]
    assert "F2" in next(iter(findings)).message_tr


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_named_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bos.csv"
    path.write_bytes(content)
    source = open_source("izibiz", SourceSettings(kind="izibiz", path=path), lambda ref: "")
    check = source.check()
    assert (check.state, "bos.csv" in check.detail_tr) == ("misconfigured", True)
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 31)}
    with pytest.raises(DataError) as caught:
        list(source.read(ReadRequest(company="", branch="", **days), FindingLog()))
    assert caught.value.key == "source.file_empty"


def test_undecodable_bytes_are_named_with_their_row(tmp_path: Path) -> None:
    path = tmp_path / "yevmiye.csv"
    content = "\r".join([HEADER, *TWO]).encode("cp1254").replace(b"H.A.", b"H\x81A.", 1)
    path.write_bytes(content)
    source = open_source("izibiz", SourceSettings(kind="izibiz", path=path), lambda ref: "")
    findings = FindingLog()
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 31)}
    list(source.read(ReadRequest(company="", branch="", **days), findings))
    assert [(f.rule, f.place.row, f.place.voucher) for f in findings] == [("SRC-02", 2, "F1")]


def test_all_bad_values_are_found_in_one_reading(tmp_path: Path) -> None:
    lines = [
        row(1, 1, amount="1,50"),
        row(2, 1, side="X"),
        row(3, 2, day="06.01.2026"),
        row(4, 2, amount="1.005", counter=3),
    ]
    _, findings = read(tmp_path, [HEADER, *lines])
    assert sorted((f.rule, f.place.row, f.place.field) for f in findings) == [
        ("SRC-04", 4, "document_date"),
        ("SRC-04", 4, "entered_date"),
        ("SRC-04", 4, "posting_date"),
        ("SRC-06", 2, "amount"),
        ("SRC-07", 5, "amount"),
        ("SRC-09", 3, "dc"),
        ("SRC-11", 5, "entered_date"),
        ("SRC-12", 5, "linenumbercounter"),
    ]


def test_company_branch_and_days_select(tmp_path: Path) -> None:
    lines = [
        row(1, 1),
        row(2, 1, side="C"),
        row(3, 2, company="002"),
        row(4, 2, company="002", side="C"),
        row(5, 3, branch="1"),
        row(6, 3, branch="0001", side="C"),
        row(7, 4, day="2026-02-01"),
        row(8, 4, day="2026-02-01", side="C"),
    ]
    keys = [
        [v.entry_key for v in read(tmp_path, [HEADER, *lines], **chosen)[0]]
        for chosen in ({}, {"company": "002"}, {"branch": "0001"})
    ]
    assert keys == [["E1", "E2", "E3"], ["E2"], ["E3"]]


def test_a_company_that_the_file_does_not_hold(tmp_path: Path) -> None:
    vouchers, findings = read(tmp_path, [HEADER, *TWO], company="777")
    assert vouchers == []
    assert [(f.rule, f.value) for f in findings] == [("SRC-13", "777")]
    assert "001" in next(iter(findings)).message_tr


def test_a_voucher_half_outside_the_days_is_never_cut_silently(tmp_path: Path) -> None:
    lines = [row(1, 1, day="2026-01-31"), row(2, 1, side="C", day="2026-02-01")]
    _, findings = read(tmp_path, [HEADER, *lines])
    assert [(f.rule, f.place.row) for f in findings] == [("SRC-15", 2)]


def test_a_torn_voucher_is_found_wherever_its_lines_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfile, "BLOCK_CHARS", 300)
    torn = [
        row(5, 3, day="2026-01-31"),
        row(6, 3, side="C", day="2026-01-31"),
        *TWO,
        row(7, 3, day="2026-02-01"),
        row(8, 3, side="C", day="2026-02-01"),
    ]
    _, findings = read(tmp_path, [HEADER, *torn])
    assert [(f.rule, f.place.voucher) for f in findings] == [("SRC-15", "F3")]


def test_a_key_used_again_in_another_month_is_another_voucher(tmp_path: Path) -> None:
    later = [line.replace(";E3;", ";E1;") for line in (
        row(5, 3, day="2026-02-01"), row(6, 3, side="C", day="2026-02-01"),
    )]  # fmt: skip
    vouchers, findings = read(tmp_path, [HEADER, *TWO, *later])
    assert not findings.total
    assert len(vouchers) == 2


def test_mistakes_in_another_month_do_not_concern_this_one(tmp_path: Path) -> None:
    february = {"day": "2026-02-01"}
    lines = [
        row(5, 3, amount="1,50", counter=9, **february),
        row(6, 3, side="X", comment="\ufffd", **february),
    ]
    vouchers, findings = read(tmp_path, [HEADER, *TWO, *lines], encoding="utf-8")
    assert not findings.total
    assert len(vouchers) == 2


def test_rows_of_several_companies_are_taken_with_a_warning(tmp_path: Path) -> None:
    lines = [*TWO[:2], row(3, 2, company="002"), row(4, 2, company="002", side="C")]
    vouchers, findings = read(tmp_path, [HEADER, *lines])
    assert len(vouchers) == 2
    assert [(f.rule, f.value, f.severity) for f in findings] == [("SRC-16", "001, 002", "warning")]
    assert not findings.has_errors
    vouchers, findings = read(tmp_path, [HEADER, *lines], company="002")
    assert (len(vouchers), findings.total) == (1, 0)


@pytest.mark.parametrize("copy", ["1", "01", "1.0", " 1"])
def test_a_counter_copy_may_be_written_otherwise(tmp_path: Path, copy: str) -> None:
    lines = [line.replace(f";{no};1;100;", f";{no};{copy};100;") for no, line in enumerate(TWO, 1)]
    assert any(f";{copy};100;" in line for line in lines)
    assert not read(tmp_path, [HEADER, *lines])[1].total


def test_another_null_mark(tmp_path: Path) -> None:
    lines = [line.replace("NULL", "\\N") for line in TWO]
    vouchers, _ = read(tmp_path, [HEADER, *lines], null_mark="\\N")
    assert vouchers[0].lines[0].payment_method is None


def test_quotation_marks_are_characters_like_any_other(tmp_path: Path) -> None:
    vouchers, findings = read(tmp_path, [HEADER, row(1, 1, comment='"tırnak'), *TWO[1:]])
    assert not findings.total
    assert vouchers[0].lines[0].line_comment == '"tırnak'


def test_an_unordered_file_is_put_in_order(tmp_path: Path) -> None:
    vouchers, findings = read(tmp_path, [HEADER, *reversed(TWO)])
    assert not findings.total
    assert [line.line_no for v in vouchers for line in v.lines] == [1, 2, 3, 4]


def test_a_file_without_the_columns_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, ["a;b;c", "1;2;3"])
    assert "entryref" in caught.value.text("tr")
    with pytest.raises(DataError) as caught:
        read(tmp_path, [HEADER + ";amount", *TWO])
    assert caught.value.key == "source.columns_twice"


def test_check_tells_what_was_detected(tmp_path: Path) -> None:
    path = tmp_path / "yevmiye.csv"
    path.write_bytes("\r".join([HEADER, *TWO]).encode("cp1254"))
    settings = SourceSettings(kind="izibiz", path=path)
    check = open_source("izibiz", settings, lambda ref: "").check()
    assert check.ready
    assert "cp1254" in check.detail_tr
    missing = SourceSettings(kind="izibiz", path=tmp_path / "yok.csv")
    check = open_source("izibiz", missing, lambda ref: "").check()
    assert (check.state, "yok.csv" in check.detail_tr) == ("misconfigured", True)


def test_wrong_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        open_source("izibiz", SourceSettings(kind="izibiz"), lambda ref: "")
    path = tmp_path / "yevmiye.csv"
    path.write_text(HEADER, encoding="cp1254")
    settings = SourceSettings(kind="izibiz", path=path, encoding="klingon")
    check = open_source("izibiz", settings, lambda ref: "").check()
    assert (check.state, "klingon" in check.detail_en) == ("misconfigured", True)
