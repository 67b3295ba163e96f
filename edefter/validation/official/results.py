"""What rules answer about a document: our own list, or SVRL of a compiled rule file, read alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from edefter.validation.official.places import Element, NodePlace, Places
from edefter.validation.official.schematron import RESULT

SVRL = "http://purl.oclc.org/dsdl/svrl"
MAX_TEXT = 1_000  # characters of a message that are kept

_STEP = re.compile(r"/(@?)(?:\*:)?([^/\[\]]+)((?:\[[^\[\]]*\])*)")
_NAMESPACE = re.compile(r"namespace-uri\(\)\s*=\s*(?:'([^']*)'|\"([^\"]*)\")")
_LOCAL_NAME = re.compile(r"local-name\(\)\s*=\s*(?:'([^']*)'|\"([^\"]*)\")")
_NUMBER = re.compile(r"\[(\d+)\]")


class NotUnderstood(ValueError):
    """The rules gave out something that is neither our list nor SVRL."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One assertion that does not hold at one node.

    Args:
        assertion: id of the assertion, or its ordinal `pattern.rule.assertion` where it has none
            (compiled rules without ids: the text of the test).
        has_id: whether `assertion` is an id.
        text: the message, blanks collapsed.
        role: as written in the rules.
        place: the node.
    """

    assertion: str
    has_id: bool
    text: str
    role: str
    place: NodePlace


def read_failures(result: str, places: Places) -> list[Failure]:
    """Failures in the order in which the rules gave them out.

    Args:
        result: XML text that the stylesheet produced.
        places: of the judged document.

    Raises:
        NotUnderstood: neither our list nor SVRL.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(result.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise NotUnderstood(f"the rules gave out no XML: {error}") from None
    if root.tag == f"{{{RESULT}}}failures":
        return [_own(item, places) for item in root.iter(f"{{{RESULT}}}failure")]
    if root.tag == f"{{{SVRL}}}schematron-output":
        return list(_svrl(root, places))
    raise NotUnderstood(f"the rules gave out {root.tag}")


def _own(item: Element, places: Places) -> Failure:
    node: Element | None = None
    for step in (item.get("path") or "").split("/"):
        if step:
            node = places.child(node, int(step))
            if node is None:
                raise NotUnderstood(f"no node {item.get('path')}")
    name = item.get("id")
    return Failure(
        assertion=name or item.get("ordinal") or "",
        has_id=name is not None,
        text=_text_of(item),
        role=item.get("role") or "",
        place=places.of(node),
    )


def _svrl(root: Element, places: Places) -> Iterator[Failure]:
    for item in root.iter(f"{{{SVRL}}}failed-assert", f"{{{SVRL}}}successful-report"):
        text = item.find(f"{{{SVRL}}}text")
        name = item.get("id")
        yield Failure(
            assertion=name or _flat(item.get("test") or ""),
            has_id=name is not None,
            text=_text_of(text if text is not None else item),
            role=item.get("role") or "",
            place=places.of(_by_location(item.get("location") or "", places)),
        )


def _by_location(location: str, places: Places) -> Element | None:
    """The element of an SVRL location, never by evaluating it as XPath.

    Taken forms of a step: `*:name[namespace-uri()='…'][2]`, `p:name[2]`,
    `*[local-name()='name' and namespace-uri()='…'][2]`; an attribute gives its element.
    """
    node: Element | None = None
    for attribute, name, predicates in _STEP.findall(location):
        if attribute:
            break
        found = _LOCAL_NAME.search(predicates)
        wanted = (found[1] or found[2]) if found else name.rpartition(":")[2]
        space = _NAMESPACE.search(predicates)
        uri = (space[1] or space[2] or "") if space else None
        number = _NUMBER.search(predicates)
        matching = places.children(node) if wanted == "*" else places.named(node, wanted, uri)
        position = int(number[1]) if number else 1
        if position > len(matching):
            raise NotUnderstood(f"no node {location}")
        node = matching[position - 1]
    return node


def _text_of(item: Element) -> str:
    return _flat("".join(map(str, item.itertext())))


def _flat(text: str) -> str:
    return " ".join(text.split())[:MAX_TEXT]
