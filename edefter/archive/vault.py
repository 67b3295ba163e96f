"""The local archive: the tree that the law asks for, written once and provable for ten years.

`{root}/{VKN}/{fiscal year}/{month}/` holds ledgers, berats, approved berats, receipts and the
viewing stylesheets (lifecycle.md §10); branch files lie in the same folder, their names carry the
branch. A file is put once and then read-only; the same content again is a no-op, other content
under the same name is refused. Every change is a line of the year's chained journal first and a
row of the month's manifest second, so that each can be checked against the other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock

from edefter import resources
from edefter.archive import manifest, proof
from edefter.archive.chain import ChainedJournal
from edefter.archive.errors import VaultConflict
from edefter.archive.manifest import STYLESHEETS, Entry, Role
from edefter.archive.replay import known_rows
from edefter.atomic import atomic_writer, sha256_file, sync_dir
from edefter.clock.port import WallClock
from edefter.config.keeping import ArchiveSettings
from edefter.errors import InternalError
from edefter.model.documents import DocumentName
from edefter.model.files import StoredFile
from edefter.model.finding import Finding
from edefter.model.period import FiscalYear, Period

JOURNAL_NAME = "journal.jsonl"
LOCK_NAME = ".lock"
_BLOCK_BYTES = 1 << 20
READ_ONLY = 0o444
Writer = Callable[[BinaryIO], str]
"""Writes a content and returns its SHA-256, lower-case hex."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultFile:
    """A file in the vault whose name need not be a document name (a receipt, say)."""

    path: Path
    file_name: str
    role: str
    size_bytes: int
    sha256: str


class Vault:
    """The tree below one folder.

    Args:
        settings: how folders are spelled.
        root: top folder; made when missing.
        wall: computer time for the journal, UTC.
        stylesheets: folder with the viewing XSLT files; None = the shipped ones.
    """

    def __init__(
        self,
        settings: ArchiveSettings,
        root: Path,
        *,
        wall: WallClock = _utc_now,
        stylesheets: Path | None = None,
    ) -> None:
        self.settings = settings
        self.root = root
        self._wall = wall
        self._stylesheets = stylesheets

    def folder(self, tax_number: str, fiscal_year: FiscalYear, period: Period) -> Path:
        """The month folder; not made here (`put` makes it).

        Raises:
            ValueError: the month does not touch the fiscal year.
        """
        if period.last_day < fiscal_year.start or period.first_day > fiscal_year.end:
            raise ValueError(f"{period} lies outside {fiscal_year.start} - {fiscal_year.end}")
        month = self.settings.month_folder.format(month=period.month, year=period.year)
        return self.root / tax_number / self.year_name(fiscal_year) / month

    def year_name(self, year: FiscalYear) -> str:
        """Name of the folder of a fiscal year."""
        return self.settings.year_folder.format(
            start=f"{year.start:%d.%m.%Y}", end=f"{year.end:%d.%m.%Y}"
        )

    def put(
        self, file: StoredFile | tuple[Path, str], folder: Path, role: Role | str
    ) -> StoredFile:
        """Copy a finished document into `folder` under its final name.

        Args:
            file: the file with its SHA-256, or a path and the final file name (`….xml`).
            folder: from `folder()`.
            role: what it is.

        Returns:
            The vault's copy. Identical content already there = nothing is written.

        Raises:
            VaultConflict: other content is held under that name, or the source is not the file
                that was hashed.
            ValueError: the final name is not an e-Defter name.
            OSError: disk full, no permission; nothing half-written is left.
        """
        if isinstance(file, StoredFile):
            source, name, expected = file.path, file.name, file.sha256
        else:
            source, name, expected = file[0], DocumentName.parse(file[1]), ""
        held = self._put(folder, name.xml, role, expected, lambda sink: copy_hashed(source, sink))
        return StoredFile(path=held.path, name=name, size_bytes=held.size_bytes, sha256=held.sha256)

    def put_bytes(self, data: bytes, file_name: str, folder: Path, role: Role | str) -> VaultFile:
        """Write a small file (receipt, approved berat) into `folder`; same rules as `put`.

        Raises:
            VaultConflict: other content is held under that name.
            ValueError: `file_name` is not a plain file name.
            OSError: disk full, no permission.
        """
        expected = hashlib.sha256(data).hexdigest()

        def write(sink: BinaryIO) -> str:
            sink.write(data)
            return expected

        return self._put(folder, file_name, role, expected, write)

    def put_stylesheets(self, folder: Path) -> list[VaultFile]:
        """Copy the viewing XSLT files into `folder`; those already there stay as filed.

        Raises:
            InternalError: the installation lacks a stylesheet.
            OSError: disk full, no permission.
        """
        origin = self._stylesheets or resources.schemas_dir() / "xslt"
        held: list[VaultFile] = []
        for name in STYLESHEETS:
            if not (folder / name).exists() and not (origin / name).is_file():
                raise InternalError("archive.stylesheet_missing", file=name)
            # A newer program may ship a newer view; what was filed with the month stays.
            source = folder / name if (folder / name).exists() else origin / name
            held.append(self.put_bytes(source.read_bytes(), name, folder, Role.XSLT))
        return held

    def note(
        self,
        folder: Path,
        file_name: str,
        *,
        ledger_signature_sha256: str | None = None,
        gib_state: str | None = None,
        receipt_id: str | None = None,
    ) -> Entry:
        """Write down what became of a file; None leaves a field as it is.

        Raises:
            KeyError: the manifest has no such file.
        """
        given = {
            "ledger_signature_sha256": ledger_signature_sha256,
            "gib_state": gib_state,
            "receipt_id": receipt_id,
        }
        with self.locked(folder.parent):
            entries = manifest.read(folder)
            old = entries[file_name]
            changes: dict[str, Any] = {
                key: value
                for key, value in given.items()
                if value is not None and getattr(old, key) != value
            }
            if not changes:
                return old
            self.journal(folder).append("note", folder=folder.name, file=file_name, **changes)
            entries[file_name] = replace(old, **changes)
            manifest.write(folder, entries)
            return entries[file_name]

    def cancel(self, folder: Path, names: list[str], *, reason: str, reference: str) -> list[Path]:
        """Move a replaced set to the cancelled folder (lifecycle.md §12); nothing is erased.

        Args:
            names: file names in the month folder; names already moved are skipped.
            reason, reference: why, and GİB's reference; kept in journal and manifest.

        Raises:
            KeyError: a name that the manifest does not know.
            OSError: no permission.
        """
        with self.locked(folder.parent):
            entries = manifest.read(folder)
            unknown = [name for name in names if name not in entries]
            if unknown:
                raise KeyError(unknown[0])
            target = self._cancelled_folder(folder, names)
            moved: list[Path] = []
            for name in names:
                relative = (target / name).relative_to(folder).as_posix()
                self.journal(folder).append(
                    "cancel", folder=folder.name, file=name, to=relative,
                    reason=reason, reference=reference,
                )  # fmt: skip
                if (folder / name).exists():  # else a killed run moved it already
                    (folder / name).replace(target / name)
                entry = entries.pop(name)
                entries[relative] = replace(entry, name=relative, cancelled=reason)
                manifest.write(folder, entries)
                moved.append(target / name)
            sync_dir(target)
            sync_dir(folder)
            return moved

    def verify(self, folder: Path, wanted: Mapping[str, Entry] | None = None) -> list[Finding]:
        """Re-hash a month folder and audit its year's journal; see `proof.verify`."""
        return proof.verify(self.journal(folder), folder, wanted)

    def completeness(
        self, tax_number: str, fiscal_year: FiscalYear, period: Period, branch: str = ""
    ) -> proof.Completeness:
        """Whether a month and branch holds every document; see `proof.completeness`.

        Raises:
            ValueError: the month lies outside the fiscal year.
        """
        folder = self.folder(tax_number, fiscal_year, period)
        return proof.completeness(self.rows(folder), folder, tax_number, period, branch)

    def rows(self, folder: Path) -> dict[str, Entry]:
        """What a month folder must hold, as its own books know it; see `known_rows`."""
        return known_rows(self.journal(folder), folder)

    def journal(self, folder: Path) -> ChainedJournal:
        """The chained journal of the company and fiscal year that `folder` belongs to."""
        return self.journal_of(folder.parent)

    def journal_of(self, year: Path) -> ChainedJournal:
        """The chained journal in the folder of a company and fiscal year."""
        return ChainedJournal(year / JOURNAL_NAME, self._wall)

    @contextlib.contextmanager
    def locked(self, year: Path) -> Iterator[None]:
        """One writer per company and fiscal year: journal and manifests move together."""
        year.mkdir(parents=True, exist_ok=True)
        with FileLock(year / LOCK_NAME):
            yield

    def _cancelled_folder(self, folder: Path, names: list[str]) -> Path:
        """The cancelled folder, or a numbered one in it when a name was cancelled before."""
        top = folder / self.settings.cancelled_folder
        target, number = top, 2
        while any((target / name).exists() and (folder / name).exists() for name in names):
            target, number = top / str(number), number + 1
        target.mkdir(parents=True, exist_ok=True)
        return target

    def _put(
        self, folder: Path, name: str, role: Role | str, expected: str, write: Writer
    ) -> VaultFile:
        if Path(name).name != name or name in (manifest.FILE_NAME, LOCK_NAME, ""):
            raise ValueError(f"not a file name for the archive: {name!r}")
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name

        def conflict(held: str, given: str) -> VaultConflict:
            return VaultConflict(
                "archive.vault_other_content", file=name, folder=str(folder),
                held_sha256=held, given_sha256=given,
            )  # fmt: skip

        with self.locked(folder.parent):
            booked = manifest.read(folder).get(name)
            if target.exists():
                sha256 = sha256_file(target)
                wanted = expected or _hash_only(write)
                if sha256 != wanted:
                    raise conflict(sha256, wanted)
                if booked is not None and booked.sha256 != sha256:
                    raise conflict(booked.sha256, sha256)  # changed since it was filed
            else:
                with atomic_writer(target) as sink:
                    sha256 = write(sink)
                    if expected and sha256 != expected:
                        raise VaultConflict(
                            "archive.vault_source_changed", file=name,
                            expected_sha256=expected, given_sha256=sha256,
                        )  # fmt: skip
                    if booked is not None and booked.sha256 != sha256:
                        raise conflict(booked.sha256, sha256)
                    if hasattr(os, "fchmod"):
                        os.fchmod(sink.fileno(), READ_ONLY)
            # Also when only the bookkeeping of a killed run is missing.
            target.chmod(READ_ONLY)
            size = target.stat().st_size
            self._book(folder, name, str(role), size, sha256)
        return VaultFile(
            path=target, file_name=name, role=str(role), size_bytes=size, sha256=sha256
        )

    def _book(self, folder: Path, name: str, role: str, size: int, sha256: str) -> None:
        entries = manifest.read(folder)
        if name in entries and entries[name].sha256 == sha256:
            return
        self.journal(folder).append(
            "put", folder=folder.name, file=name, role=role, size=size, sha256=sha256
        )
        entries[name] = Entry(name=name, role=role, size_bytes=size, sha256=sha256)
        manifest.write(folder, entries)


def copy_hashed(source: Path, sink: BinaryIO) -> str:
    """Copy a file; returns its SHA-256, lower-case hex."""
    digest = hashlib.sha256()
    with source.open("rb") as data:
        while block := data.read(_BLOCK_BYTES):
            digest.update(block)
            sink.write(block)
    return digest.hexdigest()


def _hash_only(write: Writer) -> str:
    with Path(os.devnull).open("wb") as nowhere:
        return write(nowhere)
