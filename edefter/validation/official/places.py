"""Where the nodes stand that rules complain about: line, byte offset, readable path.

Lines are those of libxml2, offsets those of the nearest element whose offset our own engine tells
(`offsets.TRACKED`): findings of both sides can so be laid one upon the other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from lxml import etree

from edefter.validation.reading.offsets import TRACKED

Element = etree._Element

LAST_LINE = 65_535
"""libxml2 counts no further in some places (lxml's `sourceline`); from here on a line says nothing.
"""


@dataclass(frozen=True, slots=True)
class NodePlace:
    """A node of the judged document.

    Args:
        element: Clark name of the element; empty = the document itself.
        path: readable, `/edefter:defter/xbrli:xbrl/gl-cor:accountingEntries`; `/` = the document.
        line: 1-based; 0 = not known.
        offset: bytes; -1 = not known.
    """

    element: str
    path: str
    line: int
    offset: int


class Places:
    """Places of nodes of one document; remembers what siblings share.

    Args:
        root: root of the document.
        data: its bytes.
    """

    def __init__(self, root: Element, data: bytes) -> None:
        self.root = root
        self._children: dict[Element | None, list[Element]] = {None: [root]}
        self._named: dict[tuple[Element | None, str, str | None], list[Element]] = {}
        self._steps: dict[Element, str] = {}
        self._paths: dict[Element, str] = {}
        self._offsets = _offsets(root, data)

    def child(self, parent: Element | None, number: int) -> Element | None:
        """The child element with a 1-based number; the parent None is the document."""
        children = self.children(parent)
        return children[number - 1] if 0 < number <= len(children) else None

    def children(self, parent: Element | None) -> list[Element]:
        """Child elements."""
        if parent not in self._children:
            self._children[parent] = list(parent.iterchildren(etree.Element))  # type: ignore[union-attr]
        return self._children[parent]

    def named(self, parent: Element | None, name: str, uri: str | None) -> list[Element]:
        """Child elements with this local name, and this namespace unless that is None."""
        key = (parent, name, uri)
        if key not in self._named:
            self._named[key] = [
                item
                for item in self.children(parent)
                if (found := etree.QName(item)).localname == name
                and (uri is None or (found.namespace or "") == uri)
            ]
        return self._named[key]

    def of(self, node: Element | None) -> NodePlace:
        """The place of an element; None = the document itself."""
        if node is None:
            return NodePlace("", "/", 0, -1)
        line: Any = node.sourceline
        known = line is not None and line < LAST_LINE
        anchor: Element | None = node
        while anchor is not None and anchor.tag not in TRACKED:
            anchor = anchor.getparent()
        offset = self._offsets.get(anchor, -1) if anchor is not None else -1
        return NodePlace(str(node.tag), self._path(node), line if known else 0, offset)

    def _path(self, node: Element) -> str:
        if node not in self._paths:
            parent = node.getparent()
            if node not in self._steps:
                self._number(parent)
            above = self._path(parent) if parent is not None else ""
            self._paths[node] = f"{above}/{self._steps[node]}"
        return self._paths[node]

    def _number(self, parent: Element | None) -> None:
        children = self.children(parent)
        total = Counter(item.tag for item in children)
        seen: Counter[Any] = Counter()
        for item in children:
            seen[item.tag] += 1
            name = etree.QName(item).localname
            step = f"{item.prefix}:{name}" if item.prefix else name
            self._steps[item] = f"{step}[{seen[item.tag]}]" if total[item.tag] > 1 else step


def _offsets(root: Element, data: bytes) -> dict[Element, int]:
    """Offsets of all tracked elements; empty where expat does not read what libxml2 reads."""
    parser = expat.ParserCreate(namespace_separator="}")
    found: list[int] = []
    wanted = {tag.removeprefix("{") for tag in TRACKED}

    def start(name: str, _attributes: object) -> None:
        if name in wanted:
            found.append(parser.CurrentByteIndex)

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        return {}  # XML 1.1, an encoding of several bytes
    elements = list(root.iter(*TRACKED))
    return dict(zip(elements, found, strict=True)) if len(elements) == len(found) else {}
