"""Which copies are read back this time: each has its turn, and nobody can foresee the others."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from math import ceil
from typing import TypeVar

T = TypeVar("T")


def share(items: Iterable[T], percent: float, last_read: Callable[[T], str]) -> list[T]:
    """A share of some items, at least one where there are any.

    Args:
        items: to choose from.
        percent: the share, above 0.
        last_read: when an item was last read, as sortable text; empty = never.

    Returns:
        Half of them those not read for longest, the others at random.
    """
    oldest_first = sorted(items, key=last_read)
    count = min(len(oldest_first), max(1, ceil(len(oldest_first) * percent / 100)))
    due = oldest_first[: ceil(count / 2)]
    rest = oldest_first[len(due) :]
    return due + random.SystemRandom().sample(rest, min(count - len(due), len(rest)))
