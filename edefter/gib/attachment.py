"""Unpacking what receiveDocumentFile hands out: a zip with one XML, or bare XML (§9)."""

from __future__ import annotations

import io
import zipfile
import zlib

MAX_XML_BYTES = 64 * 1024 * 1024
"""A berat is some kilobytes; anything near this is a bomb."""


class UnusableAttachment(Exception):
    """The attachment does not hold exactly one XML document of sane size."""


def unpack(file_name: str, data: bytes) -> tuple[str, bytes]:
    """The XML document inside an attachment.

    Args:
        file_name: as GİB names it.
        data: zip or XML.

    Returns:
        Its plain name (never a path) and its bytes.

    Raises:
        UnusableAttachment: empty, no XML, several members, a path, a bomb, or encrypted.
    """
    if not data:
        raise UnusableAttachment("empty")
    if not data.startswith(b"PK"):
        if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise UnusableAttachment("neither zip nor XML")
        if len(data) > MAX_XML_BYTES:
            raise UnusableAttachment("too large")
        return _plain(file_name.removesuffix(".zip").removesuffix(".xml") + ".xml"), data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) != 1:
                raise UnusableAttachment(f"zip with {len(members)} members")
            member = members[0]
            if member.flag_bits & 1:
                raise UnusableAttachment("encrypted zip")
            name = _plain(member.filename)
            with archive.open(member) as source:
                # The declared size may lie; the read is what is limited.
                content = source.read(MAX_XML_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError):
        raise UnusableAttachment("damaged zip") from None
    if len(content) > MAX_XML_BYTES:
        raise UnusableAttachment("too large")
    if not content:
        raise UnusableAttachment("empty document")
    return name, content


def _plain(name: str) -> str:
    if not name.isascii() or not name.endswith(".xml") or set(name) & set('/\\:\0"*?<>|'):
        raise UnusableAttachment("not a plain name of an XML document")
    return name
