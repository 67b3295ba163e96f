"""What remains to be checked of matched lines: distinct values against schema and rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import product
from typing import Any, cast

from edefter.validation.judging.coverage import (
    PRESENT,
    RELATIONS,
    Coverage,
    Sample,
    account_sample,
    dates_sample,
    paper_sample,
)
from edefter.validation.proof.columns import Columns
from edefter.validation.proof.fields import DOCUMENT_TYPES
from edefter.validation.proof.rows import text
from edefter.validation.records import Document
from edefter.validation.rule import Rule
from edefter.validation.rules.strict import is_plain_date

_DATES = ("posting_date", "document_date", "original_rate_date")
_CURRENCIES = ("amount_currency", "original_currency")
_FOREIGN = ("original_rate_date", "original_amount", "original_rate")
_PAPER = tuple(name for name in PRESENT if name not in _FOREIGN)
_TYPES = frozenset(item.encode() for item in DOCUMENT_TYPES)
_NO_FOREIGN = (b"", b"", False, False, False)
_ALL_HOLD = (True,) * len(RELATIONS)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MAX_KEPT = 50_000  # distinct combinations remembered

Proven = frozenset[int]


class _Group:
    """One group of fields in one block: the combination of every line, and what each proves."""

    def __init__(
        self, keys: list[tuple[Any, ...]], memory: dict[Any, Proven], sample: Callable[..., Sample]
    ) -> None:
        self.keys = keys
        self._memory = memory
        self._sample = sample

    def prove(self, coverage: Coverage) -> set[Proven]:
        """What the combinations of this block prove, each once; those never seen are tried."""
        memory = self._memory
        proven = set(map(memory.get, self.keys))
        if None not in proven:
            return cast(set[Proven], proven)
        if len(memory) > _MAX_KEPT:
            memory.clear()
        for key in {key for key in self.keys if key not in memory}:
            memory[key] = coverage.proven(self._sample.__name__, self._sample(*key))
        return set(map(memory.__getitem__, self.keys))

    def proves(self, row: int, part: Proven) -> bool:
        """Whether the combination of a line proves just this."""
        return self._memory[self.keys[row]] == part


class LineProof:
    """Checks the lines of one document.

    Args:
        rules: the rules that judge a line.
        document: the head, which does not change any more.
        prefixes: prefix → namespace in scope, for QNames in text.
    """

    def __init__(
        self, rules: tuple[Rule, ...], document: Document, prefixes: Mapping[str | None, str]
    ) -> None:
        self._coverage = Coverage(rules, document)
        self._prefixes = prefixes
        self._good_dates: set[bytes] = {b""}
        self._good_names: set[bytes] = {b""}
        self._accounts: dict[Any, Proven] = {}
        self._papers: dict[Any, Proven] = {}
        self._days: dict[Any, Proven] = {}

    # schema ---------------------------------------------------------------------------------
    def valid_rows(self, columns: Columns, count: int) -> int:
        """How many leading lines the schema accepts; what follows is the parser's."""
        first = count
        for name in _DATES:
            first = min(first, _first(columns[name], self.bad_dates(columns[name]), count))
        types = set(columns["document_type"]) - _TYPES - {b""}
        first = min(first, _first(columns["document_type"], types, count))
        for name in _CURRENCIES:
            bad = {value for value in set(columns[name]) if not self._is_qname(value)}
            first = min(first, _first(columns[name], bad, count))
        return first

    def bad_dates(self, values: Collection[bytes]) -> set[bytes]:
        """Those that are no day of the calendar."""
        unknown = set(values) - self._good_dates
        bad = {value for value in unknown if not is_plain_date(value.decode())}
        self._good_dates |= unknown - bad
        return bad

    def _is_qname(self, value: bytes) -> bool:
        if value in self._good_names:
            return True
        prefix, colon, local = value.decode().rpartition(":")
        fits = (prefix if colon else None) in self._prefixes or not colon
        if fits and _NAME.fullmatch(local) is not None:
            self._good_names.add(value)
            return True
        return False

    # rules ----------------------------------------------------------------------------------
    def doubtful_rows(self, columns: Columns, count: int) -> Collection[int]:
        """Lines for which the rules are not all proven, given that these relations hold.

        The posting date is that of the entry (yevmiye), the counter and reference are those of the
        entry, line numbers go up by one, amounts are above zero, counters of a kebir account do
        not decrease.
        """
        groups = (
            _Group(
                list(zip(columns["main"], columns["sub"], strict=True)), self._accounts, _account
            ),
            _Group(self._paper_keys(columns, count), self._papers, _paper),
            _Group(list(zip(*(columns[name] for name in _DATES), strict=True)), self._days, _dates),
        )
        found = [group.prove(self._coverage) for group in groups]
        bad = [
            parts for parts in product(*found) if frozenset().union(*parts) != self._coverage.all
        ]
        if not bad:
            return ()
        return [
            row
            for row in range(count)
            if any(
                all(group.proves(row, part) for group, part in zip(groups, parts, strict=True))
                for parts in bad
            )
        ]

    def _paper_keys(self, columns: Columns, count: int) -> list[tuple[Any, ...]]:
        present = [map(bool, columns[name]) for name in _PAPER]
        foreign: Iterable[tuple[Any, ...]] = [_NO_FOREIGN] * count
        if any(map(any, (columns[name] for name in (*_CURRENCIES, *_FOREIGN)))):
            foreign = zip(
                *(columns[name] for name in _CURRENCIES),
                *(map(bool, columns[name]) for name in _FOREIGN),
                strict=True,
            )
        return list(zip(columns["dc"], columns["document_type"], foreign, *present, strict=True))


def _first(column: tuple[bytes, ...], bad: set[bytes], count: int) -> int:
    return min((column.index(value) for value in bad), default=count)


def _maybe(raw: bytes) -> str | None:
    return text(raw) if raw else None


def _account(main: bytes, sub: bytes) -> Sample:
    # The descriptions are there; no rule asks for more.
    return account_sample(text(main), "x", _maybe(sub), "x" if sub else None)


def _dates(posting: bytes, document: bytes, rate: bytes) -> Sample:
    return dates_sample(text(posting), text(posting), _maybe(document), _maybe(rate))


def _paper(
    side: bytes, kind: bytes, foreign: tuple[bytes, bytes, bool, bool, bool], *paper: bool
) -> Sample:
    currency, original, *there = foreign
    present = dict(zip((*_PAPER, *_FOREIGN), (*paper, *there), strict=True))
    return paper_sample(
        text(side),
        _maybe(kind),
        _maybe(currency),
        _maybe(original),
        False,
        tuple(bool(present[name]) for name in PRESENT),
        _ALL_HOLD,
    )
