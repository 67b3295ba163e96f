"""Debit and credit turnovers by main account, as berats and reports state them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edefter.validation.proof.rows import text
from edefter.validation.records import Detail
from edefter.validation.sums import Sum
from edefter.validation.xpath import each

_MOST_ACCOUNTS = 50_000  # with their sides; a real chart has some hundred main accounts
_SIDES = {"D": "D", "debit": "D", "C": "C", "credit": "C"}
_MOST_DIGITS = 18


class TooManyAccounts(Exception):
    """A document with more accounts than any real one."""


@dataclass(slots=True)
class Turnovers:
    """Sum and number of lines by main account and side (D, C)."""

    _sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, detail: Detail) -> None:
        """Take over one line of a ledger or berat.

        Raises:
            TooManyAccounts: more than any real document has.
        """
        for key in _keys(detail):
            self._add(key, detail, 1)

    def add_stated(self, detail: Detail) -> None:
        """Take over one line of a defter raporu, which says how many lines it stands for.

        Raises:
            TooManyAccounts: more than any real document has.
        """
        numbers = [int(text) for text in each(detail.apply_to_number) if _is_number(text)]
        for key in _keys(detail):
            self._add(key, detail, sum(numbers))

    def _add(self, key: tuple[str, str], detail: Detail, count: int) -> None:
        self._sum(key).add(detail.amount)
        self._counts[key] = self._counts.get(key, 0) + count

    def _sum(self, key: tuple[str, str]) -> Sum:
        found = self._sums.get(key)
        if found is None:
            if len(self._sums) >= _MOST_ACCOUNTS:
                raise TooManyAccounts
            found = self._sums[key] = Sum()
        return found

    def add_rows(
        self, mains: Sequence[bytes], sides: Sequence[bytes], kurus: Sequence[int]
    ) -> None:
        """Take over lines as they are written; the same as `add` for each.

        Args:
            mains: main accounts in UTF-8 with entities.
            sides: D or C.
            kurus: amounts.

        Raises:
            TooManyAccounts: more than any real document has.
        """
        sums: dict[tuple[bytes, bytes], int] = {}
        counts: dict[tuple[bytes, bytes], int] = {}
        for key, amount in zip(zip(mains, sides, strict=True), kurus, strict=True):
            sums[key] = sums.get(key, 0) + amount
            counts[key] = counts.get(key, 0) + 1
        for raw, total in sums.items():
            own = text(raw[0]).strip(), raw[1].decode()
            self._sum(own).kurus += total
            self._counts[own] = self._counts.get(own, 0) + counts[raw]

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
