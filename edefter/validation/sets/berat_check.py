"""Berat against its ledger: what GİB's rules never compare (B-STR-17, B-STR-18)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.model.money import kurus_text
from edefter.telling import told
from edefter.validation import names
from edefter.validation.gathering.turnovers import Turnovers, same
from edefter.validation.names import clark, readable
from edefter.validation.reading.extract import Element, node_finder, read_document, text_of
from edefter.validation.sets.readings import Readings
from edefter.validation.sets.scan import BERAT_KINDS, Unreadable
from edefter.validation.wording import cut
from edefter.validation.xpath import Abort, Value, decimal, each, ns

AMOUNTS = "B-STR-17"
INFO = "B-STR-18"
TAX_ACCOUNTS = ("391", "191", "600", "601", "602")
_MIB = 1024 * 1024
_SIZE_TOLERANCE = Fraction(1, 100)  # two decimals, however they were rounded
_SIDE_NAMES = {"D": "borç", "C": "alacak"}
_SIGNATURE_VALUE = f"{clark('ds:Signature')}/{clark('ds:SignatureValue')}"
_IGNORED = frozenset({"gl-cor:entriesComment"})
_LEAVES = node_finder(".//*[not(*)]")


def check_berat(
    berat: Path,
    ledger: Path,
    *,
    limit_per_rule: int = 100,
    severity: Severity = Severity.ERROR,
    readings: Readings | None = None,
) -> FindingLog:
    """Whether a berat (ours, or approved by GİB) says of its ledger what the ledger says.

    Compares the number of entries (journal and inventory), the size in MB, the ten amounts, the
    signature value without white space, and documentInfo and entityInformation (except
    entriesComment).

    Args:
        berat: the berat file.
        ledger: the signed ledger that it was made from.
        limit_per_rule: findings kept of each rule (≥ 1).
        severity: of the findings; foreign documents are warned about.
        readings: of the part's files, where other comparisons use them too.

    Returns:
        findings B-STR-17 and B-STR-18; empty when the two agree.
    """
    log = _Log(limit_per_rule, severity)
    readings = readings or Readings()
    try:
        stated, actual = readings.of(berat), readings.of(ledger)
        size_bytes = ledger.stat().st_size
    except (Unreadable, OSError) as problem:
        file = str(problem) if isinstance(problem, Unreadable) else ledger.name
        log.add(_finding(AMOUNTS, "berat_unreadable", berat, file=file))
        return log
    document = read_document(stated.root, berat.name, Kind.YB)
    kind = BERAT_KINDS.get(ns(each(document.types)[0]) if document.types else "")
    entity = document.entities[0] if document.entities else None
    if entity is not None and kind is not Kind.KB:
        _compare_number(log, berat, entity.number_of_entries, actual.entries)
    _compare_size(log, berat, entity.quantity if entity is not None else None, size_bytes)
    if kind is not Kind.EB and "VERGI_DETAYSIZ" not in each(document.authority_codes):
        _compare_amounts(log, berat, stated.turnovers, actual.turnovers)
    own_value = actual.root.find(_SIGNATURE_VALUE)
    expected = _bare(text_of(own_value)) if own_value is not None else ""
    if not expected or _bare(document.signature_value_text) != expected:
        log.add(_finding(AMOUNTS, "berat_signature_value", berat, field="ds:SignatureValue"))
    _compare_info(log, berat, stated.root, actual.root)
    return log


class _Log(FindingLog):
    """Gives every finding the severity of this comparison."""

    def __init__(self, limit_per_rule: int, severity: Severity) -> None:
        super().__init__(limit_per_rule)
        self._severity = severity

    def add(self, finding: Finding) -> None:
        """As of `FindingLog`."""
        super().add(replace(finding, severity=self._severity))


def _bare(text: str) -> str:
    return "".join(text.split())


def _decimal(value: Value) -> Fraction | None:
    texts = each(value)
    try:
        return decimal(texts[0]) if len(texts) == 1 else None
    except Abort:
        return None


def _compare_number(log: FindingLog, berat: Path, value: Value, expected: int) -> None:
    if _decimal(value) != expected:
        shown = " | ".join(each(value)) or "yok"
        facts = {"value": cut(shown), "expected": expected}
        log.add(_finding(AMOUNTS, "berat_entries", berat, field="gl-bus:numberOfEntries", **facts))


def _compare_size(log: FindingLog, berat: Path, value: Value, size_bytes: int) -> None:
    stated = _decimal(value)
    actual = Fraction(size_bytes, _MIB)
    if stated is None or abs(stated - actual) > _SIZE_TOLERANCE:
        facts = {"value": cut(" | ".join(each(value)) or "yok"), "expected": f"{float(actual):.2f}"}
        log.add(_finding(AMOUNTS, "berat_size", berat, field="gl-bus:measurableQuantity", **facts))


def _compare_amounts(log: FindingLog, berat: Path, stated: Turnovers, actual: Turnovers) -> None:
    for account in TAX_ACCOUNTS:
        for side, side_name in _SIDE_NAMES.items():
            left, right = stated.of(account, side), actual.of(account, side)
            if same(left, right):
                continue
            facts: dict[str, Any] = {
                "account": account,
                "side": side,
                "side_tr": side_name,
                "value": kurus_text(left.cents),
                "expected": kurus_text(right.cents),
            }
            log.add(_finding(AMOUNTS, "berat_amount", berat, field="gl-cor:amount", **facts))


def _compare_info(log: FindingLog, berat: Path, left: Element, right: Element) -> None:
    for group in ("gl-cor:documentInfo", "gl-cor:entityInformation"):
        ours, theirs = _leaves(left, group), _leaves(right, group)
        if ours == theirs:
            continue
        for name in sorted(ours.keys() | theirs.keys()):
            stated, expected = ours.get(name, []), theirs.get(name, [])
            if stated != expected:
                facts = {"value": _joined(stated), "expected": _joined(expected)}
                log.add(_finding(INFO, "berat_info", berat, field=name, **facts))


def _leaves(root: Element, group: str) -> dict[str, list[str]]:
    """Texts by element name, in document order."""
    path = f"{names.XBRL}/{names.ENTRIES}/{clark(group)}"
    found: dict[str, list[str]] = {}
    for element in root.findall(path):
        for leaf in _LEAVES(element):
            name = readable(leaf.tag)
            if name not in _IGNORED:
                found.setdefault(name, []).append(text_of(leaf))
    return found


def _joined(texts: list[str]) -> str:
    return cut(" | ".join(texts)) if texts else "yok"


def _finding(rule: str, key: str, berat: Path, *, field: str = "", **facts: object) -> Finding:
    facts.setdefault("field", field)
    return told(
        f"validation.{key}",
        facts,
        rule=rule,
        layer=Layer.CROSS,
        place=Place(file=berat.name, field=field),
        value=str(facts.get("value", "")),
    )
