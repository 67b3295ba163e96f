"""Findings of the archive: rule, sentence, remedy, and the file they are about."""

from __future__ import annotations

from collections.abc import Iterable

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
