"""A folder as a second place: another disk, a mounted share, a drive that is put into a safe.

Contents by their SHA-256, written once, read-only; with age the vault's copy at rest is encrypted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from edefter.archive.places.port import (
    Parcel,
    PlaceConflict,
    PlaceRefused,
    PlaceUnreachable,
    Stored,
)
from edefter.atomic import TEMPORARY_SUFFIX, atomic_writer, sha256_file
from edefter.config.keeping import PlaceSettings

_BLOCK_BYTES = 1 << 20
_READ_ONLY = 0o444


class FolderPlace:
    """One folder.

    Args:
        name: as configured.
        settings: `folder` is its absolute path; it must be there, so that a disk that is not
            mounted is not taken for an empty one.

    Raises:
        PlaceRefused: the path is not absolute.
        PlaceUnreachable: no such folder now.
    """

    def __init__(self, name: str, settings: PlaceSettings) -> None:
        self.name = name
        self._root = Path(settings.folder)
        if not self._root.is_absolute():
            raise PlaceRefused("archive.place_incomplete", place=name, fields="folder")
        if not self._root.is_dir():
            raise self._unreachable("no such folder")

    def put(self, parcel: Parcel) -> None:
        """Store; see `Place.put`."""
        target = self._root / parcel.path
        with self._told():
            if target.exists():
                if sha256_file(target) != parcel.sha256:
                    raise PlaceConflict(
                        "archive.place_other_content", place=self.name, file=parcel.path
                    )
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            with atomic_writer(target) as sink, parcel.source.open("rb") as source:
                digest = hashlib.sha256()
                while block := source.read(_BLOCK_BYTES):
                    digest.update(block)
                    sink.write(block)
                if digest.hexdigest() != parcel.sha256:
                    raise PlaceConflict("archive.place_damages", place=self.name, file=parcel.path)
            target.chmod(_READ_ONLY)

    def read(self, path: str, take: Callable[[bytes], object]) -> None:
        """Hand over; see `Place.read`."""
        with self._told(), (self._root / path).open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                take(block)

    def stored(self, folder: str) -> Iterator[Stored]:
        """Walk; see `Place.stored`."""
        with self._told():
            for path in sorted((self._root / folder.strip("/")).rglob("*")):
                if path.is_file() and not path.name.endswith(TEMPORARY_SUFFIX):
                    facts = path.stat()
                    moment = datetime.fromtimestamp(facts.st_mtime, UTC)
                    yield Stored(path.relative_to(self._root).as_posix(), facts.st_size, moment)

    def close(self) -> None:
        """Nothing is open."""

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise PlaceRefused(
                "archive.place_refused", place=self.name, reason=str(error)
            ) from None
        except OSError as error:
            raise self._unreachable(str(error)) from None

    def _unreachable(self, reason: str) -> PlaceUnreachable:
        return PlaceUnreachable(
            "archive.place_unreachable", place=self.name, host=str(self._root), reason=reason
        )
