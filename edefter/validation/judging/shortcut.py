"""Which rules a single line still has to be asked, after those that its kind of line proves.

Lines of a ledger differ in number, amount and day, but the rules see few kinds of them. So most
rules are answered from memory (`coverage.py`), also for lines that have a mistake elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from edefter.validation.judging.coverage import (
    PRESENT,
    Coverage,
    account_sample,
    dates_sample,
    paper_sample,
)
from edefter.validation.records import Detail, Document
from edefter.validation.rule import Rule

_AMOUNT = re.compile(r"(?!0+\.00$)[0-9]{1,13}\.[0-9]{2}")
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_BLANK = " \t\r\n"
_MAX_KEPT = 20_000


class LineShortcut:
    """Remembers by kind of line which rules it proves.

    Args:
        rules: the rules that judge a line.
        document: what they may read of the document; it must not change.
    """

    def __init__(self, rules: tuple[Rule, ...], document: Document) -> None:
        self._rules = rules
        self.document = document
        self._coverage = Coverage(rules, document)
        self._memory: dict[Any, frozenset[int]] = {}
        self._left: dict[tuple[frozenset[int], ...], tuple[Rule, ...]] = {}

    def left(self, line: Detail) -> tuple[Rule, ...]:
        """The rules that must be asked about this line, in their order."""
        if line.measurables or line.xbrl_include is not None or line.apply_to_number is not None:
            return self._rules
        if len(line.accounts) != 1 or line.sub_count > 1:
            return self._rules
        parts = (self._account(line), self._paper(line), self._dates(line))
        left = self._left.get(parts)
        if left is None:
            proven = frozenset().union(*parts)
            left = tuple(rule for index, rule in enumerate(self._rules) if index not in proven)
            self._left[parts] = left
        return left

    def _proven(self, group: str, key: tuple[Any, ...], make: Any) -> frozenset[int]:
        memory_key = (group, key)
        proven = self._memory.get(memory_key)
        if proven is None:
            if len(self._memory) >= _MAX_KEPT:
                self._memory.clear()
            proven = self._memory[memory_key] = self._coverage.proven(group, make(*key))
        return proven

    def _account(self, line: Detail) -> frozenset[int]:
        if line.sub_count == 1 and line.sub is None:
            return frozenset()
        key = (line.main, line.main_description, line.sub, line.sub_description)
        return self._proven("account", key, account_sample)

    def _dates(self, line: Detail) -> frozenset[int]:
        key = (
            line.posting_date,
            line.header.entered_date,
            line.document_date,
            line.original_rate_date,
        )
        return self._proven("dates", key, dates_sample)

    def _paper(self, line: Detail) -> frozenset[int]:
        values = [getattr(line, name) for name in PRESENT]
        present = tuple(value is not None for value in values)
        for value in values:
            if value is not None and (not isinstance(value, str) or not value.strip(_BLANK)):
                return frozenset()
        header = line.header
        amount, number, before = line.amount, line.line_number, line.previous_line
        counter, reference = line.line_counter, line.document_reference
        relations = (
            isinstance(amount, str) and _AMOUNT.fullmatch(amount) is not None,
            isinstance(counter, str) and (header.counter is None or header.counter == counter),
            reference is None or header.entry_number is None or header.entry_number == reference,
            isinstance(number, str)
            and isinstance(before, str)
            and _NUMBER.fullmatch(number) is not None
            and _NUMBER.fullmatch(before) is not None
            and int(number) == int(before) + 1,
        )
        key = (
            line.dc,
            line.document_type,
            line.amount_currency,
            line.original_currency,
            line.counter_decreases,
            present,
            relations,
        )
        return self._proven("paper", key, paper_sample)
