"""Months of the archive for somebody else: an inspector, an auditor, another program.

The copies are verified while they are made, and lie beside a list that any `sha256sum -c` checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edefter.archive.manifest import Entry
from edefter.archive.vault import copy_hashed
from edefter.atomic import atomic_writer, write_bytes
from edefter.engine.job import Job
from edefter.errors import ConfigError, OperatorNeeded
from edefter.model.documents import Kind

SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported of one month.

    Args:
        company, branch, period: which.
        files: paths below the target.
        size_bytes: of them.
    """

    company: str
    branch: str
    period: str
    files: tuple[str, ...]
    size_bytes: int


def export_months(jobs: Sequence[Job], target: Path) -> list[Exported]:
    """Copy whole month folders, with their cancelled sets, below a new folder.

    Args:
        jobs: the months.
        target: empty or not there; the tree below it is that of the archive.

    Returns:
        What was copied; `SHA256SUMS` in the target lists all of it.

    Raises:
        ConfigError: nothing of a month is archived, or the target holds something.
        OperatorNeeded: a file is not the one that was filed; nothing wrong is handed out.
        OSError: disk full, no permission.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError("engine.export_not_empty", place=str(target))
    done, sums = [], {}
    for job in jobs:
        rows = _rows(job)
        if not rows:
            raise ConfigError("engine.export_nothing", **job.facts)
        for path, (source, row) in rows.items():
            _copy(job, source, row, target / path)
            sums[path] = row.sha256
        size_bytes = sum(row.size_bytes for _, row in rows.values())
        done.append(
            Exported(job.company.code, job.branch_number, str(job.period), tuple(rows), size_bytes)
        )
    lines = [f"{sha256}  {path}\n" for path, sha256 in sorted(sums.items())]
    write_bytes(target / SUMS, "".join(lines).encode("utf-8"))
    return done


def _rows(job: Job) -> dict[str, tuple[Path, Entry]]:
    """Where each file is and its row, by its path below the archive's root."""
    documents = job.store.documents(
        job.company.code, job.branch_number, job.period, kinds=tuple(Kind)
    )
    folders = {job.archive_folder_of(date.fromisoformat(d.first_day)) for d in documents}
    found = {}
    for folder in sorted(folders):
        for name, row in sorted(job.vault.rows(folder).items()):
            path = folder / name
            found[path.relative_to(job.vault.root).as_posix()] = (path, row)
    return found


def _copy(job: Job, source: Path, row: Entry, target: Path) -> None:
    if not source.is_file():
        raise OperatorNeeded("engine.export_damaged", **job.facts, file=row.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_writer(target) as sink:
        if copy_hashed(source, sink) != row.sha256:
            raise OperatorNeeded("engine.export_damaged", **job.facts, file=row.name)
