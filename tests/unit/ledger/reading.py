"""Reads ledgers back by another path than they were written: lxml trees."""

from __future__ import annotations

import io
from pathlib import Path

from lxml import etree

NS = {
    "c": "http://www.xbrl.org/int/gl/cor/2006-10-25",
    "b": "http://www.xbrl.org/int/gl/bus/2006-10-25",
    "m": "http://www.xbrl.org/int/gl/muc/2006-10-25",
    "x": "http://www.xbrl.org/2003/instance",
}
PREFIX = {NS["c"]: "gl-cor", NS["b"]: "gl-bus", NS["m"]: "gl-muc", NS["x"]: "xbrli"}


def tree(data: Path | bytes) -> etree._ElementTree:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    content = data if isinstance(data, bytes) else data.read_bytes()
    return etree.fromstring(content, parser).getroottree()


def canonical(data: Path | bytes) -> bytes:
    """Canonical form of the whole document (with the processing instruction) by libxml2."""
    sink = io.BytesIO()
    tree(data).write_c14n(sink, exclusive=False, with_comments=True)
    return sink.getvalue()


def without_declaration(data: Path | bytes) -> bytes:
    content = data if isinstance(data, bytes) else data.read_bytes()
    first, _, rest = content.partition(b"\n")
    assert first == b'<?xml version="1.0" encoding="UTF-8"?>'
    return rest


def name(element: etree._Element) -> str:
    tag = etree.QName(element)
    return f"{PREFIX.get(tag.namespace or '', tag.namespace)}:{tag.localname}"


def child_names(element: etree._Element) -> list[str]:
    return [name(child) for child in element]


def texts(element: etree._ElementTree | etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, NS)]


def headers(data: Path) -> list[etree._Element]:
    return tree(data).findall(".//c:entryHeader", NS)
