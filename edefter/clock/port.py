"""The port where time comes in, and what a measurement is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

WallClock = Callable[[], datetime]
"""Gives the computer's time, zone-aware UTC."""
Monotonic = Callable[[], float]
"""Gives monotonic seconds."""
Sleep = Callable[[float], None]
"""Waits for seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAnswer:
    """One server's answer.

    Args:
        server: `host` or `host:port`.
        offset_s: server time minus computer time, seconds.
        round_trip_s: of the question.
        stratum: 1 … 15 when usable.
        leap: leap indicator 0 … 3; 3 = alarm.
        root_dispersion_s: how unsure the server is of its own time, seconds.
        problem: why the answer is not usable; empty = usable.
    """

    server: str
    offset_s: float = 0.0
    round_trip_s: float = 0.0
    stratum: int = 0
    leap: int = 0
    root_dispersion_s: float = 0.0
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Whether the answer may vote."""
        return not self.problem


class TimeSource(Protocol):
    """Asks one time server."""

    def ask(self, server: str, timeout_s: float) -> TimeAnswer:
        """Ask `server`; a failure is an answer with a `problem`, never an exception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """Another clock seen besides NTP (an HTTPS Date header, the accounting database).

    Args:
        source: `gib`, `portal`, `database`, with host where there is one.
        offset_s: its time minus computer time, seconds.
        resolution_s: how coarse it is (HTTP dates: 1 s).
    """

    source: str
    offset_s: float
    resolution_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measurement of the computer's clock, kept as evidence with the period.

    Args:
        measured_at: computer time, UTC.
        monotonic_s: monotonic time of the measurement.
        offset_s: median of the agreeing answers (internet minus computer); None = no quorum.
        answers: every NTP answer, also the unusable ones.
        cross_checks: other clocks.
        utc_offset_s: offset of the time zone Europe/Istanbul in force on this machine.
        verdict: `ok`, `warn`, `lenient` (no NTP, cross-checks agreed) or `refused`.
        reason: message key of a warning or refusal, else empty.
    """

    measured_at: datetime
    monotonic_s: float
    offset_s: float | None
    answers: tuple[TimeAnswer, ...]
    cross_checks: tuple[CrossCheck, ...] = field(default=())
    utc_offset_s: float = 10800.0
    verdict: str
    reason: str = ""

    def as_evidence(self) -> dict[str, Any]:
        """Plain values for the state database."""
        plain = asdict(self)
        plain["measured_at"] = self.measured_at.isoformat()
        return plain
