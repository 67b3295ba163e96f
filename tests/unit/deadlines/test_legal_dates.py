"""Legal dates: communiqués, working days, extensions, special years (lifecycle.md §8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from edefter.deadlines import Extension, LegalCalendar, StepKind
from edefter.deadlines.facts import shipped_facts
from edefter.model.company import Company, UploadPreference
from edefter.model.period import FiscalYear, Period
from tests.unit.ledger.factory import company as a_company

NO_EXTENSIONS = replace(shipped_facts(), extensions=())


def _company(**changes: object) -> Company:
    return replace(a_company(), fiscal_years=(), fiscal_year_start_month=1, **changes)  # type: ignore[arg-type]


def _day(period: str, **changes: object) -> date:
    calendar = LegalCalendar(facts=NO_EXTENSIONS)
    return calendar.deadline(_company(**changes), Period.parse(period)).day


@pytest.mark.parametrize(
    ("period", "income", "corporate"),
    [
        # The examples of lifecycle.md §8, moved to working days.
        ("2026-01", date(2026, 5, 11), date(2026, 5, 14)),
        ("2026-09", date(2027, 1, 11), date(2027, 1, 14)),
        ("2026-12", date(2027, 4, 12), date(2027, 5, 14)),
        # And those that the observed extensions of 2025 begin from (gib-webservice.md §11).
        ("2024-12", date(2025, 4, 10), date(2025, 5, 14)),
        ("2025-01", date(2025, 5, 12), date(2025, 5, 14)),
        ("2025-02", date(2025, 6, 10), date(2025, 6, 16)),
        # 4 and 3 Sıra: the dates of their time.
        ("2024-06", date(2024, 10, 10), date(2024, 10, 10)),
        ("2024-07", date(2024, 11, 11), date(2024, 11, 14)),
        ("2024-01", date(2024, 4, 30), date(2024, 4, 30)),
        ("2023-12", date(2024, 4, 1), date(2024, 4, 30)),
        ("2023-11", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_monthly(period: str, income: date, corporate: date) -> None:
    assert _day(period, income_taxpayer=True) == income
    assert _day(period, income_taxpayer=False) == corporate


@pytest.mark.parametrize(
    ("periods", "income", "corporate"),
    [
        (("2026-01", "2026-02", "2026-03"), date(2026, 6, 10), date(2026, 6, 15)),
        (("2026-04", "2026-05", "2026-06"), date(2026, 9, 10), date(2026, 9, 14)),
        (("2026-07", "2026-08", "2026-09"), date(2026, 12, 10), date(2026, 12, 14)),
        (("2026-10", "2026-11", "2026-12"), date(2027, 4, 12), date(2027, 5, 14)),
    ],
)
def test_quarterly(periods: tuple[str, ...], income: date, corporate: date) -> None:
    quarterly = UploadPreference.QUARTERLY
    for period in periods:
        assert _day(period, upload_preference=quarterly, income_taxpayer=True) == income
        assert _day(period, upload_preference=quarterly, income_taxpayer=False) == corporate


def test_a_special_fiscal_year_shifts_its_last_month() -> None:
    company = replace(_company(), fiscal_year_start_month=7)
    calendar = LegalCalendar(facts=NO_EXTENSIONS)
    assert calendar.deadline(company, Period(2026, 6)).day == date(2026, 11, 16)
    assert calendar.deadline(company, Period(2026, 12)).day == date(2027, 4, 14)


def test_a_year_that_ends_amid_a_month_gives_the_earlier_date() -> None:
    years = (
        FiscalYear(date(2026, 1, 1), date(2026, 3, 15)),
        FiscalYear(date(2026, 3, 16), date(2026, 12, 31)),
    )
    company = replace(_company(), fiscal_years=years)
    # Its own last month would be due on 14 August, its first month of the new year on 14 July.
    assert LegalCalendar(facts=NO_EXTENSIONS).deadline(company, Period(2026, 3)).day == date(
        2026, 7, 14
    )


def test_a_holiday_moves_the_date_to_the_next_working_day() -> None:
    # 14 May 2027 is a Friday; the feast begins on Sunday. An operator's own day moves it behind.
    calendar = LegalCalendar(holidays=[date(2027, 5, 14)], facts=NO_EXTENSIONS)
    deadline = calendar.deadline(_company(), Period(2026, 12))
    assert deadline.day == date(2027, 5, 20)  # 15/16 weekend, 17…19 Kurban Bayramı
    assert [step.kind for step in deadline.steps] == [StepKind.RULE, StepKind.WORKING_DAY]


def test_extensions_chain_and_the_farthest_counts() -> None:
    own = [
        Extension(date(2026, 5, 14), date(2026, 5, 21), "Sirküler 1"),
        Extension(date(2026, 5, 14), date(2026, 5, 20), "Sirküler 0"),
        Extension(date(2026, 5, 21), date(2026, 5, 25), "Sirküler 2"),
    ]
    deadline = LegalCalendar(own, facts=NO_EXTENSIONS).deadline(_company(), Period(2026, 1))
    assert [(step.kind, step.day, step.source) for step in deadline.steps[1:]] == [
        (StepKind.EXTENSION, date(2026, 5, 21), "Sirküler 1"),
        (StepKind.EXTENSION, date(2026, 5, 25), "Sirküler 2"),
    ]
    with pytest.raises(ValueError, match="later day"):
        Extension(date(2026, 5, 14), date(2026, 5, 14), "")


def test_the_extensions_that_ship() -> None:
    calendar = LegalCalendar()
    income = _company(income_taxpayer=True)
    seen = {
        "2024-12": (date(2025, 4, 18), date(2025, 5, 16)),
        "2025-01": (date(2025, 5, 16), date(2025, 5, 16)),
        "2025-02": (date(2025, 6, 23), date(2025, 6, 23)),
        "2026-01": (date(2026, 6, 30), date(2026, 6, 30)),
    }
    for period, (real, legal) in seen.items():
        assert calendar.deadline(income, Period.parse(period)).day == real
        assert calendar.deadline(_company(), Period.parse(period)).day == legal


def test_the_end_of_the_day_in_turkey_counts() -> None:
    deadline = LegalCalendar(facts=NO_EXTENSIONS).deadline(_company(), Period(2026, 1))
    assert deadline.moment == datetime(2026, 5, 14, 21, tzinfo=UTC)
    assert deadline.days_left(datetime(2026, 5, 4, 20, 59, tzinfo=UTC)) == 10
    assert deadline.days_left(datetime(2026, 5, 14, 20, 59, tzinfo=UTC)) == 0
    assert deadline.days_left(datetime(2026, 5, 14, 21, tzinfo=UTC)) == -1


def test_a_year_without_known_feasts_is_told() -> None:
    calendar = LegalCalendar(facts=NO_EXTENSIONS)
    assert calendar.deadline(_company(), Period(2026, 1)).certain
    assert not calendar.deadline(_company(), Period(2030, 1)).certain


def test_feasts_lie_about_eleven_days_earlier_each_year() -> None:
    """A slip of the pen in the table would show: the lunar year has 354 or 355 days."""
    facts = shipped_facts()
    firsts = sorted(day for day in facts.feasts if (day.toordinal() - 1) not in {
        other.toordinal() for other in facts.feasts
    })  # fmt: skip
    for name in (0, 1):
        own = firsts[name::2]
        gaps = {(b - a).days for a, b in pairwise(own)}
        assert gaps <= {353, 354, 355, 356}, (name, gaps)
