"""Parts of sentences: values cut short and made harmless, and how a sentence begins."""

from __future__ import annotations

from typing import Any

from edefter.model.finding import Place

CUT = 120


def cut(text: str, limit: int = CUT) -> str:
    """A value short enough to read, control characters made visible."""
    clean = "".join(
        char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[: limit + 1]
    )
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def shown(value: Any) -> str:
    """A field for a reader."""
    if value is None:
        return "yok"
    if isinstance(value, tuple):
        return cut(" | ".join(map(str, value)))
    return cut(str(value))


def lead(place: Place) -> tuple[str, str]:
    """How a sentence about that place begins, in Turkish and English."""
    turkish: list[str] = []
    english: list[str] = []
    for text, tr, en in (
        (place.voucher, "Fiş", "Voucher"),
        (place.entry_no, "madde", "entry"),
        (place.line_no, "satır", "line"),
        (place.account, "hesap", "account"),
    ):
        if text:
            turkish.append(f"{tr} {text}")
            english.append(f"{en} {text}")
    return _sentence(turkish), _sentence(english)


def _sentence(parts: list[str]) -> str:
    joined = ", ".join(parts)
    return f"{joined[0].upper()}{joined[1:]}: " if joined else ""


def capital(text: str, *, turkish: bool, when: bool = True) -> str:
    """First letter in upper case, i as İ in Turkish, when the text begins the sentence.

    Names of elements (`gl-cor:amount`) keep their letters.
    """
    if not text or not when or ":" in text.split(" ", 1)[0].rstrip(":"):
        return text
    first = "İ" if turkish and text[0] == "i" else text[0].upper()
    return first + text[1:]
