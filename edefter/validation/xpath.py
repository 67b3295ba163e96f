"""The few XPath 2.0 operations of the official rules, exactly as its engine performs them.

A value is None (no such element), a text (one element), or a tuple of texts (several): rules.md §2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

Value = str | tuple[str, ...] | None

_BLANKS = re.compile(r"[ \t\r\n]+")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_SPECIAL = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}
_SHORT_ZERO = re.compile(r"-0{1,15}")
_MAX_DIGITS = 4000  # Python refuses to read longer integers; no amount comes near it

AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]{1,2})?")
"""Unsigned, at most two decimals (HDR-14, DET-29 and others), to be matched as a whole."""


class Abort(Exception):
    """The official engine stops here with a dynamic error; the file cannot be evaluated."""

    turkish = ""
    english = ""
    """Why, in a few words; put together only when somebody reads it."""

    def __str__(self) -> str:
        return self.english


class NotANumber(Abort):
    """A text where the engine demands a number."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._text = text[:40]

    @property
    def _shown(self) -> str:
        return self._text if self._text.isprintable() else ascii(self._text)[1:-1]

    @property
    def turkish(self) -> str:  # type: ignore[override]
        """Why, in a few words."""
        return f"“{self._shown}” bir sayı değil"

    @property
    def english(self) -> str:  # type: ignore[override]
        """Why, in a few words."""
        return f"“{self._shown}” is no number"


class Several(Abort):
    """Several elements where the engine takes one."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.turkish = f"tek olması gereken eleman {count} kez yazılmış"
        self.english = f"an element that must be single is written {count} times"


def each(value: Value) -> tuple[str, ...]:
    """All items of a value."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def single(value: Value) -> str | None:
    """The one item, or None.

    Raises:
        Abort: several items where a function takes one.
    """
    if value is None or isinstance(value, str):
        return value
    raise Several(len(value))


def string(value: Value) -> str:
    """The one item as text, nothing as the empty text.

    Raises:
        Abort: several items.
    """
    return single(value) or ""


def ns(value: Value) -> str:
    """normalize-space().

    Raises:
        Abort: several items.
    """
    text = string(value)
    if _BLANKS.search(text) is None:
        return text
    return _BLANKS.sub(" ", text).strip(" ")


def any_pair(left: Value, right: Value, test: Callable[[str, str], bool]) -> bool:
    """A general comparison: true when any pair satisfies it, false on an empty side."""
    return any(test(a, b) for a in each(left) for b in each(right))


def equal(left: Value, right: Value) -> bool:
    """`left = right` of node sets: as strings, existential."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return any_pair(left, right, str.__eq__)


def at_least(left: Value, right: Value) -> bool:
    """`left >= right` of node sets: strings by code point, existential."""
    if isinstance(left, str) and isinstance(right, str):
        return left >= right
    return any_pair(left, right, str.__ge__)


def double(text: str) -> float:
    """A text as IEEE double where the engine demands a number.

    Two habits of the engine (measured) are kept: a short `-0` is plain zero, `-0.0` is not; and
    blanks behind `INF` or `NaN` are forgiven only when there are blanks before it.

    Raises:
        Abort: the text is no XPath number.
    """
    stripped = text.strip(" \t\r\n")
    if _DOUBLE.fullmatch(stripped):
        return 0.0 if _SHORT_ZERO.fullmatch(stripped) else float(stripped)
    special = _SPECIAL.get(stripped if text[:1].isspace() else text)
    if special is None:
        raise NotANumber(text)
    return special


def number(value: Value) -> float:
    """`number()` in a numeric comparison: NaN for nothing.

    Raises:
        Abort: several items, or a text that is no number.
    """
    text = single(value)
    return math.nan if text is None else double(text)


def lenient_number(value: Value) -> float:
    """`number()` of DET-02: a text that is no number is NaN and never matches.

    Raises:
        Abort: several items.
    """
    text = single(value)
    if text is None:
        return math.nan
    try:
        return double(text)
    except Abort:
        return math.nan


def decimal(text: str) -> Fraction:
    """`xs:decimal()`: no exponent, no INF, exact.

    Raises:
        Abort: the text is no decimal number.
    """
    stripped = text.strip(" \t\r\n")
    if len(stripped) <= _MAX_DIGITS and _DECIMAL.fullmatch(stripped):
        return Fraction(stripped)
    raise NotANumber(text)


def as_double(exact: Fraction) -> float:
    """A decimal as the nearest double."""
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def rank(value: float) -> tuple[float, float]:
    """Where a double stands when a text is compared with a number: -0 below 0, NaN above all.

    XPath says that -0 equals 0 and NaN is beside all; the engine that was measured sorts them.
    """
    return (math.inf, 2.0) if math.isnan(value) else (value, math.copysign(1.0, value))


Test = Callable[[tuple[float, float], tuple[float, float]], bool]
"""operator.eq, gt or ge."""


def compare_numbers(value: Value, test: Test, bound: float) -> bool:
    """A general comparison with a number: existential, items are read as doubles one by one.

    Raises:
        Abort: a text that is no number comes before one that fits.
    """
    wanted = rank(bound)
    found = any(test(rank(double(text)), wanted) for text in each(value))
    return found and not math.isnan(bound)


def number_text(value: float) -> str:
    """A double as XPath prints it: `202601`, `12.5`, `1.0E105`, `NaN`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    exact = Decimal(repr(value)).normalize()
    if value == 0 or 1e-6 <= abs(value) < 1e6:
        return f"{exact:f}"
    sign, digits, exponent = exact.as_tuple()
    whole, *rest = map(str, digits)
    scale = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{whole}.{''.join(rest) or '0'}E{scale}"
