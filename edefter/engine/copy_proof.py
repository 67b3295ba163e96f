"""Do the second places hold what they were given, and give it back?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from edefter.archive.findings import (
    copies_differ,
    copies_lost,
    copies_missing,
    copies_unknown,
)
from edefter.archive.manifest import Entry
from edefter.archive.places.open import SecondPlace
from edefter.engine.copying import content_of, opened
from edefter.engine.job import Job
from edefter.engine.sampling import share
from edefter.errors import ConfigError, WaitingError
from edefter.model.finding import Finding
from edefter.state.keeping import CopyRecord


def prove_copies(
    job: Job, rows: Iterable[tuple[str, Entry]], percent: float
) -> Iterator[tuple[int, list[Finding]]]:
    """Whether every second place holds what it was given, and gives it back.

    Args:
        job: any month of the company.
        rows: (path below the company's folder, row) of everything that must be there.
        percent: of a place's copies, this share is read back, at least one.

    Yields:
        For each place how many copies were looked at, and what is wrong (`ARC-60` to `ARC-62`); a
        place that cannot be asked is wrong, too (`ARC-63`).
    """
    wanted = list(rows)
    for name in job.settings.places:
        try:
            yield _prove_place(job, name, wanted, percent)
        except (WaitingError, ConfigError) as error:
            # What the others have to say is not lost over it.
            yield 0, [copies_unknown(name, error)]


def _prove_place(
    job: Job, name: str, wanted: Sequence[tuple[str, Entry]], percent: float
) -> tuple[int, list[Finding]]:
    with opened(job, name) as place:
        records = job.store.copies(job.company.code, name)
        listed = {s.path: s.size_bytes for s in place.stored(job.company.tax_id.number)}
        gone = [r for r in records.values() if listed.get(r.path) != r.stored_bytes]
        known = {content_of(record) for record in records.values()}
        missing = [path for path, row in wanted if (path.split("/")[0], row.sha256) not in known]
        return len(records), [
            *copies_missing(missing, name),
            *copies_lost(sorted(record.path for record in gone), name),
            *copies_differ(_read_back(job, place, records.values(), gone, percent), name),
        ]


def _read_back(
    job: Job,
    place: SecondPlace,
    records: Iterable[CopyRecord],
    gone: Sequence[CopyRecord],
    percent: float,
) -> list[str]:
    """Paths of those that came back otherwise; those not read for longest have their turn."""
    here = [record for record in records if record not in gone]
    wrong = []
    for record in share(here, percent, lambda record: record.reread_at or ""):
        digest = hashlib.sha256()
        place.read_stored(record.path, digest.update)
        if digest.hexdigest() != record.stored_sha256:
            wrong.append(record.path)
        else:
            job.store.note_reread(place.name, record.path)
    return wrong
