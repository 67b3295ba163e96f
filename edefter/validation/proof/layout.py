"""How a document spells the elements of its entries, learned from entries the parser accepted.

Programs differ in prefixes, order of attributes, quotes and indentation, but within a file each
writes every element alike. So the spellings of the first entries make a pattern (`pattern.py`) that
fits the rest, whoever wrote the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from edefter.validation.names import URIS
from edefter.validation.proof.fields import CONTAINERS, LEAVES

_MAX_SPELLINGS = 4  # of one start tag; a file with more is not homogeneous
_TAG = re.compile(
    rb"<(/?)([^\s/<>=\"'&]+)((?:\s+[^\s/<>=\"'&]+=(?:\"[^\"<&]*\"|'[^'<&]*'))*)>([^<]*)"
)
_ATTRIBUTE = re.compile(rb"\s+([^\s=]+)=(?:\"([^\"]*)\"|'([^']*)')")
_BLANK = re.compile(rb"[ \t\r\n]*")


class Layout:
    """The spellings seen so far.

    Args:
        prefixes: prefix → namespace in scope of the entries; None = default namespace.
        contexts: ids that contextRef may name.
        units: ids that unitRef may name.
    """

    def __init__(
        self, prefixes: Mapping[str | None, str], contexts: Iterable[str], units: Iterable[str]
    ) -> None:
        self.prefixes = dict(prefixes)
        self._contexts = frozenset(item.encode() for item in contexts)
        self._units = frozenset(item.encode() for item in units)
        readable = {uri: prefix for prefix, uri in URIS.items()}
        self._names: dict[bytes, str] = {}  # as spelled → readable, of the elements we know
        for prefix, uri in self.prefixes.items():
            ours = readable.get(uri)
            for name in (*LEAVES, *CONTAINERS):
                space, _, local = name.partition(":")
                if space == ours:
                    spelled = local if prefix is None else f"{prefix}:{local}"
                    self._names[spelled.encode()] = name
        self.starts: dict[str, set[bytes]] = {}
        self.ends: dict[str, set[bytes]] = {}
        self.blanks: dict[str, set[bytes]] = {}  # behind `<name>` of a container, behind `</name>`

    def learn(self, segment: bytes) -> bool:
        """Take over the spellings of an entry.

        Args:
            segment: bytes that the parser read without complaint and that hold no comment, CDATA
                section or processing instruction.

        Returns:
            Whether something new was seen.
        """
        new = False
        for tag in _TAG.finditer(segment):
            closing, raw, attributes, behind = tag.groups()
            name = self._names.get(raw)
            if name is None:
                continue
            if closing:
                new |= _add(self.ends, name, b"</" + raw + b">")
                new |= self._blank("/" + name, behind)
            elif name in CONTAINERS:
                if not attributes:
                    new |= _add(self.starts, name, b"<" + raw + b">")
                    new |= self._blank(name, behind)
            elif self._fits(attributes, numeric=LEAVES[name].numeric):
                new |= _add(self.starts, name, b"<" + raw + attributes + b">")
        return new

    def _blank(self, where: str, text: bytes) -> bool:
        return _BLANK.fullmatch(text) is not None and _add(self.blanks, where, text)

    def _fits(self, attributes: bytes, *, numeric: bool) -> bool:
        """Whether the attributes are those that schema and rules accept without a finding."""
        if b"\n" in attributes:
            return False  # the parser counts the line of a tag at its end, we at its beginning
        pairs = _ATTRIBUTE.findall(attributes)
        values = {key: double or single for key, double, single in pairs}
        allowed = {b"contextRef", b"unitRef", b"decimals"} if numeric else {b"contextRef"}
        return (
            len(values) == len(pairs)
            and values.keys() <= allowed
            and values.get(b"contextRef") in self._contexts
            and (not numeric or values.get(b"unitRef") in self._units)
            and values.get(b"decimals", b"INF") == b"INF"
        )


def _add(table: dict[str, set[bytes]], name: str, spelling: bytes) -> bool:
    known = table.setdefault(name, set())
    if spelling in known or len(known) >= _MAX_SPELLINGS:
        return False
    known.add(spelling)
    return True
