"""Tax numbers: VKN (10 digits, legal persons) and TCKN (11 digits, natural persons).

Check digits after format.md §10.
"""

from __future__ import annotations

from dataclasses import dataclass


def vkn_is_valid(text: str) -> bool:
    """Whether `text` is a 10-digit VKN whose check digit fits."""
    if len(text) != 10 or not text.isascii() or not text.isdigit():
        return False
    total = 0
    for index, char in enumerate(text[:9], start=1):
        shifted = (int(char) + 10 - index) % 10
        value = (shifted * 2 ** (10 - index)) % 9
        total += 9 if shifted != 0 and value == 0 else value
    return int(text[9]) == (10 - total % 10) % 10


def tckn_is_valid(text: str) -> bool:
    """Whether `text` is an 11-digit TCKN whose two check digits fit."""
    if len(text) != 11 or not text.isascii() or not text.isdigit() or text[0] == "0":
        return False
    digits = [int(char) for char in text]
    tenth = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return digits[9] == tenth and digits[10] == sum(digits[:10]) % 10


@dataclass(frozen=True, slots=True)
class TaxId:
    """A VKN or TCKN that passed its check digits.

    Raises:
        ValueError: neither a valid VKN nor a valid TCKN.
    """

    number: str

    def __post_init__(self) -> None:
        if not (vkn_is_valid(self.number) or tckn_is_valid(self.number)):
            raise ValueError(f"not a valid VKN or TCKN: {self.number!r}")

    @property
    def is_person(self) -> bool:
        """True for a TCKN (natural person), False for a VKN (legal person)."""
        return len(self.number) == 11

    def __str__(self) -> str:
        return self.number
