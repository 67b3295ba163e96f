"""The archive's files at second places: put there, looked after, read back.

The tree stays the original; a second place gets every content once, and the manifests and journals
as they stand, so that a tree can be built from it alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from edefter.archive import manifest
from edefter.archive.manifest import Entry, Role
from edefter.archive.mending import known_months
from edefter.archive.places.open import SecondPlace, open_place
from edefter.archive.places.port import Parcel, path_of
from edefter.archive.proof import is_whole
from edefter.archive.retention import keep_until
from edefter.archive.vault import JOURNAL_NAME
from edefter.atomic import sha256_file
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.services import Services
from edefter.engine.worklist import books_of
from edefter.errors import ConfigError, OperatorNeeded, WaitingError
from edefter.messages import LANGS
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.state.keeping import CopyRecord


@dataclass
class Copied:
    """What was put at one second place.

    Args:
        company, place: which.
        put: paths below the place's folder that were put there now.
        size_bytes: of them.
        present: how many were there already.
        damaged: paths in the tree of files that are not what they should be; they were left out.
    """

    company: str
    place: str
    put: list[str] = field(default_factory=list)
    size_bytes: int = 0
    present: int = 0
    damaged: list[str] = field(default_factory=list)


def copy_company(services: Services, company: Company) -> list[Copied]:
    """Put everything of a company's archive at every second place.

    Args:
        services: the world.
        company: whose.

    Returns:
        What was put where; again is harmless.

    Raises:
        WaitingError: another run holds the company, or a place cannot be reached.
        PlaceRefused: no country is declared, or settings and credentials do not do.
        PlaceConflict: a place holds something else under a path of ours.
        OSError: a file cannot be read.
    """
    branch = books_of(company)[0]
    job = Job(services, company, branch, company.first_period(branch))
    done = []
    with company_lock(services.data_dir / "locks", services.store, company):
        for name in services.settings.places:
            with opened(job, name) as place:
                done.append(_copy(job, place, _years(job)))
    return done


def ensure_copied(job: Job) -> None:
    """Put what a month has archived at the second places; a place that fails only warns.

    The month is archived whether or not a copy elsewhere succeeds: what is missing there is told
    by every proof and put there by `edefter archive copy`.
    """
    folders = {job.archive_folder_of(date.fromisoformat(d.first_day)) for d in job.documents()}
    years = sorted({folder.parent for folder in folders if folder.is_dir()})
    for name in job.settings.places if years else ():
        try:
            with opened(job, name) as place:
                _copy(job, place, years)
        except (WaitingError, ConfigError, OperatorNeeded) as error:
            told = {f"problem_{lang}": error.text(lang) for lang in LANGS}
            job.warn("engine.copy_failed", **job.facts, place=name, **told)


@contextmanager
def opened(job: Job, name: str) -> Iterator[SecondPlace]:
    """A second place of the company, ready; one abroad is warned of once."""
    with open_place(name, job.settings.places[name], job.services.secret) as place:
        if place.abroad:
            job.warn_once("engine.place_abroad", **job.facts, place=name)
        yield place


def content_of(record: CopyRecord) -> tuple[str, str]:
    """Fiscal year's folder and SHA-256 of what was copied."""
    return record.path.split("/")[1], record.sha256


def _years(job: Job) -> list[Path]:
    top = job.vault.root / job.company.tax_id.number
    return sorted(path for path in top.iterdir() if path.is_dir()) if top.is_dir() else []


def _copy(job: Job, place: SecondPlace, years: Sequence[Path]) -> Copied:
    done = Copied(job.company.code, place.name)
    number = job.company.tax_id.number
    records = job.store.copies(job.company.code, place.name)
    listed = {
        stored.path: stored.size_bytes
        for year in years
        for stored in place.stored(f"{number}/{year.name}")
    }
    # A content that moved to the cancelled folder is there under its old name, and stays. Each
    # fiscal year has its own: it is kept, and locked, as long as that year.
    there = {content_of(r) for r in records.values() if listed.get(r.path) == r.stored_bytes}
    for year in years:
        keep_until = _keep_until(job, year)
        for source, name, row in _contents(job, year):
            if (year.name, row.sha256) in there:
                done.present += 1
                continue
            if not is_whole(source, row):
                done.damaged.append(f"{year.name}/{name}")
                continue
            parcel = Parcel(
                path=path_of(f"{number}/{year.name}", name, row.sha256), source=source,
                size_bytes=row.size_bytes, sha256=row.sha256, keep_until=keep_until,
            )  # fmt: skip
            job.services.listener.step(
                "engine.step_copy", **job.facts, file=source.name, place=place.name
            )
            path, stored_bytes = _put(job, place, parcel, records.get(place.path_of(parcel.path)))
            done.size_bytes += stored_bytes
            there.add((year.name, row.sha256))
            done.put.append(path)
    return done


def _put(job: Job, place: SecondPlace, parcel: Parcel, known: CopyRecord | None) -> tuple[str, int]:
    """Record what is going to lie there, then put it; path and bytes of it."""
    path = place.path_of(parcel.path)

    def intend(stored_sha256: str, stored_bytes: int) -> None:
        record = CopyRecord(
            path=path, sha256=parcel.sha256, stored_sha256=stored_sha256, stored_bytes=stored_bytes
        )
        job.store.note_copy(job.company.code, place.name, record)

    return path, place.put(parcel, known.stored_sha256 if known else "", intend)


def _keep_until(job: Job, year: Path) -> date:
    """The last day of keeping for everything of a fiscal year."""
    days = [
        date.fromisoformat(d.first_day)
        for d in job.store.documents(job.company.code, kinds=tuple(Kind))
        if job.archive_folder_of(date.fromisoformat(d.first_day)).parent == year
    ]
    # A year that state knows nothing of (a tree from elsewhere) is kept from today on.
    day = max(days, default=job.services.wall().date())
    return keep_until(job.company.fiscal_year(day), job.settings.archive.retention_years)


def _contents(job: Job, year: Path) -> Iterator[tuple[Path, str, Entry]]:
    """Every file of a year with its name below the year and its row, the year's own books last.

    The books change with every file: as they stand now they are one content among others.
    """
    for month in sorted(known_months(job.vault, year)):
        for name, row in sorted(job.vault.rows(year / month).items()):
            yield year / month / name, f"{month}/{name}", row
    with tempfile.TemporaryDirectory(prefix="edefter-books-") as place:
        books = [*sorted(year.glob(f"*/{manifest.FILE_NAME}")), year / JOURNAL_NAME]
        for path in books:
            if not path.is_file():
                continue
            still = Path(place) / path.name
            with job.vault.locked(year):
                shutil.copyfile(path, still)
            row = Entry(
                name=path.name, role=Role.OTHER, size_bytes=still.stat().st_size,
                sha256=sha256_file(still),
            )  # fmt: skip
            yield still, path.relative_to(year).as_posix(), row
