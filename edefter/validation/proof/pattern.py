"""Patterns that accept exactly the bytes which the schema accepts, in the spelling of one document.

A match is one journal line, with the head of its entry before it where it is the first, and the end
of the entry behind it where it is the last. What a pattern accepts is well-formed, in the order of
the schema, with the attributes that schema and rules want; what is left to check are values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from edefter.validation.proof.fields import (
    AFTER_ACCOUNT,
    BEFORE_ACCOUNT,
    KEBIR_HEAD,
    MAIN_ACCOUNT,
    SUB_ACCOUNT,
    YEVMIYE_HEAD,
    Content,
    Leaf,
)
from edefter.validation.proof.layout import Layout

# `&` only as one of the five entities (none is a blank), `]` not as the beginning of `]]>`.
_PLAIN = rb"[^\x00-\x1f<&\]]"
_ESCAPED = rb"(?:&(?:amp|lt|gt|quot|apos);|\](?!\]>))"
# Possessive: behind a text stands `<`, which no text holds, so giving back would not help.
_REST = _PLAIN + rb"*+(?:" + _ESCAPED + _PLAIN + rb"*+)*+"
_CONTENT = {
    Content.TEXT: rb"(?:[^\x00-\x20<&\]]|" + _ESCAPED + rb")" + _REST,
    Content.FREE: _REST,
    Content.DATE: rb"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    Content.MONEY: rb"[0-9]{1,13}+\.[0-9]{2}",
    Content.NUMBER: rb"[1-9][0-9]{0,14}+",
    Content.DECIMAL: rb"[0-9]{1,18}+(?:\.[0-9]{1,18}+)?+",
    Content.CODE: rb"[A-Za-z][A-Za-z0-9:-]*+",
    Content.SIDE: rb"[DC]",
}
_ANY_BLANK = rb"[ \t\r\n]*+"
_NOTHING = {False: rb"()", True: rb"(?:(?!)()|)"}  # a group that is empty, or that is None


def matcher(content: Content) -> Callable[[bytes], object]:
    """Tells of a text whether the schema accepts it without further question."""
    return _WHOLE[content].fullmatch


_WHOLE = {content: re.compile(pattern) for content, pattern in _CONTENT.items()}


@dataclass(frozen=True, slots=True)
class Patterns:
    """Compiled patterns of one document.

    Args:
        line: groups are `HEAD_GROUPS`, `LINE_GROUPS`, end of entry (yevmiye); or `LINE_GROUPS`
            only.
        head: start and head of a kebir entry, groups are `KEBIR_GROUPS`; unused in a yevmiye.
        line_start: how a line begins, to find its place inside a match.
        entry_end: how an entry ends.
        line_end: how a line ends.
    """

    line: re.Pattern[bytes]
    head: re.Pattern[bytes]
    line_start: bytes
    entry_end: bytes
    line_end: bytes


def compile_patterns(layout: Layout, *, yevmiye: bool) -> Patterns | None:
    """Patterns from the spellings seen so far; None while a required element was not seen."""
    try:
        return _compile(layout, yevmiye=yevmiye)
    except _Unseen:
        return None


def compile_loose(layout: Layout, *, yevmiye: bool) -> re.Pattern[bytes]:
    """The pattern of a line whose texts may be anything and whose elements may be missing.

    Its groups are those of `Patterns.line`; a group is None where the element is missing.
    """
    return re.compile(_line(layout, yevmiye=yevmiye, loose=True))


class _Unseen(Exception):
    pass


def _line(layout: Layout, *, yevmiye: bool, loose: bool) -> bytes:
    line, line_end = _container(layout, "gl-cor:entryDetail")
    detail = line + _leaves(layout, BEFORE_ACCOUNT, loose=loose) + _account(layout, loose=loose)
    detail += _leaves(layout, AFTER_ACCOUNT, loose=loose) + line_end
    if not yevmiye:
        return detail
    entry, entry_end = _container(layout, "gl-cor:entryHeader")
    mark = rb"()" if loose else b""  # an entry may lack every field of its head
    head = rb"(?:" + mark + entry + _leaves(layout, YEVMIYE_HEAD, loose=loose) + rb"|)"
    return head + detail + rb"(" + entry_end + rb"|)"


def _compile(layout: Layout, *, yevmiye: bool) -> Patterns:
    entry, _ = _container(layout, "gl-cor:entryHeader")
    return Patterns(
        line=re.compile(_line(layout, yevmiye=yevmiye, loose=False)),
        head=re.compile(entry + _leaves(layout, KEBIR_HEAD)),
        line_start=_only(layout.starts, "gl-cor:entryDetail"),
        entry_end=_only(layout.ends, "gl-cor:entryHeader"),
        line_end=_only(layout.ends, "gl-cor:entryDetail"),
    )


def _only(table: dict[str, set[bytes]], name: str) -> bytes:
    spellings = table.get(name, set())
    if len(spellings) != 1:
        raise _Unseen
    return next(iter(spellings))


def _container(layout: Layout, name: str) -> tuple[bytes, bytes]:
    start = re.escape(_only(layout.starts, name)) + _blank(layout, name)
    # Blocks are cut behind the end of an entry or line, so the blank behind it may be missing.
    is_border = name in ("gl-cor:entryHeader", "gl-cor:entryDetail")
    blank = _ANY_BLANK if is_border else _blank(layout, "/" + name)
    return start, re.escape(_only(layout.ends, name)) + blank


def _blank(layout: Layout, where: str) -> bytes:
    seen = layout.blanks.get(where, set())
    return re.escape(next(iter(seen))) if len(seen) == 1 else _ANY_BLANK


def _account(layout: Layout, *, loose: bool) -> bytes:
    start, end = _container(layout, "gl-cor:account")
    try:
        sub_start, sub_end = _container(layout, "gl-cor:accountSub")
        inside = b"".join(_leaf(layout, leaf, loose=loose, required=True) for leaf in SUB_ACCOUNT)
        sub = rb"(?:" + sub_start + inside + sub_end + rb"|)"
    except _Unseen:
        sub = _NOTHING[loose] * len(SUB_ACCOUNT)
    return start + _leaves(layout, MAIN_ACCOUNT, loose=loose) + sub + end


def _leaves(layout: Layout, leaves: tuple[Leaf, ...], *, loose: bool = False) -> bytes:
    return b"".join(
        _leaf(layout, leaf, loose=loose, required=leaf.required and not loose) for leaf in leaves
    )


def _leaf(layout: Layout, leaf: Leaf, *, loose: bool, required: bool) -> bytes:
    captured = bool(leaf.slot) or leaf.content is Content.FREE
    ends = layout.ends.get(leaf.name, set())
    # Two prefixes for one namespace: a start tag must not meet the end tag of the other.
    end = next(iter(ends)) if len(ends) == 1 else b""
    starts = [
        item
        for item in sorted(layout.starts.get(leaf.name, set()))
        if item[1:].split(None, 1)[0].rstrip(b">") == end[2:-1]
    ]
    if not starts:
        if required:
            raise _Unseen
        return _NOTHING[loose] if captured else b""
    content = _REST if loose else _CONTENT[leaf.content]
    text = rb"(" + content + rb")" if captured else content
    whole = _any_of(starts) + text + re.escape(end) + _blank(layout, "/" + leaf.name)
    return whole if required else rb"(?:" + whole + rb"|)"


def _any_of(spellings: list[bytes]) -> bytes:
    escaped = [re.escape(spelling) for spelling in spellings]
    return escaped[0] if len(escaped) == 1 else rb"(?:" + b"|".join(escaped) + rb")"
