"""Where a month is cut into parts, decided while its rows are staged (lifecycle.md §3).

Each row's bytes are known before anything is written (`edefter.ledger.render`). A part ends before
the first entry that could take one of its two files over the limit; entries are never divided, and
both books are cut at the same entries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from edefter.ledger.attachments import attached_bytes
from edefter.ledger.entries import with_borders, with_branch
from edefter.ledger.head import LedgerHead
from edefter.ledger.head_xml import END, prologue
from edefter.ledger.render import Renderer
from edefter.ledger.stage import Stage, prepare
from edefter.ledger.totals import add, voucher_starts
from edefter.model.documents import BOOKS, UNDIVIDED, Kind
from edefter.model.files import Totals
from edefter.model.journal import JOURNAL, Layout

SIGNATURE_BYTES = 64 << 10
"""Kept free for the signature with its certificates and a time stamp, and for the dates of a part
in words, which are longer than those of its month at most by some letters."""
_ACCOUNT = ("main_account", "sub_account")
_DAY = timedelta(days=1)


@dataclass(slots=True)
class StagedPart:
    """The rows of one part.

    Args:
        stage: holds them.
        first_date, last_date: of its first and last entry; None while it has none.
        entry_no, line_no: last numbers used.
    """

    stage: Stage
    first_date: date | None = None
    last_date: date | None = None
    entry_no: int = 0
    line_no: int = 0

    def take(self, prepared: pl.DataFrame) -> None:
        """Keep whole vouchers behind those that are there."""
        self.stage.add(prepared)
        last = prepared.row(-1, named=True)
        if self.first_date is None:
            self.first_date = prepared["entered_date"][0]
        self.last_date = last["entered_date"]
        self.entry_no, self.line_no = last["entry_no"], last["line_no"]


class PartedStage:
    """The rows of a month, in one part or in several.

    Args:
        folder: an own temporary folder; the caller removes it.
        head: of the month (or of its first part, when that is made by hand).
        most_bytes: of a signed file; None = the month is never cut, and its head may hold what XML
            cannot.
        too_large: told the voucher and the bytes of an entry that is larger than a part may be.
        kinds: the books that are made of the rows; the first holds them as entries.
        layout: of the rows.
    """

    def __init__(
        self,
        folder: Path,
        head: LedgerHead,
        most_bytes: int | None,
        too_large: Callable[[str, int], None],
        kinds: Sequence[Kind] = BOOKS,
        layout: Layout = JOURNAL,
    ) -> None:
        self._folder = folder
        self._layout = layout
        self._branch = head.branch
        self._too_large = too_large
        currency = head.company.book_currency
        self._entries = Renderer(kinds[0], currency, head.branch)
        self._header_bytes = 0
        self._limit: int | None = None
        if most_bytes is not None:
            if Kind.K in kinds:
                kebir = Renderer(Kind.K, currency, head.branch)
                self._header_bytes = kebir.kebir_header_length()
            self._limit = most_bytes - _bytes_beside_entries(head, kinds)
        self.parts: list[StagedPart] = []
        self._open()

    @property
    def lines(self) -> int:
        """Number of rows kept."""
        return sum(part.stage.lines for part in self.parts)

    @property
    def totals(self) -> Totals:
        """Sums over the rows kept."""
        totals = Totals()
        for part in self.parts:
            totals = add(totals, part.stage.totals)
        return totals

    def add(self, frame: pl.DataFrame) -> None:
        """Keep one batch of whole vouchers."""
        if not frame.height:
            return
        prepared = prepare(frame, self._layout)
        if self._limit is None:
            self.parts[-1].take(prepared)
            return
        rows = with_borders(with_branch(prepared, self._branch), voucher_starts(prepared))
        measured = rows.select("entry_number", "entry_key", *_ACCOUNT, "end").with_columns(
            self._entries.entry_lengths(rows)
        )
        offset = 0
        while offset < prepared.height:
            fitting = self._fitting(measured.slice(offset))
            if not fitting and self.parts[-1].stage.lines:
                self._open()
                continue
            if not fitting:
                fitting = self._oversized(measured.slice(offset))
            self.parts[-1].take(prepared.slice(offset, fitting))
            offset += fitting

    def _open(self) -> None:
        folder = self._folder / f"part{len(self.parts) + 1}"
        folder.mkdir()
        self.parts.append(StagedPart(Stage(folder, self._layout)))
        self._used = 0
        self._accounts = pl.DataFrame(schema={name: pl.String for name in _ACCOUNT})

    def _fitting(self, rows: pl.DataFrame) -> int:
        """How many of the rows, in whole vouchers, still fit into the part; they are counted."""
        assert self._limit is not None
        known = self._accounts.with_columns(pl.lit(True).alias("known"))
        joined = rows.join(
            known, on=list(_ACCOUNT), how="left", nulls_equal=True, maintain_order="left"
        )
        opens = pl.struct(_ACCOUNT).is_first_distinct() & pl.col("known").is_null()
        used = (
            self._used
            + joined.select(
                (pl.col("bytes") + opens.cast(pl.Int64) * self._header_bytes)
                .cum_sum()
                .alias("used")
            )["used"]
        )
        whole = (rows["end"] & (used <= self._limit)).arg_true()
        if not len(whole):
            return 0
        fitting = int(whole[-1]) + 1
        self._used = int(used[fitting - 1])
        moved = rows.head(fitting).select(_ACCOUNT)
        self._accounts = pl.concat([self._accounts, moved]).unique()
        return fitting

    def _oversized(self, rows: pl.DataFrame) -> int:
        """Say of the first voucher that no part can hold it; how many rows it has."""
        size = int(rows["end"].arg_max() or 0) + 1
        first = rows.row(0, named=True)
        voucher = first["entry_number"] or first["entry_key"]
        self._too_large(voucher, int(rows["bytes"].head(size).sum()))
        return size


def head_of(
    head: LedgerHead,
    parts: Sequence[StagedPart],
    index: int,
    before: LedgerHead | None,
    *,
    is_whole: bool,
) -> LedgerHead:
    """The head of a part: number and days, without a gap to the part before.

    The first part carries the attachments.

    A part covers the days up to its last entry's. The next one begins on that day if its own first
    entry is of it, else on the day after.

    Args:
        head: of the whole; with `000000` the parts of a divided month begin at 1, else at its own.
        parts: those known so far, at least one; of several each has an entry.
        index: of the part; only the last known part ends with the whole.
        before: head of the part before; None for the first.
        is_whole: a single part is undivided. Days that are no whole month are a divided one.
    """
    if len(parts) == 1 and is_whole:
        return head
    part = parts[index]
    number = (1 if head.part == UNDIVIDED else int(head.part)) + index
    first_day = head.first_day
    if before is not None:
        shared = before.last_day == part.first_date
        first_day = before.last_day if shared else before.last_day + _DAY
    last_day = head.last_day if index == len(parts) - 1 else part.last_date
    assert last_day is not None
    attachments = head.attachments if before is None else ()
    return replace(
        head,
        part=f"{number:06d}",
        first_day=first_day,
        last_day=last_day,
        attachments=attachments,
    )


def _bytes_beside_entries(head: LedgerHead, kinds: Sequence[Kind]) -> int:
    """Bytes of a file beside its entries, at most."""
    texts = (prologue(head, kind, 1, multi_currency=True) for kind in kinds)
    attached = attached_bytes(head.attachments)
    return max(len(text.encode()) for text in texts) + len(END) + attached + SIGNATURE_BYTES
