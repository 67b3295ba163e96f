"""Kebir against journal: both must hold exactly the same lines (K-STR-14).

Memory stays bounded: sums of hashes are compared first (`line_sums.py`); only the lines of buckets
whose sums differ are read again and compared one by one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from edefter import messages
from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.validation.gathering.line_sums import FIELDS, Line, bucket_of, line_of, text_of_value
from edefter.validation.records import Detail
from edefter.validation.sets.readings import Readings
from edefter.validation.sets.scan import Unreadable, scan
from edefter.validation.wording import cut, lead

RULE = "K-STR-14"
_COMPARED_LINES = 20_000
_SAME_NUMBER = 200  # lines of one number that are compared one by one; beyond, they are counted
_SHOWN_DIFFERENCES = 12


def check_pair(
    yevmiye: Path,
    kebir: Path,
    *,
    limit_per_rule: int = 100,
    severity: Severity = Severity.ERROR,
    readings: Readings | None = None,
) -> FindingLog:
    """Whether a kebir holds exactly the lines of its journal.

    Compares line number, entry number, main and sub-account, side, amount and date of every line,
    as written, in whatever order the lines stand.

    Args:
        yevmiye, kebir: the two files of one part.
        limit_per_rule: findings kept (≥ 1).
        severity: of the findings; foreign ledgers are warned about.
        readings: of the part's files, where other comparisons use them too.

    Returns:
        findings K-STR-14; empty when the two agree. Of very different files the first
        20,000 differing lines are named.
    """
    log = FindingLog(limit_per_rule)
    readings = readings or Readings()
    try:
        ours, theirs = readings.of(yevmiye), readings.of(kebir)
        differing = ours.lines.differing(theirs.lines)
        if differing:
            _name_lines(yevmiye, kebir, differing, log, severity)
    except Unreadable as problem:
        place = Place(file=str(problem))
        log.add(_finding("pair_unreadable", place, severity, file=str(problem)))
    return log


@dataclass(slots=True)
class _Chosen:
    """Lines of the differing buckets, by line number."""

    buckets: set[int]
    lines: dict[str, list[tuple[Line, str]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, detail: Detail) -> None:
        """Keep the line if it is in question."""
        number, rest = line_of(detail)
        if bucket_of(number) in self.buckets and (
            number in self.lines or len(self.lines) < _COMPARED_LINES
        ):
            self.counts[number] += 1
            if self.counts[number] <= _SAME_NUMBER:
                voucher = text_of_value(detail.document_reference) or text_of_value(
                    detail.header.entry_number
                )
                self.lines.setdefault(number, []).append((rest, voucher))


def _name_lines(
    yevmiye: Path, kebir: Path, buckets: set[int], log: FindingLog, severity: Severity
) -> None:
    left, right = _Chosen(buckets), _Chosen(buckets)
    scan(yevmiye, left.add)
    scan(kebir, right.add)
    for number in sorted(
        left.lines.keys() | right.lines.keys(), key=lambda text: (len(text), text)
    ):
        ours = sorted(left.lines.get(number, []))
        theirs = sorted(right.lines.get(number, []))
        counts = left.counts[number], right.counts[number]
        if counts[0] == counts[1] and [line for line, _ in ours] == [line for line, _ in theirs]:
            continue
        line, voucher = (ours or theirs)[0]
        place = Place(
            file=kebir.name,
            voucher=_shown(voucher),
            entry_no=_shown(line[0]),
            line_no=_shown(number),
            account=_shown(line[2] or line[1]),
        )
        log.add(
            _finding("pair_different", place, severity, detail=_difference(ours, theirs, counts))
        )


def _shown(text: str) -> str:
    """For a reader: several elements apart, no control characters."""
    return cut(text.replace("\x1e", " | "), 60)


def _difference(
    ours: list[tuple[Line, str]], theirs: list[tuple[Line, str]], counts: tuple[int, int]
) -> tuple[str, str]:
    if counts[0] != counts[1]:
        return (
            f"yevmiyede {counts[0]}, büyük defterde {counts[1]} kez var",
            f"{counts[0]} times in the journal, {counts[1]} times in the kebir",
        )
    if counts[0] > _SAME_NUMBER:
        return (
            f"iki defterde de {counts[0]} kez var, içerikleri farklı",
            f"{counts[0]} times in both, with other contents",
        )
    turkish, english = [], []
    for (left, _), (right, _) in zip(ours, theirs, strict=True):
        for index, (_, tr, en) in enumerate(FIELDS):
            if left[index] != right[index]:
                one, other = _shown(left[index]), _shown(right[index])
                turkish.append(f"{tr}: yevmiyede “{one}”, büyük defterde “{other}”")
                english.append(f"{en}: journal “{one}”, kebir “{other}”")
            if len(turkish) >= _SHOWN_DIFFERENCES:
                return "; ".join(turkish), "; ".join(english)
    return "; ".join(turkish), "; ".join(english)


def _finding(
    key: str,
    place: Place,
    severity: Severity,
    *,
    detail: tuple[str, str] = ("", ""),
    file: str = "",
) -> Finding:
    whole = f"validation.{key}"
    tr, en = lead(place)
    return Finding(
        rule=RULE,
        message_tr=tr + messages.text(whole, "tr", detail=detail[0], file=file),
        message_en=en + messages.text(whole, "en", detail=detail[1], file=file),
        remedy_tr=messages.remedy(whole, "tr"),
        remedy_en=messages.remedy(whole, "en"),
        layer=Layer.CROSS,
        place=place,
        severity=severity,
        kind=Kind.K,
        key=whole,
    )
