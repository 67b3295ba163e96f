"""Texts from documents and file names as a reader may see them: no control over screen or page."""

from __future__ import annotations

LONGEST_VALUE = 300  # characters of a value
LONGEST_TEXT = 1200  # characters of a sentence, which may repeat several values


def visible(text: str, limit: int = LONGEST_TEXT) -> str:
    """The text with every invisible character written as its code, cut to a length.

    Control characters could move a terminal's cursor, directional ones (U+202E and its like) turn
    the rest of a line around, surrogates from undecodable file names cannot be written at all.

    Args:
        text: anything.
        limit: most characters of the text that are shown (≥ 2).
    """
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(
        char if char.isprintable() else " " if char in "\n\t\u00a0\u202f" else _code(char)
        for char in shown
    )


def _code(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
