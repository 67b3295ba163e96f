"""Schematron before compilation: inclusions read in, abstract patterns and rules filled in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from lxml import etree

Element: TypeAlias = etree._Element
Resolve: TypeAlias = Callable[[str], bytes]
"""Gives the bytes of a file by its path relative to the main file; LookupError when it has none."""

ISO = "http://purl.oclc.org/dsdl/schematron"
OLD = "http://www.ascc.net/xml/schematron"  # Schematron 1.5, before ISO
XSLT = "http://www.w3.org/1999/XSL/Transform"
BINDINGS = ("", "xslt", "xslt1", "xslt2", "xslt3", "xpath2")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.DOTALL)
MAX_DEPTH = 20  # inclusions and extensions inside each other


class BadSchematron(ValueError):
    """The file cannot be compiled: no Schematron, or something in it that has no meaning."""


def no_resources(href: str) -> bytes:
    """A `Resolve` for files that stand alone."""
    raise LookupError(href)


def parse_xml(data: bytes, what: str) -> Element:
    """Parse a member of a package: no DTD, no entities, no network.

    Raises:
        BadSchematron: no XML, or with a document type declaration.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadSchematron(f"{what} is not well-formed: {error}") from None
    info: Any = root.getroottree().docinfo
    if info.doctype:
        raise BadSchematron(f"{what} has a document type declaration")
    return root


def without_doctype(data: bytes) -> bytes:
    """The file without its document type declaration; schemas of W3C carry one for nothing."""
    return _DOCTYPE.sub(b"", data, count=1)


def local(element: Element) -> str:
    """Local name of a Schematron element; empty for comments and foreign elements."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return name.localname if name.namespace in (ISO, OLD) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """Schematron children with one of these local names, in document order."""
    return (child for child in element if local(child) in names)


def required(element: Element, attribute: str) -> str:
    """The value of an attribute that must be there.

    Raises:
        BadSchematron: it is missing.
    """
    value = element.get(attribute)
    if value is None:
        raise BadSchematron(f"line {element.sourceline}: {local(element)} without {attribute}")
    return value


def read_schema(source: bytes, resolve: Resolve) -> Element:
    """The schema with all inclusions, patterns and rules filled in.

    Args:
        source: the Schematron file.
        resolve: gives included files; paths that leave the package must raise LookupError.

    Raises:
        BadSchematron: as the class says.
    """
    root = parse_xml(source, "schematron")
    if local(root) != "schema":
        raise BadSchematron("the root element is no Schematron schema")
    binding = root.get("queryBinding", "").lower()
    if binding not in BINDINGS:
        raise BadSchematron(f"query binding {binding} is not supported")
    _include(root, "", resolve, 0)
    _fill_patterns(root)
    _fill_rules(root, resolve)
    return root


def _include(element: Element, base: str, resolve: Resolve, depth: int) -> None:
    for child in list(element):
        if local(child) == "include":
            content, path = _fetch(required(child, "href"), base, resolve, depth)
            # The same kind of thing may be split over files: a whole schema gives its children.
            parts = list(content) if local(content) == "schema" else [content]
            holder = etree.Element(f"{{{ISO}}}holder")
            holder.extend(parts)
            _include(holder, path, resolve, depth + 1)
            at = element.index(child)
            element[at : at + 1] = list(holder)
        else:
            _include(child, base, resolve, depth)


def _fetch(href: str, base: str, resolve: Resolve, depth: int) -> tuple[Element, str]:
    if depth >= MAX_DEPTH:
        raise BadSchematron(f"too many inclusions inside each other: {href}")
    parts = urlsplit(href)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(parts.path)))
    if parts.scheme or parts.netloc or not parts.path or path.startswith("/") or "\\" in path:
        raise BadSchematron(f"included from outside the package: {href}")
    try:
        content = parse_xml(resolve(path), path)
    except LookupError:
        raise BadSchematron(f"not in the package: {href}") from None
    if parts.fragment:
        found = [item for item in content.iter(etree.Element) if item.get("id") == parts.fragment]
        if not found:
            raise BadSchematron(f"no element with this id: {href}")
        content = found[0]
    return content, path


def _fill_patterns(root: Element) -> None:
    abstract = {
        required(item, "id"): item
        for item in children(root, "pattern")
        if item.get("abstract") == "true"
    }
    for pattern in list(children(root, "pattern")):
        model = pattern.get("is-a")
        if model is None:
            continue
        if model not in abstract:
            raise BadSchematron(f"no abstract pattern {model}")
        values = {
            required(item, "name"): item.get("value") or ""
            for item in children(pattern, "param", "with-param")
        }
        filled = deepcopy(abstract[model])
        for item in children(filled, "param"):  # parameters with a default (ISO 2020)
            values.setdefault(required(item, "name"), item.get("value") or "")
        filled.attrib.pop("abstract")
        filled.set("id", pattern.get("id", ""))
        for element in filled.iter(etree.Element):
            for name, value in element.items():
                element.set(name, _with_values(str(value), values))
        root.replace(pattern, filled)
    for item in abstract.values():
        root.remove(item)


def _with_values(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$([\w.\-]+)", lambda found: values.get(found[1], found[0]), text)


def _fill_rules(root: Element, resolve: Resolve) -> None:
    everywhere = _abstract_rules(root.iter(f"{{{ISO}}}rule", f"{{{OLD}}}rule"))
    for pattern in children(root, "pattern"):
        if pattern.get("documents"):
            raise BadSchematron("patterns over other documents are not supported")
        here = {**everywhere, **_abstract_rules(children(pattern, "rule"))}
        for rule in list(children(pattern, "rule")):
            if rule.get("abstract") != "true":
                _extend(rule, here, resolve, 0)
    for rule in everywhere.values():
        parent = rule.getparent()
        if parent is not None:
            parent.remove(rule)
    for pattern in children(root, "pattern"):
        for rule in list(children(pattern, "rule")):
            if rule.get("abstract") == "true":
                pattern.remove(rule)


def _abstract_rules(rules: Iterator[Element]) -> dict[str, Element]:
    return {required(item, "id"): item for item in rules if item.get("abstract") == "true"}


def _extend(rule: Element, abstract: dict[str, Element], resolve: Resolve, depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise BadSchematron(f"rules extend each other: line {rule.sourceline}")
    for item in list(children(rule, "extends")):
        if item.get("href") is not None:
            model, _ = _fetch(required(item, "href"), "", resolve, depth)
        else:
            name = required(item, "rule")
            if name not in abstract:
                raise BadSchematron(f"no abstract rule {name}")
            model = deepcopy(abstract[name])
        _extend(model, abstract, resolve, depth + 1)
        at = rule.index(item)
        rule[at : at + 1] = list(model)
