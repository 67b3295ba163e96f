"""What canonical XML (C14N 1.0, inclusive) asks of bytes that are written without a tree.

Ledgers are written so that their bytes, without the XML declaration, already are their canonical
form: then the SHA-256 taken while writing is the digest of the signature's `URI=""` reference
(docs/design/ledger.md). This module holds the rules that everything else relies on: escaping,
the order of namespace declarations and attributes, and which characters XML cannot hold at all.

Source: Canonical XML 1.0 (W3C, 15 March 2001) §2.3, XML 1.0 §2.2, format.md §2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

XSI = "http://www.w3.org/2001/XMLSchema-instance"
ROOT_NAMESPACES: Mapping[str, str] = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "edefter": "http://www.edefter.gov.tr",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
    "xsi": XSI,
}
XBRL_NAMESPACES: Mapping[str, str] = {
    "gl-bus": "http://www.xbrl.org/int/gl/bus/2006-10-25",
    "gl-cor": "http://www.xbrl.org/int/gl/cor/2006-10-25",
    "gl-plt": "http://www.xbrl.org/int/gl/plt/2006-10-25",
    "iso4217": "http://www.xbrl.org/2003/iso4217",
    "iso639": "http://www.xbrl.org/2005/iso639",
    "link": "http://www.xbrl.org/2003/linkbase",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "xlink": "http://www.w3.org/1999/xlink",
}
MUC_NAMESPACE: Mapping[str, str] = {"gl-muc": "http://www.xbrl.org/int/gl/muc/2006-10-25"}
"""Declared on xbrli:xbrl as soon as a gl-muc element occurs (format.md §2)."""

FORBIDDEN_PATTERN = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""Characters that no XML 1.0 document can hold, in the syntax of polars (lone surrogates cannot
get into a polars string in the first place)."""
INVISIBLE_PATTERN = r"[\x{7F}-\x{9F}]"
"""DEL and the C1 controls: legal, but nearly always the trace of a wrong decoding."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}
_ATTRIBUTE = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
_TEXT_TABLE = str.maketrans(_TEXT)
_ATTRIBUTE_TABLE = str.maketrans(_ATTRIBUTE)


def is_writable(text: str) -> bool:
    """Whether XML 1.0 can hold every character of `text`."""
    return _FORBIDDEN.search(text) is None


def escape_text(text: str) -> str:
    """Text content as C14N writes it.

    Raises:
        ValueError: a character that XML cannot hold; callers report it as a finding before.
    """
    if not is_writable(text):
        raise ValueError("text holds a character that XML cannot represent")
    return text.translate(_TEXT_TABLE)


def unescape_text(text: str) -> str:
    """What `escape_text` made of a text, back again."""
    for character, entity in reversed(_TEXT.items()):
        text = text.replace(entity, character)
    return text


def escape_attribute(value: str) -> str:
    """An attribute value as C14N writes it between double quotes.

    Raises:
        ValueError: a character that XML cannot hold.
    """
    if not is_writable(value):
        raise ValueError("attribute holds a character that XML cannot represent")
    return value.translate(_ATTRIBUTE_TABLE)


def escape_column(column: pl.Expr) -> pl.Expr:
    """`escape_text` for a whole text column (null stays null)."""
    return column.str.replace_many(list(_TEXT), list(_TEXT.values()))


def start_tag(
    name: str,
    namespaces: Mapping[str, str] | None = None,
    attributes: Mapping[str, str] | None = None,
    prefixes: Mapping[str, str] | None = None,
) -> str:
    """A start tag with namespace declarations and attributes in canonical order.

    Args:
        name: qualified name.
        namespaces: prefix to URI, declared here; sorted by prefix.
        attributes: qualified name to value; sorted by namespace URI, then local name.
        prefixes: prefix to URI of the attributes' namespaces, when any is qualified.

    Raises:
        ValueError: a value that XML cannot hold.
        KeyError: an attribute prefix that `prefixes` does not name.
    """
    parts = [f"<{name}"]
    for prefix, uri in sorted((namespaces or {}).items()):
        parts.append(f' xmlns:{prefix}="{escape_attribute(uri)}"')

    def rank(item: tuple[str, str]) -> tuple[str, str]:
        prefix, _, local = item[0].rpartition(":")
        return ((prefixes or {})[prefix] if prefix else "", local)

    for attribute, value in sorted((attributes or {}).items(), key=rank):
        parts.append(f' {attribute}="{escape_attribute(value)}"')
    parts.append(">")
    return "".join(parts)
