"""Hostile documents by name, and what validation has to say of each.

Every factory gives bytes or a stream; nothing here is larger in memory than a few megabytes, except
where a mistake of the document is one token of that size.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from edefter.model.documents import Kind
from edefter.validation import Report, validate
from tests.support.streams import Part, Repeated
from tests.unit.validation.documents import FILE, Writer, document

MB = 1 << 20
_WRITER = Writer(Kind.Y)
START, ENTRIES, END = (
    text.encode() for text in (_WRITER.start(), _WRITER.entries(), _WRITER.end())
)
GOOD = START + ENTRIES + END
DECLARATION, _, BODY = GOOD.partition(b"\n")
ASCII_BODY = BODY.decode().translate(str.maketrans("ığüşöçİĞÜŞÖÇâ", "igusocIGUSOCa")).encode()
_BEFORE_TEXT, _AFTER_TEXT = ENTRIES.split(b"Muhasebe", 1)
_BEFORE_INFO, _AFTER_INFO = START.split(b"<gl-cor:documentInfo>")
_ENTRY = _WRITER.entry(1, "2026-01-02", [(1, "100", "D", "1.00"), (2, "600", "C", "1.00")])


@dataclass(frozen=True)
class Case:
    """One document.

    Args:
        make: builds it.
        rules: findings that must come, exactly; None = any, as long as it is judged honestly.
        says: words of the first finding's Turkish sentence.
        cpu_s: processor time that it may take, seconds.
        grown_mb: resident memory that it may take, MiB.
        ok: whether nothing may stop the work; None = either is right.
        awaits: what is missing for it today; such a case must fail.
    """

    make: Callable[[], bytes | BinaryIO]
    rules: frozenset[str] | None
    says: str = ""
    cpu_s: float = 4
    grown_mb: int = 60
    ok: bool | None = False
    awaits: str = ""


CASES: dict[str, Case] = {}
GIANTS: dict[str, Case] = {}


def _case(name: str, make: Any, *rules: str, giant: bool = False, **more: Any) -> None:
    made = make if callable(make) else lambda: make
    expected = frozenset(rules) if rules else None
    more.setdefault("ok", False if rules else None)
    (GIANTS if giant else CASES)[name] = Case(made, expected, **more)


def _good(name: str, make: Any, *rules: str, giant: bool = False, **more: Any) -> None:
    made = make if callable(make) else lambda: make
    table = GIANTS if giant else CASES
    table[name] = Case(made, frozenset(rules), ok=True, **more)


def changed(old: bytes, new: bytes, times: int = 1) -> bytes:
    """The good journal with one text exchanged."""
    assert old in GOOD, old
    return GOOD.replace(old, new, times)


def inside_entry(*parts: Part) -> Repeated:
    """The good journal with something else in the first entry's enteredBy."""
    return Repeated(START + _BEFORE_TEXT, *parts, _AFTER_TEXT + END)


def in_head(*parts: Part) -> Repeated:
    """The good journal with something before documentInfo."""
    return Repeated(_BEFORE_INFO, *parts, b"<gl-cor:documentInfo>" + _AFTER_INFO + ENTRIES + END)


def on_root(attributes: bytes) -> bytes:
    """The good journal with more attributes on its root."""
    return changed(b"<edefter:defter ", b"<edefter:defter " + attributes + b" ")


def on_field(attributes: bytes) -> bytes:
    """The good journal with more attributes on a field of its first entry."""
    return changed(b"<gl-cor:enteredBy ", b"<gl-cor:enteredBy " + attributes + b" ")


def with_attachment(megabytes: int) -> Repeated:
    """A journal with an attached PDF of about that size as base64 (format.md §10)."""
    before, after = END.split(b"</xbrli:xbrl>")
    return Repeated(
        START + ENTRIES + before + b"</xbrli:xbrl><extensions><extension><defterek:binaryObject "
        b'xmlns:defterek="http://www.edefter.gov.tr/ek" mimeCode="application/pdf" '
        b'filename="ek.pdf">',
        (b"JVBERi0xLjcK" * (MB // 12), megabytes),
        b"</defterek:binaryObject></extension></extensions>" + after,
    )


# what is large and legal ---------------------------------------------------------------------
_good("attachment: 1 MB", lambda: with_attachment(1))
_good("attachment: 60 MB", lambda: with_attachment(60), grown_mb=25)
for _size in (600, 1024):
    _good(
        f"attachment: {_size} MB",
        lambda s=_size: with_attachment(s),
        giant=True,
        grown_mb=100,
        cpu_s=30,
    )

# document type declarations -------------------------------------------------------------------
_LAUGHS = b'<!DOCTYPE x [<!ENTITY a0 "hahahahaha">%s]>' % b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
)
_QUADRATIC = b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"k" * 100_000)
DTDS = {
    "bare": b"<!DOCTYPE x>",
    "internal subset": b'<!DOCTYPE x [<!ENTITY a "b">]>',
    "external file": b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    "external http": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "public": b'<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:9/x.dtd">',
    "parameter entity": b"<!DOCTYPE x [<!ENTITY % p '<!ENTITY a \"b\">'> %p;]>",
    "external parameter entity": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    "external general entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "unparsed entity": b'<!DOCTYPE x [<!NOTATION n SYSTEM "n"><!ENTITY a SYSTEM "b" NDATA n>]>',
    "attribute defaults": b'<!DOCTYPE x [<!ATTLIST edefter:defter a CDATA "b">]>',
    "billion laughs": _LAUGHS,
    "quadratic blow-up": _QUADRATIC,
    "broken": b"<!DOCTYPE",
    "unfinished": b"<!DOCTYPE x [",
}
for _name, _dtd in DTDS.items():
    _finding = "XML" if _name == "broken" else "XML-DTD"
    _text = BODY.replace(b"Muhasebe", b"&a9;" if _dtd is _LAUGHS else b"&a;" * 10, 1)
    _case(f"DTD: {_name}", DECLARATION + _dtd + _text, _finding)
    _case(
        f"DTD: {_name}, used in an attribute",
        DECLARATION
        + _dtd
        + BODY.replace(b'filename="', b'a="').replace(
            b"<gl-cor:enteredBy ", b"<gl-cor:enteredBy a='&a9;&a;' ", 1
        ),
        _finding,
    )
_PLAIN_DTD = DTDS["internal subset"]
for _name, _hidden in {
    "behind a comment": b"<!-- %s -->" % (b"c" * 900_000),
    "behind blanks": b" \n\t\r" * 225_000,
    "behind instructions": b"<?p q?>" * 100_000,
    "behind a long instruction": b"<?p %s?>" % (b"q" * 900_000),
    "behind a comment with a root": b"<!-- <edefter:defter> -->",
}.items():
    _case(f"DTD: {_name}", DECLARATION + _hidden + _PLAIN_DTD + BODY, "XML-DTD", says="DTD")
for _name, _hidden in {
    "comment": b"<!-- %s -->" % (b"c" * (2 * MB)),
    "blanks": b" \n\t\r" * (MB // 2),
    "instructions": b"<?p q?>" * (MB // 3),
    "instruction with an endless name": b"<?%s q?>" % (b"p" * 100_000),
}.items():
    for _dtd in (_PLAIN_DTD, _LAUGHS, b""):
        _case(
            f"prolog: endless {_name}, then {len(_dtd)} bytes of DTD",
            DECLARATION + _hidden + _dtd + BODY,
            "XML-LIMIT",
            says="50.000" if "name" in _name else "ilk 1 MB'ında belge başlamıyor",
        )
_case("prolog: 200 MB comment", lambda: Repeated(b"<!--", (b"c" * MB, 200), b"-->" + BODY))
CASES["prolog: 200 MB comment"] = Case(
    CASES["prolog: 200 MB comment"].make, frozenset({"XML-LIMIT"}), says="ilk 1 MB", grown_mb=60
)


def _in_encoding(encoding: str, declared: str | None, *, dtd: bool) -> bytes:
    text = (ASCII_BODY if encoding not in _TURKISH else BODY).decode()
    named = "" if declared is None else f' encoding="{declared}"'
    head = f'<?xml version="1.0"{named}?>'
    return (head + (_PLAIN_DTD.decode() if dtd else "") + text).encode(encoding)


_TURKISH = frozenset(
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32-be",
        "iso-8859-9",
        "windows-1254",
        "cp857",
    ]
)
ENCODINGS = (
    ("utf-16", "UTF-16"),
    ("utf-16-le", "UTF-16LE"),
    ("utf-16-be", "UTF-16"),
    ("utf-16-le", None),
    ("utf-16-be", None),
    ("utf-32-be", None),
    ("utf-8-sig", "UTF-8"),
    ("utf-8-sig", None),
    ("utf-8", None),
    ("iso-8859-9", "ISO-8859-9"),
    ("windows-1254", "windows-1254"),
    ("shift_jis", "Shift_JIS"),
    ("gb18030", "GB18030"),
)
for _encoding, _declared in ENCODINGS:
    _name = f"{_encoding} declared as {_declared}"
    _case(
        f"DTD: in {_name}", lambda e=_encoding, d=_declared: _in_encoding(e, d, dtd=True), "XML-DTD"
    )
    if _encoding in _TURKISH:
        _good(f"encoding: {_name}", lambda e=_encoding, d=_declared: _in_encoding(e, d, dtd=False))
_SEEN_THROUGH = ("UTF-7", "utf-7", "unicode-1-1-utf-7", "JAVA", "C99")  # but never read
for _encoding, _declared in (
    ("cp037", "cp037"),
    ("cp037", None),
    ("cp500", "IBM500"),
    ("cp1026", "IBM1026"),
    ("utf-7", "UTF-7"),
    ("utf-7", "utf-7"),
    ("utf-7", "unicode-1-1-utf-7"),
    ("ascii", "JAVA"),
    ("ascii", "C99"),
    ("ascii", "UTF-99"),
    ("ascii", "UCS-4"),
    ("ascii", "HTML"),
    ("ascii", "CESU-8"),
    ("utf-32", "UTF-32"),
):
    for _dtd in (False, True):
        _case(
            f"encoding: {_encoding} declared as {_declared}{' with DTD' * _dtd}",
            lambda e=_encoding, d=_declared, t=_dtd: _in_encoding(e, d, dtd=t),
            "XML-DTD" if _dtd and _declared in _SEEN_THROUGH else "XML",
        )
for _declared, _written in (
    ("UTF-7", b"+ADw-!DOCTYPE x [+ADw-!ENTITY a +ACI-b+ACI-+AD4-]+AD4-"),
    ("UTF7", b"+ADw-!DOCTYPE x+AD4-"),
    ("JAVA", rb"\u003c!DOCTYPE x\u003e"),
    ("C99", rb"\u003c!DOCTYPE x\u003e"),
):
    _case(
        f"encoding: {_declared} that spells its DTD",
        b'<?xml version="1.0" encoding="%s"?>' % _declared.encode() + _written + ASCII_BODY,
        "XML-DTD" if _declared in ("UTF-7", "JAVA") else "XML",
    )
_case("encoding: UTF-8 declared as UTF-16", changed(b"UTF-8", b"UTF-16"), "XML")
_case("encoding: UTF-8 declared as ASCII", changed(b"UTF-8", b"US-ASCII"), "XML", says="baytlar")
_case("encoding: unknown", changed(b"UTF-8", b"TURKCE-8"), "XML", says="TURKCE-8")
_case("encoding: no name", changed(b"UTF-8", b"8 bit"), "XML")
_case("encoding: endless name", changed(b"UTF-8", b"x" * 100_000), "XML-LIMIT", says="50.000")

# bytes and characters -------------------------------------------------------------------------
_BAD_BYTES = {
    "invalid UTF-8": b"\xfe",
    "cut UTF-8": b"\xc4",
    "overlong UTF-8": b"\xc0\xaf",
    "overlong NUL": b"\xc0\x80",
    "lone surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
}
_BAD_CHARACTERS = {
    "NUL": b"\x00",
    "control character": b"\x01",
    "escape": b"\x1b[31m",
    "U+FFFE": b"\xef\xbf\xbe",
    "U+FFFF": b"\xef\xbf\xbf",
    "reference to NUL": b"&#0;",
    "reference to a control character": b"&#x1f;",
    "reference to a surrogate": b"&#xD800;",
    "reference to U+FFFE": b"&#xFFFE;",
    "reference beyond Unicode": b"&#x110000;",
    "endless reference": b"&#x" + b"9" * 100_000 + b";",
}
for _name, _bytes in {**_BAD_BYTES, **_BAD_CHARACTERS}.items():
    _case(f"bytes: {_name} in the head", changed(b"banka", _bytes), "XML")
    _case(f"bytes: {_name} in an entry", changed(b"Muhasebe", b"Muh" + _bytes), "XML")
    _case(f"bytes: {_name} in the signature", changed(b"CN=K", b"CN=" + _bytes), "XML")
for _name, _bytes in _BAD_BYTES.items():
    _case(f"bytes: {_name} behind the end", GOOD + b"<!--" + _bytes + b"-->", "XML")
_case("bytes: NULs behind the end", GOOD + bytes(100_000), "XML", says="bittikten sonra")
_case("bytes: two byte order marks", b"\xef\xbb\xbf" * 2 + GOOD, "XML")
_good("bytes: byte order mark in a text", changed(b"Muhasebe", b"Muh\xef\xbb\xbfasebe"))
_good("bytes: C1 control in a text", changed(b"Muhasebe", b"Muh\xc2\x85asebe"))

# XML 1.1: GİB's engines may read it otherwise than libxml2, which knows 1.0 -------------------
_case("version: 2.0", changed(b'"1.0"', b'"2.0"'), "XML")
_case(
    "version: 1.1, control character", changed(b'"1.0"', b'"1.1"').replace(b"Muh", b"&#1;"), "XML"
)

# broken files ---------------------------------------------------------------------------------
_case("broken: empty", b"", "XML", says="Dosya boş.")
for _byte in (b"<", b"a", b"\x00", b"\xff", b"\xef"):
    _case(f"broken: one byte {_byte!r}", _byte, "XML")
_case("broken: blanks", b" \n" * 5, "XML")
_case("broken: 2 MB of blanks", b" \n" * MB, "XML-LIMIT")
_case("broken: gzip", b"\x1f\x8b\x08\x00" + bytes(100), "XML", says="GZIP dosyası")
_case("broken: zip", b"PK\x03\x04" + bytes(100), "XML", says="ZIP dosyası")
_case("broken: PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "XML", says="PDF dosyası")
_case("broken: HTML", b"<html><body>Hata<br></body></html>", "XML", says="HTML dosyası")
_case("broken: HTML with doctype", b"<!DOCTYPE html><html></html>", "XML-DTD")
_case("broken: two roots", GOOD + BODY, "XML", says="bittikten sonra")
_case("broken: two documents", GOOD + GOOD, "XML")
_case("broken: trailing text", GOOD + b"son", "XML", says="bittikten sonra")
_case("broken: blanks before the declaration", b"\n" + GOOD, "XML")
_case("broken: lone ]]>", changed(b"Muhasebe", b"Muh]]>"), "XML")
_case("broken: ampersand", changed(b"Muhasebe", b"A & B Ltd"), "XML", says="“&” işareti")
_case("broken: ampersand without end", changed(b"Muhasebe", b"A &B Ltd"), "XML", says="“&” işareti")
_case(
    "broken: undeclared entity",
    changed(b"Muhasebe", b"&nbsp;"),
    "XML",
    says="“&",
)
_case("broken: less-than in a text", changed(b"Muhasebe", b"a < b"), "XML")
_case("broken: attribute twice", on_field(b"a='1' a='2'"), "XML", says="aynı nitelik iki kez")
_case("broken: attribute without quotes", on_field(b"a=1"), "XML")
_case("broken: undeclared prefix", changed(b"Muhasebe", b"<yok:a/>"), "XML", says="ad alanı")
_case("broken: tags crossed", changed(b"</gl-cor:enteredBy>", b"</x>"), "XML", says="kapatılıyor")
_case("broken: DOCTYPE inside", changed(b"Muhasebe", b"<!DOCTYPE a>"), "XML")
_case("broken: DOCTYPE at the end", GOOD + b"<!DOCTYPE a>", "XML")
_case(
    "broken: a good document behind an undeclared entity",
    b"<a>&yok;".ljust(1024) + GOOD,
    "XML",
)
_case(
    "broken: a good document behind an undeclared entity, at a later chunk",
    b"<edefter:defter xmlns:edefter='http://www.edefter.gov.tr'>&yok;".ljust(1024 + 65536) + GOOD,
    "XML",
)

_LINELESS = ENTRIES[: ENTRIES.index(b"<gl-cor:entryDetail>")]

# heaps ----------------------------------------------------------------------------------------


def _heap_of(pattern: bytes, count: int) -> bytes:
    heap = bytearray()  # joined pieces would need five times the memory, which is measured here
    for n in range(count):
        heap += pattern.replace(b"#", b"%d" % n)
    return bytes(heap)


for _count in (20_000, 100_000, 600_000):
    for _name, _pattern in {"attributes": b"a#='1' ", "namespaces": b"xmlns:a#='u#' "}.items():
        _case(
            f"heap: {_count} {_name} on the root",
            lambda p=_pattern, n=_count: on_root(_heap_of(p, n)),
            "XML-LIMIT",
            grown_mb=120,
        )
        _case(
            f"heap: {_count} {_name} on a field",
            lambda p=_pattern, n=_count: on_field(_heap_of(p, n)),
            "XML-LIMIT",
            says="nitelik ya da ad alanı tanımı",
            giant=_count == 600_000,
        )
_case("heap: name of 10 MB", lambda: b"<" + b"a" * (10 * MB) + b"/>", "XML-LIMIT", says="ilk 1 MB")
_case(
    "heap: name of 10 MB in an entry",
    lambda: inside_entry(b"<", (b"a" * MB, 10), b"/>"),
    "XML-LIMIT",
    says="50.000",
)
_case(
    "heap: attribute name of 10 MB",
    lambda: on_field(b"b" * (10 * MB) + b"='1'"),
    "XML-LIMIT",
    says="50.000",
)
_case(
    "heap: attribute of 100 MB",
    lambda: Repeated(
        START + ENTRIES.split(b"<gl-cor:enteredBy ")[0] + b"<gl-cor:enteredBy a='",
        (b"v" * MB, 100),
        b"'/>",
    ),
    "XML-LIMIT",
)
_case("heap: 100,000 levels", lambda: Repeated((b"<x>", 100_000)), "XML-LIMIT", says="iç içe")
_case(
    "heap: 100,000 levels in an entry",
    lambda: inside_entry((b"<x>", 100_000), (b"</x>", 100_000)),
    "XML-LIMIT",
    says="iç içe",
)
_case("heap: 200 levels in an entry", inside_entry((b"<x>", 200), (b"</x>", 200)))
_case(
    "heap: a million elements in the head",
    lambda: in_head((b"<q/>", 1_000_000)),
    "XML-LIMIT",
    grown_mb=220,
    cpu_s=6,
)
_case(
    "heap: a million elements in an entry",
    lambda: inside_entry((b"<q/>", 1_000_000)),
    "XML-LIMIT",
    grown_mb=220,
)
_case(
    "heap: a million elements in a foreign document",
    lambda: Repeated(b"<r>", (b"<q/>", 1_000_000), b"</r>"),
    "XML-LIMIT",
    grown_mb=220,
    cpu_s=6,
)
_case(
    "heap: ten million elements in the head",
    lambda: in_head((b"<q/>", 10_000_000)),
    "XML-LIMIT",
    giant=True,
    grown_mb=220,
)
_TOKEN_FORMS = {
    "comment": (b"<!--", b"-->"),
    "instruction": (b"<?p ", b"?>"),
    "CDATA section": (b"<![CDATA[", b"]]>"),
    "text": (b"", b""),
}
for _name, (_open, _close) in _TOKEN_FORMS.items():
    for _size, _giant in ((60, False), (200, True), (1100, True)):
        _case(
            f"heap: {_name} of {_size} MB in an entry",
            lambda o=_open, c=_close, s=_size: inside_entry(o, (b"c" * MB, s), c),
            "XML-LIMIT",
            giant=_giant,
            cpu_s=20 if _giant else 4,
        )
_FULL_ENTRY = b"<gl-cor:entryHeader>" + b"<q/>" * 50_000 + b"</gl-cor:entryHeader>"
_case(
    "heap: forty entries of 50,000 elements",
    lambda: Repeated(START, (_FULL_ENTRY, 40), END),
    cpu_s=20,
    grown_mb=120,
)
_case(
    "heap: comment of 60 MB in the third entry",
    lambda: Repeated(START + ENTRIES + _LINELESS, b"<!--", (b"c" * MB, 60), b"-->"),
    "XML-LIMIT",
)
_case(
    "heap: a hundred texts of 4 MB in the head",
    lambda: in_head((b"<q>" + b"t" * (4 * MB) + b"</q>", 100)),
    "XML-LIMIT",
    says="MB'tan çok metin",
)
_case(
    "heap: 20,000 repeats of a field in one line",
    lambda: changed(
        b"<gl-cor:lineNumber ",
        b"<gl-cor:lineNumber contextRef='journal_context'>1</gl-cor:lineNumber>" * 20_000
        + b"<gl-cor:lineNumber ",
    ),
    "XML-LIMIT",
    says="1000 kezden çok",
)
_case(
    "heap: 20,000 measurables in one line",
    lambda: changed(b"</gl-cor:account>", b"</gl-cor:account>" + b"<gl-bus:measurable/>" * 20_000),
    "XML-LIMIT",
    says="1000 kezden çok",
)
_good("heap: 100,000 comments", inside_entry(b"Muhasebe", (b"<!--c-->", 100_000)))
_case("heap: blanks without end", lambda: Repeated(GOOD, (b" \n" * (MB // 2), 60)), "XML-LIMIT")
_good("heap: blanks behind the end", lambda: Repeated(GOOD, (b" \n" * (MB // 2), 20)))
_case("heap: empty entries", lambda: Repeated(START, (b"<gl-cor:entryHeader/>", 60_000), END))
CASES["heap: empty entries"] = Case(CASES["heap: empty entries"].make, None, cpu_s=12)
GIANTS["heap: a million empty entries"] = Case(
    lambda: Repeated(START, (b"<gl-cor:entryHeader/>", 1_000_000), END), None, cpu_s=150
)
_LINE = ENTRIES[ENTRIES.index(b"<gl-cor:entryDetail>") : ENTRIES.index(b"</gl-cor:entryHeader>")]
_LINE_HEAD = ENTRIES[: ENTRIES.index(b"<gl-cor:entryDetail>")]
for _lines, _giant in ((10_000, False), (500_000, True)):
    _table = GIANTS if _giant else CASES
    _table[f"heap: one entry of {2 * _lines} lines"] = Case(
        lambda n=_lines: Repeated(START + _LINE_HEAD, (_LINE, n), b"</gl-cor:entryHeader>" + END),
        None,
        cpu_s=300 if _giant else 12,
    )


# what is quadratic in careless hands ----------------------------------------------------------
_case(
    "quadratic: 40,000 ids of both spellings",
    lambda: in_head(_heap_of(b"<q id='a#' Id='b#'/>", 40_000)),
    "XSD",
)
_case(
    "quadratic: 40,000 references to nothing",
    lambda: in_head(_heap_of(b"<q contextRef='a#' unitRef='b#'/>", 40_000)),
    "XSD",
    "YK-STR-11",
)


def _many_units() -> Repeated:
    unit = b'<xbrli:unit id="u#"><xbrli:measure>iso4217:TRY</xbrli:measure></xbrli:unit>'
    head = START.replace(b"<xbrli:unit ", _heap_of(unit, 20_000) + b"<xbrli:unit ", 1)
    return Repeated(head, (_ENTRY.encode(), 1000), END)


_case("quadratic: 20,000 units, 1,000 entries", _many_units, cpu_s=3)
for _name, _value in {
    "quotes": b"' ",
    "words of libxml2": b"a' is not a valid value of the ",
    "braces": b"{{{{",
}.items():
    _case(
        f"quadratic: value of {_name}",
        lambda v=_value: changed(b">120.00<", b">" + v * 20_000 + b"<"),
    )
    _case(
        f"quadratic: code of {_name}",
        lambda v=_value: changed(b">invoice<", b">" + v * 20_000 + b"<"),
    )

# numbers --------------------------------------------------------------------------------------
for _name, _number in {
    "4,000 digits": b"9" * 3997 + b".00",
    "a million digits": b"9" * 1_000_000 + b".00",
    "a million zeros": b"0" * 1_000_000 + b"1.00",
    "a million decimals": b"1." + b"3" * 1_000_000,
    "1e308": b"1e308",
    "1e-400": b"1e-400",
    "infinity": b"INF",
    "not a number": b"NaN",
    "minus zero": b"-0.00",
    "Arabic digits": "١٢٣.٠٠".encode(),
    "underscores": b"1_000.00",
    "hexadecimal": b"0x10",
}.items():
    for _field in (b"120.00", b"1</gl-cor:lineNumber", b"2</gl-cor:entryNumberCounter"):
        _text, _lt, _rest = _field.partition(b"<")
        _case(
            f"number: {_name} for {_field.decode()}",
            changed(b">" + _field, b">" + _number + _lt + _rest, 9),
        )

# references that nothing may follow -----------------------------------------------------------
_case(
    "ids: the same on every line",
    changed(b"<gl-cor:entryDetail>", b"<gl-cor:entryDetail id='a'>", 9),
    "XSD",
)


def references(target: str) -> Iterator[tuple[str, bytes]]:
    """Documents that name a resource in every way that XML knows, with the way's name."""
    url = target.encode()
    for name, dtd in {
        "doctype": b'<!DOCTYPE x SYSTEM "%s">' % url,
        "doctype, public": b'<!DOCTYPE x PUBLIC "p" "%s">' % url,
        "general entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "%s">]>' % url,
        "parameter entity": b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "%s"> %%p;]>' % url,
        "nested parameter entity": b"<!DOCTYPE x [<!ENTITY %% a '<!ENTITY b SYSTEM \"%s\">'> %%a;]>"
        % url,
    }.items():
        for where, text in (("text", b"&a;&b;"), ("nowhere", b"Muhasebe")):
            for hidden in (b"", b"<!--%s-->" % (b"c" * MB)):
                body = BODY.replace(b"Muhasebe", text, 1)
                long = ", hidden" if hidden else ""
                yield f"{name} used in {where}{long}", DECLARATION + hidden + dtd + body
    stylesheet = b'<?xml-stylesheet type="text/xsl" href="%s"?>' % url
    catalog = b'<?oasis-xml-catalog catalog="%s"?>' % url
    yield "xml-stylesheet", DECLARATION + stylesheet + BODY
    yield "xml-model", DECLARATION + b'<?xml-model href="%s"?>' % url + BODY
    yield "catalog", DECLARATION + catalog + BODY
    yield "catalog and doctype", DECLARATION + catalog + b'<!DOCTYPE x SYSTEM "%s">' % url + BODY
    include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="%s"%s/>'
    for parse in (b"", b' parse="text"'):
        yield f"XInclude{parse.decode()}", changed(b"Muhasebe", include % (url, parse))
        yield (
            f"XInclude{parse.decode()} in the head",
            changed(b"<gl-cor:documentInfo>", include % (url, parse) + b"<gl-cor:documentInfo>"),
        )
    hints = b"xsi:schemaLocation='u:yok %s http://www.edefter.gov.tr %s'" % (url, url)
    no_space = b"xsi:noNamespaceSchemaLocation='%s'" % url
    yield "schemaLocation", changed(b"../xsd/edefter.xsd", url + b" u:yok " + url)
    yield "schemaLocation in an entry", on_field(hints)
    yield (
        "schemaLocation in an entry, with its element",
        changed(b"Muhasebe", b"<y:z xmlns:y='u:yok' %s/>" % hints),
    )
    yield "noNamespaceSchemaLocation", on_root(no_space)
    yield "noNamespaceSchemaLocation in an entry", on_field(no_space)
    yield "schemaRef", changed(b"../xsd/2006-10-25/plt/case-c-b/gl-plt-2006-10-25.xsd", url)
    yield "xml:base", on_root(b"xml:base='%s'" % url)
    yield "signature reference", changed(b'URI=""', b'URI="%s"' % url)
    retrieval = b'<ds:RetrievalMethod URI="%s"/><ds:X509Data>' % url
    yield "retrieval method", changed(b"<ds:X509Data>", retrieval)
    yield (
        "foreign root",
        b'<x xmlns="u:yok" xsi:schemaLocation="u:yok %s" %s/>'
        % (
            url,
            b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
        ),
    )


# what a process of its own runs ---------------------------------------------------------------
def told(report: Report) -> dict[str, Any]:
    """A report as JSON: verdicts, counts, and the first findings in Turkish."""
    return {
        "ok": report.ok,
        "well_formed": report.well_formed,
        "evaluated": report.evaluated,
        "schema_valid": report.schema_valid,
        "counts": dict(report.findings.counts),
        "findings": [
            (item.rule, item.message_tr, item.message_en, item.remedy_tr, item.remedy_en)
            for item in list(report.findings)[:50]
        ],
    }


def judge_case(name: str) -> dict[str, Any]:
    """Validate a document of the tables."""
    case = CASES.get(name) or GIANTS[name]
    made = case.make()
    stream = io.BytesIO(made) if isinstance(made, bytes) else made
    return told(validate(stream, FILE[Kind.Y]))


def judge_references(target: str) -> list[tuple[str, bool]]:
    """Validate all documents that name `target`; gives their names and whether each passed."""
    return [
        (name, validate(io.BytesIO(content), FILE[Kind.Y]).ok)
        for name, content in references(target)
    ]


def judge_truncated(kind: str, step: int) -> list[int]:
    """Validate every `step`-th beginning of a good document; gives those judged otherwise."""
    content = document(Kind(kind))
    wrong = []
    for length in range(0, len(content), step):
        report = validate(io.BytesIO(content[:length]), FILE[Kind(kind)])
        if set(report.findings.counts) != {"XML"} or report.ok:
            wrong.append(length)
    return wrong
