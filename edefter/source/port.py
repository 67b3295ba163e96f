"""The port where accounting data comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from edefter.errors import EdefterError
from edefter.model.finding import FindingLog
from edefter.model.journal import JOURNAL, JournalBatch, Layout


class OutOfOrder(Exception):
    """The rows of a source do not come in ledger order; they must be kept and sorted."""


def _ignore(rows: int) -> None:
    """Hear nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Which entries are wanted.

    Args:
        company: selector value of the company in the source; empty = no selection.
        branch: four digits, or empty when the company keeps no branch books.
        first_day, last_day: dates of entries, inclusive.
        spill_folder: where rows may be spilled for sorting (they hold voucher texts); None = the
            system's temporary folder, which a killed run leaves behind.
        on_rows: told now and then how many rows were read so far.
        as_they_come: give vouchers while they are read, without keeping them first; when they turn
            out not to come in ledger order, `OutOfOrder` is raised, and all must be read anew.
        layout: the rows that are wanted: the journal's, or the envanter's.
    """

    company: str
    branch: str
    first_day: date
    last_day: date
    spill_folder: Path | None = None
    on_rows: Callable[[int], None] = _ignore
    as_they_come: bool = False
    layout: Layout = JOURNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """Whether a source can be used: `ready`, `misconfigured` or `not_installed`, and why."""

    state: str
    detail_tr: str = ""
    detail_en: str = ""

    @classmethod
    def misconfigured(cls, error: EdefterError) -> SourceCheck:
        """It cannot be used, for the reason that the error tells."""
        return cls(state="misconfigured", detail_tr=error.text("tr"), detail_en=error.text("en"))

    @property
    def ready(self) -> bool:
        """Whether reading can start."""
        return self.state == "ready"


class VoucherSource(Protocol):
    """Gives vouchers; reads only, never writes."""

    def check(self) -> SourceCheck:
        """Look whether the source is there and has the columns, without reading the data."""

    def read(self, request: ReadRequest, findings: FindingLog) -> Iterator[JournalBatch]:
        """Yield whole vouchers in ledger order: by entry number, or by date and source order.

        Numbers give the order when every row has one and they are not to be assigned.

        A value that cannot be read becomes null in its row and a finding that names source,
        row, voucher and field; reading goes on. Rows outside the requested days or of another
        company or branch are left out.

        Raises:
            DataError: the source is unusable as a whole (columns missing, not decodable).
            ConfigError: the source cannot be reached, is set up wrongly, or has no rows of the
                layout that is asked for.
        """

    def clock(self) -> datetime | None:
        """The source's own clock, zone-aware, for the cross-check; None when it has none."""
