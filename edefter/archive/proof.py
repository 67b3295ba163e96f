"""What the vault can prove about itself: nothing changed, nothing missing, nothing unknown.

`verify` re-hashes a month folder against its manifest, replays the chained journal and compares
both; `completeness` answers whether a month holds every document of portal.md §9.2. Problems are
findings, all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from edefter.archive import manifest
from edefter.archive.chain import ChainedJournal
from edefter.archive.manifest import STYLESHEETS, Entry, Role
from edefter.atomic import TEMPORARY_SUFFIX, sha256_file
from edefter.model.documents import UNDIVIDED, DocumentName, Kind
from edefter.model.finding import Finding, Layer, Place
from edefter.model.period import Period
from edefter.telling import told

REQUIRED_ROLES = (Role.Y, Role.K, Role.YB, Role.KB, Role.GIB_YB, Role.GIB_KB)


def _finding(rule: str, key: str, file: str = "", **facts: object) -> Finding:
    facts = {"file": file, **facts}
    return told(
        f"archive.{key}",
        facts,
        rule=rule,
        layer=Layer.ARCHIVE,
        place=Place(file=file),
    )


def verify(journal: ChainedJournal, folder: Path) -> list[Finding]:
    """Re-hash every file of a month folder and audit the journal of its year.

    Args:
        journal: the chained journal of the folder's company and fiscal year.
        folder: a month folder.

    Returns:
        Everything that is wrong, rule ids `ARC-01` … `ARC-06`; empty = all as it was put.

    Raises:
        OSError: a file cannot be read.
    """
    try:
        entries = manifest.read(folder)
    except ValueError:
        return [_finding("ARC-04", "finding_manifest_unreadable", manifest.FILE_NAME)]
    found = [*_check_files(folder, entries)]
    for broken in journal.audit():
        found.append(
            _finding(
                "ARC-05", f"finding_chain_{broken.reason}", journal.path.name, line=broken.line
            )
        )
    replayed = _replay(journal, folder.name)
    for name in sorted(entries.keys() | replayed.keys()):
        if entries.get(name) != replayed.get(name):
            found.append(_finding("ARC-06", "finding_manifest_differs", name))
    return found


def _check_files(folder: Path, entries: dict[str, Entry]) -> list[Finding]:
    found: list[Finding] = []
    for name, entry in sorted(entries.items()):
        path = folder / name
        if not path.is_file():
            found.append(_finding("ARC-01", "finding_file_missing", name))
        elif path.stat().st_size != entry.size_bytes or sha256_file(path) != entry.sha256:
            found.append(_finding("ARC-02", "finding_file_changed", name))
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        known = name in entries or name == manifest.FILE_NAME
        if path.is_file() and not known and not name.endswith(TEMPORARY_SUFFIX):
            found.append(_finding("ARC-03", "finding_file_unknown", name))
    return found


def _replay(journal: ChainedJournal, month: str) -> dict[str, Entry]:
    """The manifest that the journal's lines add up to."""
    entries: dict[str, Entry] = {}
    for line in journal.entries():
        if line.get("folder") != month:
            continue
        name = str(line.get("file"))
        match line.get("action"):
            case "put":
                entries[name] = Entry(
                    name=name,
                    role=line["role"],
                    size_bytes=line["size"],
                    sha256=line["sha256"],
                )
            case "note" if name in entries:
                changes = {
                    key: line[key]
                    for key in ("ledger_signature_sha256", "gib_state", "receipt_id")
                    if key in line
                }
                entries[name] = replace(entries[name], **changes)
            case "cancel" if name in entries:
                entry = entries.pop(name)
                entries[line["to"]] = replace(entry, name=line["to"], cancelled=line["reason"])
    return entries


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


def completeness(folder: Path, tax_number: str, period: Period, branch: str) -> Completeness:
    """Whether the month's folder holds everything of portal.md §9.2.

    For each part Y, K, YB, KB, GIB-YB and GIB-KB; parts `000000` alone or `000001` … without a
    gap; the viewing stylesheets. DR, E and EB are optional.

    Raises:
        ValueError: the manifest is unreadable.
    """
    entries = manifest.read(folder)
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
        problems.append(_finding("ARC-10", "finding_month_empty", period=str(period)))
    if UNDIVIDED in parts and len(parts) > 1:
        problems.append(_finding("ARC-11", "finding_parts_mixed", period=str(period)))
    for part in expected:
        for role in REQUIRED_ROLES:
            if role not in held.get(part, set()):
                name = _name(tax_number, period, role, part, branch)
                problems.append(_finding("ARC-12", "finding_document_missing", name))
    for name in STYLESHEETS:
        if name not in entries or not (folder / name).is_file():
            problems.append(_finding("ARC-13", "finding_stylesheet_missing", name))
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
