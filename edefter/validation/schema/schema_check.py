"""Schema verdicts on pieces, as findings an accountant can read.

libxml2 says what is wrong in English with Clark names; its error types are few, so each is mapped
to a sentence of ours (`messages/validation.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from edefter import messages
from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place
from edefter.validation import names
from edefter.validation.judging.places import place_of_element
from edefter.validation.names import readable
from edefter.validation.reading.extract import Element, node_finder
from edefter.validation.reading.handler import Piece
from edefter.validation.reading.offsets import Offsets
from edefter.validation.schema.ids import IdRegister
from edefter.validation.wording import capital, cut, lead

RULE = "XSD"

# Two finders and not a union: libxml2 compares the two sides of a union node by node.
_HINTED = tuple(
    (node_finder(f"//*[@xsi:{name}]"), f"{{{names.XSI}}}{name}")
    for name in ("schemaLocation", "noNamespaceSchemaLocation")
)
_IDS = (node_finder("//@id"), node_finder("//@Id"))
_ELEMENT = re.compile(r"^Element '([^']*)'(?:, attribute '([^']*)')?: ?(.*)$", re.DOTALL)
_REQUIRED = re.compile(r"The attribute '([^']*)' is required")
_FACET = re.compile(r"\[facet '(\w+)'\] ")
_STEP = re.compile(r"/(?:[\w.-]+:)?([\w.-]+)")
_ENTRY = re.compile(r"entryHeader(?:\[([0-9]+)\])?")
_CLARK = re.compile(r"\{[^{}]*\}[\w.*-]+")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_TEXT_LIMIT = 4000  # of libxml2's message, which repeats the whole offending value


class SchemaCheck:
    """Validates pieces and collects findings.

    Args:
        schema: the compiled schema.
        log: takes the findings.
        file: file name.
        kind: kind of the document.
        offsets: knows where elements stand.
    """

    def __init__(
        self,
        schema: etree.XMLSchema,
        log: FindingLog,
        file: str,
        kind: Kind | None,
        offsets: Offsets,
    ) -> None:
        self._schema = schema
        self._offsets = offsets
        self._log = log
        self._file = file
        self._kind = kind
        self._seen_ids = IdRegister()
        self.valid = True

    def check(self, piece: Piece) -> None:
        """Validate one piece; its schema location hints are taken away first.

        The hints would make libxml2 look for files; nothing is ever fetched for a document.
        """
        root = piece.root
        for find, name in _HINTED:
            for element in find(root):
                element.attrib.pop(name, "")
        repeated = self._check_ids(piece)
        if not self._schema.validate(root):
            self.valid = False
            self._report(piece, repeated)

    def _check_ids(self, piece: Piece) -> set[str]:
        """Report ids of earlier pieces; libxml2 finds those that repeat inside this one."""
        found = [item for find in _IDS for item in find(piece.root)]
        repeated = set()
        for item in found:
            if str(item) in self._seen_ids:
                self.valid = False
                value = cut(str(item))
                repeated.add(value)
                if self._log.counts[RULE] >= self._log.limit_per_rule:
                    self._log.count(RULE)
                else:
                    self._add(piece, item.getparent(), "xsd_duplicate_id", {"value": value})
        for item in found:
            self._seen_ids.add(str(item))
        return repeated

    def check_texts(self, root: Element, place: Callable[[int], Place]) -> None:
        """Validate a document in which each entry stands for one element of another document.

        Args:
            root: accountingEntries with these entries.
            place: tells by index where an element stands in the other document.
        """
        if self._schema.validate(root):
            return
        self.valid = False
        for entry in self._errors():
            if self._log.counts[RULE] >= self._log.limit_per_rule:
                self._log.count(RULE)
                continue
            number = _ENTRY.search(entry.path or "")
            index = int(number[1]) - 1 if number is not None and number[1] else 0
            self._add_at(place(index), *explain(entry.message))

    def _errors(self) -> Iterator[Any]:
        previous: tuple[str | None, int] | None = None
        errors: Any = self._schema.error_log
        for entry in errors:
            # A facet error is followed by a second one about the same value.
            here = (entry.path, entry.line)
            if here == previous and "is not a valid value of the" in entry.message:
                continue
            previous = here
            yield entry

    def _report(self, piece: Piece, repeated: set[str]) -> None:
        for entry in self._errors():
            if repeated and _is_repeat(entry.message, repeated):
                continue
            if self._log.counts[RULE] >= self._log.limit_per_rule:
                self._log.count(RULE)
                continue
            element = _find(piece.root, entry.path)
            key, facts = explain(entry.message)
            self._add(piece, element, key, facts)

    def _add(self, piece: Piece, element: Element | None, key: str, facts: dict[str, Any]) -> None:
        place = (
            place_of_element(element, self._file, piece.header, self._offsets)
            if element is not None
            else Place(file=self._file)
        )
        self._add_at(place, key, facts)

    def _add_at(self, place: Place, key: str, facts: dict[str, Any]) -> None:
        name = facts.get("element") or place.field
        # Only a name with a prefix is seen to be one; another must not become “İnclude”.
        facts["element"] = name if ":" in name else f"“{name}”"
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
                key=whole,
            )
        )


def _text(key: str, lang: messages.Lang, facts: dict[str, Any], has_lead: bool) -> str:
    expected = facts.get("expected", "")
    joined = {"tr": "; beklenen: ", "en": "; expected: "}[lang] + expected if expected else ""
    text = messages.text(key, lang, **{**facts, "expected": joined})
    return text if has_lead else capital(text, turkish=lang == "tr")


def _is_repeat(message: str, repeated: set[str]) -> bool:
    key, facts = explain(message)
    return key == "xsd_duplicate_id" and facts["value"] in repeated


def _find(root: Element, path: str | None) -> Element | None:
    if not path:
        return None
    # Prefixes may be declared below the root, so steps go by local names.
    steps = _STEP.sub(r"/*[local-name()='\1']", path)
    try:
        found: Any = root.getroottree().xpath(steps)
    except etree.XPathError:
        return None
    return found[0] if isinstance(found, list) and found else None


def explain(message: str) -> tuple[str, dict[str, Any]]:
    """Which of our sentences says the same as libxml2's message, and its facts."""
    match = _ELEMENT.match(message)
    if match is None:
        return "xsd_other", {"detail": _short(message)}
    element, attribute, rest = readable(match[1]), match[2], match[3]
    facts: dict[str, Any] = {"element": element, "detail": _short(rest)}
    if rest.startswith(("This element is not expected", "Missing child element")):
        facts["expected"] = _expected(rest)
        return ("xsd_unexpected" if rest.startswith("This") else "xsd_missing_child"), facts
    required = _REQUIRED.match(rest)
    if required is not None:
        return "xsd_attribute_missing", facts | {"attribute": readable(required[1])}
    if attribute is not None:
        facts["attribute"] = readable(attribute)
        if rest.startswith("The attribute") and "is not allowed" in rest:
            return "xsd_attribute_forbidden", facts
    facet = _FACET.match(rest)
    value = _value(rest)
    if value is not None:
        facts["value"] = cut(value)
    if "atomic type 'xs:ID'" in rest[-100:] and value is not None and _NAME.fullmatch(value[:200]):
        key = "xsd_duplicate_id"  # a name, so it is refused because it stands elsewhere too
    elif rest.startswith("The QName value ") and _NO_PREFIX in rest:
        key = "xsd_prefix"
    elif attribute is not None:
        key = "xsd_attribute_value"
    elif facet is not None and facet[1] == "enumeration":
        facts["allowed"] = rest[rest.rfind(" set {") + 6 : -2].replace("'", "")
        key = "xsd_enumeration"
    elif facet is not None or "' is not a valid value of the" in rest:
        key = "xsd_value"
    else:
        key = "xsd_other"
    return key, facts


_NO_PREFIX = "' has no corresponding namespace declaration"
_AFTER_VALUE = (
    "' is not a valid value of",
    "' is not an element of the set",
    "' is not accepted by the pattern",
    _NO_PREFIX,
    "' of the xsi:type attribute does not resolve",
    "' does not match the fixed value constraint",
    "' has a length of",
)


def _value(rest: str) -> str | None:
    """The value between its first and last quote; it may hold quotes and our words itself."""
    facet = _FACET.match(rest)
    start = rest.find("'", facet.end() if facet is not None else 0)
    end = max(rest.rfind(after) for after in _AFTER_VALUE)
    return rest[start + 1 : end] if 0 <= start < end else None


def _expected(rest: str) -> str:
    start, end = rest.find("( "), rest.rfind(" )")
    return _short(rest[start + 2 : end]) if 0 <= start < end else ""


def _short(text: str) -> str:
    short = text[:_TEXT_LIMIT].strip()
    return cut(_CLARK.sub(lambda match: readable(match[0]), short), 300)
