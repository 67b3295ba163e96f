"""Reading GİB's answers: by local name in any namespace, inline or MTOM, fault or not (§3, §6)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

from lxml import etree

from edefter.gib.transport import RawAnswer

_XOP = "{http://www.w3.org/2004/08/xop/include}Include"
_HTML = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*(?:<!doctype\s+html|<html|<head|<body)", re.I)


class Unreadable(Exception):
    """The body is no SOAP message that can be trusted.

    Attributes:
        html: whether it is an HTML page (maintenance, gateway).
    """

    def __init__(self, reason: str, *, html: bool = False) -> None:
        super().__init__(reason)
        self.html = html


@dataclass(frozen=True, slots=True)
class FaultParts:
    """What a SOAP fault says.

    Args:
        codes: local names of Code and Subcodes, outermost first (`Sender`, `InvalidSecurity`).
        reason: the human text.
        detail_texts: texts of the detail; an element named code comes first.
        detail_message: the detail's own message, or empty.
    """

    codes: tuple[str, ...]
    reason: str
    detail_texts: tuple[str, ...]
    detail_message: str


class Answer:
    """One SOAP answer.

    Args:
        raw: the HTTP answer.

    Raises:
        Unreadable: HTML, no XML, a DTD, or no SOAP envelope.
    """

    def __init__(self, raw: RawAnswer) -> None:
        self._parts: dict[str, bytes] = {}
        content = raw.content
        media_type = raw.headers.get("Content-Type", "")
        if media_type.lower().lstrip().startswith("multipart/related"):
            content = self._split(content, media_type)
        elif "html" in media_type.lower() or _HTML.match(content):
            raise Unreadable("HTML", html=True)
        self._root = _parse(content)
        body = next((e for e in _elements(self._root) if _local(e) == "Body"), None)
        if _local(self._root) != "Envelope" or body is None:
            raise Unreadable("no SOAP envelope")
        self._body = body

    def _split(self, content: bytes, media_type: str) -> bytes:
        header = Message()
        header["Content-Type"] = media_type
        boundary = header.get_param("boundary")
        if not isinstance(boundary, str) or not boundary:
            raise Unreadable("multipart without boundary")
        # Exact cutting: a binary part may itself begin or end with CR or LF.
        pieces = (b"\r\n" + content).split(b"\r\n--" + boundary.encode("latin-1"))
        roots: list[bytes] = []
        for piece in pieces[1:]:
            if piece.startswith(b"--"):
                break
            head, found, data = piece.partition(b"\r\n\r\n")
            if not found:
                raise Unreadable("multipart part without headers")
            names = _part_headers(head)
            if names.get("content-transfer-encoding", "").lower() == "base64":
                data = _base64(data)
            content_id = names.get("content-id", "").strip("<>")
            self._parts[content_id] = data
            roots.append(data)
        start = header.get_param("start")
        if isinstance(start, str) and start.strip("<>") in self._parts:
            return self._parts[start.strip("<>")]
        if not roots:
            raise Unreadable("multipart without parts")
        return roots[0]

    def text(self, *names: str) -> str | None:
        """Text of the one element with one of these local names; None when none or several."""
        found = self._find(names)
        return "".join(str(t) for t in found.itertext()).strip() if found is not None else None

    def binary(self, name: str) -> bytes | None:
        """Bytes of the one element of that name, from inline base64 or from an XOP part.

        Raises:
            Unreadable: bad base64, or a reference to a part that is not there.
        """
        found = self._find((name,))
        if found is None:
            return None
        include = found.find(_XOP)
        if include is None:
            return _base64("".join(str(t) for t in found.itertext()).encode())
        reference = include.get("href", "")
        data = self._parts.get(unquote(reference.removeprefix("cid:")))
        if data is None:
            raise Unreadable("attachment part is missing")
        return data

    def fault(self) -> FaultParts | None:
        """The SOAP fault in the Body, of SOAP 1.2 or 1.1 shape; None when there is none."""
        found = next((e for e in _elements(self._body) if _local(e) == "Fault"), None)
        if found is None:
            return None
        codes: list[str] = []
        reason = ""
        detail: list[tuple[bool, str]] = []
        message = ""
        inside = {
            inner
            for holder in _elements(found)
            if _local(holder) in ("Detail", "detail")
            for inner in _elements(holder)
        }
        for element in _elements(found):
            name, text = _local(element), (element.text or "").strip()
            if not text:
                continue
            if element in inside:
                detail.append((name.lower() in ("code", "kod", "hatakodu", "errorcode"), text))
                if name.lower() in ("message", "mesaj", "aciklama", "hataaciklama"):
                    message = message or text
            elif name in ("Value", "faultcode"):
                codes.append(text.rpartition(":")[2])
            elif name in ("Text", "faultstring") and not reason:
                reason = text
        ordered = [text for is_code, text in detail if is_code]
        ordered += [text for is_code, text in detail if not is_code]
        return FaultParts(tuple(codes), reason, tuple(ordered), message)

    def first_text(self) -> str:
        """All text of the Body, for answers whose element names are not fixed."""
        return " ".join(" ".join(str(t) for t in self._body.itertext()).split())

    def _find(self, names: tuple[str, ...]) -> etree._Element | None:
        found = [e for e in _elements(self._body) if _local(e) in names]
        return found[0] if len(found) == 1 else None


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable("not XML") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Unreadable("document type declaration")
    return root


def _elements(root: etree._Element) -> list[etree._Element]:
    return [element for element in root.iter() if isinstance(element.tag, str)]


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _part_headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").strip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise Unreadable("bad base64") from None
