"""Takes fields out of a registration table and collects what is wrong with them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.model.period import Period
from edefter.model.registration_texts import NAMES, TEXTS

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
DIGITS = re.compile(r"[0-9]{10,11}")
DIGITS_ANY = re.compile(r"[0-9]+")
PHONE = re.compile(r"[1-9][0-9]{9}")
EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)+")
NACE = re.compile(r"[0-9]{2}\.?[0-9]{2}(\.?[0-9]{2})?")
POSTAL_CODE = re.compile(r"[0-9]{5}")
BRANCH_NUMBER = re.compile(r"(?!0000)[0-9]{4}")
CURRENCY = re.compile(r"[A-Z]{3}")
WEBSITE = re.compile(r"(https?://)?[^\s/.:]+(\.[^\s/.:]+)+(:[0-9]+)?(/\S*)?")
ENGAGEMENT = re.compile(r"-|[^,]+, [0-9]{4}-[0-9]{2}-[0-9]{2}, [^,]+")
_NOT_FOR_XML = re.compile("[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_LONGEST_SHOWN = 80
_TRUE, _FALSE = ("true", "evet", "yes", "1"), ("false", "hayır", "hayir", "no", "0")


class Reader:
    """One table of a registration; tables below it share its findings.

    Args:
        raw: the table.
        prefix: dotted place of the table, empty at the top.
        findings: where findings are collected.
    """

    def __init__(
        self, raw: Mapping[str, Any], prefix: str = "", findings: list[Finding] | None = None
    ) -> None:
        self.raw = raw
        self.findings: list[Finding] = findings if findings is not None else []
        self._prefix = prefix

    @property
    def has_errors(self) -> bool:
        """Whether a finding forbids the registration."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def add(
        self,
        rule: str,
        text: str,
        field: str,
        *,
        severity: Severity = Severity.ERROR,
        value: str = "",
        **facts: str,
    ) -> None:
        """Report one mistake of `field` in this table."""
        place = f"{self._prefix}{field}"
        leaf = re.sub(r"\[\d+\]$", "", field)
        name_tr, name_en = NAMES.get(leaf, (leaf, leaf))
        shown = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
        common = {"field": place, "value": shown, **facts}
        message_tr, message_en, remedy_tr, remedy_en = TEXTS[text]
        self.findings.append(
            Finding(
                rule=rule,
                message_tr=_sentence(message_tr, name_tr, "İ", common),
                message_en=_sentence(message_en, name_en, "I", common),
                remedy_tr=remedy_tr.format(name=name_tr, **common),
                remedy_en=remedy_en.format(name=name_en, **common),
                layer=Layer.REGISTRATION,
                severity=severity,
                place=Place(field=place),
                value=shown,
            )
        )

    def warn(self, rule: str, text: str, field: str, *, value: str = "") -> None:
        """Report something unwise that does not forbid the registration."""
        self.add(rule, text, field, severity=Severity.WARNING, value=value)

    def text(self, field: str, rule: str) -> str:
        """A text that must be there and not blank; empty when it was reported."""
        value = self._text(field)
        if value == "":
            own = rule.startswith("REG-")
            self.add(rule, "missing_own" if own else "missing", field)
        return value or ""

    def optional(self, field: str, rule: str = "", *, default: str = "") -> str:
        """A text that may be left out or empty."""
        del rule  # documents which rule the field serves; a left-out text breaks none
        if field not in self.raw:
            return default
        return self._text(field) or default

    def _text(self, field: str) -> str | None:
        """The text, empty when missing or blank, None when something else was reported."""
        value = self.raw.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.add("REG-STR-21", "not_text", field, value=str(value))
            return None
        if not value.strip():
            return ""
        if _NOT_FOR_XML.search(value):
            self.add("REG-STR-22", "bad_character", field)
            return None
        if value != value.strip():
            self.add("REG-STR-23", "edge_blank", field, value=value)
            return None
        return value

    def must_match(
        self, field: str, value: str, pattern: re.Pattern[str], rule: str, text: str
    ) -> bool:
        """Report a non-empty value of another form; tells whether it fits."""
        if value and not pattern.fullmatch(value):
            self.add(rule, text, field, value=value)
            return False
        return True

    def flag(self, field: str, rule: str) -> bool:
        """Yes or no, false when left out; also as a word from the command line."""
        value = self.raw.get(field, False)
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word not in _TRUE + _FALSE:
            self.add(rule, "choice", field, value=str(value), allowed="true, false")
        return word in _TRUE

    def period(self, field: str, rule: str, *, needed: bool) -> Period | None:
        """A month `2026-01`; None when left out or reported."""
        value = self.text(field, rule) if needed else self.optional(field)
        if not value:
            return None
        try:
            return Period.parse(value)
        except ValueError:
            self.add(rule, "period", field, value=value)
            return None

    def day(self, field: str, rule: str) -> date | None:
        """A day that must be there, as a TOML date or `2026-01-01`."""
        value = self.raw.get(field)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        text = self.text(field, rule)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.add(rule, "date", field, value=text)
            return None

    def table(self, field: str, rule: str, *, needed: bool) -> Reader | None:
        """The table below `field`; None when left out or reported."""
        value = self.raw.get(field)
        if value is None:
            if needed:
                self.add(rule, "missing", field)
            return None
        if not isinstance(value, Mapping):
            self.add(rule, "not_table", field)
            return None
        return Reader(value, f"{self._prefix}{field}.", self.findings)

    def tables(self, field: str, rule: str) -> list[Reader] | None:
        """The tables of an array, empty when left out; None when it was reported."""
        value = self.raw.get(field, ())
        if not isinstance(value, list | tuple):
            self.add(rule, "not_table", field)
            return None
        readers = []
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                prefix = f"{self._prefix}{field}[{index}]."
                readers.append(Reader(item, prefix, self.findings))
            else:
                self.add(rule, "not_table", f"{field}[{index}]")
        return readers

    def items(self, field: str) -> Iterable[tuple[str, Any]]:
        """Place and value of each item of a plain list (a comma list from the command line)."""
        value = self.raw.get(field, ())
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple):
            value = [value]
        return [(f"{field}[{index}]", item) for index, item in enumerate(value)]

    def refuse_unknown(self, *known: str) -> None:
        """Report every key of this table that is not known, with the one probably meant."""
        for key in self.raw:
            if key in known:
                continue
            near = difflib.get_close_matches(str(key).lower(), known, n=1, cutoff=0.6)
            self.add(
                "REG-STR-24",
                "unknown",
                str(key),
                hint_tr=f" Bunu mu demek istediniz: {near[0]}?" if near else "",
                hint_en=f" Did you mean {near[0]}?" if near else "",
            )


def _sentence(template: str, name: str, i_capital: str, facts: Mapping[str, str]) -> str:
    """The template filled in; a name at its beginning gets a capital (Turkish `i` → `İ`)."""
    if template.startswith("{name}"):
        name = (i_capital if name[:1] == "i" else name[:1].upper()) + name[1:]
    return template.format(name=name, **facts)
