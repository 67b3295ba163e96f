from __future__ import annotations

import pytest

from edefter.ledger.findings import LedgerRule
from edefter.ledger.findings import make as ledger_finding
from edefter.ledger.soundness import undisturbed
from edefter.model.finding import Finding, FindingLog, Layer, Place
from edefter.source.findings import SourceRule, make


def official(rule: str, voucher: str) -> Finding:
    return Finding(
        rule=rule, message_tr="", message_en="", remedy_tr="", remedy_en="",
        layer=Layer.OFFICIAL, place=Place(voucher=voucher),
    )  # fmt: skip


def log(*findings: Finding, limit: int = 100) -> FindingLog:
    made = FindingLog(limit)
    made.extend(findings)
    return made


REPORT = log(
    official("Y-HDR-01", "F1"), official("Y-DET-02", "F1"), official("Y-STR-03", "F1"),
    official("Y-HDR-11", "F1"), official("Y-HDR-11", "F2"), official("Y-DET-26", "F2"),
)  # fmt: skip


def shown(known: FindingLog) -> list[tuple[str, str]]:
    return [(f.rule, f.place.voucher) for f in undisturbed(REPORT, known)]


def lost(voucher: str) -> Finding:
    return make(SourceRule.UNDECODABLE, Place(file="muhasebe", row=4, voucher=voucher))


def test_numbers_of_a_file_with_vouchers_left_out_say_nothing() -> None:
    known = log(ledger_finding(LedgerRule.REQUIRED, Place(voucher="F9", field="entered_by")))
    assert shown(known) == [("Y-HDR-11", "F1"), ("Y-HDR-11", "F2"), ("Y-DET-26", "F2")]


def test_a_voucher_with_an_unread_line_is_not_called_unbalanced() -> None:
    assert shown(log(lost("F2"))) == [("Y-HDR-11", "F1"), ("Y-DET-26", "F2")]


@pytest.mark.parametrize(
    "known", [log(lost("")), log(lost("F8"), lost("F9"), limit=1)], ids=["unnamed", "too many"]
)
def test_lines_of_unknown_vouchers_leave_no_voucher_certain(known: FindingLog) -> None:
    assert shown(known) == [("Y-DET-26", "F2")]
