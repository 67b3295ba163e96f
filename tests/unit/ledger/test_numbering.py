from __future__ import annotations

import pytest

from edefter.errors import ConfigError
from edefter.ledger.numbering import Numberer
from edefter.ledger.totals import voucher_starts
from edefter.model.files import Counters
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch
from tests.unit.ledger.factory import line, voucher

BEFORE = Counters(entry_no=10, line_no=30)


def numbered(
    mode: str, *entries: tuple[int | None, list[int | None]], before: Counters = BEFORE
) -> tuple[list[tuple[int, int]], FindingLog, Numberer]:
    """One batch per entry; each entry is (entry number, line numbers)."""
    findings = FindingLog()
    numberer = Numberer(mode, before, findings, "muhasebe")
    result: list[tuple[int, int]] = []
    for index, (entry_no, lines) in enumerate(entries):
        made = voucher(
            entry_no,
            *(line(number, "100", "1", "D", source_row=number) for number in lines),
            entry_key=f"K{index}",
            entry_number=f"Fiş {index}",
        )
        frame = JournalBatch.from_vouchers([made]).frame
        frame = numberer.number(frame, voucher_starts(frame))
        result.extend(frame.select("entry_no", "line_no").rows())
    return result, findings, numberer


def test_source_numbers_go_on_where_the_last_file_ended() -> None:
    rows, findings, numberer = numbered("source", (11, [31, 32]), (12, [33]))
    assert rows == [(11, 31), (11, 32), (12, 33)]
    assert not findings.total
    assert (numberer.last_entry_no, numberer.last_line_no) == (12, 33)


def test_a_start_elsewhere_is_named_with_what_was_expected() -> None:
    _, findings, _ = numbered("source", (1, [1, 2]), (2, [3]))
    assert [(f.rule, f.place.field, f.value, f.place.voucher) for f in findings] == [
        ("LED-04", "entry_no", "1", "Fiş 0"),
        ("LED-04", "line_no", "1", "Fiş 0"),
    ]
    assert "11" in next(iter(findings)).message_tr


def test_one_gap_is_one_finding() -> None:
    _, findings, _ = numbered("source", (11, [31]), (13, [32]), (14, [33]))
    assert [(f.rule, f.place.voucher, f.value) for f in findings] == [("LED-05", "Fiş 1", "13")]


def test_repeated_and_falling_line_numbers() -> None:
    _, findings, _ = numbered("source", (11, [31, 31]), (12, [30]))
    assert [(f.rule, f.place.line_no) for f in findings] == [("LED-05", "31"), ("LED-05", "30")]


def test_missing_numbers() -> None:
    _, findings, _ = numbered("source", (11, [31, None]), (None, [33]), (13, [34]))
    assert [(f.rule, f.place.field) for f in findings] == [
        ("LED-03", "line_no"),
        ("LED-03", "entry_no"),
    ]


def test_assign_counts_in_the_given_order_whatever_the_source_says() -> None:
    rows, findings, numberer = numbered("assign", (7, [None, 9]), (None, [1]))
    assert rows == [(11, 31), (11, 32), (12, 33)]
    assert not findings.total
    assert (numberer.last_entry_no, numberer.last_line_no) == (12, 33)


def test_rebase_shifts_numbers_that_are_consecutive_among_themselves() -> None:
    rows, findings, numberer = numbered("rebase", (501, [9001, 9002]), (502, [9003]))
    assert rows == [(11, 31), (11, 32), (12, 33)]
    assert not findings.total
    assert (numberer.last_entry_no, numberer.last_line_no) == (12, 33)


def test_rebase_does_not_hide_a_gap() -> None:
    _, findings, _ = numbered("rebase", (501, [9001]), (503, [9002]))
    assert [(f.rule, f.value) for f in findings] == [("LED-05", "503")]


def test_two_numbers_in_one_voucher() -> None:
    findings = FindingLog()
    numberer = Numberer("source", Counters(), findings, "muhasebe")
    frame = JournalBatch.from_vouchers(
        [voucher(1, line(1, "100", "1", "D"), line(2, "600", "1", "C"))]
    ).frame
    frame[1, "entry_no"] = 2
    numberer.number(frame, voucher_starts(frame))
    assert [(f.rule, f.value) for f in findings] == [("LED-13", "2")]


def test_one_line_with_another_number_is_one_finding() -> None:
    findings = FindingLog()
    lines = (line(number, "100", "1", "D") for number in (1, 2, 3))
    frame = JournalBatch.from_vouchers([voucher(1, *lines)]).frame
    frame[1, "entry_no"] = 9
    Numberer("source", Counters(), findings, "muhasebe").number(frame, voucher_starts(frame))
    assert [(f.rule, f.value) for f in findings] == [("LED-13", "9")]


def test_an_unknown_mode_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError):
        Numberer("guess", Counters(), FindingLog(), "")


def test_a_missing_number_does_not_hide_a_gap() -> None:
    _, findings, _ = numbered("source", (11, [31, None]), (None, [34]), (14, [35]))
    assert [(f.rule, f.place.field, f.value) for f in findings] == [
        ("LED-03", "line_no", ""),
        ("LED-03", "entry_no", ""),
        ("LED-05", "line_no", "34"),
        ("LED-05", "entry_no", "14"),
    ]
