"""What comparisons need of a file's lines, gathered in one reading and without keeping a line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edefter.validation.reading.extract import Element
from edefter.validation.records import Detail
from edefter.validation.sets.line_sums import LineSums
from edefter.validation.sets.scan import Unreadable, scan
from edefter.validation.sets.turnovers import Turnovers


@dataclass(slots=True)
class Reading:
    """One file, read once.

    Args:
        entries: number of its entries.
        root: the document without its entries.
        lines: sums of line hashes.
        turnovers: by main account and side; in a report those that it states.
    """

    entries: int
    root: Element
    lines: LineSums
    turnovers: Turnovers


def read(path: Path, *, is_report: bool = False) -> Reading:
    """Read a file once.

    Args:
        path: the file.
        is_report: whether its lines say how many kebir lines they stand for.

    Raises:
        Unreadable: as of `scan`, or it has more accounts than any real ledger; names the file.
    """
    lines, turnovers = LineSums(), Turnovers()

    def take(detail: Detail) -> None:
        lines.add(detail)
        turnovers.add(detail)

    try:
        entries, root = scan(path, turnovers.add_stated if is_report else take)
    except Unreadable as problem:
        raise Unreadable(path.name) from problem
    return Reading(entries, root, lines, turnovers)


class Readings:
    """Reads each file once, however often it is asked for; for the files of one part.

    A ledger is compared with its partner, its berat, the approved berat and the report.
    """

    def __init__(self) -> None:
        self._kept: dict[Path, Reading | Unreadable] = {}

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
