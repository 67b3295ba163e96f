"""Vouchers by what a ledger says of them, so that two readings can be compared.

A fingerprint holds what is written into the yevmiye and nothing else: how the source names a
voucher internally, and numbers that a build assigns, may differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from edefter.model.journal import JOURNAL

_NUMBERS = ("entry_no", "line_no")
_BRANCH = ("batch_id", "batch_description")
_HASH_SEEDS = (11, 37)


class Change(StrEnum):
    """What happened to a voucher."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ChangedVoucher:
    """A voucher that two readings tell differently.

    Args:
        change: what happened.
        voucher: its number in the source, or its entry number.
        day: its date, in the newer reading where it has one.
        lines_before, lines_after: number of its lines.
        debit_before_kurus, debit_after_kurus: debit sums.
    """

    change: Change
    voucher: str
    day: date | None
    lines_before: int
    lines_after: int
    debit_before_kurus: int
    debit_after_kurus: int


class Fingerprints:
    """Fingerprints of vouchers, some 60 bytes each.

    Args:
        numbered: entry and line numbers are the source's own and count too.
        branch_books: every header carries the branch, whatever the source said.
    """

    def __init__(self, *, numbered: bool, branch_books: bool) -> None:
        left_out = {"entry_key", "source_row"}
        left_out |= set() if numbered else set(_NUMBERS)
        left_out |= set(_BRANCH) if branch_books else set()
        self._names = [name for name in JOURNAL.names if name not in left_out]
        self._numbered = numbered
        self._kept: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """See some canonical rows."""
        if not frame.height:
            return
        number = pl.col("entry_no").cast(pl.String) if self._numbered else pl.lit(None, pl.String)
        seen = frame.with_columns(pl.col("posting_date").fill_null(pl.col("entered_date")))
        row = pl.struct(self._names)
        hashes = [row.hash(seed=seed).cast(pl.Int128).alias(f"hash{seed}") for seed in _HASH_SEEDS]
        rows = seen.select(
            pl.coalesce("entry_number", number, pl.lit("")).alias("voucher"),
            pl.col("entered_date").alias("day"),
            pl.lit(1, pl.Int64).alias("lines"),
            pl.when(pl.col("dc") == "D").then("amount").otherwise(0).alias("debit"),
            *hashes,
        )
        self._kept.append(_grouped(rows))

    def table(self) -> pl.DataFrame:
        """One row per voucher."""
        if not self._kept:
            return _EMPTY
        self._kept = [_grouped(pl.concat(self._kept))]
        return self._kept[0]

    def changes(self, now: Fingerprints) -> list[ChangedVoucher]:
        """How another, newer reading differs from this one.

        Args:
            now: made with the same arguments.

        Returns:
            Changed, added and removed vouchers, by day and voucher.
        """
        joined = self.table().join(
            now.table(), on="voucher", how="full", suffix="_now", coalesce=True
        )
        same = pl.all_horizontal(
            pl.col(name).eq_missing(pl.col(f"{name}_now")) for name in ("day", "lines", *_HASHES)
        )
        differing = joined.filter(~same).with_columns(pl.coalesce("day_now", "day").alias("shown"))
        return [_changed(row) for row in differing.sort("shown", "voucher").iter_rows(named=True)]


_HASHES = tuple(f"hash{seed}" for seed in _HASH_SEEDS)
_EMPTY = pl.DataFrame(
    schema={
        "voucher": pl.String, "day": pl.Date, "lines": pl.Int64, "debit": pl.Int64,
        **dict.fromkeys(_HASHES, pl.Int128),
    }
)  # fmt: skip


def _grouped(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("voucher", maintain_order=True).agg(
        pl.col("day").first(), pl.col("lines", "debit", *_HASHES).sum()
    )


def _changed(row: dict[str, object]) -> ChangedVoucher:
    before, after = row["lines"], row["lines_now"]
    change = Change.CHANGED
    if before is None or after is None:
        change = Change.ADDED if before is None else Change.REMOVED
    return ChangedVoucher(
        change=change,
        voucher=str(row["voucher"]),
        day=row["shown"] if isinstance(row["shown"], date) else None,
        lines_before=_number(before),
        lines_after=_number(after),
        debit_before_kurus=_number(row["debit"]),
        debit_after_kurus=_number(row["debit_now"]),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def fingerprints_of(
    frames: Iterable[pl.DataFrame], *, numbered: bool, branch_books: bool
) -> Fingerprints:
    """Fingerprints of all vouchers in some canonical rows.

    Args:
        frames: canonical rows; a voucher may lie in several frames.
        numbered, branch_books: as of `Fingerprints`.
    """
    made = Fingerprints(numbered=numbered, branch_books=branch_books)
    for frame in frames:
        made.add(frame)
    return made
