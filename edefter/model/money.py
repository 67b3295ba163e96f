"""Money is an integer count of kuruş; a float never touches it.

Columns hold `Int64` kuruş, records hold `Decimal` with two places, documents hold text with a dot
and exactly two decimals (format.md §2.4: rule HDR-11 compares texts).
"""

from __future__ import annotations

from decimal import Decimal

MAX_KURUS = 2**63 - 1


def kurus_text(kurus: int) -> str:
    """`123456` → `1234.56`; negative amounts keep their sign."""
    sign = "-" if kurus < 0 else ""
    whole, part = divmod(abs(kurus), 100)
    return f"{sign}{whole}.{part:02d}"


def kurus_decimal(kurus: int) -> Decimal:
    """Kuruş as a Decimal with exactly two places."""
    return Decimal(kurus).scaleb(-2)


def to_kurus(amount: Decimal) -> int:
    """A Decimal of at most two places as kuruş.

    Raises:
        ValueError: more than two decimals, not a finite number, or out of the 64-bit range.
    """
    if not amount.is_finite():
        raise ValueError(f"not a finite amount: {amount}")
    if amount and not -40 < amount.adjusted() < 20:
        raise ValueError(f"amount out of range: {amount}")
    numerator, denominator = amount.as_integer_ratio()
    kurus, rest = divmod(numerator * 100, denominator)
    if rest:
        raise ValueError(f"more than two decimals: {amount}")
    if abs(kurus) > MAX_KURUS:
        raise ValueError(f"amount out of range: {amount}")
    return kurus
