"""What rules answer about a document: our own list, or SVRL of a compiled rule file, read alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

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
        element: tag of the node in Clark notation; empty = the document itself.
        path: readable location, `/edefter:defter/xbrli:xbrl[1]`; `/` = the document itself.
        line: 1-based line of the element as libxml2 counts; 0 = not known.
    """

    assertion: str
    has_id: bool
    text: str
    role: str
    element: str
    path: str
    line: int


def read_failures(result: str, document: etree._Element) -> list[Failure]:
    """Failures in the order in which the rules gave them out.

    Args:
        result: XML text that the stylesheet produced.
        document: root of the judged document, parsed by lxml.

    Raises:
        NotUnderstood: neither our list nor SVRL.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(result.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise NotUnderstood(f"the rules gave out no XML: {error}") from None
    if root.tag == f"{{{RESULT}}}failures":
        return [_own(item, document) for item in root.iter(f"{{{RESULT}}}failure")]
    if root.tag == f"{{{SVRL}}}schematron-output":
        return list(_svrl(root, document))
    raise NotUnderstood(f"the rules gave out {root.tag}")


def _own(item: etree._Element, document: etree._Element) -> Failure:
    node: etree._Element | None = None
    if path := item.get("path"):
        node = document
        for step in path.split("/")[1:]:
            node = _child(node, int(step))
    name = item.get("id")
    return Failure(
        assertion=name or item.get("ordinal") or "",
        has_id=name is not None,
        text=_text_of(item),
        role=item.get("role") or "",
        element=str(node.tag) if node is not None else "",
        path=readable_path(node),
        line=_line(node),
    )


def _child(node: etree._Element, number: int) -> etree._Element:
    for at, child in enumerate(node.iterchildren(etree.Element), 1):
        if at == number:
            return child
    raise NotUnderstood(f"no child {number} in {node.tag}")


def _svrl(root: etree._Element, document: etree._Element) -> Iterator[Failure]:
    for item in root.iter(f"{{{SVRL}}}failed-assert", f"{{{SVRL}}}successful-report"):
        node = _by_location(item.get("location") or "", document)
        text = item.find(f"{{{SVRL}}}text")
        name = item.get("id")
        yield Failure(
            assertion=name or _flat(item.get("test") or ""),
            has_id=name is not None,
            text=_text_of(text if text is not None else item),
            role=item.get("role") or "",
            element=str(node.tag) if node is not None else "",
            path=readable_path(node),
            line=_line(node),
        )


def _by_location(location: str, document: etree._Element) -> etree._Element | None:
    """The element of an SVRL location, never by evaluating it as XPath.

    Taken forms of a step: `*:name[namespace-uri()='…'][2]`, `p:name[2]`,
    `*[local-name()='name' and namespace-uri()='…'][2]`; an attribute gives its element.
    """
    node: etree._Element | None = None
    for attribute, name, predicates in _STEP.findall(location):
        if attribute:
            break
        found = _LOCAL_NAME.search(predicates)
        wanted = (found[1] or found[2]) if found else name.rpartition(":")[2]
        space = _NAMESPACE.search(predicates)
        uri = (space[1] or space[2] or "") if space else None
        number = _NUMBER.search(predicates)
        candidates = [document] if node is None else node.iterchildren(etree.Element)
        matching = [item for item in candidates if _is(item, wanted, uri)]
        position = int(number[1]) if number else 1
        if position > len(matching):
            return None
        node = matching[position - 1]
    return node


def _is(item: etree._Element, name: str, uri: str | None) -> bool:
    found = etree.QName(item)
    return found.localname == name and (uri is None or (found.namespace or "") == uri)


def readable_path(node: etree._Element | None) -> str:
    """`/edefter:defter/xbrli:xbrl/…/gl-cor:entryHeader[17]`; positions only where needed."""
    if node is None:
        return "/"
    steps: list[str] = []
    for item in (node, *node.iterancestors()):
        name = etree.QName(item).localname
        step = f"{item.prefix}:{name}" if item.prefix else name
        before = sum(1 for _ in item.itersiblings(item.tag, preceding=True))
        if before or next(item.itersiblings(item.tag), None) is not None:
            step += f"[{before + 1}]"
        steps.append(step)
    return "/" + "/".join(reversed(steps))


def _line(node: etree._Element | None) -> int:
    line: Any = node.sourceline if node is not None else 0  # lxml's stubs do not know its type
    return int(line or 0)


def _text_of(item: etree._Element) -> str:
    return _flat("".join(map(str, item.itertext())))


def _flat(text: str) -> str:
    return " ".join(text.split())[:MAX_TEXT]
