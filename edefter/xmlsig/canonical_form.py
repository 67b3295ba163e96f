"""Canonical XML, put out tag by tag: any size, nothing is kept but the names in scope.

Source: Canonical XML 1.0 (W3C 2001) §2.3; Exclusive XML Canonicalization 1.0 (W3C 2002) §3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edefter.xmlsig.names import Canonicalization

SEPARATOR = "\n"
"""Between the parts of expat's names; no namespace has one, and expat refuses it by a reference."""

_MOST_PIECES = 4000
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its namespace and the prefix that it is written with; all may be empty but one.

    Args:
        uri: namespace.
        local: name in it; never empty.
        prefix: as written.
    """

    uri: str
    local: str
    prefix: str

    @classmethod
    def of(cls, triplet: str) -> Name:
        """From expat's `uri local prefix`, or less where there is no prefix or namespace."""
        parts = triplet.split(SEPARATOR)
        if len(parts) == 1:
            return cls("", parts[0], "")
        return cls(parts[0], parts[1], parts[2] if len(parts) > 2 else "")

    @property
    def qualified(self) -> str:
        """As it is written."""
        return f"{self.prefix}:{self.local}" if self.prefix else self.local


@dataclass(frozen=True, slots=True)
class Start:
    """A start tag.

    Args:
        name: of the element.
        bound: prefixes and namespaces that it declares; the empty namespace unbinds.
        attributes: names and values.
    """

    name: Name
    bound: dict[str, str]
    attributes: list[tuple[Name, str]]


class Writer:
    """Puts out the canonical form of what it is told.

    Args:
        method: of the form.
        put: takes the bytes.
    """

    def __init__(self, method: Canonicalization, put: Callable[[bytes], object]) -> None:
        self._method = method
        self._put = put
        self._listed = set(method.prefixes)
        # Of each open element: what is bound, what the output has bound, its end tag.
        self._open: list[tuple[dict[str, str], dict[str, str], str]] = [({}, {}, "")]
        self._pieces: list[str] = []

    def start(self, tag: Start) -> tuple[str, str] | None:
        """Put out a start tag.

        Returns:
            It and its end tag, for `repeat`; None if what it looks like depends on its place.
        """
        scope, written, _ = self._open[-1]
        if tag.bound:
            scope = {**scope, **tag.bound}
        fresh = {
            prefix: scope.get(prefix, "")
            for prefix in self._shown(tag, scope)
            if written.get(prefix, "") != scope.get(prefix, "")
        }
        pieces = ["<", tag.name.qualified]
        for prefix in sorted(fresh):
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            pieces += (" ", name, '="', fresh[prefix].translate(_VALUE), '"')
        for attribute, value in sorted(tag.attributes, key=lambda a: (a[0].uri, a[0].local)):
            pieces += (" ", attribute.qualified, '="', value.translate(_VALUE), '"')
        text, end = "".join(pieces) + ">", f"</{tag.name.qualified}>"
        self._open.append((scope, {**written, **fresh} if fresh else written, end))
        self._write(text)
        return None if tag.bound or self._method.exclusive else (text, end)

    def repeat(self, text: str, end: str) -> None:
        """Put out a start tag that binds nothing and was put out before."""
        scope, written, _ = self._open[-1]
        self._open.append((scope, written, end))
        self._write(text)

    def _shown(self, tag: Start, scope: dict[str, str]) -> Iterable[str]:
        """Prefixes whose binding has to be in the output from here on."""
        if not self._method.exclusive:
            return tag.bound
        used = {tag.name.prefix, *(name.prefix for name, _ in tag.attributes if name.prefix)}
        return (used | (self._listed & (scope.keys() | {""}))) - {"xml"}

    def end(self) -> None:
        """Put out the end tag of the innermost element."""
        self._write(self._open.pop()[2])

    def text(self, data: str) -> None:
        """Put out text."""
        self._write(data.translate(_TEXT))

    def instruction(self, target: str, data: str, *, before: str = "", after: str = "") -> None:
        """Put out an instruction, with line breaks around it outside of the root."""
        self._write(f"{before}<?{target}{' ' if data else ''}{data}?>{after}")

    def comment(self, data: str, *, before: str = "", after: str = "") -> None:
        """Put out a comment, if the form has comments."""
        if self._method.with_comments:
            self._write(f"{before}<!--{data}-->{after}")

    def _write(self, piece: str) -> None:
        self._pieces.append(piece)
        if len(self._pieces) > _MOST_PIECES:
            self.flush()

    def flush(self) -> None:
        """Hand over what is waiting."""
        if self._pieces:
            self._put("".join(self._pieces).encode())
        self._pieces.clear()
