"""Kebir against journal: both must hold exactly the same lines (K-STR-14).

Memory stays bounded: each line becomes a 128-bit hash that is added to the sum of its bucket, by
line number. Only the lines of buckets whose sums differ are read again and compared one by one.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from edefter import messages
from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.validation.judging.places import cut, lead
from edefter.validation.records import Detail
from edefter.validation.sets.scan import Unreadable, scan
from edefter.validation.xpath import each

RULE = "K-STR-14"
_BUCKETS = 1 << 14
_MASK = (1 << 64) - 1
_COMPARED_LINES = 20_000
_SAME_NUMBER = 200  # lines of one number that are compared one by one; beyond, they are counted

_FIELDS = (
    ("line_counter", "madde numarası", "entry number"),
    ("main", "ana hesap", "main account"),
    ("sub", "alt hesap", "sub-account"),
    ("dc", "borç/alacak", "side"),
    ("amount", "tutar", "amount"),
    ("posting_date", "tarih", "date"),
)
_SHOWN_DIFFERENCES = 12
_Line = tuple[str, ...]


def check_pair(
    yevmiye: Path,
    kebir: Path,
    *,
    limit_per_rule: int = 100,
    severity: Severity = Severity.ERROR,
) -> FindingLog:
    """Whether a kebir holds exactly the lines of its journal.

    Compares line number, entry number, main and sub-account, side, amount and date of every line,
    as written, in whatever order the lines stand.

    Args:
        yevmiye, kebir: the two files of one part.
        limit_per_rule: findings kept (≥ 1).
        severity: of the findings; foreign ledgers are warned about.

    Returns:
        findings K-STR-14; empty when the two agree. Of very different files the first
        20,000 differing lines are named.
    """
    log = FindingLog(limit_per_rule)
    sums = []
    for path in (yevmiye, kebir):
        gathered = _Sums()
        try:
            scan(path, gathered.add)
        except Unreadable:
            place = Place(file=path.name)
            log.add(_finding("pair_unreadable", place, severity, file=path.name))
            return log
        sums.append(gathered)
    differing = {bucket for bucket in range(_BUCKETS) if sums[0].at(bucket) != sums[1].at(bucket)}
    if differing:
        _name_lines(yevmiye, kebir, differing, log, severity)
    return log


class _Sums:
    """Sums of line hashes by bucket, as two columns of 64 bits."""

    def __init__(self) -> None:
        self._low = array("Q", bytes(8 * _BUCKETS))
        self._high = array("Q", bytes(8 * _BUCKETS))

    def at(self, bucket: int) -> tuple[int, int]:
        """The sum of one bucket."""
        return self._low[bucket], self._high[bucket]

    def add(self, detail: Detail) -> None:
        """Take over one line."""
        number, rest = _line(detail)
        digest = blake2b("\x1f".join((number, *rest)).encode(errors="replace"), digest_size=16)
        value = digest.digest()
        bucket = _bucket(number)
        low, high = int.from_bytes(value[:8]), int.from_bytes(value[8:])
        self._low[bucket] = (self._low[bucket] + low) & _MASK
        self._high[bucket] = (self._high[bucket] + high) & _MASK


@dataclass(slots=True)
class _Chosen:
    """Lines of the differing buckets, by line number."""

    buckets: set[int]
    lines: dict[str, list[tuple[_Line, str]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, detail: Detail) -> None:
        """Keep the line if it is in question."""
        number, rest = _line(detail)
        if _bucket(number) in self.buckets and (
            number in self.lines or len(self.lines) < _COMPARED_LINES
        ):
            self.counts[number] += 1
            if self.counts[number] <= _SAME_NUMBER:
                voucher = _text(detail.document_reference) or _text(detail.header.entry_number)
                self.lines.setdefault(number, []).append((rest, voucher))


def _text(value: object) -> str:
    texts = each(value) if isinstance(value, str | tuple) else ()
    return "\x1e".join(text.strip() for text in texts)


def _line(detail: Detail) -> tuple[str, _Line]:
    return _text(detail.line_number), tuple(_text(getattr(detail, name)) for name, _, _ in _FIELDS)


def _bucket(number: str) -> int:
    return zlib.crc32(number.encode(errors="replace")) % _BUCKETS


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
    ours: list[tuple[_Line, str]], theirs: list[tuple[_Line, str]], counts: tuple[int, int]
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
        for index, (_, tr, en) in enumerate(_FIELDS):
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
