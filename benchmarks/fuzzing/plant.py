"""A crash that is planted to see whether fuzzing would find one.

It hides in the reading of texts: three letters in a row that no seed has, of which every one that
is right opens a branch, so that only a fuzzer that is led by coverage comes near it.
"""

from __future__ import annotations

from edefter.validation.reading import reader
from edefter.validation.reading.extract import Element
from edefter.validation.records import Header

LETTERS = "Q7^"


class Planted(Exception):
    """The planted crash."""


def _trap(text: str) -> None:
    if len(text) < len(LETTERS) or text[0] != LETTERS[0]:
        return
    if text[1] != LETTERS[1]:
        return
    if text[2] == LETTERS[2]:
        raise Planted(LETTERS)


def plant() -> None:
    """Set the trap in this process."""
    original = reader.read_header

    def trapped(element: Element, ordinal: int) -> Header:
        header = original(element, ordinal)
        for value in vars(header).values():
            if isinstance(value, str):
                _trap(value)
        return header

    reader.read_header = trapped
