"""The port to a second place: files by content, written once.

Every object's path ends in the SHA-256 of its content (`path_of`), so that nothing is ever written
over: the same path is the same content, a corrected file has another path, and both stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from edefter.errors import ConfigError, OperatorNeeded, WaitingError


def path_of(folder: str, name: str, sha256: str) -> str:
    """Where a content lies: `folder/name.sha256`, with `/`."""
    return f"{folder}/{name}.{sha256}"


def parts_of(path: str, folder: str) -> tuple[str, str] | None:
    """Name and SHA-256 of what lies at a path below a folder; None = nothing of ours."""
    match = re.fullmatch(r"(.+)\.([0-9a-f]{64})(?:\.age)?", path.removeprefix(f"{folder}/"))
    return (match[1], match[2]) if match else None


class PlaceUnreachable(WaitingError):
    """Nothing reached the place, or it broke off; a later run continues."""


class PlaceRefused(ConfigError):
    """It refused us, or is not what it must be: credentials, host key, bucket without lock."""


class PlaceConflict(OperatorNeeded):
    """It holds something else where a file of ours must be."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object.

    Args:
        path: below the place's folder, with `/`.
        size_bytes: as the place says.
        written_at: UTC, as the place says.
    """

    path: str
    size_bytes: int
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is to be stored.

    Args:
        path: below the place's folder, with `/`; ends in `sha256` of the plain content.
        source: the file to send.
        size_bytes, sha256: of that file.
        keep_until: last day on which the law wants it kept; a place that can lock does.
    """

    path: str
    source: Path
    size_bytes: int
    sha256: str
    keep_until: date


class Place(Protocol):
    """A second place as the engine sees it.

    Every method may raise PlaceUnreachable, PlaceRefused and PlaceConflict.
    """

    @property
    def name(self) -> str:
        """As configured."""

    def put(self, parcel: Parcel) -> None:
        """Store; a path that is there with the same content is a no-op."""

    def read(self, path: str, take: Callable[[bytes], object]) -> None:
        """Hand the content over, block by block."""

    def stored(self, folder: str) -> Iterator[Stored]:
        """Everything below a folder."""

    def close(self) -> None:
        """End connections."""
