"""Findings of the archive: rule, sentence, remedy, and the file they are about."""

from __future__ import annotations

from collections.abc import Iterable

from edefter.errors import EdefterError
from edefter.messages import LANGS
from edefter.model.finding import Finding, Layer, Place
from edefter.telling import told


def finding(rule: str, key: str, file: str = "", **facts: object) -> Finding:
    """One finding.

    Args:
        rule: `ARC-…`.
        key: message key, whole.
        file: name of the file; may be empty.
        facts: what the sentence needs besides.
    """
    return told(
        key, {"file": file, **facts}, rule=rule, layer=Layer.ARCHIVE, place=Place(file=file)
    )


def lost(names: Iterable[str]) -> list[Finding]:
    """Files that nobody could give back with their content (`ARC-50`)."""
    return [finding("ARC-50", "archive.finding_lost", name) for name in names]


def strangers(names: Iterable[str]) -> list[Finding]:
    """Documents that no witness knows (`ARC-51`)."""
    return [finding("ARC-51", "archive.finding_stranger", name) for name in names]


def witnesses_differ(names: Iterable[str]) -> list[Finding]:
    """Files of which two witnesses name different contents (`ARC-52`)."""
    return [finding("ARC-52", "archive.finding_witnesses_differ", name) for name in names]


def copies_missing(names: Iterable[str], place: str) -> list[Finding]:
    """Files that are not at a second place yet (`ARC-60`)."""
    return [finding("ARC-60", "archive.finding_copy_missing", n, place=place) for n in names]


def copies_lost(names: Iterable[str], place: str) -> list[Finding]:
    """Files that were put at a second place and are gone (`ARC-61`)."""
    return [finding("ARC-61", "archive.finding_copy_lost", n, place=place) for n in names]


def copies_differ(names: Iterable[str], place: str) -> list[Finding]:
    """Files that a second place gives back with another content (`ARC-62`)."""
    return [finding("ARC-62", "archive.finding_copy_differs", n, place=place) for n in names]


def copies_unknown(place: str, error: EdefterError) -> Finding:
    """A second place that cannot be asked (`ARC-63`)."""
    told = {f"problem_{lang}": error.text(lang) for lang in LANGS}
    return finding("ARC-63", "archive.finding_copies_unknown", place=place, **told)
