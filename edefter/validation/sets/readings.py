"""Reads each file of a part at most once, however often it is compared."""

from __future__ import annotations

from pathlib import Path

from edefter.validation.gathering.reading import Reading
from edefter.validation.gathering.turnovers import TooManyAccounts
from edefter.validation.sets.scan import Unreadable, scan


def read(path: Path, *, is_report: bool = False) -> Reading:
    """Read a file once.

    Args:
        path: the file.
        is_report: whether its lines say how many kebir lines they stand for.

    Raises:
        Unreadable: as of `scan`, or it has more accounts than any real ledger; names the file.
    """
    reading = Reading()
    take = reading.turnovers.add_stated if is_report else reading.add
    try:
        entries, root = scan(path, take)
    except (Unreadable, TooManyAccounts) as problem:
        raise Unreadable(path.name) from problem
    if not reading.usable:
        raise Unreadable(path.name)
    reading.end(root, entries)
    return reading


class Readings:
    """Reads each file once, however often it is asked for; for the files of one part.

    A ledger is compared with its partner, its berat, the approved berat and the report.
    """

    def __init__(self) -> None:
        self._kept: dict[Path, Reading | Unreadable] = {}

    def put(self, path: Path, reading: Reading | None) -> None:
        """Take over what validation gathered while it read the file; None = nothing."""
        if reading is not None and reading.usable:
            self._kept[path] = reading

    def forget(self, path: Path) -> None:
        """Keep nothing of a file any more."""
        self._kept.pop(path, None)

    def of(self, path: Path) -> Reading:
        """What was gathered of a file.

        Raises:
            Unreadable: as of `read`, every time.
        """
        found = self._kept.get(path)
        if found is None:
            try:
                found = read(path)
            except Unreadable as problem:
                found = problem
            self._kept[path] = found
        if isinstance(found, Unreadable):
            raise found
        return found
