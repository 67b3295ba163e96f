"""From a company's month to its legal date: communiqué, working day, extensions."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from edefter.deadlines.facts import Facts, Rule, shipped_facts
from edefter.model.company import Company, UploadPreference
from edefter.model.period import ISTANBUL, FiscalYear, Period

_QUARTER = 3
_DAY = timedelta(days=1)


class StepKind(StrEnum):
    """What made a date what it is."""

    RULE = "rule"  # a communiqué
    WORKING_DAY = "working_day"  # VUK art. 18: weekend or public holiday
    EXTENSION = "extension"  # GİB gave more time


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a legal date.

    Args:
        kind: what it was.
        day: the date behind it.
        source: communiqué or circular; of a working day empty.
    """

    kind: StepKind
    day: date
    source: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """GİB gave more time.

    Args:
        original: the date that was moved, itself perhaps moved before.
        until: the new last day, later than `original`.
        source: circular or announcement.

    Raises:
        ValueError: the new day is not later.
    """

    original: date
    until: date
    source: str

    def __post_init__(self) -> None:
        if self.until <= self.original:
            raise ValueError(f"an extension leads to a later day: {self.original} → {self.until}")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which the books of a month may be loaded.

    Args:
        period: the month.
        steps: how it came about, the communiqué first.
        certain: False = religious holidays of that year are not known, so it may be a later day.
    """

    period: Period
    steps: tuple[Step, ...]
    certain: bool

    @property
    def day(self) -> date:
        """The last day."""
        return self.steps[-1].day

    @property
    def moment(self) -> datetime:
        """The first moment that is too late: the end of the day in Turkey, as UTC."""
        midnight = datetime.combine(self.day + _DAY, time(), tzinfo=ISTANBUL)
        return midnight.astimezone(UTC)

    def days_left(self, now: datetime) -> int:
        """Whole days in Turkey from `now` to the last day; 0 on it, negative when it is over."""
        return (self.day - now.astimezone(ISTANBUL).date()).days


class LegalCalendar:
    """Legal dates of months.

    Args:
        extensions: added by the operator; those that ship with the product count too.
        holidays: days added by the operator.
        facts: rules, holidays and extensions; None = those of the product.
    """

    def __init__(
        self,
        extensions: Iterable[Extension] = (),
        holidays: Iterable[date] = (),
        facts: Facts | None = None,
    ) -> None:
        self._facts = facts or shipped_facts()
        self._holidays = frozenset(holidays)
        self._extensions: dict[date, Extension] = {}
        for original, until, source in self._facts.extensions:
            self._add(Extension(original, until, source))
        for extension in extensions:
            self._add(extension)

    def _add(self, extension: Extension) -> None:
        """Of several for one day the one that leads farthest counts, else the last."""
        known = self._extensions.get(extension.original)
        if known is None or extension.until >= known.until:
            self._extensions[extension.original] = extension

    def deadline(self, company: Company, period: Period) -> Deadline:
        """The legal date of a company's month.

        Where a fiscal year ends amid the month (tasfiye) the earlier date of its stretches counts.

        Args:
            company: its upload preference, kind of tax and fiscal years decide.
            period: the month.

        Source: lifecycle.md §8; VUK art. 18.
        """
        days = {period.last_day, *company.year_ends(period, period.last_day)}
        found = [self._of_year(company, period, company.fiscal_year(day)) for day in sorted(days)]
        return min(found, key=lambda deadline: deadline.day)

    def _of_year(self, company: Company, period: Period, year: FiscalYear) -> Deadline:
        rules = self._facts.rules
        for rule in rules:
            day = _by_rule(rule, company, period, year)
            if day >= rule.in_force or rule is rules[-1]:
                break
        steps = [Step(StepKind.RULE, day, rule.source)]
        self._to_working_day(steps)
        while (extension := self._extensions.get(steps[-1].day)) is not None:
            steps.append(Step(StepKind.EXTENSION, extension.until, extension.source))
        self._to_working_day(steps)
        return Deadline(period, tuple(steps), self._facts.knows_feasts(steps[-1].day.year))

    def _to_working_day(self, steps: list[Step]) -> None:
        day = steps[-1].day
        while not self.is_working_day(day):
            day += _DAY
        if day != steps[-1].day:
            steps.append(Step(StepKind.WORKING_DAY, day))

    def is_working_day(self, day: date) -> bool:
        """Whether neither weekend nor public holiday."""
        return not (
            day.weekday() >= calendar.SATURDAY
            or day in self._holidays
            or self._facts.is_holiday(day)
        )


def _by_rule(rule: Rule, company: Company, period: Period, year: FiscalYear) -> date:
    payer = "income" if company.income_taxpayer else "corporate"
    last_month = Period.of(year.end)
    if company.upload_preference is UploadPreference.QUARTERLY:
        since = _months_between(Period.of(year.start), period)
        month = _later(Period.of(year.start), since // _QUARTER * _QUARTER + _QUARTER - 1)
        month, months = min(month, last_month), rule.quarterly_months
    else:
        month, months = period, rule.monthly_months
    if month >= last_month:
        month, months = last_month, rule.last_month_months[payer]
    due = _later(month, months)
    return min(due.last_day, due.first_day + timedelta(days=rule.day[payer] - 1))


def _months_between(first: Period, second: Period) -> int:
    return (second.year - first.year) * 12 + second.month - first.month


def _later(period: Period, months: int) -> Period:
    count = period.year * 12 + period.month - 1 + months
    return Period(count // 12, count % 12 + 1)
