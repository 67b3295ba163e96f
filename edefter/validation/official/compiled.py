"""From a rule file of a package, whatever its form, to one stylesheet that may be run.

A `.sch` is compiled by us. A compiled `.xsl` (as in the package of 2015) is taken as it is, apart
from two things: what it includes is read in, and it descends over elements only (see
`descend_over_elements`). Both go through the guard.
"""

from __future__ import annotations

import posixpath
from copy import deepcopy
from urllib.parse import unquote, urlsplit

from lxml import etree

from edefter.validation.official.guard import Refused, check_stylesheet
from edefter.validation.official.schematron import compile_schematron
from edefter.validation.official.schematron_source import (
    MAX_DEPTH,
    XSLT,
    BadSchematron,
    Element,
    Resolve,
    parse_xml,
)

_PER_MODULE = ("xpath-default-namespace", "default-collation", "default-validation")
_UNION = {"@*", "*", "node()", "text()", "comment()", "processing-instruction()"}
_SVRL = "http://purl.oclc.org/dsdl/svrl"


def stylesheet_of(data: bytes, name: str, resolve: Resolve) -> bytes:
    """The stylesheet to run for a rule file.

    Args:
        data: the rule file.
        name: its path in the package; the ending tells the form.
        resolve: gives other files of the package by path relative to this one; LookupError when
            there is none.

    Raises:
        BadSchematron: the file cannot be compiled, or includes something from outside.
        Refused: it wants more than judge a document.
    """
    if name.lower().endswith(".sch"):
        root = parse_xml(compile_schematron(data, resolve=resolve), name)
    else:
        root = parse_xml(data, name)
        if root.tag not in (f"{{{XSLT}}}stylesheet", f"{{{XSLT}}}transform"):
            raise BadSchematron(f"{name} is no stylesheet")
        _read_in(root, "", resolve, 0)
        descend_over_elements(root)
    check_stylesheet(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _read_in(root: Element, base: str, resolve: Resolve, depth: int) -> None:
    for item in list(root.iterchildren(f"{{{XSLT}}}include")):
        href = item.get("href") or ""
        parts = urlsplit(href)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(parts.path)))
        outside = parts.scheme or parts.netloc or path.startswith("/") or "\\" in path
        if outside or not parts.path or parts.fragment or depth >= MAX_DEPTH:
            raise Refused([f"line {item.sourceline}: xsl:include {href}"])
        try:
            module = parse_xml(resolve(path), path)
        except LookupError:
            raise Refused([f"line {item.sourceline}: xsl:include {href}"]) from None
        _read_in(module, path, resolve, depth + 1)
        for name in _PER_MODULE:
            if module.get(name) != root.get(name):
                raise BadSchematron(f"{path} has another {name} than what includes it")
        at = root.index(item)
        root[at : at + 1] = [_with_scope(child) for child in module.iterchildren(etree.Element)]


def _with_scope(child: Element) -> Element:
    return etree.fromstring(etree.tostring(deepcopy(child), with_tail=False))


def descend_over_elements(root: Element) -> int:
    """Let the walk of a compiled rule file leave out attributes, comments and instructions.

    Saxon-C's optimiser fails on the usual union (rules.md §6.18). The walk is only changed where
    no rule judges anything but elements, so that the answer stays the same.

    Returns:
        Number of instructions changed.
    """
    if any(_judges_others(item) for item in root.iter(f"{{{XSLT}}}template")):
        return 0
    changed = 0
    for item in root.iter(f"{{{XSLT}}}apply-templates"):
        parts = {part.strip() for part in (item.get("select") or "").split("|")}
        if item.get("mode") and len(parts) > 1 and "*" in parts and parts <= _UNION:
            item.set("select", "*")
            changed += 1
    return changed


def _judges_others(template: Element) -> bool:
    """Whether a template reports failures for nodes that are no elements."""
    if template.find(f".//{{{_SVRL}}}failed-assert") is None:
        return False
    last = (template.get("match") or "").rpartition("/")[2]
    return any(word in last for word in ("@", "attribute::", "comment(", "processing-instruction("))
