"""Ways to spoil or disguise the bytes of a long ledger in our own layout."""

import random
import re
from collections.abc import Callable

Spoiler = Callable[[bytes, random.Random], bytes]

_FACT = re.compile(rb"<(gl-[a-z]+:\w+)( [^>]*)>([^<]*)</\1>")
_LINE = re.compile(rb"<gl-cor:entryDetail>.*?</gl-cor:entryDetail>\n?", re.DOTALL)
_ENTRY = re.compile(rb"<gl-cor:entryHeader>.*?</gl-cor:entryHeader>\n?", re.DOTALL)
_TEXTS = (
    b"", b" ", b"x", b"  x ", b"\n", b"\xc2\xa0", b"0", b"0.00", b"00", b"-1", b"+3", b"1e0",
    b"1.5", b"1.50", b"12,5", b"NaN", b"INF", b"7", b"007", b"99999999999999999999",
    b"2026-01-05", b"2026-02-30", b"2026-01-05T10:00:00", b"2025-12-31", b"0000-01-01",
    b"D", b"C", b"debit", b"undefined", b"invoice", b"other", b"reminder", b"nonsense",
    b"iso4217:TRY", b"iso4217:XX X", b"nope:TRY", b"TRY", b"100", b"99", b"12345", b"120.00001",
    "Şükrü & Ağa".encode().replace(b"&", b"&amp;"), b"a &lt; b", b"&#32;", b"&#x41;", b"]]&gt;",
    b"a]b", b"a]]b", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xf0\x9f\xa5\x83", b"\x7f",
    b"<![CDATA[</gl-cor:entryHeader>]]>", b"x<!-- </gl-cor:entryHeader> -->y", b"<?pi x?>1",
)  # fmt: skip


def _pick(found: list[re.Match[bytes]], dice: random.Random) -> re.Match[bytes]:
    return dice.choice(found)


def _after_head(content: bytes) -> int:
    return content.index(b"<gl-cor:entryHeader>")


def _facts(content: bytes, name: bytes | None = None) -> list[re.Match[bytes]]:
    found = _FACT.finditer(content, _after_head(content))
    return [match for match in found if name is None or match[1] == name]


def _put(content: bytes, match: re.Match[bytes], new: bytes, group: int = 0) -> bytes:
    return content[: match.start(group)] + new + content[match.end(group) :]


def value(content: bytes, dice: random.Random) -> bytes:
    """Another text in some element."""
    return _put(content, _pick(_facts(content), dice), dice.choice(_TEXTS), 3)


def named_value(name: bytes, *texts: bytes) -> Spoiler:
    def change(content: bytes, dice: random.Random) -> bytes:
        found = _facts(content, name)
        return _put(content, _pick(found, dice), dice.choice(texts), 3) if found else content

    return change


def drop(content: bytes, dice: random.Random) -> bytes:
    return _put(content, _pick(_facts(content), dice), b"")


def double(content: bytes, dice: random.Random) -> bytes:
    match = _pick(_facts(content), dice)
    return _put(content, match, match[0] * 2)


def shift(content: bytes, dice: random.Random) -> bytes:
    """An element goes before its neighbour."""
    match = _pick(_facts(content), dice)
    rest = content[: match.start()] + content[match.end() :]
    other = _pick(_facts(rest), dice)
    return rest[: other.start()] + match[0] + rest[other.start() :]


def attributes(content: bytes, dice: random.Random) -> bytes:
    match = _pick(_facts(content), dice)
    return _put(
        content,
        match,
        dice.choice(
            (
                b"",
                b' contextRef="nowhere"',
                b' contextRef="journal_context" decimals="2"',
                b' contextRef="journal_context" id="x1"',
                b' decimals="INF" unitRef="try" contextRef="journal_context"',
                b" contextRef='journal_context'",
                b' contextRef="journal_context" unitRef="USD" decimals="INF"',
                b' contextRef="journal_context" xmlns:x="urn:x" x:y="1"',
            )
        ),
        2,
    )


def insert(content: bytes, dice: random.Random) -> bytes:
    """Something between two elements."""
    match = _pick(_facts(content), dice)
    new = dice.choice(
        (
            b"<!-- ara -->", b"<!-- </gl-cor:entryHeader> -->", b"<?ara?>", b"stray text", b"\n\n",
            b"<![CDATA[ ]]>", b"<x/>", b'<gl-cor:taxes></gl-cor:taxes>',
            b'<gl-cor:qualifierEntry contextRef="journal_context">standard</gl-cor:qualifierEntry>',
            b"<gl-cor:entryDetail></gl-cor:entryDetail>", b"<gl-cor:entryHeader/>",
            b'<gl-bus:measurable><gl-bus:measurableCode contextRef="journal_context">NT'
            b"</gl-bus:measurableCode></gl-bus:measurable>",
        )
    )  # fmt: skip
    return content[: match.start()] + new + content[match.start() :]


def between_entries(content: bytes, dice: random.Random) -> bytes:
    match = _pick(list(_ENTRY.finditer(content)), dice)
    new = dice.choice(
        (
            b"<!-- </gl-cor:entryHeader> -->\n", b"<?ara?>\n", b"text", b"\r\n", b"   ",
            b"<gl-cor:entryHeader></gl-cor:entryHeader>\n", b"<gl-cor:entryHeader/>",
            b"<gl-cor:documentInfo></gl-cor:documentInfo>", b"</gl-cor:entryHeader>",
        )
    )  # fmt: skip
    return content[: match.start()] + new + content[match.start() :]


def drop_line(content: bytes, dice: random.Random) -> bytes:
    return _put(content, _pick(list(_LINE.finditer(content)), dice), b"")


def double_line(content: bytes, dice: random.Random) -> bytes:
    match = _pick(list(_LINE.finditer(content)), dice)
    return _put(content, match, match[0] * 2)


def move_line(content: bytes, dice: random.Random) -> bytes:
    match = _pick(list(_LINE.finditer(content)), dice)
    rest = _put(content, match, b"")
    other = _pick(list(_LINE.finditer(rest)), dice)
    return rest[: other.start()] + match[0] + rest[other.start() :]


def drop_entry(content: bytes, dice: random.Random) -> bytes:
    return _put(content, _pick(list(_ENTRY.finditer(content)), dice), b"")


def swap_entries(content: bytes, dice: random.Random) -> bytes:
    match = _pick(list(_ENTRY.finditer(content)), dice)
    rest = _put(content, match, b"")
    other = _pick(list(_ENTRY.finditer(rest)), dice)
    return rest[: other.start()] + match[0] + rest[other.start() :]


def late_head(content: bytes, dice: random.Random) -> bytes:
    """A field of the head behind the lines."""
    match = _pick(list(_ENTRY.finditer(content)), dice)
    end = match.start() + match[0].index(b"</gl-cor:entryHeader>")
    new = dice.choice(
        (
            b'<gl-cor:enteredDate contextRef="journal_context">2026-01-03</gl-cor:enteredDate>',
            b'<gl-bus:batchID contextRef="journal_context">0001</gl-bus:batchID>',
        )
    )
    return content[:end] + new + content[end:]


def tear(content: bytes, dice: random.Random) -> bytes:
    """Some bytes are lost."""
    at = dice.randrange(_after_head(content), len(content))
    return content[:at] + content[at + dice.randrange(1, 40) :]


def flip(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(_after_head(content), len(content))
    return content[:at] + bytes([dice.randrange(256)]) + content[at + 1 :]


def second_entries(content: bytes, dice: random.Random) -> bytes:
    """The same entries again, where a prefix may mean something else."""
    begin = content.index(b"<gl-cor:accountingEntries")
    end = content.index(b"</gl-cor:accountingEntries>") + len(b"</gl-cor:accountingEntries>")
    again = content[begin:end].replace(
        b"<gl-cor:accountingEntries",
        dice.choice(
            (
                b"<gl-cor:accountingEntries",
                b'<gl-cor:accountingEntries xmlns:gl-bus="urn:other"',
                b'<gl-cor:accountingEntries xmlns:gl-muc="urn:other"',
            )
        ),
        1,
    )
    return content[:end] + again + content[end:]


SPOILERS: dict[str, Spoiler] = {
    "value": value,
    "amount": named_value(b"gl-cor:amount", b"0.00", b"1.00", b"1.5", b"12,5", b"-3.00"),
    "main": named_value(b"gl-cor:accountMainID", b"99", b"A10", b"12345", b"100"),
    "sub": named_value(b"gl-cor:accountSubID", b"999.01", b"1", b" "),
    "side": named_value(b"gl-cor:debitCreditCode", b"D", b"C", b"debit", b"undefined"),
    "counter": named_value(b"gl-cor:entryNumberCounter", b"1", b"5", b"7", b"100000", b"x"),
    "line number": named_value(b"gl-cor:lineNumber", b"1", b"5", b"7", b"100000", b"x"),
    "line counter": named_value(b"gl-cor:lineNumberCounter", b"1", b"5", b"1.0", b"x"),
    "day": named_value(b"gl-cor:enteredDate", b"2026-01-31", b"2026-01-01", b"2026-02-01"),
    "posting": named_value(b"gl-cor:postingDate", b"2026-01-31", b"2026-02-01", b"2026-02-30"),
    "type": named_value(b"gl-cor:documentType", b"other", b"reminder", b"check", b"nonsense"),
    "total": named_value(b"gl-bus:totalDebit", b"1.00", b"0.00", b"1.0"),
    "reference": named_value(b"gl-cor:documentReference", b"M-1", b" "),
    "drop": drop,
    "double": double,
    "shift": shift,
    "attributes": attributes,
    "insert": insert,
    "between entries": between_entries,
    "drop line": drop_line,
    "double line": double_line,
    "move line": move_line,
    "drop entry": drop_entry,
    "swap entries": swap_entries,
    "late head": late_head,
    "second entries": second_entries,
    "tear": tear,
    "flip": flip,
}


def spoil(content: bytes, dice: random.Random, names: list[str]) -> bytes:
    """Apply faults one after the other; a fault that no longer finds its place changes nothing."""
    for name in names:
        try:
            content = SPOILERS[name](content, dice)
        except (IndexError, ValueError):
            continue
    return content


# other programs' way of writing ---------------------------------------------------------------
def _prefixes(content: bytes) -> bytes:
    for old, new in ((b"gl-cor", b"c"), (b"gl-bus", b"bus2"), (b"gl-muc", b"m.m")):
        content = content.replace(b"<" + old + b":", b"<" + new + b":")
        content = content.replace(b"</" + old + b":", b"</" + new + b":")
        content = content.replace(b"xmlns:" + old, b"xmlns:" + new)
    return content


def _indented(content: bytes) -> bytes:
    head = _after_head(content)
    body = re.sub(rb">\s*<(?!/)", b">\n      <", content[head:])
    body = re.sub(rb"(</[^>]+>)\s*(?=</)", rb"\1\n    ", body)
    return content[:head] + body


def _one_line(content: bytes) -> bytes:
    return re.sub(rb">\n<", b"><", content)


def _windows(content: bytes) -> bytes:
    return content.replace(b">\n", b">\r\n")


def _quotes(content: bytes) -> bytes:
    return content.replace(b'contextRef="journal_context"', b"contextRef='journal_context'")


def _order(content: bytes) -> bytes:
    return re.sub(
        rb' contextRef="(\w+)" decimals="INF" unitRef="(\w+)"',
        rb' unitRef="\2" contextRef="\1" decimals="INF"',
        content,
    )


DISGUISES: dict[str, Callable[[bytes], bytes]] = {
    "prefixes": _prefixes,
    "indented": _indented,
    "one line": _one_line,
    "windows": _windows,
    "quotes": _quotes,
    "order": _order,
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "indented with prefixes": lambda content: _prefixes(_indented(content)),
}
