"""The defter raporu against all kebir parts of its month (R-STR-19; format.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from edefter.model.documents import UNDIVIDED, Kind
from edefter.model.finding import Finding, Severity
from edefter.model.money import kurus_text
from edefter.validation.records import Detail
from edefter.validation.sets.group import Document, difference, ledgers
from edefter.validation.sets.scan import Unreadable, scan
from edefter.validation.sums import Sum
from edefter.validation.xpath import each

RULE = "R-STR-19"
_SIDES = {"D": "D", "debit": "D", "C": "C", "credit": "C"}


@dataclass(slots=True)
class _Totals:
    """Sum and number of lines by main account and side."""

    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, detail: Detail) -> None:
        """Take over one kebir line."""
        for key in _keys(detail):
            self.sums.setdefault(key, Sum()).add(detail.amount)
            self.counts[key] = self.counts.get(key, 0) + 1

    def add_stated(self, detail: Detail) -> None:
        """Take over one line of a report, which says how many lines it stands for."""
        for key in _keys(detail):
            self.sums.setdefault(key, Sum()).add(detail.amount)
            for text in each(detail.apply_to_number):
                if text.isascii() and text.isdigit() and len(text) < 19:
                    self.counts[key] = self.counts.get(key, 0) + int(text)


def _keys(detail: Detail) -> list[tuple[str, str]]:
    return [
        (main.strip(), _SIDES[side.strip()])
        for main in each(detail.main)
        for side in each(detail.dc)
        if side.strip() in _SIDES
    ]


def check(documents: Sequence[Document], severity: Severity) -> Iterator[Finding]:
    """Compare each report with the kebir of its month, when all its parts are here."""
    for report in documents:
        if report.kind is not Kind.DR or report.name.approved:
            continue
        kebir = [item for item in ledgers(documents, Kind.K) if item.period == report.period]
        if kebir and _is_whole(kebir):
            yield from _compare(report, kebir, severity)


def _is_whole(kebir: list[Document]) -> bool:
    numbers = [item.name.part for item in kebir]
    if numbers == [UNDIVIDED]:
        return True
    ends_month = kebir[-1].end == kebir[-1].period.last_day
    return ends_month and numbers == [f"{number:06d}" for number in range(1, len(numbers) + 1)]


def _compare(report: Document, kebir: list[Document], severity: Severity) -> Iterator[Finding]:
    stated, summed = _Totals(), _Totals()
    try:
        scan(report.path, stated.add_stated)
        for item in kebir:
            scan(item.path, summed.add)
    except Unreadable as problem:
        yield difference(RULE, "set_report_unreadable", report, severity, other=str(problem))
        return
    accounts = {main for main, _ in summed.sums} | {main for main, _ in stated.sums}
    for main in sorted(accounts):
        for side in ("D", "C"):
            key = (main, side)
            left, right = stated.sums.get(key, Sum()), summed.sums.get(key, Sum())
            facts = {"account": main, "side": side}
            if left.broken or right.broken or left.exact != right.exact:
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
            if stated.counts.get(key, 0) != summed.counts.get(key, 0):
                yield difference(
                    RULE,
                    "set_report_count",
                    report,
                    severity,
                    field="gl-cor:documentApplyToNumber",
                    value=stated.counts.get(key, 0),
                    expected=summed.counts.get(key, 0),
                    **facts,
                )
