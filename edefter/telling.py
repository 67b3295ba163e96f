"""Findings whose texts come from the catalogue: the one place that fills in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edefter import messages
from edefter.messages import Lang
from edefter.model.documents import Kind
from edefter.model.finding import Finding, Layer, Place, Severity


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person should know though nothing stops: message key and its facts."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: Lang = "tr") -> str:
        """What it is, in one sentence."""
        return messages.text(self.key, lang, **self.facts)

    def remedy(self, lang: Lang = "tr") -> str:
        """What to do, where something can be done."""
        return messages.remedy(self.key, lang, **self.facts)


VALUE_LIMIT = 80  # characters of an offending value that a finding shows


def told(
    key: str,
    facts: Mapping[str, Any],
    *,
    rule: str,
    layer: Layer,
    place: Place,
    severity: Severity = Severity.ERROR,
    kind: Kind | None = None,
    value: str = "",
) -> Finding:
    """A finding with sentence and remedy of a message key, in Turkish and English.

    Args:
        key: message key, `<area>.<name>`.
        facts: what the sentence needs.
        rule, layer, place, severity, kind, value: as of `Finding`.

    Raises:
        KeyError: the catalogue has no such key (a defect of ours).
    """
    return Finding(
        rule=rule,
        message_tr=messages.text(key, "tr", **facts),
        message_en=messages.text(key, "en", **facts),
        remedy_tr=messages.remedy(key, "tr", **facts),
        remedy_en=messages.remedy(key, "en", **facts),
        layer=layer,
        place=place,
        severity=severity,
        kind=kind,
        value=value,
        key=key,
    )


def shorten(value: str) -> str:
    """The value with control characters made visible, cut to a readable length."""
    visible = "".join(
        char if char.isprintable() or char == " " else f"\\u{ord(char):04x}" for char in value
    )
    return visible if len(visible) <= VALUE_LIMIT else visible[: VALUE_LIMIT - 1] + "…"
