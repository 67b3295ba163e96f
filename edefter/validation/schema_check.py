"""Schema verdicts on pieces, as findings an accountant can read.

libxml2 says what is wrong in English with Clark names; its error types are few, so each is mapped
to a sentence of ours (`messages/validation.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from edefter import messages
from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place
from edefter.validation import names
from edefter.validation.extract import Element, node_finder
from edefter.validation.names import readable
from edefter.validation.places import capital, cut, lead, place_of_element
from edefter.validation.reader import Piece

RULE = "XSD"

_HINTS = node_finder("//*[@xsi:schemaLocation or @xsi:noNamespaceSchemaLocation]")
_IDS = node_finder("//@id | //@Id")
_ELEMENT = re.compile(r"^Element '([^']*)'(?:, attribute '([^']*)')?: ?(.*)$", re.DOTALL)
_VALUE = re.compile(
    r"'(.*?)' is not (?:a valid value|an element)|The QName value '(.*?)' has", re.S
)
_FACET = re.compile(r"The value '(.*?)' is not an element of the set \{(.*)\}", re.DOTALL)
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)", re.DOTALL)
_CLARK = re.compile(r"\{[^}]*\}[\w.*-]+")


class SchemaCheck:
    """Validates pieces and collects findings.

    Args:
        schema: the compiled schema.
        log: takes the findings.
        file: file name.
        kind: kind of the document.
    """

    def __init__(
        self, schema: etree.XMLSchema, log: FindingLog, file: str, kind: Kind | None
    ) -> None:
        self._schema = schema
        self._log = log
        self._file = file
        self._kind = kind
        self._seen_ids: set[str] = set()
        self.valid = True

    def check(self, piece: Piece) -> None:
        """Validate one piece; its schema location hints are taken away first.

        The hints would make libxml2 look for files; nothing is ever fetched for a document.
        """
        root = piece.root
        for element in _HINTS(root):
            for name in ("schemaLocation", "noNamespaceSchemaLocation"):
                element.attrib.pop(f"{{{names.XSI}}}{name}", "")
        self._check_ids(piece)
        if not self._schema.validate(root):
            self.valid = False
            self._report(piece)

    def _check_ids(self, piece: Piece) -> None:
        found = _IDS(piece.root)
        if not found:
            return
        for item in found:
            if str(item) in self._seen_ids:
                self.valid = False
                self._add(piece, item.getparent(), "xsd_duplicate_id", {"value": cut(str(item))})
        self._seen_ids.update(str(item) for item in found)

    def _report(self, piece: Piece) -> None:
        previous: tuple[str | None, int] | None = None
        errors: Any = self._schema.error_log
        for entry in errors:
            # A facet error is followed by a second one about the same value.
            here = (entry.path, entry.line)
            if here == previous and "is not a valid value of the" in entry.message:
                continue
            previous = here
            if self._log.counts[RULE] >= self._log.limit_per_rule:
                self._log.add(_counted(self._kind))
                continue
            element = _find(piece.root, entry.path)
            key, facts = explain(entry.message)
            self._add(piece, element, key, facts)

    def _add(self, piece: Piece, element: Element | None, key: str, facts: dict[str, Any]) -> None:
        place = (
            place_of_element(element, self._file, piece.header, piece.own_lines)
            if element is not None
            else Place(file=self._file)
        )
        facts.setdefault("element", place.field)
        tr, en = lead(place)
        whole = f"validation.{key}"
        self._log.add(
            Finding(
                rule=RULE,
                message_tr=tr + _text(whole, "tr", facts, bool(tr)),
                message_en=en + _text(whole, "en", facts, bool(en)),
                remedy_tr=messages.remedy(whole, "tr", **facts),
                remedy_en=messages.remedy(whole, "en", **facts),
                layer=Layer.SCHEMA,
                place=place,
                kind=self._kind,
                value=str(facts.get("value", "")),
            )
        )


def _text(key: str, lang: messages.Lang, facts: dict[str, Any], has_lead: bool) -> str:
    expected = facts.get("expected", "")
    joined = {"tr": "; beklenen: ", "en": "; expected: "}[lang] + expected if expected else ""
    text = messages.text(key, lang, **{**facts, "expected": joined})
    return text if has_lead else capital(text, turkish=lang == "tr")


def _counted(kind: Kind | None) -> Finding:
    """A finding over the limit: counted, never shown."""
    return Finding(
        rule=RULE,
        message_tr="",
        message_en="",
        remedy_tr="",
        remedy_en="",
        layer=Layer.SCHEMA,
        kind=kind,
    )


def _find(root: Element, path: str | None) -> Element | None:
    if not path:
        return None
    spaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    finders: tuple[Callable[[], Any], ...] = (
        lambda: root.getroottree().xpath(path, namespaces=spaces),
        lambda: root.getroottree().xpath(re.sub(r"/[\w.-]+:", "/*:", path).replace("*:", "*")),
    )
    for finder in finders:
        try:
            found = finder()
        except (etree.XPathError, ValueError):
            continue
        if isinstance(found, list) and found and isinstance(found[0], etree._Element):
            return found[0]
    return None


def explain(message: str) -> tuple[str, dict[str, Any]]:
    """Which of our sentences says the same as libxml2's message, and its facts."""
    match = _ELEMENT.match(message)
    if match is None:
        return "xsd_other", {"detail": cut(_short(message), 300)}
    element, attribute, rest = readable(match[1]), match[2], match[3]
    facts: dict[str, Any] = {"element": element, "detail": cut(_short(rest), 300)}
    expected = _EXPECTED.search(rest)
    if expected:
        facts["expected"] = cut(_short(expected[1]), 300)
    if (facet := _FACET.search(rest)) is not None:
        facts |= {"value": cut(facet[1]), "allowed": facet[2].replace("'", "")}
        key = "xsd_enumeration"
    elif "no corresponding namespace declaration" in rest:
        key = "xsd_prefix"
    elif attribute is not None:
        facts["attribute"] = readable(attribute)
        key = "xsd_attribute_forbidden" if "not allowed" in rest else "xsd_attribute_value"
    elif (needed := re.search(r"The attribute '([^']*)' is required", rest)) is not None:
        facts["attribute"] = readable(needed[1])
        key = "xsd_attribute_missing"
    elif "Missing child element" in rest:
        key = "xsd_missing_child"
    elif "This element is not expected" in rest:
        key = "xsd_unexpected"
    elif "is not a valid value of the" in rest:
        key = "xsd_value"
    else:
        key = "xsd_other"
    if "value" not in facts and (value := _VALUE.search(rest)) is not None:
        facts["value"] = cut(value[1] if value[1] is not None else value[2])
    return key, facts


def _short(text: str) -> str:
    return _CLARK.sub(lambda match: readable(match[0]), text.strip())
