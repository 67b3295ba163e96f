"""What `legal_dates.toml` says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rule:
    """Dates of one communiqué.

    Args:
        source: its name.
        in_force: dates before this day are computed by the rule before.
        monthly_months: months from a month to that of its date.
        quarterly_months: the same from the last month of a quarter.
        last_month_months: the same from the last month of a fiscal year, by kind of taxpayer.
        day: of the month, by kind of taxpayer; a shorter month ends with its last day.
    """

    source: str
    in_force: date
    monthly_months: int
    quarterly_months: int
    last_month_months: Mapping[str, int]
    day: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """Rules, holidays and extensions.

    Args:
        rules: the newest first.
        yearly: holidays of every year, as (month, day).
        feasts: days of religious feasts.
        extensions: (original, until, source).
    """

    rules: tuple[Rule, ...]
    yearly: frozenset[tuple[int, int]]
    feasts: frozenset[date]
    extensions: tuple[tuple[date, date, str], ...]

    def is_holiday(self, day: date) -> bool:
        """Whether it is a public holiday, as far as known."""
        return (day.month, day.day) in self.yearly or day in self.feasts

    def knows_feasts(self, year: int) -> bool:
        """Whether the religious feasts of a year are known."""
        return any(day.year == year for day in self.feasts)


@lru_cache(maxsize=1)
def shipped_facts() -> Facts:
    """The facts that ship with the product."""
    path = Path(__file__).with_name("legal_dates.toml")
    return read_facts(path.read_text(encoding="utf-8"))


def read_facts(text: str) -> Facts:
    """Facts written as `legal_dates.toml` is.

    Raises:
        tomllib.TOMLDecodeError, KeyError, TypeError, ValueError: it is not written so.
    """
    raw = tomllib.loads(text)
    rules = sorted((Rule(**rule) for rule in raw["rule"]), key=lambda rule: rule.in_force)
    yearly = [tuple(map(int, day.split("-"))) for day in raw["holidays"]["yearly"]]
    return Facts(
        rules=tuple(reversed(rules)),
        yearly=frozenset((month, day) for month, day in yearly),
        feasts=frozenset(
            first + timedelta(days=number)
            for feast in raw["holidays"]["feast"]
            for first, last in feast["days"]
            for number in range((last - first).days + 1)
        ),
        extensions=tuple(
            (item["original"], item["until"], item["source"]) for item in raw["extension"]
        ),
    )
