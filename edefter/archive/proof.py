"""What the vault can prove about itself: nothing changed, nothing missing, nothing unknown.

`verify` re-hashes a month folder against its manifest, replays the chained journal and compares
both; `completeness` answers whether a month holds every document of portal.md §9.2. Problems are
findings, all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edefter.archive import manifest
from edefter.archive.chain import ChainedJournal
from edefter.archive.findings import finding
from edefter.archive.manifest import STYLESHEETS, Entry, Role
from edefter.archive.replay import replay
from edefter.atomic import TEMPORARY_SUFFIX, sha256_file
from edefter.model.documents import UNDIVIDED, DocumentName, Kind
from edefter.model.finding import Finding
from edefter.model.period import Period

REQUIRED_ROLES = (Role.Y, Role.K, Role.YB, Role.KB, Role.GIB_YB, Role.GIB_KB)


def verify(
    journal: ChainedJournal, folder: Path, wanted: Mapping[str, Entry] | None = None
) -> list[Finding]:
    """Re-hash every file of a month folder and audit the journal of its year.

    Args:
        journal: the chained journal of the folder's company and fiscal year.
        folder: a month folder; findings name files by their path below the company's folder.
        wanted: what other witnesses say must be there besides; manifest and journal may be gone.

    Returns:
        Everything that is wrong, rule ids `ARC-01` … `ARC-06`; empty = all as it was put.

    Raises:
        OSError: a file cannot be read.
    """
    view, books = _path(folder, manifest.FILE_NAME), f"{folder.parent.name}/{journal.path.name}"
    breaks = journal.audit()
    replayed = replay(journal.entries(), folder.name)
    found: list[Finding] = []
    entries: dict[str, Entry] | None = None
    if (folder / manifest.FILE_NAME).is_file():
        try:
            entries = manifest.read(folder)
        except ValueError:
            found.append(finding("ARC-04", "archive.finding_manifest_unreadable", view))
    elif replayed or wanted:
        found.append(finding("ARC-01", "archive.finding_file_missing", view))
    # The journal knows what an unreadable manifest would say.
    own = replayed if entries is None else entries
    found += _check_files(folder, {**(wanted or {}), **own})
    if (own or wanted) and not journal.path.is_file():
        found.append(finding("ARC-01", "archive.finding_file_missing", books))
    # One of each kind: a journal that was encrypted breaks at every line.
    for broken in {item.reason: item for item in reversed(breaks)}.values():
        key = f"archive.finding_chain_{broken.reason}"
        found.append(finding("ARC-05", key, books, line=broken.line))
    if replayed and entries is not None:
        for name in sorted(entries.keys() | replayed.keys()):
            if entries.get(name) != replayed.get(name):
                path = _path(folder, name)
                found.append(finding("ARC-06", "archive.finding_manifest_differs", path))
    return found


def _check_files(folder: Path, entries: dict[str, Entry]) -> list[Finding]:
    found: list[Finding] = []
    for name, entry in sorted(entries.items()):
        if not (folder / name).is_file():
            found.append(finding("ARC-01", "archive.finding_file_missing", _path(folder, name)))
        elif not is_whole(folder / name, entry):
            found.append(finding("ARC-02", "archive.finding_file_changed", _path(folder, name)))
    for name in strays(folder, entries):
        found.append(finding("ARC-03", "archive.finding_file_unknown", _path(folder, name)))
    return found


def _path(folder: Path, name: str) -> str:
    return f"{folder.parent.name}/{folder.name}/{name}"


def is_whole(path: Path, entry: Entry) -> bool:
    """Whether a file is there with the content that its row names.

    Raises:
        OSError: it cannot be read.
    """
    return (
        path.is_file()
        and path.stat().st_size == entry.size_bytes
        and sha256_file(path) == entry.sha256
    )


def strays(folder: Path, entries: Mapping[str, Entry]) -> list[str]:
    """Files in a month folder that no row names, as relative paths with `/`; sorted."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        known = name in entries or name == manifest.FILE_NAME
        if path.is_file() and not known and not name.endswith(TEMPORARY_SUFFIX):
            found.append(name)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """The matrix of one month and branch.

    Args:
        parts: part numbers found, sorted.
        held: roles held per part.
        problems: what is missing; rule ids `ARC-10` … `ARC-13`.
    """

    parts: tuple[str, ...]
    held: dict[str, frozenset[str]]
    problems: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.problems


def completeness(
    entries: Mapping[str, Entry], folder: Path, tax_number: str, period: Period, branch: str
) -> Completeness:
    """Whether the month's folder holds everything of portal.md §9.2.

    For each part Y, K, YB, KB, GIB-YB and GIB-KB; parts `000000` alone or `000001` … without a
    gap; the viewing stylesheets. DR, E and EB are optional.

    Args:
        entries: what the folder must hold, as its own books know it.
        folder: the month folder.
        tax_number, period, branch: whose documents.
    """
    held: dict[str, set[str]] = {}
    for name, entry in entries.items():
        if entry.cancelled or entry.role not in REQUIRED_ROLES or not (folder / name).is_file():
            continue
        document = DocumentName.parse(name)
        if (document.tax_number, document.period, document.branch) == (tax_number, period, branch):
            prefix = "GIB-" if document.approved else ""
            held.setdefault(document.part, set()).add(f"{prefix}{document.kind}")
    parts = tuple(sorted(held))
    problems: list[Finding] = []
    expected = _expected_parts(parts)
    if not parts:
        problems.append(finding("ARC-10", "archive.finding_month_empty", period=str(period)))
    if UNDIVIDED in parts and len(parts) > 1:
        problems.append(finding("ARC-11", "archive.finding_parts_mixed", period=str(period)))
    for part in expected:
        for role in REQUIRED_ROLES:
            if role not in held.get(part, set()):
                name = _name(tax_number, period, role, part, branch)
                problems.append(finding("ARC-12", "archive.finding_document_missing", name))
    for name in STYLESHEETS:
        if name not in entries or not (folder / name).is_file():
            problems.append(finding("ARC-13", "archive.finding_stylesheet_missing", name))
    return Completeness(
        parts=parts,
        held={part: frozenset(roles) for part, roles in held.items()},
        problems=tuple(problems),
    )


def _expected_parts(parts: tuple[str, ...]) -> list[str]:
    numbered = [int(part) for part in parts if part != UNDIVIDED]
    undivided = [UNDIVIDED] if UNDIVIDED in parts else []
    return undivided + [f"{number:06d}" for number in range(1, max(numbered, default=0) + 1)]


def _name(tax_number: str, period: Period, role: str, part: str, branch: str) -> str:
    approved = role.startswith("GIB-")
    kind = Kind(role.removeprefix("GIB-"))
    return DocumentName(tax_number, period, kind, part, branch, approved).xml
