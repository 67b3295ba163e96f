"""An office with three fiscal years behind it, archived: what drills begin with."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

from edefter.config.settings import SourceSettings
from edefter.model.period import Period
from edefter.sandbox.books import TABLE, write_books
from edefter.sandbox.world import SandboxWorld
from tests.support.archives import OWN_BOOKS
from tests.support.office import Office

FIRST = Period(2023, 1)
CORRECTED = Period(2023, 4)
_LINES = 60


def periods_of(months: int) -> list[Period]:
    """The months, oldest first."""
    periods = [FIRST]
    while len(periods) < months:
        periods.append(periods[-1].next())
    return periods


def archived_office(world: SandboxWorld, folder: Path, months: int) -> Office:
    """Make, send and archive every month; one of them is corrected and made again.

    Args:
        world: the simulators.
        folder: of the installation.
        months: how many, at least four.

    Raises:
        SystemExit: a month did not close.
    """
    office = Office(world, folder)
    periods = periods_of(months)
    office.write_config(
        gib__not_found_wait_s=0.1,
        source=SourceSettings(
            kind="sql", url=f"sqlite:///{_books(folder, periods)}", numbering="rebase",
            query=f"select * from {TABLE} "  # noqa: S608 - our own table
            "where posting_date between :first_day and :last_day",
        ),
    )  # fmt: skip
    office.register(edefter_start=str(FIRST))
    for period in periods:
        _demand(office.run(str(period)), f"run {period}")
        if period == CORRECTED:
            number = f"{office.tax_number}-{period.compact}"
            world.gib.set_knobs(deleted=[f"{number}-{kind}-000000" for kind in ("YB", "KB")])
            words = ("--reason", "tatbikat", "--gib-reference", "01.06.2026 / 1")
            _demand(office.edefter("correct", str(period), *words), f"correct {period}")
            world.gib.set_knobs()
            _demand(office.run(str(period)), f"run {period} again")
        print(f"{period} archived", flush=True)
    return office


def _books(folder: Path, periods: list[Period]) -> Path:
    """Small books of all months in one file; each month's numbers begin at 1."""
    path = folder / "years.sqlite"
    write_books(str(path), _LINES, seed=1, period=periods[0])
    with sqlite3.connect(path) as books:
        for seed, period in enumerate(periods[1:], start=2):
            other = folder / f"{period}.sqlite"
            write_books(str(other), _LINES, seed=seed, period=period)
            books.execute("attach ? as other", (str(other),))
            books.execute(f"insert into {TABLE} select * from other.{TABLE}")  # noqa: S608
            books.commit()
            books.execute("detach other")
    return path


def _demand(answer: Any, what: str) -> None:
    if answer.code != 0:
        print(answer.out, answer.err, file=sys.stderr)
        raise SystemExit(f"{what}: exit {answer.code}")


def tree_of(root: Path) -> dict[str, Path]:
    """Every file but a tree's own books, by its path below the root."""
    return {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in OWN_BOOKS
    }
