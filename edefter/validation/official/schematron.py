"""Schematron (ISO/IEC 19757-3, query binding xslt2) → an XSLT 2.0 stylesheet that lists failures.

The stylesheet walks over the document once per pattern, each in a mode of its own; the rules of a
pattern are templates of falling priority, so that a node is judged by the first rule that matches.
It descends over elements only, unless a context asks for attributes, texts, comments or processing
instructions (rules.md §6.18: the usual union makes Saxon-C's optimiser fail and is not needed).

What it gives out is a flat list, see `RESULT`; `results.read_failures` reads it.
"""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from edefter.validation.official.schematron_source import (
    ISO,
    OLD,
    XSLT,
    BadSchematron,
    Element,
    Resolve,
    children,
    local,
    no_resources,
    read_schema,
    required,
)
from edefter.validation.official.xpath_tokens import BadExpression, rename_variables

__all__ = ["RESULT", "BadSchematron", "compile_schematron"]

RESULT = "urn:edefter:second-opinion"
"""Namespace of the result: `failures` holds `failure` elements with the attributes `id` (when the
assertion has one), `ordinal` (pattern.rule.assertion, counted from 1), `role`, `path` (child
numbers from the root, `1/3/2`; empty = the document node), `element` (name as in the document) and
the message as text."""

_XS = "http://www.w3.org/2001/XMLSchema"
_NOT_ELEMENT = re.compile(r"@|attribute::|comment\(|text\(|processing-instruction\(|node\(")
_PREDICATE = re.compile(r"\[[^\[\]]*\]")
_FOREIGN = ("function", "key")
_TOP_PRIORITY = 100_000


def compile_schematron(source: bytes, *, resolve: Resolve = no_resources) -> bytes:
    """Turn a Schematron file into a stylesheet.

    Args:
        source: the file's bytes. Phases, diagnostics and properties are ignored: all active
            patterns are judged, as GİB's engine does.
        resolve: gives included files by path relative to `source`; LookupError when there is none.

    Returns:
        An XSLT 2.0 stylesheet, UTF-8.

    Raises:
        BadSchematron: no Schematron, an unknown query binding, something undefined or outside.
    """
    try:
        return _Compiler(read_schema(source, resolve)).stylesheet()
    except BadExpression as error:
        raise BadSchematron(str(error)) from None


class _Compiler:
    def __init__(self, schema: Element) -> None:
        self.schema = schema
        self.spaces = _namespaces(schema)
        self.xsl = self._free("xsl", XSLT)
        self.out = self._free("out", RESULT)
        self.root = etree.Element(
            f"{{{XSLT}}}stylesheet",
            {"version": "2.0", "exclude-result-prefixes": "#all"},
            nsmap={**self.spaces, self.xsl: XSLT, self.out: RESULT},
        )
        self.patterns = list(children(schema, "pattern"))
        self.renamed = self._clashes()

    def _free(self, prefix: str, uri: str) -> str:
        while self.spaces.get(prefix, uri) != uri:
            prefix += "_"
        return prefix

    def _clashes(self) -> list[dict[str, str]]:
        """New names for variables that several patterns declare (in XSLT they are global)."""
        schema = {required(item, "name") for item in children(self.schema, "let")}
        own = [[required(item, "name") for item in children(p, "let")] for p in self.patterns]
        count = Counter(name for names in own for name in set(names))
        return [
            {name: f"{name}.of-pattern-{at}" for name in names if count[name] > 1 or name in schema}
            for at, names in enumerate(own, 1)
        ]

    def stylesheet(self) -> bytes:
        self._add(self.root, "output", method="xml", encoding="UTF-8", indent="no")
        for item in self.schema.iter(etree.Element):
            if etree.QName(item).namespace == XSLT and _is_top(item):
                self._foreign(item)
        for item in children(self.schema, "let"):
            self._variable(self.root, item, {})
        self._main()
        self._path()
        for at, pattern in enumerate(self.patterns, 1):
            self._pattern(at, pattern)
        return etree.tostring(self.root, encoding="UTF-8", xml_declaration=True)

    def _add(self, parent: Element, kind: str, /, **attributes: str) -> Element:
        return etree.SubElement(parent, f"{{{XSLT}}}{kind}", attributes)

    def _foreign(self, item: Element) -> None:
        name = etree.QName(item).localname
        if name not in _FOREIGN:
            raise BadSchematron(f"xsl:{name} is not used beside patterns (line {item.sourceline})")
        self.root.append(_copy(item))

    def _variable(self, parent: Element, let: Element, renamed: dict[str, str]) -> None:
        name = required(let, "name")
        variable = self._add(parent, "variable", name=renamed.get(name, name))
        value = let.get("value")
        if value is not None:
            variable.set("select", rename_variables(value, renamed))
            return
        variable.text = let.text
        variable.extend(_copy(child) for child in let)

    def _main(self) -> None:
        template = self._add(self.root, "template", match="/")
        failures = etree.SubElement(template, f"{{{RESULT}}}failures")
        for at, _ in enumerate(self.patterns, 1):
            self._add(failures, "apply-templates", select="/", mode=f"pattern-{at}")

    def _path(self) -> None:
        function = self._add(self.root, "function", name=f"{self.out}:path")
        self._add(function, "param", name="node")
        steps = (
            "string-join(for $n in $node/ancestor-or-self::* "
            "return string(count($n/preceding-sibling::*) + 1), '/')"
        )
        self._add(function, "sequence", select=steps)

    def _pattern(self, number: int, pattern: Element) -> None:
        renamed = self.renamed[number - 1]
        mode = f"pattern-{number}"
        for item in children(pattern, "let"):
            self._variable(self.root, item, renamed)
        rules = list(children(pattern, "rule"))
        contexts = [rename_variables(required(rule, "context"), renamed) for rule in rules]
        select = "@*, node()" if any(map(_leaves_elements, contexts)) else "*"
        for at, (rule, context) in enumerate(zip(rules, contexts, strict=True), 1):
            template = self._add(
                self.root,
                "template",
                match=context,
                mode=mode,
                priority=str(_TOP_PRIORITY - at),
            )
            checked = 0
            for item in children(rule, "let", "assert", "report"):
                if local(item) == "let":
                    self._variable(template, item, renamed)
                else:
                    checked += 1
                    self._check(template, item, f"{number}.{at}.{checked}", renamed)
            self._add(template, "apply-templates", select=select, mode=mode)
        match = "/ | * | @* | text() | comment() | processing-instruction()"
        rest = self._add(self.root, "template", match=match, mode=mode, priority="-1")
        self._add(rest, "apply-templates", select=select, mode=mode)

    def _check(
        self, template: Element, item: Element, ordinal: str, renamed: dict[str, str]
    ) -> None:
        test = rename_variables(required(item, "test"), renamed)
        choose = self._add(template, "choose")
        holds = self._add(choose, "when", test=test)
        fails = holds if local(item) == "report" else self._add(choose, "otherwise")
        failure = etree.SubElement(fails, f"{{{RESULT}}}failure", ordinal=ordinal)
        for name in ("id", "role"):
            if item.get(name):
                # A plain attribute would be an attribute value template.
                attribute = self._add(failure, "attribute", name=name)
                self._add(attribute, "text").text = item.get(name)
        failure.set("path", f"{{{self.out}:path(.)}}")
        failure.set("element", "{name()}")
        self._message(failure, item, renamed)

    def _message(self, parent: Element, item: Element, renamed: dict[str, str]) -> None:
        self._text(parent, item.text)
        for child in item:
            kind = local(child)
            if kind == "value-of":
                select = rename_variables(required(child, "select"), renamed)
                self._add(parent, "value-of", select=select)
            elif kind == "name":
                path = rename_variables(child.get("path") or ".", renamed)
                self._add(parent, "value-of", select=f"name({path})")
            elif isinstance(child.tag, str):  # emph, dir, span and foreign mark-up: their text
                self._message(parent, child, renamed)
            self._text(parent, child.tail)

    def _text(self, parent: Element, text: str | None) -> None:
        if text:
            self._add(parent, "text").text = text


def _leaves_elements(context: str) -> bool:
    """Whether a context may match something else than an element or the document node."""
    while (shorter := _PREDICATE.sub("", context)) != context:
        context = shorter
    return _NOT_ELEMENT.search(context) is not None


def _namespaces(schema: Element) -> dict[str, str]:
    """Prefixes for expressions: those of `ns`, then those that stand on the schema element."""
    spaces = {"xs": _XS, "xsd": _XS}
    spaces |= {prefix: uri for prefix, uri in schema.nsmap.items() if prefix}
    spaces |= {required(item, "prefix"): required(item, "uri") for item in children(schema, "ns")}
    spaces.pop("xml", None)
    return {prefix: uri for prefix, uri in spaces.items() if uri not in (ISO, OLD)}


def _is_top(item: Element) -> bool:
    parent = item.getparent()
    return parent is not None and local(parent) in ("schema", "pattern")


def _copy(item: Element) -> Element:
    """With all namespaces in scope: expressions inside may need them."""
    if not isinstance(item.tag, str):
        return etree.Comment()
    copied = etree.fromstring(etree.tostring(item, with_tail=False))
    copied.tail = item.tail
    return copied
