"""Mutations that know XML: most results are still well-formed, so they reach the rules."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.fuzzing.frame import TARGETS, Frame

Havoc = Callable[[bytes, int], bytes]
"""The fuzzer's own byte mutation: data and largest length → data."""

_TAG = re.compile(rb"<(/?)([A-Za-z_:][\w:.-]*)([^<>]*?)(/?)>")
_TEXT = re.compile(rb">([^<>]+)<")
_ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)\s*=\s*("[^"<]*"|'[^'<]*')""")
_DECLARED = re.compile(rb"""(<\?xml[^>]*?encoding=["'])([^"']+)""")
_ZIP = TARGETS.index("zip")

# What is special to the readers: numbers at their edges, letters that change case oddly, blanks
# that are none, words of the rules, and bytes that end or begin something.
TEXTS = (
    b"", b" ", b"0", b"-0", b"+3", b"00", b"1e3", b"1e309", b"NaN", b"INF", b"-INF", b".5", b"5.",
    b"0.001", b"1_0", b"12,5", b"9" * 30, b"9" * 400, b"0x1F", "١٢".encode(), b"2026-01-02",
    b"2026-02-30", b"2026-01-31+03:00", b"0000-00-00", b"-2026-01-01", b"24:00:00", b"D", b"C",
    b"debit", b"credit", b"invoice", b"other", b"check", b"iso4217:TRY", b"iso4217:tr",
    b"xbrli:pure", b"yok:TRY", b":", b"a:b:c", b"journal", b"ledger", b"assets", b"trialbalance",
    b"standard", b"journal_context", b"now", b"try", b"countable", b"100", b"391", b"600.01",
    b"VERGI_DETAYSIZ", b"1234567808", b"TRUE", b"&amp;", b"&lt;", b"&#32;", b"&#x130;", b"&#13;",
    b"&#x1F600;", b"&#0;", b"&yok;", b"]]>", b"<![CDATA[]]>", b"<!---->", b"<?a?>", "İıŞş".encode(),
    b"\xc2\xa0", b"\xe2\x80\x8b", b"\xc2\x85", b"\xef\xbb\xbf", b"\xef\xbf\xbe", b"\xed\xa0\x80",
    b"\xff", b"\x00", b"\x1b[2J", b"\t", b"\r\n", b"'", b'"', b"{", b"}", b"{0}", b"%s",
)  # fmt: skip
_ATTRIBUTES = (
    b"contextRef", b"unitRef", b"decimals", b"precision", b"id", b"Id", b"xml:id", b"xml:base",
    b"xml:lang", b"xml:space", b"xmlns", b"xmlns:gl-cor", b"xmlns:q", b"xsi:nil", b"xsi:type",
    b"xsi:schemaLocation", b"mimeCode", b"filename", b"URI", b"Algorithm", b"scheme", b"a",
)  # fmt: skip
_NAMES = (
    b"gl-cor:entryHeader", b"gl-cor:entryDetail", b"gl-cor:accountingEntries", b"xbrli:xbrl",
    b"gl-cor:documentInfo", b"gl-cor:entityInformation", b"gl-cor:lineNumber", b"gl-cor:amount",
    b"gl-cor:account", b"gl-cor:accountSub", b"gl-bus:measurable", b"gl-cor:xbrlInfo",
    b"ds:Object", b"gl-cor:entryNumberCounter", b"gl-cor:debitCreditCode", b"xbrli:context",
    b"xbrli:unit", b"extensions", b"extension", b"defterek:binaryObject", b"edefter:defter",
    b"edefter:berat", b"q",
)  # fmt: skip
_ENCODINGS = (
    "UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "ISO-8859-9", "windows-1254", "US-ASCII",
    "UTF-7", "Shift_JIS", "GB18030", "EUC-JP", "ISO-2022-JP", "cp037",
)  # fmt: skip
_INSERTED = (
    b"<!-- -->", b"<?p q?>", b"<![CDATA[x]]>", b"<!DOCTYPE a>", b"\n", b"  ", b"x", b"&amp;",
    b"<q/>", b"<gl-cor:entryHeader/>", b"<gl-cor:entryDetail/>", b"<!-- </gl-cor:entryHeader> -->",
    b"<![CDATA[</gl-cor:entryDetail>]]>", b"<?x </gl-cor:entryHeader> ?>", b"\x00", b"<", b">",
)  # fmt: skip


class Mutator:
    """Changes one input at random.

    Args:
        dice: source of chance.
        donors: packed inputs whose parts may be taken over.
        havoc: the fuzzer's own mutation of bytes.
    """

    def __init__(self, dice: random.Random, donors: Sequence[bytes], havoc: Havoc) -> None:
        self._dice = dice
        self._donors = donors
        self._havoc = havoc

    def change(self, data: bytes, max_bytes: int) -> bytes:
        """One to four mutations; never longer than `max_bytes`."""
        frame = Frame.unpack(data)
        for _ in range(self._dice.choice((1, 1, 1, 2, 2, 3, 4))):
            frame = self._one(frame)
        return frame.pack()[:max_bytes]

    def _one(self, frame: Frame) -> Frame:
        dice = self._dice
        roll = dice.random()
        if roll < 0.04:
            return replace(frame, options=dice.randrange(32))
        if roll < 0.05:
            return replace(frame, target=dice.randrange(len(TARGETS)))
        if roll < 0.10 and frame.second:
            return replace(frame, second=self._document(frame.second))
        if frame.target == _ZIP:
            return frame.with_document(self._bytes(frame.document))
        return frame.with_document(self._document(frame.document))

    def _document(self, document: bytes) -> bytes:
        if document[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return self._in_text(document)
        return self._dice.choices(
            (
                self._text, self._characters, self._attribute, self._element, self._splice,
                self._insert, self._rename, self._blanks, self._reencode, self._bytes, self._cut,
                self._entries, self._quotes,
            ),
            (20, 12, 12, 16, 8, 8, 4, 4, 2, 4, 2, 4, 2),
        )[0](document)  # fmt: skip

    def _in_text(self, document: bytes) -> bytes:
        """Mutate a UTF-16 document as its text."""
        try:
            text = document.decode("utf-16").encode()
        except UnicodeDecodeError:
            return self._bytes(document)
        return self._document(text).decode(errors="replace").encode("utf-16")

    # texts and attributes --------------------------------------------------------------------
    def _text(self, document: bytes) -> bytes:
        found = list(_TEXT.finditer(document))
        if not found:
            return self._insert(document)
        chosen = self._dice.choice(found)
        other = self._dice.choice(found)[1] if self._dice.random() < 0.3 else None
        new = self._dice.choice(TEXTS) if other is None else other
        return document[: chosen.start(1)] + new + document[chosen.end(1) :]

    def _characters(self, document: bytes) -> bytes:
        """Small edits inside one text."""
        found = list(_TEXT.finditer(document))
        if not found:
            return self._bytes(document)
        chosen = self._dice.choice(found)
        text = bytearray(chosen[1])
        for _ in range(self._dice.randint(1, 3)):
            at = self._dice.randrange(len(text) + 1)
            action = self._dice.randrange(3)
            new = self._dice.choice(TEXTS) if self._dice.random() < 0.3 else self._printable()
            text[at : at + (action > 0)] = b"" if action == 2 else new
        return document[: chosen.start(1)] + bytes(text) + document[chosen.end(1) :]

    def _printable(self) -> bytes:
        return bytes((self._dice.randrange(32, 127),)).replace(b"<", b"a").replace(b"&", b"b")

    def _attribute(self, document: bytes) -> bytes:
        dice = self._dice
        tags = [tag for tag in _TAG.finditer(document) if not tag[1]]
        if not tags:
            return self._bytes(document)
        tag = dice.choice(tags)
        attributes = list(_ATTRIBUTE.finditer(tag[3]))
        if attributes and dice.random() < 0.7:
            one = dice.choice(attributes)
            name, value = one[1], one[2][1:-1]
            change = dice.randrange(5)
            if change == 0:
                new = b""
            elif change == 1:
                new = one[0] + one[0]
            elif change == 2:
                new = b' %s="%s"' % (dice.choice(_ATTRIBUTES), value)
            else:
                new = b' %s="%s"' % (name, dice.choice(TEXTS).replace(b'"', b"'"))
            inner = tag[3][: one.start()] + new + tag[3][one.end() :]
        else:
            value = dice.choice((*TEXTS, b"http://www.xbrl.org/int/gl/cor/2006-10-25"))
            new = b' %s="%s"' % (dice.choice(_ATTRIBUTES), value.replace(b'"', b"'"))
            inner = tag[3] + new
        return document[: tag.start(3)] + inner + document[tag.end(3) :]

    # elements --------------------------------------------------------------------------------
    def _spans(self, document: bytes) -> list[tuple[int, int]]:
        """Where elements begin and end, as far as tags pair up."""
        spans, open_tags = [], []
        for tag in _TAG.finditer(document):
            if tag[4]:
                spans.append(tag.span())
            elif not tag[1]:
                open_tags.append((tag[2], tag.start()))
            elif open_tags and open_tags[-1][0] == tag[2]:
                spans.append((open_tags.pop()[1], tag.end()))
        return spans

    def _element(self, document: bytes) -> bytes:
        """Drop, double, move or empty an element."""
        dice = self._dice
        spans = self._spans(document)
        if not spans:
            return self._bytes(document)
        start, end = dice.choice(spans)
        piece = document[start:end]
        action = dice.randrange(6)
        if action == 0:
            return document[:start] + document[end:]
        if action == 1:
            return document[:start] + piece * dice.choice((2, 2, 3, 20)) + document[end:]
        if action == 2:
            to, _ = dice.choice(spans)
            return document[:to] + piece + document[to:]
        if action == 3:
            rest = document[:start] + document[end:]
            to = dice.choice(spans)[0]
            to = to if to <= start else max(0, to - len(piece))
            return rest[:to] + piece + rest[to:]
        if action == 4:
            return self._emptied(document, start, end)
        other_start, other_end = dice.choice(spans)
        if end <= other_start:
            other = document[other_start:other_end]
            between = document[end:other_start]
            return document[:start] + other + between + piece + document[other_end:]
        return document

    def _emptied(self, document: bytes, start: int, end: int) -> bytes:
        """`<a>…</a>` → `<a></a>` or `<a/>`."""
        tag = _TAG.match(document, start)
        if tag is None or tag[4]:
            return document
        if self._dice.random() < 0.5:
            return document[: tag.end() - 1] + b"/>" + document[end:]
        return document[: tag.end()] + b"</%s>" % tag[2] + document[end:]

    def _splice(self, document: bytes) -> bytes:
        """An element of another document in the place of, or beside, one of this."""
        donor = Frame.unpack(self._dice.choice(self._donors)).document
        ours, theirs = self._spans(document), self._spans(donor)
        if not ours or not theirs:
            return self._bytes(document)
        start, end = self._dice.choice(ours)
        new_start, new_end = self._dice.choice(theirs)
        keep = document[start:end] if self._dice.random() < 0.4 else b""
        return document[:start] + keep + donor[new_start:new_end] + document[end:]

    def _entries(self, document: bytes) -> bytes:
        """Many entries or lines, in order or shuffled."""
        name = self._dice.choice((rb"gl-cor:entryHeader", rb"gl-cor:entryDetail"))
        found = re.findall(rb"<%s>.*?</%s>" % (name, name), document, re.DOTALL)
        if not found:
            return document
        first = document.index(found[0])
        last = document.rindex(found[-1]) + len(found[-1])
        pieces = found * self._dice.choice((1, 1, 2, 4))
        if self._dice.random() < 0.5:
            self._dice.shuffle(pieces)
        between = self._dice.choice((b"", b"", b"\n", b"<!-- -->", b"x"))
        return document[:first] + between.join(pieces) + document[last:]

    # the whole -------------------------------------------------------------------------------
    def _insert(self, document: bytes) -> bytes:
        new = self._dice.choice(_INSERTED)
        if self._dice.random() < 0.3:
            at = self._dice.randrange(len(document) + 1)
        else:
            found = [tag.end() for tag in _TAG.finditer(document)] or [0]
            at = self._dice.choice(found)
        return document[:at] + new + document[at:]

    def _rename(self, document: bytes) -> bytes:
        """Another prefix everywhere, or another name in one element."""
        dice = self._dice
        if dice.random() < 0.4:
            prefixes = re.findall(rb"xmlns:([\w.-]+)=", document)
            if prefixes:
                old, new = (
                    dice.choice(prefixes),
                    dice.choice((b"n", b"gl-cor", b"_a.b", "ş".encode())),
                )
                renamed = re.sub(rb"(?<=[</\s])%s:" % re.escape(old), new + b":", document)
                return renamed.replace(b"xmlns:%s=" % old, b"xmlns:%s=" % new)
        spans = self._spans(document)
        if not spans:
            return document
        start, end = dice.choice(spans)
        tag = _TAG.match(document, start)
        assert tag is not None
        new, piece = dice.choice(_NAMES), document[start:end]
        piece = b"<" + new + piece[1 + len(tag[2]) :]
        closing = b"</%s>" % tag[2]
        if piece.endswith(closing):
            piece = piece[: -len(closing)] + b"</%s>" % new
        return document[:start] + piece + document[end:]

    def _blanks(self, document: bytes) -> bytes:
        """Indentation and line ends."""
        action = self._dice.randrange(5)
        if action == 0:
            return document.replace(b"><", b">\n  <")
        if action == 1:
            return document.replace(b"\n", b"\r\n")
        if action == 2:
            return document.replace(b"\n", b"\r")
        if action == 3:
            return re.sub(rb">\s+<", b"><", document)
        return document.replace(b">", b" >", self._dice.randint(1, 50))

    def _quotes(self, document: bytes) -> bytes:
        if self._dice.random() < 0.5:
            return document.replace(b'"', b"'")
        return re.sub(rb"(\s[\w:.-]+)=", rb"\1 = ", document)

    def _reencode(self, document: bytes) -> bytes:
        """Another encoding, honestly declared or not."""
        declared, real = (self._dice.choice(_ENCODINGS) for _ in range(2))
        if self._dice.random() < 0.7:
            real = declared
        marked = _DECLARED.sub(lambda found: found[1] + declared.encode(), document, count=1)
        try:
            return marked.decode().encode(real, errors="xmlcharrefreplace")
        except (UnicodeError, LookupError):
            return b"\xef\xbb\xbf" + marked

    def _cut(self, document: bytes) -> bytes:
        if not document:
            return document
        at = self._dice.randrange(len(document))
        action = self._dice.randrange(3)
        if action == 0:
            return document[:at]
        if action == 1:
            return document + document[:at]
        return document[:at] + document[at + self._dice.choice((1, 2, 16, 200)) :]

    def _bytes(self, document: bytes) -> bytes:
        """The fuzzer's havoc, on a small window so that most of the document survives."""
        if not document or self._dice.random() < 0.2:
            return self._havoc(document, len(document) + 64)
        start = self._dice.randrange(len(document))
        end = min(len(document), start + self._dice.choice((1, 4, 16, 128)))
        return document[:start] + self._havoc(document[start:end], 160) + document[end:]


def plain_havoc(dice: random.Random) -> Havoc:
    """Byte mutation for when the fuzzer brings none."""

    def havoc(data: bytes, max_bytes: int) -> bytes:
        changed = bytearray(data or b"\x00")
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed) + 1)
            action = dice.randrange(3)
            if action == 0:
                changed[at:at] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 4)))
            elif action == 1:
                changed[at : at + 1] = bytes((dice.randrange(256),))
            else:
                del changed[at : at + dice.randint(1, 4)]
        return bytes(changed[:max_bytes])

    return havoc
