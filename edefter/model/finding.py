"""A mistake in a user's data or document is a value, not an exception.

Every finding names the rule, the place in the user's own terms (voucher, entry, line, account,
field, source row) and says in Turkish and English what is wrong and what to do. All findings are
collected, not the first; a limit per rule keeps memory bounded while the true count is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from edefter.model.documents import Kind


class Severity(StrEnum):
    """Whether a finding stops the work."""

    ERROR = "error"
    WARNING = "warning"


class Layer(StrEnum):
    """Who says so."""

    REGISTRATION = "registration"  # the company's own record
    CONFIG = "config"  # the configuration file
    SOURCE = "source"  # a row of the accounting source
    SCHEMA = "schema"  # XSD
    OFFICIAL = "official"  # GİB's business rules, ids of rules.md
    STRICT = "strict"  # our own stricter rules, ids *-STR-nn
    RUN = "run"  # the rules could not be evaluated, ids *-RUN-nn
    SIGNATURE = "signature"
    CROSS = "cross"  # between documents: ledger, berat, approved berat
    ARCHIVE = "archive"  # the local vault: changed, missing or unknown files


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is; empty or None = not known or does not apply.

    Args:
        file: file name, or a name of the source.
        row: 1-based row of the source.
        voucher: voucher number (entryNumber, fiş no).
        entry_no: yevmiye madde no as text.
        line_no: line number as text.
        account: main or sub-account code.
        field: element or column name.
        xml_line: 1-based line in the file.
        byte_offset: offset in the file, bytes.
    """

    file: str = ""
    row: int | None = None
    voucher: str = ""
    entry_no: str = ""
    line_no: str = ""
    account: str = ""
    field: str = ""
    xml_line: int | None = None
    byte_offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mistake at one place.

    Args:
        rule: id of the rule.
        message_tr, message_en: what is wrong, with values of the document in it.
        remedy_tr, remedy_en: how to correct it.
        layer: who says so.
        place: where it is.
        severity: whether it stops the work.
        kind: kind of the document.
        value: the offending text, cut to a readable length.
        key: message key that the texts were made of, so that they can be made again without
            values; empty = the texts are those of a declared rule of that id.
    """

    rule: str
    message_tr: str
    message_en: str
    remedy_tr: str
    remedy_en: str
    layer: Layer
    place: Place = field(default_factory=Place)
    severity: Severity = Severity.ERROR
    kind: Kind | None = None
    value: str = ""
    key: str = ""

    def text(self, lang: Literal["tr", "en"] = "tr") -> str:
        """What is wrong."""
        return self.message_tr if lang == "tr" else self.message_en

    def remedy(self, lang: Literal["tr", "en"] = "tr") -> str:
        """How to correct it."""
        return self.remedy_tr if lang == "tr" else self.remedy_en


class FindingLog:
    """Collects findings: at most `limit_per_rule` kept of each rule, all of them counted."""

    def __init__(self, limit_per_rule: int = 100) -> None:
        self.limit_per_rule = limit_per_rule
        self.counts: Counter[str] = Counter()
        self.error_rows: set[int] = set()  # source rows with an error, also of those not kept
        self._error_count = 0
        self._kept: list[Finding] = []
        self._given: Counter[str] = Counter()

    def add(self, finding: Finding) -> None:
        """Count the finding and keep it while its rule is under the limit."""
        self.counts[finding.rule] += 1
        if finding.severity is Severity.ERROR:
            self._error_count += 1
            if finding.place.row is not None:
                self.error_rows.add(finding.place.row)
        if self.counts[finding.rule] <= self.limit_per_rule:
            self._kept.append(finding)

    def count(self, rule: str) -> None:
        """Count one more error of a rule that has reached its limit, without making a finding."""
        self.counts[rule] += 1
        self._error_count += 1

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several."""
        for finding in findings:
            self.add(finding)

    def merge(self, other: FindingLog) -> None:
        """Take over all that another log kept and counted."""
        self._kept.extend(other._kept)
        self.counts.update(other.counts)
        self.error_rows.update(other.error_rows)
        self._error_count += other._error_count

    def news(self) -> FindingLog:
        """What was added since the last call; the limit goes on to be that of all together."""
        new = FindingLog(self.limit_per_rule)
        new._kept, self._kept = self._kept, []
        new.error_rows, self.error_rows = self.error_rows, set()
        new._error_count, self._error_count = self._error_count, 0
        new.counts = self.counts - self._given
        self._given = self.counts.copy()
        return new

    def mapped(self, change: Callable[[Finding], Finding]) -> FindingLog:
        """A copy with every kept finding changed; the counts stay."""
        copy = self.thinned(0)
        copy._kept = [change(finding) for finding in self._kept]
        return copy

    def thinned(self, keep: int) -> FindingLog:
        """A copy that keeps the first findings of each rule only; the counts stay.

        Args:
            keep: how many of each rule (≥ 0).
        """
        copy = FindingLog(self.limit_per_rule)
        copy.merge(self)
        seen: Counter[str] = Counter()
        copy._kept = []
        for finding in self._kept:
            seen[finding.rule] += 1
            if seen[finding.rule] <= keep:
                copy._kept.append(finding)
        return copy

    @property
    def has_errors(self) -> bool:
        """Whether at least one finding stops the work."""
        return self._error_count > 0

    @property
    def total(self) -> int:
        """True number of findings, also of those not kept."""
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)
