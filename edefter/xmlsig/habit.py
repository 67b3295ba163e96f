"""How one program writes its records, learnt from some of them, to take the rest at a glance.

A ledger repeats a few shapes a million times: the same tags, letter by letter, in the same order,
some of them optional. One expression made of those tags proves spelling, UTF-8 and balance in a
single pass. What does not have the shape is no error; it is taken in another way.
"""

from __future__ import annotations

import re
from collections import Counter

_PIECE_BYTES = 256 << 10  # copied behind the dictionary at a time; a longer record has no habit
# What always stood in a record is expected, what never stood twice is expected once at most. Who
# is still surprised after some lessons expects nothing any more.
_STRICT_LESSONS = 4
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
        self.seen = 0  # how often this place occurred
        self.holders: Counter[bytes] = Counter()  # in how many of them a tag stood
        self.repeated: set[bytes] = set()

    def place(self, tag: bytes, last: int) -> int:
        """Index of a tag that follows the one at `last`; a new one is put behind that."""
        if tag in self.tags:
            # One that stands before `last` breaks the order: such a record is not recognised.
            return self.tags.index(tag)
        self.tags.insert(last + 1, tag)
        self.inside.insert(last + 1, _Shape())
        return last + 1

    def close(self, held: Counter[bytes]) -> None:
        """Note what one occurrence of this place held."""
        self.seen += 1
        for tag, count in held.items():
            self.holders[tag] += 1
            if count > 1:
                self.repeated.add(tag)

    def times(self, tag: bytes) -> bytes:
        """How often a tag stands here, as an expression says it."""
        if tag in self.repeated:
            return b"*+"
        return b"" if self.holders[tag] == self.seen else b"?+"


class _Words:
    """Tags as references to a dictionary that stands before the data.

    `re` compares a reference in one loop, but a literal letter by letter with a step of its
    machine for each; tags are two thirds of a ledger.
    """

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def __call__(self, word: bytes) -> bytes:
        number = self._numbers.setdefault(word, len(self._numbers) + 1)
        return b"(?P=w%d)" % number

    def dictionary(self) -> bytes:
        return b"".join(self._numbers)

    def groups(self) -> bytes:
        """The expression for the dictionary."""
        return b"".join(
            b"(?P<w%d>.{%d})" % (number, len(word)) for word, number in self._numbers.items()
        )


def _record(tag: bytes, inside: _Shape, words: _Words, strict: bool) -> bytes:
    """An expression for an element with this start tag."""
    content = _content(inside, words, strict)
    return words(tag) + content + words(b"</%b>" % _name(tag))


def _content(shape: _Shape, words: _Words, strict: bool) -> bytes:
    """An expression for what stands in an element."""
    if not shape.tags:
        return _TEXT
    gap = _GAP if shape.gaps else b""
    parts = []
    for tag, inside in zip(shape.tags, shape.inside, strict=True):
        record = _record(tag, inside, words, strict) + gap
        times = shape.times(tag) if strict else b"*+"
        parts.append(b"(?:%b)%b" % (record, times) if times else record)
    return gap + b"".join(parts)


def _name(tag: bytes) -> bytes:
    found = _TOKEN.match(tag)
    assert found is not None
    return found[2]


class Habit:
    """What was learnt of the records of one document."""

    def __init__(self) -> None:
        self._top = _Shape()
        self._tags = 0
        self._lessons = 0
        self._dictionary = b""
        self._records: re.Pattern[bytes] | None = None

    def learn(self, sample: bytes) -> None:
        """Learn more.

        Args:
            sample: whole elements and text between them, proven canonical. What is recognised
                later must stand where the same prefixes are bound.
        """
        self._lessons += 1
        where: list[tuple[_Shape, int, Counter[bytes]]] = [(self._top, -1, Counter())]
        for token in _TOKEN.finditer(sample):
            shape, last, held = where[-1]
            if token[3] is not None:
                shape.gaps = True
            elif token[1]:
                where.pop()
                shape.close(held)
            else:
                known = len(shape.tags)
                index = shape.place(token[0], last)
                self._tags += len(shape.tags) - known
                held[token[0]] += 1
                where[-1] = (shape, index, held)
                where.append((shape.inside[index], -1, Counter()))
        if not self._top.tags or self._tags > _MOST_TAGS:
            self._records = None
            return
        words = _Words()
        strict = self._lessons <= _STRICT_LESSONS
        record = b"|".join(
            _record(tag, inside, words, strict)
            for tag, inside in zip(self._top.tags, self._top.inside, strict=True)
        )
        records = b"%b(?:(?:%b)%b)*+" % (_GAP, record, _GAP)
        self._records = re.compile(words.groups() + records, re.DOTALL)
        self._dictionary = words.dictionary()

    def end(self, data: bytes, start: int) -> int:
        """Where the recognised elements that begin at `start` end; `start` if there are none."""
        if self._records is None:
            return start
        position, before = start, len(self._dictionary)
        while position < len(data):
            piece = self._dictionary + data[position : position + _PIECE_BYTES]
            found = self._records.match(piece)
            if found is None or found.end() == before:
                break
            position += found.end() - before
        return position
