"""What some families gather over the lines of a header or the headers of a file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from fractions import Fraction

from edefter.validation.records import Detail, Header
from edefter.validation.wording import cut
from edefter.validation.xpath import Abort, Value, decimal, double, each, ns, string

_KEPT = 5  # places that a sentence names
_SHOWN_CHARACTERS = 40  # of an account number; a real one has fewer


class KebirTotals:
    """Distinct accounts of one kebir header, and whether its counters decrease."""

    def __init__(self) -> None:
        self.mains: set[str] = set()  # at most two are kept
        self.subs: set[str] = set()
        self._unread: list[Value] = []  # counters: the engine reads them only for a later line
        self._highest: Fraction | None = None

    def add(self, detail: Detail) -> None:
        """Take over one line.

        Raises:
            Abort: two ids in one account, or counters that are no decimals.
        """
        detail.counter_decreases = self._decreases(detail.line_counter)
        for account in detail.accounts:
            if len(self.mains) < 2:
                self.mains.add(ns(account.main))
            for sub in account.subs:
                if len(self.subs) < 2:
                    self.subs.add(ns(sub))

    def add_run(self, accounts: Collection[tuple[str, str | None]], first: int, last: int) -> None:
        """Take over lines whose counters, from first to last, do not decrease.

        Raises:
            Abort: the only counter so far is no decimal.
        """
        for main, sub in accounts:
            if len(self.mains) < 2:
                self.mains.add(ns(main))
            if sub is not None and len(self.subs) < 2:
                self.subs.add(ns(sub))
        if not self._unread and self._highest is None and first == last:
            self._unread.append(str(first))
            return
        self._read()
        self._highest = decimal(str(last))

    def pass_by(self, counter: Value) -> None:
        """Take over the counter of an element that stands among the lines and is none."""
        if counter is not None:
            self._unread.append(counter)

    def may_go_on(self, first: int) -> bool:
        """Whether a line with this counter does not decrease."""
        try:
            highest = self._read()
        except Abort:
            return False
        return highest is None or first >= highest

    def _read(self) -> Fraction | None:
        for value in self._unread:
            number = decimal(string(value))
            if self._highest is None or number > self._highest:
                self._highest = number
        self._unread.clear()
        return self._highest

    def _decreases(self, value: Value) -> bool:
        if value is None:
            return False
        if not self._unread and self._highest is None:
            self._unread.append(value)
            return False
        before, current = self._read(), decimal(string(value))
        self._highest = current if before is None else max(before, current)
        return before is not None and current < before


class KebirAccounts:
    """Order and uniqueness of the accounts over all headers (first line of each)."""

    def __init__(self) -> None:
        self.unsorted: list[str] = []
        self.repeated_mains: list[str] = []
        self.repeated_subs: list[str] = []
        self._last = ""
        self._mains: set[str] = set()
        self._subs: set[str] = set()

    def add(self, header: Header) -> None:
        """Take over one header.

        Raises:
            Abort: two ids in one account.
        """
        for account in header.first.accounts if header.first else ():
            main = ns(account.main)
            if main < self._last:
                _keep(self.unsorted, self._last, main)
            self._last = main
            if not account.subs:
                if main in self._mains:
                    _keep(self.repeated_mains, main)
                self._mains.add(main)
            for value in account.subs:
                sub = ns(value)
                if sub in self._subs:
                    _keep(self.repeated_subs, sub)
                self._subs.add(sub)

    @property
    def unsorted_text(self) -> str:
        """First places where the order breaks."""
        return ", ".join(self.unsorted)

    @property
    def mains_text(self) -> str:
        """First main accounts that repeat."""
        return ", ".join(self.repeated_mains)

    @property
    def subs_text(self) -> str:
        """First sub-accounts that repeat."""
        return ", ".join(self.repeated_subs)


def _keep(items: list[str], *accounts: str) -> None:
    if len(items) < _KEPT:
        items.append(" > ".join(cut(account, _SHOWN_CHARACTERS) for account in accounts))


class TaxTotals:
    """How often each (account, side) of the ten tax lines stands in a berat."""

    def __init__(self) -> None:
        self._pairs: Counter[tuple[float, str]] = Counter()
        self._broken: Abort | None = None

    def add(self, detail: Detail) -> None:
        """Take over one line."""
        for text in each(detail.main):
            try:
                account = double(text)
            except Abort as stop:
                self._broken = self._broken or stop
                continue
            for side in set(each(detail.dc)):
                self._pairs[account, side] += 1

    def count(self, account: int, side: str) -> int:
        """Lines of that account and side.

        Raises:
            Abort: an account that is no number.
        """
        if self._broken:
            raise self._broken
        return self._pairs[float(account), side]


class ReportTotals:
    """Accounts and sides of a defter raporu, and how many lines have both."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, Counter[frozenset[str]]] = defaultdict(Counter)
        self.mains: set[str] = set()
        self.sides: Counter[str] = Counter()

    def add(self, detail: Detail) -> None:
        """Take over one line.

        Raises:
            Abort: two ids in one account.
        """
        for account in detail.accounts:
            self.mains.add(ns(account.main))
        sides = frozenset(each(detail.dc))
        self.sides.update(sides)
        for main in set(each(detail.main)):
            self._lines[main][sides] += 1

    def lines(self, main: Value, sides: frozenset[str]) -> int:
        """Number of lines with that account (two abort elsewhere) and any of the sides."""
        return sum(
            count
            for account in each(main)
            for found, count in self._lines[account].items()
            if found & sides
        )
