"""Several files of one name: which of them is the document (SET-10).

An archive keeps deleted sets beside the valid ones (lifecycle.md §10), zips hold what also lies
beside them, and drafts lie beside signed files. One of each name takes part in comparisons.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import file_digest
from pathlib import Path

from edefter.model.documents import DocumentName
from edefter.model.finding import Finding, FindingLog, Severity
from edefter.validation.sets.group import Judged, difference, in_order, unreadable

COPIES = "SET-10"
_CANCELLED = "İPTAL EDİLENLER"  # the guide's folder; its name goes on with (SİLİNENLER)


def chosen(judged: Sequence[Judged], log: FindingLog) -> list[Judged]:
    """One document of each name.

    Files in the folder of deleted sets take no part where another of that name is given; among the
    others a document without a mistake comes first, then the first that was given.

    Args:
        judged: documents of one taxpayer and branch.
        log: takes warnings about names with several contents, and about files of such a name that
            cannot be read any more.
    """
    by_name: dict[DocumentName, list[Judged]] = {}
    for item in judged:
        by_name.setdefault(DocumentName.parse(item.report.name), []).append(item)
    found = []
    for items in by_name.values():
        valid = [item for item in items if not _is_cancelled(item.path)]
        best = min(valid or items, key=lambda item: not item.report.ok)
        found.append(best)
        log.extend(_others(best, valid or items))
    return found


def _others(best: Judged, items: Sequence[Judged]) -> Iterator[Finding]:
    """A warning when another file of that name holds something else."""
    if len(items) < 2:
        return
    (document,) = in_order([best])
    contents: dict[int, bytes] = {}
    for number, item in enumerate(items):
        try:
            contents[number] = _digest(item.path)
        except OSError as problem:
            yield unreadable(COPIES, document, problem, Severity.WARNING)
    count = len(set(contents.values()))
    if count > 1:
        yield difference(COPIES, "set_copies", document, Severity.WARNING, count=count)


def _is_cancelled(path: Path) -> bool:
    # macOS hands names out decomposed: the dot of İ is a character of its own there.
    return any(unicodedata.normalize("NFC", part).startswith(_CANCELLED) for part in path.parts)


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").digest()
