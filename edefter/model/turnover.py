"""Movements of one main account: what berats, the defter raporu and the mizan add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Gross movements of an account on both sides.

    Args:
        name: description of the account, of its first line.
        debit_kurus, credit_kurus: sums of the amounts on each side.
        debit_lines, credit_lines: how many lines each side has.
    """

    name: str = ""
    debit_kurus: int = 0
    credit_kurus: int = 0
    debit_lines: int = 0
    credit_lines: int = 0

    def plus(self, later: Turnover) -> Turnover:
        """Both together; the name is the earlier one's, unless it has none."""
        return Turnover(
            name=self.name or later.name,
            debit_kurus=self.debit_kurus + later.debit_kurus,
            credit_kurus=self.credit_kurus + later.credit_kurus,
            debit_lines=self.debit_lines + later.debit_lines,
            credit_lines=self.credit_lines + later.credit_lines,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Movements:
    """What a berat or a report needs to know of the entries of a ledger.

    Args:
        entries: number of entryHeaders.
        turnovers: by main account.
    """

    entries: int = 0
    turnovers: Mapping[str, Turnover] = field(default_factory=dict)
