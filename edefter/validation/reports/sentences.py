"""The sentences of findings in other forms: without the place, and without values of the document.

The form without values is never made by cutting a sentence: the message that the finding was
made of is filled in again, with blanks for all that comes from the document.
"""

from __future__ import annotations

from functools import lru_cache
from string import Formatter
from typing import Any

from lxml import etree

from edefter.messages import Lang, catalogue
from edefter.model.finding import Finding, Layer
from edefter.resources import schemas_dir
from edefter.validation.names import FIELDS, readable
from edefter.validation.rule import Rule, all_rules
from edefter.validation.wording import capital, lead

BLANK = "…"
_XSD = "{http://www.w3.org/2001/XMLSchema}"


def without_place(finding: Finding, lang: Lang) -> str:
    """What is wrong, without the voucher, entry, line and account that the sentence begins with."""
    begins = lead(finding.place)[lang == "en"]
    text = finding.text(lang)
    if not begins or not text.startswith(begins):
        return text
    return capital(text.removeprefix(begins), turkish=lang == "tr")


def without_values(finding: Finding, lang: Lang) -> str:
    """What is wrong in general: names of elements stay, every value is a blank."""
    template = _templates(finding)[0][lang]
    field = known_field(finding.place.field) or BLANK
    known = {"element": field, "field": field, "rule": finding.rule}
    named = catalogue().get(f"fields.{field}")
    known[f"name_{lang}"] = named[lang] if named is not None else field
    if finding.layer is Layer.SCHEMA:
        known["expected"] = ""  # there it is a clause of its own
    return capital(_Blanks().vformat(template, (), known), turkish=lang == "tr")


def remedy_without_values(finding: Finding, lang: Lang) -> str:
    """What to do in general."""
    return _Blanks().vformat(_templates(finding)[1][lang], (), {})


def known_field(name: str) -> str:
    """The name of an element or attribute if it is one of the format's own, else nothing.

    An element that is unknown is a text of the document like any other.
    """
    return name if name in _known_fields() else ""


class _Blanks(Formatter):
    """Fills in what is given and leaves a blank for everything else, whatever its type."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        return kwargs.get(field_name, BLANK), field_name

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ARG002
        return str(value)


def _templates(finding: Finding) -> tuple[dict[str, str], dict[str, str]]:
    """Message and remedy by language, as they are declared."""
    if finding.key:
        entry = catalogue()[finding.key]
        return entry, {lang: entry.get(f"remedy_{lang}", "") for lang in ("tr", "en")}
    declared = _rules_by_id().get(finding.rule, ())
    fitting = [
        rule for rule in declared if FIELDS.get(rule.field, rule.field) == finding.place.field
    ]
    for rule in (*fitting, *declared):
        return (
            {"tr": rule.message_tr, "en": rule.message_en},
            {"tr": rule.remedy_tr, "en": rule.remedy_en},
        )
    return catalogue()["report.text_left_out"], {"tr": "", "en": ""}


@lru_cache(maxsize=1)
def _rules_by_id() -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in all_rules():
        for rule_id in dict.fromkeys(rule.id_for(family) for family in rule.families):
            found[rule_id] = (*found.get(rule_id, ()), rule)
    return found


@lru_cache(maxsize=1)
def _known_fields() -> frozenset[str]:
    """Names in the schemas and in the table of rules."""
    names = {*FIELDS.values(), *(FIELDS.get(rule.field, rule.field) for rule in all_rules())}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for path in schemas_dir().glob("*.xsd"):
        root = etree.parse(str(path), parser).getroot()
        space = str(root.get("targetNamespace") or "")
        for tag in ("element", "attribute"):
            for item in root.iter(f"{_XSD}{tag}"):
                name = str(item.get("name") or "")
                names |= {name, readable(f"{{{space}}}{name}")} if name else set()
    return frozenset(names)
