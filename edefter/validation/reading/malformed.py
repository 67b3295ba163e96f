"""Documents that cannot be read to their end: what libxml2 says, as a user's sentence.

Errors are told apart by libxml2's number, never by its wording, except for names that a sentence
repeats. Limits are kept apart from mistakes (`XML-LIMIT`): such a document may be XML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from edefter.validation.reading.trouble import Trouble
from edefter.validation.wording import cut

_CODES = etree.ErrorTypes
_NAMESPACE, _ERROR = etree.ErrorDomains.NAMESPACE, etree.ErrorLevels.ERROR
LIMIT_ERRORS = frozenset(
    (_CODES.ERR_RESOURCE_LIMIT, _CODES.ERR_NAME_TOO_LONG, _CODES.ERR_NO_MEMORY)
)
"""libxml2's errors that say that the parser gave up, not that the document is wrong."""

_KEYS: dict[int, str] = {
    **dict.fromkeys(
        (
            _CODES.ERR_TAG_NOT_FINISHED,
            _CODES.ERR_GT_REQUIRED,
            _CODES.ERR_COMMENT_NOT_FINISHED,
            _CODES.ERR_PI_NOT_FINISHED,
            _CODES.ERR_CDATA_NOT_FINISHED,
            _CODES.ERR_ATTRIBUTE_NOT_FINISHED,
        ),
        "xml_unfinished",
    ),
    _CODES.ERR_DOCUMENT_EMPTY: "xml_no_start",
    **dict.fromkeys((_CODES.ERR_DOCUMENT_END, _CODES.ERR_EXTRA_CONTENT), "xml_trailing"),
    _CODES.ERR_INVALID_CHAR: "xml_character",
    _CODES.ERR_INVALID_ENCODING: "xml_bytes",
    **dict.fromkeys(
        (
            _CODES.ERR_UNKNOWN_ENCODING,
            _CODES.ERR_UNSUPPORTED_ENCODING,
            _CODES.ERR_ENCODING_NAME,
        ),
        "xml_encoding",
    ),
    _CODES.ERR_TAG_NAME_MISMATCH: "xml_tags",
    **dict.fromkeys(
        (
            _CODES.ERR_UNDECLARED_ENTITY,
            _CODES.WAR_UNDECLARED_ENTITY,
            _CODES.ERR_ENTITYREF_SEMICOL_MISSING,
            _CODES.ERR_ENTITYREF_NO_NAME,
            _CODES.ERR_INTERNAL_ERROR,
        ),
        "xml_entity",
    ),
    **dict.fromkeys(
        (_CODES.ERR_ATTRIBUTE_REDEFINED, _CODES.NS_ERR_ATTRIBUTE_REDEFINED), "xml_attribute_twice"
    ),
    **dict.fromkeys(
        (
            _CODES.WAR_NS_URI,
            _CODES.NS_ERR_XML_NAMESPACE,
            _CODES.NS_ERR_UNDEFINED_NAMESPACE,
            _CODES.NS_ERR_QNAME,
            _CODES.NS_ERR_EMPTY,
            _CODES.NS_ERR_COLON,
        ),
        "xml_namespace",
    ),
}
_POSITION = re.compile(r", line \d+, column \d+$")  # lxml repeats it; our sentence says it
_MISMATCH = re.compile(r"mismatch: (.{1,300}?) line (\d+) and ([^,]{1,300})", re.DOTALL)
_UNKNOWN_ENCODING = re.compile(r"encoding: (?:detecting )?([^\s,]{1,100})")
_DEPTH = re.compile(r"depth in document: (\d+)")
_NO_NAME = re.compile(r"EntityRef: no name")
# First bytes of files that are sent by mistake; UTF-32 is XML that libxml2 does not recognise.
_FORMATS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"%PDF-", "PDF"),
    (b"\xd0\xcf\x11\xe0", "Excel/Word (OLE)"),
    (b"SQLite format 3", "SQLite"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_UTF32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_HTML = re.compile(rb"\s*<(?:html|head|body)\b", re.IGNORECASE)


def code_of(problem: etree.XMLSyntaxError) -> int:
    """libxml2's error number; 1 when lxml gave none."""
    return int(getattr(problem, "code", 0) or _CODES.ERR_INTERNAL_ERROR)


def refuse_lost_errors(parser: etree.XMLPullParser) -> None:
    """Raise an error about a namespace after which lxml went on.

    lxml looks at the last thing that libxml2 said alone; whether a document passed would depend on
    the portions that it came in.

    Args:
        parser: after a portion was fed.

    Raises:
        lxml.etree.XMLSyntaxError: there was one.
    """
    for entry in parser.feed_error_log:
        if entry.domain == _NAMESPACE and entry.level >= _ERROR:
            raise etree.XMLSyntaxError(  # type: ignore[call-arg]  # the stubs know no arguments
                entry.message, entry.type, entry.line, entry.column
            )


def explain(
    problem: etree.XMLSyntaxError, head: bytes, columns: Callable[[int], int] = lambda _: 0
) -> Trouble:
    """The sentence for a parser's error.

    Args:
        problem: what lxml raised.
        head: first bytes of the document (some hundred are enough), to recognise other formats.
        columns: how many bytes of a line the parser did not see.
    """
    line, column = problem.position
    column += columns(line)
    text, code = _POSITION.sub("", problem.msg or ""), code_of(problem)
    facts: dict[str, Any] = {"line": line or 1, "column": column, "detail": cut(text, 300)}
    if code in LIMIT_ERRORS:
        return _limit(code, text, facts, line)
    if not head:
        return Trouble("xml_empty", "XML")
    if (name := _format(head)) is not None:
        return Trouble("xml_foreign", "XML", {"format": name})
    if head.startswith(_UTF32):
        return Trouble("xml_encoding", "XML", {"encoding": "UTF-32"})
    key = _KEYS.get(code, "not_well_formed")
    if _NO_NAME.search(text):
        key = "xml_entity"
    if key == "xml_tags":
        found = _MISMATCH.search(text)
        if found is None:
            key = "not_well_formed"
        else:
            facts |= {"opened": cut(found[1]), "opened_line": found[2], "closed": cut(found[3])}
    elif key == "xml_encoding":
        found = _UNKNOWN_ENCODING.search(text)
        facts["encoding"] = cut(found[1]) if found is not None else "?"
    elif key == "xml_entity" and not line:
        key = "xml_entity_unknown"  # lxml stops there without saying where
    return Trouble(key, "XML", facts, line or None)


def _limit(code: int, text: str, facts: dict[str, Any], line: int) -> Trouble:
    depth = _DEPTH.search(text)
    if depth is not None:
        return Trouble("limit_depth", "XML-LIMIT", {**facts, "limit": depth[1]}, line or None)
    key = "limit_name" if code == _CODES.ERR_NAME_TOO_LONG else "limit_token"
    return Trouble(key, "XML-LIMIT", facts, line or None)


def _format(head: bytes) -> str | None:
    for magic, name in _FORMATS:
        if head.startswith(magic):
            return name
    return "HTML" if _HTML.match(head) else None
