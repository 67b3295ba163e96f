"""Bringing an archive tree back: files under their rows, then manifests, then the journal.

Nothing is erased: what is not what it should be is moved out of the tree. A mended tree is checked
like any other; the journal says what was restored and what that rests on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edefter.archive import manifest
from edefter.archive.errors import VaultConflict
from edefter.archive.manifest import Entry
from edefter.archive.replay import replay, restored
from edefter.archive.vault import READ_ONLY, Vault, Writer
from edefter.atomic import atomic_writer, sha256_file, sync_dir


def known_months(vault: Vault, year: Path) -> set[str]:
    """Names of the month folders of a fiscal year: those on disk and those the journal names."""
    lines = vault.journal_of(year).entries()
    named = {str(line["folder"]) for line in lines if "folder" in line}
    return named | (
        {path.name for path in year.iterdir() if path.is_dir()} if year.is_dir() else set()
    )


def bring_back(vault: Vault, folder: Path, row: Entry, write: Writer) -> None:
    """Write a file that was lost under the name of its row; `rebook` writes it down.

    Args:
        vault: the tree.
        folder: the month folder; made when missing.
        row: what is wanted.
        write: gives the content.

    Raises:
        VaultConflict: something stands under that name, or the content is another.
        OSError: disk full, no permission.
    """
    target = folder / row.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with vault.locked(folder.parent):
        if target.exists():
            raise VaultConflict(
                "archive.vault_other_content", file=row.name, folder=str(folder),
                held_sha256=sha256_file(target), given_sha256=row.sha256,
            )  # fmt: skip
        with atomic_writer(target) as sink:
            sha256 = write(sink)
            if sha256 != row.sha256:
                raise VaultConflict(
                    "archive.vault_source_changed", file=row.name,
                    expected_sha256=row.sha256, given_sha256=sha256,
                )  # fmt: skip
            if hasattr(os, "fchmod"):
                os.fchmod(sink.fileno(), READ_ONLY)


def rebook(
    vault: Vault, year: Path, months: Mapping[str, Mapping[str, Entry]], aside: Path, **facts: Any
) -> bool:
    """Bring journal and manifests of a fiscal year into line with what was found true.

    A journal whose chain holds goes on. A broken one is moved aside, and a new one begins with
    what it rests on.

    Args:
        vault: the tree.
        year: the folder of company and fiscal year.
        months: rows by name, by name of the month folder; of all that the year holds.
        aside: where what is broken goes.
        facts: what the rows rest on; kept in the first line of a new journal.

    Returns:
        Whether anything had to be changed.

    Raises:
        OSError: disk full, no permission.
    """
    changed = False
    with vault.locked(year):
        journal = vault.journal_of(year)
        if journal.audit() or not journal.path.exists():
            old = sha256_file(journal.path) if journal.path.exists() else ""
            if old:
                set_aside(journal.path, aside / journal.path.name)
            journal.append("begin", reason="restored", before_sha256=old, **facts)
            changed = True
        for month, rows in sorted(months.items()):
            known = replay(journal.entries(), month)
            for name, row in sorted(rows.items()):
                if known.get(name) != row:
                    journal.append("restore", folder=month, **restored(row))
                    changed = True
            if not _manifest_is(year / month, rows):
                path = year / month / manifest.FILE_NAME
                if path.exists():
                    set_aside(path, aside / month / path.name)
                manifest.write(year / month, rows)
                changed = True
    return changed


def set_aside(path: Path, target: Path) -> Path:
    """Move a file that is not what it should be out of the archive.

    Args:
        path: the file.
        target: where to; a number is put behind a name that is taken.

    Returns:
        Where it is now.

    Raises:
        OSError: no permission, disk full.
    """
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.name}.{number}")
    free.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, free)  # perhaps onto another disk
    sync_dir(free.parent)
    sync_dir(path.parent)
    return free


def _manifest_is(folder: Path, rows: Mapping[str, Entry]) -> bool:
    try:
        return manifest.read(folder) == rows
    except ValueError:
        return False
