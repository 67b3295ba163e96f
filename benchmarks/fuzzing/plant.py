"""A crash that is planted to see whether fuzzing would find one.

It wants three things of one entry that no seed has together: a certain text, a certain attribute,
and three lines. Each opens a branch, so a fuzzer that is led by coverage comes nearer step by step;
changing seeds at random would need many million tries.
"""

from __future__ import annotations

from lxml import etree

from edefter.validation.names import DETAIL
from edefter.validation.reading import reader
from edefter.validation.reading.extract import Element
from edefter.validation.records import Header

LINES = 3
# Found without a loop of Python, whose turns would look like new paths.
_TEXT = etree.XPath("boolean(.//*[text()='-INF'])")
_ATTRIBUTE = etree.XPath("boolean(descendant-or-self::*/@xml:lang)")


class Planted(Exception):
    """The planted crash."""


def _trap(entry: Element) -> None:
    if not _TEXT(entry):
        return
    if not _ATTRIBUTE(entry):
        return
    if len(entry.findall(DETAIL)) >= LINES:
        raise Planted(entry.tag)


def plant() -> None:
    """Set the trap in this process."""
    original = reader.read_header

    def trapped(element: Element, ordinal: int) -> Header:
        _trap(element)
        return original(element, ordinal)

    reader.read_header = trapped
