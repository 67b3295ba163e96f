"""The trial balance (mizan): turnovers and balances of all accounts over some days.

Made from journal batches as the ledgers are; only the accounts are kept, never the lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from edefter.ledger.totals import add, frame_totals, voucher_starts
from edefter.model.files import Totals
from edefter.model.journal import JournalBatch

_ACCOUNT = ("main_account", "sub_account")
_SUMS = ("debit", "credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class MizanRow:
    """One account.

    Args:
        account: its code; of a main account without sub-accounts, or the sum over them, the main
            account's.
        name: description as of its first line.
        level: 1 = main account (sum over its sub-accounts), 2 = sub-account.
        debit_kurus, credit_kurus: turnovers, kuruş.
    """

    account: str
    name: str
    level: int
    debit_kurus: int
    credit_kurus: int

    @property
    def debit_balance_kurus(self) -> int:
        """By how much debit exceeds credit, else 0."""
        return max(self.debit_kurus - self.credit_kurus, 0)

    @property
    def credit_balance_kurus(self) -> int:
        """By how much credit exceeds debit, else 0."""
        return max(self.credit_kurus - self.debit_kurus, 0)


@dataclass(frozen=True, slots=True)
class Mizan:
    """A trial balance.

    Args:
        rows: main accounts in ascending order of text, each followed by its sub-accounts.
        totals: over all lines.
    """

    rows: tuple[MizanRow, ...]
    totals: Totals

    @property
    def mains(self) -> tuple[MizanRow, ...]:
        """The main accounts alone."""
        return tuple(row for row in self.rows if row.level == 1)

    @property
    def balances(self) -> bool:
        """Whether debit and credit are equal."""
        return self.totals.debit_kurus == self.totals.credit_kurus


def mizan(batches: Iterable[JournalBatch]) -> Mizan:
    """Add up journal batches by account.

    Args:
        batches: whole vouchers; consumed once. Rows without account, side or amount count as
            nothing; they have findings of the source.

    Raises:
        DataError: sums beyond 64-bit kuruş, or the source is unusable.
        ConfigError: the source cannot be reached.
    """
    kept, totals = _none(), Totals()
    for batch in batches:
        frame = batch.frame
        if not frame.height:
            continue
        totals = add(totals, frame_totals(frame, int(voucher_starts(frame).sum())))
        kept = _joined(pl.concat([kept, _sums(frame)]))
    return Mizan(tuple(_rows(kept)), totals)


def _none() -> pl.DataFrame:
    texts = dict.fromkeys((*_ACCOUNT, "main_name", "sub_name"), pl.String)
    return pl.DataFrame(schema={**texts, **dict.fromkeys(_SUMS, pl.Int64)})


def _sums(frame: pl.DataFrame) -> pl.DataFrame:
    amount = pl.col("amount")
    return (
        frame.filter(pl.all_horizontal(pl.col("main_account", "amount", "dc").is_not_null()))
        .group_by(_ACCOUNT, maintain_order=True)
        .agg(
            pl.col("main_description").first().alias("main_name"),
            pl.col("sub_description").first().alias("sub_name"),
            amount.filter(pl.col("dc") == "D").sum().alias("debit"),
            amount.filter(pl.col("dc") == "C").sum().alias("credit"),
        )
    )


def _joined(sums: pl.DataFrame) -> pl.DataFrame:
    return sums.group_by(_ACCOUNT, maintain_order=True).agg(
        pl.col("main_name", "sub_name").first(), pl.col(_SUMS).sum()
    )


def _rows(kept: pl.DataFrame) -> Iterable[MizanRow]:
    ordered = kept.sort(_ACCOUNT, nulls_last=False)
    for (main,), subs in ordered.group_by("main_account", maintain_order=True):
        # The order of first lines is gone by sorting; any line's name of the account will do.
        name = next((text for text in subs["main_name"] if text), "")
        yield MizanRow(
            account=str(main),
            name=name,
            level=1,
            debit_kurus=int(subs["debit"].sum()),
            credit_kurus=int(subs["credit"].sum()),
        )
        for row in subs.filter(pl.col("sub_account").is_not_null()).iter_rows(named=True):
            yield MizanRow(
                account=row["sub_account"],
                name=row["sub_name"] or "",
                level=2,
                debit_kurus=row["debit"],
                credit_kurus=row["credit"],
            )
