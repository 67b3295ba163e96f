"""Time that passes only when somebody sleeps, or a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 6, 1, 18, tzinfo=UTC)


class PassingClock:
    """A wall clock that begins at `BEGIN`.

    Attributes:
        passed_s: seconds since then.
        slept: every sleep, seconds.
    """

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.slept: list[float] = []

    def wall(self) -> datetime:
        return BEGIN + timedelta(seconds=self.passed_s)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.passed_s += seconds
