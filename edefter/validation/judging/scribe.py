"""Turns what rules object to into findings, with sentences and places."""

from __future__ import annotations

from string import Formatter
from typing import Any

from edefter import messages
from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.validation.judging.places import View, place_of
from edefter.validation.names import FAMILIES
from edefter.validation.reading.offsets import Offsets
from edefter.validation.records import Document, Record
from edefter.validation.rule import Rule
from edefter.validation.wording import capital, lead, shown
from edefter.validation.xpath import Abort


class Scribe:
    """Keeps the findings of one document.

    Args:
        file: file name.
        kind: kind of the document.
        offsets: knows where elements stand.
        own: whether the strict layer's findings are errors.
        limit_per_rule: how many findings of a rule are kept.
    """

    def __init__(
        self, file: str, kind: Kind, offsets: Offsets, *, own: bool, limit_per_rule: int
    ) -> None:
        self.file = file
        self.kind = kind
        self.family = FAMILIES[kind]
        self.offsets = offsets
        self._own = own
        self.official = FindingLog(limit_per_rule)
        self.strict = FindingLog(limit_per_rule)
        self.aborts = FindingLog(limit_per_rule)

    def place(self, record: Any, field: str = "") -> Place:
        """Where a record stands."""
        known = record if isinstance(record, Record) else None
        return place_of(known, self.file, field, self.offsets)

    def report(
        self,
        rule: Rule,
        record: Any,
        document: Document,
        place: Place | None = None,
        *,
        times: int = 1,
    ) -> None:
        """Add what a rule objects to.

        Args:
            rule: the rule.
            record: what it objects to.
            document: gives the sentence what the record lacks.
            place: where, when the record does not know.
            times: how many mistakes this finding stands for (≥ 1).
        """
        strict = rule.layer is Layer.STRICT
        log = self.strict if strict else self.official
        rule_id = rule.id_for(self.family)
        if log.counts[rule_id] >= log.limit_per_rule:
            log.counts[rule_id] += times  # its kept findings made the log erroneous already
            return
        if place is None:
            place = self.place(record, rule.field)
        view = View(record, document)
        tr, en = lead(place)
        log.add(
            Finding(
                rule=rule_id,
                message_tr=tr + capital(_filled(rule.message_tr, view), turkish=True, when=not tr),
                message_en=en + capital(_filled(rule.message_en, view), turkish=False, when=not en),
                remedy_tr=rule.remedy_tr,
                remedy_en=rule.remedy_en,
                layer=rule.layer,
                place=place,
                severity=Severity.WARNING if strict and not self._own else Severity.ERROR,
                kind=self.kind,
                value=_value(record, rule.field),
            )
        )
        log.counts[rule_id] += times - 1

    def aborted(self, rule: str, record: Any, stop: Abort) -> None:
        """Add a place where the official engine would stop."""
        rule_id = f"{self.family}-RUN-01"
        if self.aborts.counts[rule_id] >= self.aborts.limit_per_rule:
            self.aborts.counts[rule_id] += 1
            return
        place = self.place(record)
        tr, en = lead(place)
        name = f"{self.family}-{rule}"
        key = "validation.aborted"
        turkish = messages.text(key, "tr", rule=name, detail=stop.turkish)
        english = messages.text(key, "en", rule=name, detail=stop.english)
        self.aborts.add(
            Finding(
                rule=rule_id,
                message_tr=tr + capital(turkish, turkish=True, when=not tr),
                message_en=en + capital(english, turkish=False, when=not en),
                remedy_tr=messages.remedy(key, "tr"),
                remedy_en=messages.remedy(key, "en"),
                layer=Layer.RUN,
                place=place,
                kind=self.kind,
                key=key,
            )
        )


def _filled(template: str, view: View) -> str:
    return Formatter().vformat(template, (), view)


def _value(record: Any, field: str) -> str:
    value = getattr(record, field, None) if field.isidentifier() else None
    if value is None:
        value = getattr(record, "value", None)
    return "" if value is None or isinstance(value, bool | frozenset) else shown(value)
