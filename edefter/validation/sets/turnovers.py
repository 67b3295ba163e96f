"""Debit and credit turnovers by main account, as berats and reports state them."""

from __future__ import annotations

from dataclasses import dataclass, field

from edefter.validation.records import Detail
from edefter.validation.sets.scan import Unreadable
from edefter.validation.sums import Sum
from edefter.validation.xpath import each

_MOST_ACCOUNTS = 50_000  # with their sides; a real chart has some hundred main accounts
_SIDES = {"D": "D", "debit": "D", "C": "C", "credit": "C"}
_MOST_DIGITS = 18


@dataclass(slots=True)
class Turnovers:
    """Sum and number of lines by main account and side (D, C)."""

    _sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, detail: Detail) -> None:
        """Take over one line of a ledger or berat.

        Raises:
            Unreadable: the document has more accounts than any real one.
        """
        for key in _keys(detail):
            self._add(key, detail, 1)

    def add_stated(self, detail: Detail) -> None:
        """Take over one line of a defter raporu, which says how many lines it stands for.

        Raises:
            Unreadable: the document has more accounts than any real one.
        """
        numbers = [int(text) for text in each(detail.apply_to_number) if _is_number(text)]
        for key in _keys(detail):
            self._add(key, detail, sum(numbers))

    def _add(self, key: tuple[str, str], detail: Detail, count: int) -> None:
        if key not in self._sums:
            if len(self._sums) >= _MOST_ACCOUNTS:
                raise Unreadable
            self._sums[key] = Sum()
        self._sums[key].add(detail.amount)
        self._counts[key] = self._counts.get(key, 0) + count

    def take(self, other: Turnovers) -> None:
        """Add those of another part of the month."""
        for key, total in other._sums.items():
            own = self._sums.setdefault(key, Sum())
            own.take(total)
            own.broken = own.broken or total.broken
            self._counts[key] = self._counts.get(key, 0) + other._counts[key]

    @property
    def accounts(self) -> set[str]:
        """Main accounts that occur."""
        return {main for main, _ in self._sums}

    def of(self, main: str, side: str) -> Sum:
        """The sum of one side of an account; zero when it does not occur."""
        return self._sums.get((main, side), Sum())

    def count(self, main: str, side: str) -> int:
        """Number of lines of one side of an account."""
        return self._counts.get((main, side), 0)


def same(left: Sum, right: Sum) -> bool:
    """Whether two sums are equal; one with an amount that is no number equals none."""
    return not (left.broken or right.broken) and left.exact == right.exact


def _keys(detail: Detail) -> set[tuple[str, str]]:
    sides = {_SIDES.get(side.strip(), "") for side in each(detail.dc)} - {""}
    return {(main.strip(), side) for main in each(detail.main) for side in sides}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
