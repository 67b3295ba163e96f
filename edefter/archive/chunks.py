"""How large the next chunk is, and how long to wait before the next try."""

from __future__ import annotations

from collections.abc import Callable

from edefter.clock.port import Monotonic, Sleep

MIB = 1024 * 1024
LEAST_BYTES = 1 * MIB
MOST_BYTES = 64 * MIB


class AdaptiveChunk:
    """Chunk size of portal.md §5: halved after two failures in a row, doubled after ten successes.

    A failure that lost what was sent (a server that takes chunks whole or not at all) halves at
    once: on a line that is cut again and again, large chunks would mostly be sent for nothing.

    Args:
        first_bytes: size to begin with.
        least_bytes, most_bytes: limits of the portal; ours (1 … 64 MiB) are never left.
    """

    def __init__(
        self, first_bytes: int, least_bytes: int = LEAST_BYTES, most_bytes: int = MOST_BYTES
    ) -> None:
        self.size_bytes = first_bytes
        self._failures = 0
        self._successes = 0
        self.limit(least_bytes, most_bytes)

    def limit(self, least_bytes: int, most_bytes: int) -> None:
        """Take over the portal's limits; ours win where they are narrower."""
        self._least = max(1, min(least_bytes, MOST_BYTES))
        self._most = max(self._least, min(most_bytes, MOST_BYTES))
        self.size_bytes = min(max(self.size_bytes, self._least), self._most)

    @property
    def limits(self) -> tuple[int, int]:
        """Least and most, bytes."""
        return self._least, self._most

    def failed(self, *, lost: bool = False) -> None:
        """A chunk was cut or arrived damaged; `lost` = nothing of it was kept."""
        self._successes = 0
        self._failures += 1
        if lost or self._failures >= 2:
            self._failures = 0
            self.size_bytes = max(self._least, self.size_bytes // 2)

    def succeeded(self) -> None:
        """A chunk was acknowledged."""
        self._failures = 0
        self._successes += 1
        if self._successes >= 10:
            self._successes = 0
            self.size_bytes = min(self._most, self.size_bytes * 2)


class BudgetSpent(Exception):
    """No time is left for another try; carries nothing."""


class Budget:
    """Waits between tries: exponential 1 s → 5 min with full jitter, within a total time.

    Args:
        limit_s: seconds from now until no further try is made.
        sleep, monotonic: time as arguments.
        random: gives numbers in [0, 1); only spreads waits, guards nothing.
    """

    BASE_S = 1.0
    CAP_S = 300.0

    def __init__(
        self, limit_s: float, sleep: Sleep, monotonic: Monotonic, random: Callable[[], float]
    ) -> None:
        self._sleep, self._monotonic, self._random = sleep, monotonic, random
        self._end = monotonic() + limit_s
        self.attempts = 0

    def progressed(self) -> None:
        """Something moved: the next wait is short again."""
        self.attempts = 0

    def pause(self, at_least_s: float | None = None) -> None:
        """Wait before the next try.

        Args:
            at_least_s: the server's Retry-After, seconds; it replaces the computed wait.

        Raises:
            BudgetSpent: the wait would end after the limit (or the limit is over).
        """
        ceiling = min(self.CAP_S, self.BASE_S * 2 ** min(self.attempts, 16))
        wait = ceiling * self._random() if at_least_s is None else max(at_least_s, 0.0)
        self.attempts += 1
        if self._monotonic() + wait >= self._end:
            raise BudgetSpent
        self._sleep(wait)
