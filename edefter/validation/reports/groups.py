"""Findings by rule and by voucher."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edefter.messages import Lang
from edefter.model.finding import Finding, Layer, Severity
from edefter.validation.inputs.model import document_name
from edefter.validation.report import Report
from edefter.validation.reports.sentences import without_place

_FEW_TEXTS = 5
_DIGITS = re.compile(r"(\d+)")


@dataclass(slots=True, kw_only=True)
class RuleGroup:
    """All findings of one rule.

    Args:
        rule: its id.
        severity, layer: as of its findings.
        count: the true number of findings.
        findings: those that were kept, in the order of the reports.
    """

    rule: str
    severity: Severity
    layer: Layer
    count: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """Number of findings that were counted but not kept."""
        return self.count - len(self.findings)


@dataclass(frozen=True, slots=True, order=True)
class Book:
    """Whose vouchers are meant: a taxpayer's, of a branch, in a month.

    The same voucher stands in yevmiye and kebir, so they are one book here.

    Args:
        tax_number, branch, period: of the file name (`YYYYMM`).
        file: the file itself when its name does not tell.
    """

    tax_number: str = ""
    branch: str = ""
    period: str = ""
    file: str = ""


@dataclass(slots=True, kw_only=True)
class VoucherGroup:
    """All kept findings of one voucher.

    Args:
        book: whose it is.
        voucher: its number; empty when the findings have none.
        entry_nos: yevmiye madde numbers that the findings name, each once.
        account: the account that the findings are about when there is no voucher (kebir).
        findings: in the order of the reports.
    """

    book: Book
    voucher: str = ""
    account: str = ""
    entry_nos: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_document(self) -> bool:
        """Whether the findings are about the document and not about a voucher or account."""
        return not (self.voucher or self.entry_nos or self.account)


def by_rule(reports: Iterable[Report]) -> list[RuleGroup]:
    """Group findings by rule: errors first, the most frequent first."""
    groups: dict[tuple[str, Severity], RuleGroup] = {}
    for report in reports:
        severities: dict[str, Severity] = {}
        for item in report.findings:
            severities.setdefault(item.rule, item.severity)
            group = groups.setdefault(
                (item.rule, item.severity),
                RuleGroup(rule=item.rule, severity=item.severity, layer=item.layer),
            )
            group.findings.append(item)
        for rule, severity in severities.items():
            groups[rule, severity].count += report.findings.counts[rule]
    return sorted(
        groups.values(),
        key=lambda group: (group.severity is not Severity.ERROR, -group.count, group.rule),
    )


def by_voucher(reports: Iterable[Report]) -> list[VoucherGroup]:
    """Group kept findings by voucher, yevmiye and kebir of a month together.

    Findings without voucher number are grouped by entry number, else by account, else as those of
    the document, which come first in their book.
    """
    groups: dict[tuple[Book, str, str, str], VoucherGroup] = {}
    for report in reports:
        for item in report.findings:
            place = item.place
            book = book_of(place.file or report.name)
            entry = "" if place.voucher else place.entry_no
            account = "" if place.voucher or entry else place.account
            key = (book, place.voucher, entry, account)
            group = groups.get(key)
            if group is None:
                group = VoucherGroup(book=book, voucher=place.voucher, account=account)
                groups[key] = group
            if place.entry_no and place.entry_no not in group.entry_nos:
                group.entry_nos.append(place.entry_no)
            group.findings.append(item)
    return sorted(groups.values(), key=_order)


def by_text(texts: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Which of a rule's findings say the same.

    Returns:
        each text with the positions of its findings when a few texts stand for many findings;
        else one pair of an empty text and all positions: then each finding tells its own.
    """
    positions: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        positions.setdefault(text, []).append(index)
    if len(positions) == 1 or (len(positions) <= _FEW_TEXTS and len(texts) > 2 * len(positions)):
        return list(positions.items())
    return [("", list(range(len(texts))))] if texts else []


def alike(findings: Iterable[Finding], lang: Lang) -> list[list[Finding]]:
    """Findings of one voucher, those together that say the same of different lines."""
    together: dict[tuple[str, str, str], list[Finding]] = {}
    for item in findings:
        key = (item.rule, without_place(item, lang), item.place.file)
        together.setdefault(key, []).append(item)
    return list(together.values())


def errors_and_warnings(report: Report) -> tuple[int, int]:
    """True numbers of errors and of warnings in a report."""
    errors = {item.rule for item in report.findings if item.severity is Severity.ERROR}
    counts = report.findings.counts
    of_errors = sum(number for rule, number in counts.items() if rule in errors)
    return of_errors, report.findings.total - of_errors


def book_of(file: str) -> Book:
    """The book that a file belongs to, by its name."""
    name = document_name(file)
    if name is None:
        return Book(file=file)
    return Book(name.tax_number, name.branch, name.period.compact)


def _order(group: VoucherGroup) -> tuple[object, ...]:
    return (
        group.book,
        not group.is_document,
        _natural(group.entry_nos[0] if group.entry_nos else ""),
        _natural(group.voucher),
        _natural(group.account),
    )


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers in texts count as numbers: F2 before F10."""
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in _DIGITS.split(text[:60])
        if part
    )
