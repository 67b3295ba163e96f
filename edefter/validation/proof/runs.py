"""What the fast path tells the engine about lines and entries without a finding."""

from __future__ import annotations

from dataclasses import dataclass

from edefter.validation.records import Detail, Header


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRun:
    """Consecutive entries of a yevmiye; money in kuruş.

    Args:
        entries, lines: how many.
        debit_kurus, credit_kurus: sums of their lines.
        first_counter, last_counter: entry numbers; each is the one before plus one.
        first_line, last_line_number: line numbers; each is the one before plus one.
        last_header, last_line: the last entry and its last line as records.
    """

    entries: int
    lines: int
    debit_kurus: int
    credit_kurus: int
    first_counter: int
    last_counter: int
    first_line: int
    last_line_number: int
    last_header: Header
    last_line: Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRun:
    """Consecutive lines of one kebir account; money in kuruş.

    Args:
        lines: how many.
        debit_kurus, credit_kurus: their sums.
        accounts: distinct (accountMainID, accountSubID).
        first_counter, last_counter: entry numbers, which do not decrease.
        first_line: the first one as a record.
        last_line_number: number of the last one.
    """

    lines: int
    debit_kurus: int
    credit_kurus: int
    accounts: frozenset[tuple[str, str | None]]
    first_counter: int
    last_counter: int
    first_line: Detail
    last_line_number: str
