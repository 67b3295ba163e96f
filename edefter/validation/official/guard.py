"""What a foreign stylesheet may say: lists of the harmless, everything else is refused unread.

Rules need to look at one document and to compare texts and numbers. So the guard knows the XSLT
elements and the functions that are of use for that; a stylesheet that names any other function, by
call, by reference (`doc#1`), with any prefix or as `Q{uri}name`, is not run. The second line of
defence is the operating system (`limits`): when the stylesheet runs, no file can be opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from edefter.validation.official.schematron_source import XSLT, Element
from edefter.validation.official.xpath_tokens import (
    BadExpression,
    Token,
    expressions_of_template,
    tokens,
)

FN = "http://www.w3.org/2005/xpath-functions"
XS = "http://www.w3.org/2001/XMLSchema"
XML = "http://www.w3.org/XML/1998/namespace"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTS = _words(
    """
    analyze-string apply-imports apply-templates attribute attribute-set call-template choose
    comment copy copy-of decimal-format document element fallback for-each for-each-group function
    if key matching-substring message namespace namespace-alias next-match non-matching-substring
    number otherwise output param perform-sort preserve-space processing-instruction sequence sort
    strip-space stylesheet template text transform value-of variable when with-param
    """
)
"""XSLT 2.0 without import, include (read in before), import-schema, result-document and
character-map; nothing of XSLT 3.0 (evaluate, source-document, merge, use-package …)."""

FUNCTIONS = _words(
    """
    abs adjust-date-to-timezone adjust-dateTime-to-timezone adjust-time-to-timezone
    analyze-string avg base-uri boolean ceiling codepoint-equal codepoints-to-string compare concat
    contains contains-token count current current-date current-dateTime current-group
    current-grouping-key current-time data dateTime day-from-date day-from-dateTime
    days-from-duration deep-equal default-collation distinct-values document-uri element-with-id
    empty encode-for-uri ends-with error escape-html-uri exactly-one exists false filter floor
    fold-left fold-right for-each for-each-pair format-date format-dateTime format-integer
    format-number format-time generate-id has-children head hours-from-dateTime
    hours-from-duration hours-from-time id idref implicit-timezone in-scope-prefixes index-of
    innermost insert-before iri-to-uri key lang last local-name local-name-from-QName lower-case
    matches max min minutes-from-dateTime minutes-from-duration minutes-from-time month-from-date
    month-from-dateTime months-from-duration name namespace-uri namespace-uri-for-prefix
    namespace-uri-from-QName nilled node-name normalize-space normalize-unicode not number
    one-or-more outermost path position prefix-from-QName QName regex-group remove replace
    resolve-QName resolve-uri reverse root round round-half-to-even seconds-from-dateTime
    seconds-from-duration seconds-from-time sort starts-with static-base-uri string string-join
    string-length string-to-codepoints subsequence substring substring-after substring-before sum
    tail timezone-from-date timezone-from-dateTime timezone-from-time tokenize trace translate true
    unordered upper-case year-from-date year-from-dateTime years-from-duration zero-or-one
    """
)
"""Of XPath and XSLT, all that reach nothing but their arguments and the document that is judged.
`parse-xml` is not among them: it would read external entities."""

_WORDS = _words(
    """
    and array as attribute cast castable comment div document-node element else empty-sequence eq
    every except for function ge gt idiv if in instance intersect is item le let lt map mod
    namespace-node ne node of or processing-instruction return satisfies schema-attribute
    schema-element some text then to treat union
    """
)
"""Words of the language that may stand before `(` and can name no function."""

_EXPRESSIONS = _words(
    """
    count from group-adjacent group-by group-ending-with group-starting-with match select test use
    use-when value
    """
)
_FORBIDDEN = frozenset({"expand-text", "extension-element-prefixes", "parameter-document"})
_ON_LITERALS = frozenset(
    {
        "default-collation",
        "exclude-result-prefixes",
        "inherit-namespaces",
        "use-attribute-sets",
        "use-when",
        "version",
        "xpath-default-namespace",
    }
)
_RESERVED = (
    FN,
    XS,
    XSLT,
    XML,
    "http://www.w3.org/2005/xpath-functions/",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://saxon.sf.net/",
    "http://ns.saxonica.com/",
    "http://exslt.org/",
    "http://expath.org/",
    "java:",
)
_SAXON = ("http://saxon.sf.net/", "http://ns.saxonica.com/")
MAX_REASONS = 20


class Refused(ValueError):
    """The stylesheet says something that is not on the lists.

    Args:
        reasons: what and in which line, technical, at most `MAX_REASONS`.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def check_stylesheet(root: Element) -> None:
    """Look at every element, attribute and expression of a stylesheet.

    Args:
        root: the parsed stylesheet, inclusions read in. What is run must be this very tree.

    Raises:
        Refused: something is not on the lists.
    """
    own = frozenset(_own_functions(root))
    reasons: list[str] = []
    for element in root.iter(etree.Element):
        for reason in _element_reasons(element, own):
            reasons.append(f"line {element.sourceline}: {reason}")
            if len(reasons) >= MAX_REASONS:
                raise Refused(reasons)
    if reasons:
        raise Refused(reasons)


def _own_functions(root: Element) -> Iterator[tuple[str, str]]:
    for item in root.iter(f"{{{XSLT}}}function"):
        name = (item.get("name") or "").strip()
        if name.startswith("Q{"):
            uri, _, local = name[2:].partition("}")
        else:
            prefix, colon, local = name.partition(":")
            uri = (item.nsmap.get(prefix) or "") if colon else ""
        if uri and not uri.startswith(_RESERVED):
            yield " ".join(uri.split()), local


def _element_reasons(element: Element, own: frozenset[tuple[str, str]]) -> Iterator[str]:
    name = etree.QName(element)
    instruction = name.namespace == XSLT
    if instruction and name.localname not in ELEMENTS:
        yield f"xsl:{name.localname}"
    for key, value in element.items():
        attribute = etree.QName(str(key))
        space, local = attribute.namespace, attribute.localname
        if space == XML and local == "base":
            yield "xml:base"
        elif space in _SAXON:
            yield f"attribute {key!r}"
        elif space == XSLT and not instruction and local not in _ON_LITERALS:
            yield f"attribute xsl:{local}"
        elif instruction and space is None and (local in _FORBIDDEN or local.startswith("_")):
            yield f"attribute {local}"
        else:
            of_xslt = (space is None) if instruction else (space == XSLT)
            whole = of_xslt and local in _EXPRESSIONS
            yield from _value_reasons(element, str(value), own, whole)


def _value_reasons(
    element: Element, value: str, own: frozenset[tuple[str, str]], whole: bool
) -> Iterator[str]:
    try:
        for expression in [value] if whole else expressions_of_template(value):
            for name in function_names(tokens(expression)):
                if not _allowed(element, name, own):
                    yield f"function {name}"
    except BadExpression as error:
        if whole or "{" in value:
            yield f"expression not understood: {error}"


def function_names(pieces: Iterable[Token]) -> Iterator[str]:
    """Names that are called (`name(`) or referred to (`name#1`) in an expression, as written."""
    before, name = "", ""
    for token in pieces:
        if token.kind == "space":
            continue
        if name and token.text in ("(", "#"):
            yield name
        name = token.text if token.kind in ("name", "braced") and before != "$" else ""
        before = token.text


def _allowed(element: Element, name: str, own: frozenset[tuple[str, str]]) -> bool:
    if name.startswith("Q{"):
        braced, _, local = name[2:].partition("}")
        uri = " ".join(braced.split())
    else:
        prefix, colon, local = name.rpartition(":")
        if not colon and local in _WORDS:
            return True
        uri = (element.nsmap.get(prefix) or "") if colon else FN
    if uri == FN:
        return local in FUNCTIONS
    return uri == XS or (uri, local) in own
