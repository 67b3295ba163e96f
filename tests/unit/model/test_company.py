"""Fiscal years of a company: regular, special, short, and cut by a liquidation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from edefter.model.company import Company
from edefter.model.period import FiscalYear, Period
from tests.unit.ledger.factory import head

LIQUIDATION = FiscalYear(date(2026, 3, 15), date(2026, 12, 31))


def company(*years: FiscalYear, start_month: int = 1) -> Company:
    return replace(head().company, fiscal_years=years, fiscal_year_start_month=start_month)


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 3, 14), date(2026, 1, 1), date(2026, 3, 14)),  # ends before the explicit one
        (date(2026, 3, 15), date(2026, 3, 15), date(2026, 12, 31)),
        (date(2027, 2, 1), date(2027, 1, 1), date(2027, 12, 31)),
        (date(2025, 6, 1), date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_a_regular_year_gives_way_to_an_explicit_one(day: date, start: date, end: date) -> None:
    assert company(LIQUIDATION).fiscal_year(day) == FiscalYear(start, end)


def test_a_regular_year_begins_after_an_explicit_one_that_ends_within_it() -> None:
    short = FiscalYear(date(2026, 1, 1), date(2026, 5, 10))
    assert company(short).fiscal_year(date(2026, 8, 1)) == FiscalYear(
        date(2026, 5, 11), date(2026, 12, 31)
    )


def test_a_special_fiscal_year() -> None:
    year = company(start_month=7).fiscal_year(date(2026, 3, 1))
    assert (year.start, year.end) == (date(2025, 7, 1), date(2026, 6, 30))


def test_year_ends_within_a_month() -> None:
    march = Period(2026, 3)
    assert company(LIQUIDATION).year_ends(march, march.last_day) == [date(2026, 3, 14)]
    assert company(LIQUIDATION).year_ends(march, date(2026, 3, 14)) == []
    assert company(LIQUIDATION).year_ends(Period(2026, 4), date(2026, 4, 30)) == []
    december = Period(2026, 12)
    assert company(LIQUIDATION).year_ends(december, december.last_day) == []


def test_numbers_begin_anew_unless_the_year_continues() -> None:
    day = date(2026, 5, 1)
    assert company(LIQUIDATION).counting_start(day) == date(2026, 3, 15)
    going_on = replace(LIQUIDATION, continues=True)
    assert company(going_on).counting_start(day) == date(2026, 1, 1)
