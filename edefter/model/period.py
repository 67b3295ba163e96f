"""Calendar months and fiscal years (hesap dönemi)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

ISTANBUL = ZoneInfo("Europe/Istanbul")
"""Where days and months are meant."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar month, the unit of every ledger.

    Args:
        year: 1990 … 9999.
        month: 1 … 12.

    Raises:
        ValueError: out of range.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1990 <= self.year <= 9999 or not 1 <= self.month <= 12:
            raise ValueError(f"not a month: {self.year}-{self.month}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """`2026-01` or `202601`.

        Raises:
            ValueError: any other form.
        """
        match = re.fullmatch(r"(\d{4})-?(\d{2})", text.strip(), flags=re.ASCII)
        if match is None:
            raise ValueError(f"a period is written YYYY-MM: {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Period:
        """The month that `day` lies in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """First day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """Last day of the month."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def compact(self) -> str:
        """`202601`, the form of file names."""
        return f"{self.year:04d}{self.month:02d}"

    def first_uncovered(
        self, spans: Iterable[tuple[date, date]], until: date | None = None
    ) -> date | None:
        """The first day of the month that no span covers; None when they cover it all.

        Args:
            spans: first and last days, inclusive, in any order; sharing days is no gap
                (lifecycle.md §3).
            until: the last day that must be covered; None = of the month.
        """
        wanted = self.first_day
        for start, end in sorted(spans):
            if start > wanted:
                break
            wanted = max(wanted, end + timedelta(days=1))
        return wanted if wanted <= (until or self.last_day) else None

    def next(self) -> Period:
        """The month after."""
        return Period.of(self.last_day + timedelta(days=1))

    def previous(self) -> Period:
        """The month before."""
        return Period.of(self.first_day - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True, order=True)
class FiscalYear:
    """A fiscal year (hesap dönemi), first and last day inclusive, at most twelve months.

    Args:
        start, end: first and last day; a liquidation (tasfiye) may begin amid a month.
        continues: entries, lines and files are counted on from the year before.

    Raises:
        ValueError: the end is not after the start, or the year is longer than twelve months.
    """

    start: date
    end: date
    continues: bool = False

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"fiscal year ends before it starts: {self.start} - {self.end}")
        if self.end >= _same_day_next_year(self.start):
            raise ValueError(f"fiscal year longer than twelve months: {self.start} - {self.end}")

    @classmethod
    def containing(cls, day: date, start_month: int = 1) -> FiscalYear:
        """The regular fiscal year around `day` when years begin on the 1st of `start_month`."""
        year = day.year if day.month >= start_month else day.year - 1
        start = date(year, start_month, 1)
        return cls(start, _same_day_next_year(start) - timedelta(days=1))

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def _same_day_next_year(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year + 1, 3, 1)
    return day.replace(year=day.year + 1)
