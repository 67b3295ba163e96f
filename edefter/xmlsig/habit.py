"""How one program writes its records, learnt from some of them, to take the rest at a glance.

A ledger repeats a few shapes a million times: the same tags, letter by letter, in the same order,
some of them optional. One expression made of those tags proves spelling, UTF-8 and balance in a
single pass. What does not have the shape is no error; it is taken in another way.
"""

from __future__ import annotations

import re

_MOST_TAGS = 400  # of all that is learnt; a document with more has no habit
_TOKEN = re.compile(rb"<(/?)([^ />]++)[^>]*+>|([^<]++)")
_GAP = rb"[\t\n ]*+"
_ASCII = rb"[\t\n\x20-\x25\x27-\x3b\x3d\x3f-\x7f]*+"
# Beyond ASCII: RFC 3629 §4, without U+FFFE and U+FFFF, which are no characters of XML.
_OTHER = (
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xef(?:[\x80-\xbe][\x80-\xbf]|\xbf[\x80-\xbd])"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
    rb"|&(?:amp|lt|gt|#xD);"
)
_TEXT = b"%b(?:(?:%b)%b)*+" % (_ASCII, _OTHER, _ASCII)


class _Shape:
    """What was seen in one place: start tags as written, in order, and what stood in each."""

    def __init__(self) -> None:
        self.tags: list[bytes] = []
        self.inside: list[_Shape] = []
        self.gaps = False

    def place(self, tag: bytes, last: int) -> int:
        """Index of a tag that follows the one at `last`; a new one is put behind that."""
        if tag in self.tags:
            # One that stands before `last` breaks the order: such a record is not recognised.
            return self.tags.index(tag)
        self.tags.insert(last + 1, tag)
        self.inside.insert(last + 1, _Shape())
        return last + 1

    def records(self) -> list[bytes]:
        """An expression for each element that was seen here."""
        return [
            b"%b%b</%b>" % (re.escape(tag), inside.content(), re.escape(_name(tag)))
            for tag, inside in zip(self.tags, self.inside, strict=True)
        ]

    def content(self) -> bytes:
        """An expression for what stands in such an element."""
        if not self.tags:
            return _TEXT
        gap = _GAP if self.gaps else b""
        return gap + b"".join(b"(?:%b%b)*+" % (record, gap) for record in self.records())


def _name(tag: bytes) -> bytes:
    found = _TOKEN.match(tag)
    assert found is not None
    return found[2]


class Habit:
    """What was learnt of the records of one document."""

    def __init__(self) -> None:
        self._top = _Shape()
        self._tags = 0
        self._records: re.Pattern[bytes] | None = None

    def learn(self, sample: bytes) -> None:
        """Learn more.

        Args:
            sample: whole elements and text between them, proven canonical. What is recognised
                later must stand where the same prefixes are bound.
        """
        where: list[tuple[_Shape, int]] = [(self._top, -1)]
        for token in _TOKEN.finditer(sample):
            shape, last = where[-1]
            if token[3] is not None:
                shape.gaps = True
            elif token[1]:
                where.pop()
            else:
                known = len(shape.tags)
                index = shape.place(token[0], last)
                self._tags += len(shape.tags) - known
                where[-1] = (shape, index)
                where.append((shape.inside[index], -1))
        if not self._top.tags or self._tags > _MOST_TAGS:
            self._records = None
            return
        record = b"|".join(self._top.records())
        self._records = re.compile(b"%b(?:(?:%b)%b)*+" % (_GAP, record, _GAP))

    def end(self, data: bytes, start: int) -> int:
        """Where the recognised elements that begin at `start` end; `start` if there are none."""
        if self._records is None:
            return start
        found = self._records.match(data, start)
        return found.end() if found is not None else start
