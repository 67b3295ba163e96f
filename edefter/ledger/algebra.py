"""What a row's rendering is made of, read in two ways: as its text, or as how many bytes that has.

`edefter.ledger.render` says once what stands in a line; whether that gives the bytes of a file or
only their number (for cutting a month into parts before anything is written) is decided by which
of the two it is handed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

import polars as pl

T = TypeVar("T")


class Algebra(Protocol[T]):
    """The few ways in which a row is put together."""

    def fixed(self, text: str) -> T:
        """The same text in every row."""

    def value(self, text: pl.Expr) -> T:
        """A text column; null makes the `optional` around it empty."""

    def kurus(self, kurus: pl.Expr) -> T:
        """Integer kuruş with a dot and two decimals; null as in `value`."""

    def total(self, column: str) -> T:
        """A column of sums in kuruş, never null; it may be unknown where only bytes count."""

    def join(self, *parts: T) -> T:
        """One after the other; null when a part is."""

    def optional(self, part: T) -> T:
        """Nothing where `part` is null."""

    def where(self, condition: pl.Expr, part: T) -> T:
        """Nothing where the condition does not hold."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as pieces, so that joining joins once: fixed texts, and columns between them.

    Args:
        pieces: no two fixed ones side by side.
    """

    pieces: tuple[str | pl.Expr, ...]

    def expression(self) -> pl.Expr:
        """As one column, null where a piece is."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], pl.Expr):
            return self.pieces[0]
        return pl.concat_str(
            pl.lit(piece) if isinstance(piece, str) else piece for piece in self.pieces
        )


class Texts:
    """Rows as texts."""

    def fixed(self, text: str) -> Text:
        """See Algebra."""
        return Text((text,))

    def value(self, text: pl.Expr) -> Text:
        """See Algebra."""
        return Text((text,))

    def kurus(self, kurus: pl.Expr) -> Text:
        """See Algebra."""
        size = kurus.abs()
        number = pl.concat_str(
            pl.when(kurus < 0).then(pl.lit("-")).otherwise(pl.lit("")),
            (size // 100).cast(pl.String),
            pl.lit("."),
            (size % 100).cast(pl.String).str.zfill(2),
        )
        return Text((number,))

    def total(self, column: str) -> Text:
        """See Algebra."""
        return self.kurus(pl.col(column))

    def join(self, *parts: Text) -> Text:
        """See Algebra."""
        pieces: list[str | pl.Expr] = []
        for piece in (piece for part in parts for piece in part.pieces):
            last = pieces[-1] if pieces else None
            if isinstance(piece, str) and isinstance(last, str):
                pieces[-1] = last + piece
            else:
                pieces.append(piece)
        return Text(tuple(pieces))

    def optional(self, part: Text) -> Text:
        """See Algebra."""
        return Text((part.expression().fill_null(""),))

    def where(self, condition: pl.Expr, part: Text) -> Text:
        """See Algebra."""
        return Text((pl.when(condition).then(part.expression()).otherwise(pl.lit("")),))


@dataclass(frozen=True, slots=True)
class Length:
    """A number of bytes: what every row has, and what differs.

    Args:
        fixed: bytes in every row.
        varying: columns of further bytes; any null means that the part is missing.
    """

    fixed: int = 0
    varying: tuple[pl.Expr, ...] = ()

    def expression(self) -> pl.Expr:
        """As one column, null where a part is missing."""
        total = pl.lit(self.fixed, dtype=pl.Int64)
        for each in self.varying:
            total = total + each
        return total


class Lengths:
    """Rows as numbers of bytes; for sums, which are not known yet, the longest there can be."""

    LONGEST_SUM = len("-92233720368547758.07")

    def fixed(self, text: str) -> Length:
        """See Algebra."""
        return Length(len(text.encode()))

    def value(self, text: pl.Expr) -> Length:
        """See Algebra."""
        return Length(0, (text.str.len_bytes().cast(pl.Int64),))

    def kurus(self, kurus: pl.Expr) -> Length:
        """See Algebra."""
        size = (kurus.abs() // 100).cast(pl.String).str.len_bytes().cast(pl.Int64)
        return Length(len(".00"), (size, (kurus < 0).cast(pl.Int64)))

    def total(self, column: str) -> Length:
        """See Algebra."""
        del column
        return Length(self.LONGEST_SUM)

    def join(self, *parts: Length) -> Length:
        """See Algebra."""
        varying = tuple(each for part in parts for each in part.varying)
        return Length(sum(part.fixed for part in parts), varying)

    def optional(self, part: Length) -> Length:
        """See Algebra."""
        return Length(0, (part.expression().fill_null(0),)) if part.varying else part

    def where(self, condition: pl.Expr, part: Length) -> Length:
        """See Algebra."""
        return Length(0, (pl.when(condition).then(part.expression()).otherwise(0),))
