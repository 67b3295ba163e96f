"""Sums of amounts, exact and cheap for plain money texts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from edefter.validation.xpath import Abort, NotANumber, Value, as_double, decimal, each


@dataclass(slots=True)
class Sum:
    """Sum of amounts as decimals: kuruş where the text is plain, exact fractions elsewhere."""

    kurus: int = 0
    rest: Fraction = Fraction(0)
    broken: str = ""  # first text that is no decimal: the sum aborts when it is asked for

    def add(self, amount: Value) -> None:
        """Add all amounts of one line."""
        for text in each(amount):
            if len(text) < 30 and text[-3:-2] == "." and text.isascii():
                whole, cents = text[:-3], text[-2:]
                if whole.isdigit() and cents.isdigit():
                    self.kurus += int(whole) * 100 + int(cents)
                    continue
            try:
                self.rest += decimal(text)
            except Abort:
                self.broken = self.broken or text or " "

    def take(self, other: Sum) -> None:
        """Add another sum; what is no number there is left out."""
        self.kurus += other.kurus
        self.rest += other.rest

    @property
    def cents(self) -> int:
        """The sum in kuruş, parts of a kuruş cut off."""
        return self.kurus + int(self.rest * 100)

    @property
    def exact(self) -> Fraction:
        """The sum.

        Raises:
            Abort: one amount is no decimal number.
        """
        if self.broken:
            raise NotANumber(self.broken)
        return self.rest + Fraction(self.kurus, 100)

    @property
    def text(self) -> str:
        """The sum for a reader."""
        return "?" if self.broken else f"{as_double(self.rest) + self.kurus / 100:.2f}"
