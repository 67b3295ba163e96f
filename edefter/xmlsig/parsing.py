"""Hardened XML reading and canonical forms.

A document type declaration is refused before libxml2 sees the document: entities in attribute
values would be expanded even with `resolve_entities=False`. No network, no external subset.
"""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from lxml import etree

from edefter.xmlsig.names import XML, Canonicalization
from edefter.xmlsig.problem import Problem, Unreadable, Verdict, not_well_formed

Element = etree._Element
Tree = etree._ElementTree

_CHUNK_BYTES = 1 << 16


class _RootReached(Exception):
    """Stops the search for a document type declaration."""


def _refuse_doctype(source: BinaryIO) -> None:
    def doctype(*_: Any) -> None:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.doctype"))

    def root(*_: Any) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        while chunk := source.read(_CHUNK_BYTES):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _RootReached:
        return
    except expat.ExpatError as error:
        raise not_well_formed(error) from None


def parse(source: Path | bytes) -> Tree:
    """Read a document without DTD, entities and network.

    Args:
        source: a file or its bytes.

    Raises:
        Unreadable: not well-formed, or it has a document type declaration.
        OSError: the file cannot be read.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
        remove_comments=False, remove_pis=False, strip_cdata=False,
    )  # fmt: skip
    try:
        with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
            _refuse_doctype(stream)
            stream.seek(0)
            return etree.parse(stream, parser)
    except etree.XMLSyntaxError as error:
        raise not_well_formed(error) from None


def canonical(element: Element, method: Canonicalization) -> bytes:
    """Canonical form of `element` where it stands (its ancestors' namespaces count).

    Raises:
        Unreadable: an ancestor carries an `xml:` attribute, which inclusive c14n 1.0 and 1.1
            would inherit in different ways; no e-Defter document has one.
    """
    if not method.exclusive and any(
        str(name).startswith(f"{{{XML}}}")
        for ancestor in element.iterancestors()
        for name in ancestor.attrib
    ):
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.xml_attribute"))
    return _c14n(element, method)


def canonical_document(tree: Tree, method: Canonicalization) -> bytes:
    """Canonical form of a whole document with the instructions around its root."""
    return _c14n(tree, method)


def _c14n(what: Element | Tree, method: Canonicalization) -> bytes:
    return etree.tostring(
        what,
        method="c14n",
        exclusive=method.exclusive,
        with_comments=method.with_comments,
        inclusive_ns_prefixes=list(method.prefixes) or None,
    )


def detach(element: Element) -> None:
    """Take `element` out of its parent and leave the text that follows it in place."""
    parent = element.getparent()
    if parent is None:
        raise ValueError("the root cannot be detached")
    tail, previous = element.tail, element.getprevious()
    parent.remove(element)
    if tail and previous is not None:
        previous.tail = (previous.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail


def identifiers(root: Element) -> Counter[str]:
    """How often each value of an attribute `Id`, `ID`, `id` or `xml:id` occurs."""
    found: Counter[str] = Counter()
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if str(name).lower() == "id" or name == f"{{{XML}}}id":
                found[str(value)] += 1
    return found
