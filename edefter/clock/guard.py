"""Stands before every signature and every call to GİB and lets nothing pass by a wrong clock."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from edefter.clock.https_date import ServerDate
from edefter.clock.ntp import host_clock, split_server
from edefter.clock.policy import DATABASE, Verdict, agreed_offset_s, judge, screen
from edefter.clock.port import (
    CrossCheck,
    Measurement,
    Monotonic,
    TimeAnswer,
    TimeSource,
    WallClock,
)
from edefter.clock.refusal import refusal
from edefter.clock.zone import zone_offset_s as tz_database_offset_s
from edefter.config.settings import ClockSettings
from edefter.errors import ConfigError
from edefter.observe.events import event

LEAST_SERVERS = 3
_GRACE_S = 1.0  # thread start and name look-up on top of the socket's timeout


@dataclass(frozen=True, slots=True)
class _Seen:
    """A clock seen once, and where our two clocks stood then."""

    check: CrossCheck
    wall: datetime
    monotonic_s: float


class ClockGuard:
    """Measures the computer clock and refuses by the policy of gib-webservice.md §5.

    Args:
        settings: servers, limits and mode.
        source: asks one NTP server.
        wall: the computer's time, zone-aware UTC.
        monotonic: seconds that never jump.
        database_clock: time of the accounting database's server, zone-aware, None = unknown; leave
            it out for an embedded database, whose clock is this computer's. Must not raise.
        zone_offset_s: offset of Europe/Istanbul in force, seconds.
        date_probes: ask GİB's and the portal's bare HTTPS answers for a Date; used in lenient mode
            when NTP has no quorum and no Date was seen lately.
        on_measurement: told every measurement that `require` relies on, also a refused one and
            also one that is served again, with the purpose; the engine keeps it as evidence.

    Raises:
        ConfigError: fewer than three different servers.
    """

    def __init__(
        self,
        settings: ClockSettings,
        source: TimeSource,
        *,
        wall: WallClock = host_clock,
        monotonic: Monotonic = time.monotonic,
        database_clock: Callable[[], datetime | None] | None = None,
        zone_offset_s: Callable[[], float] = tz_database_offset_s,
        date_probes: Sequence[Callable[[], ServerDate | None]] = (),
        on_measurement: Callable[[str, Measurement], None] | None = None,
    ) -> None:
        self._settings = settings
        self._servers = distinct_servers(settings.servers)
        if len(self._servers) < LEAST_SERVERS:
            raise ConfigError(
                "clock.too_few_servers", count=len(self._servers), least=LEAST_SERVERS
            )
        self._source = source
        self._wall = wall
        self._monotonic = monotonic
        self._database_clock = database_clock
        self._zone_offset_s = zone_offset_s
        self._date_probes = tuple(date_probes)
        self._seen: dict[str, _Seen] = {}
        self._last: Measurement | None = None
        self._lock = threading.RLock()
        self.on_measurement = on_measurement

    def note_server_date(self, source: str, host: str, date: datetime, round_trip_s: float) -> None:
        """Take the Date header of an answer that has just arrived as a cross-check.

        Args:
            source: `gib` or `portal`.
            host: server name.
            date: zone-aware, cut to whole seconds as HTTP does (RFC 9110 §6.6.1).
            round_trip_s: from question to answer, seconds.

        Raises:
            ValueError: `date` has no zone.
        """
        if date.tzinfo is None:
            raise ValueError("a server date needs a zone")
        wall, monotonic_s = self._wall(), self._monotonic()
        # The header is cut to the second and was written somewhere between question and answer.
        offset_s = (date - wall).total_seconds() + 0.5 + round_trip_s / 2
        check = CrossCheck(
            source=f"{source} ({host})" if host else source,
            offset_s=offset_s,
            resolution_s=1.0 + round_trip_s / 2,
        )
        with self._lock:
            self._seen[check.source] = _Seen(check, wall, monotonic_s)

    def require(self, purpose: str) -> Measurement:
        """Make sure that the clock is right now.

        Args:
            purpose: what it is needed for, `sign 2026-01 Y`, kept with the evidence.

        Returns:
            The measurement relied on; its verdict is `ok`, `warn` or `lenient`.

        Raises:
            ClockRefused: the clock is wrong or could not be measured; the text names internet
                time, computer time, other clocks, the difference and the repair.
        """
        with self._lock:
            measurement, verdict = self._serve_again() or self._measure()
            self._last = None if verdict.name == "refused" else measurement
        if self.on_measurement is not None:
            self.on_measurement(purpose, measurement)
        if verdict.name == "refused":
            event("clock.refused", "clock refused", purpose=purpose, reason=verdict.reason)
            raise refusal(purpose, measurement, verdict, self._settings)
        return measurement

    def _serve_again(self) -> tuple[Measurement, Verdict] | None:
        """The last measurement under the cross-checks known by now, if it still serves."""
        last = self._last
        if last is None or not self._together(last.measured_at, last.monotonic_s):
            return None
        if self._monotonic() - last.monotonic_s > self._settings.max_age_s:
            return None
        database = [check for check in last.cross_checks if check.source == DATABASE]
        again = self._conclude(replace(last, cross_checks=(*self._fresh_dates(), *database)))
        # What a newer Date header speaks against is measured anew before it is refused.
        return None if again[1].name == "refused" else again

    def _measure(self) -> tuple[Measurement, Verdict]:
        answers = tuple(screen(answer, self._settings) for answer in self._ask_all())
        checks = [*self._fresh_dates(), *self._ask_database()]
        quorum = agreed_offset_s(answers, self._settings.quorum_s) is not None
        if self._settings.mode == "lenient" and not quorum and not self._fresh_dates():
            for probe in self._date_probes:
                seen = probe()
                if seen is not None:
                    self.note_server_date(seen.source, seen.host, seen.date, seen.round_trip_s)
            checks = [*self._fresh_dates(), *checks]
        measurement = Measurement(
            measured_at=self._wall(),
            monotonic_s=self._monotonic(),
            offset_s=None,
            answers=answers,
            cross_checks=tuple(checks),
            utc_offset_s=self._zone_offset_s(),
            verdict="refused",
        )
        return self._conclude(measurement)

    def _conclude(self, measurement: Measurement) -> tuple[Measurement, Verdict]:
        verdict = judge(
            self._settings,
            measurement.answers,
            measurement.cross_checks,
            measurement.utc_offset_s,
        )
        return (
            replace(
                measurement,
                offset_s=verdict.offset_s,
                verdict=verdict.name,
                reason=verdict.reason,
            ),
            verdict,
        )

    def _together(self, wall: datetime, monotonic_s: float) -> bool:
        """Whether wall and monotonic clock moved alike since then (no step, no sleep)."""
        moved_s = (self._wall() - wall).total_seconds() - (self._monotonic() - monotonic_s)
        return math.fabs(moved_s) <= self._settings.move_tolerance_s

    def _fresh_dates(self) -> list[CrossCheck]:
        limit_s = self._settings.cross_check_age_s
        return [
            seen.check
            for seen in self._seen.values()
            if self._monotonic() - seen.monotonic_s <= limit_s
            and self._together(seen.wall, seen.monotonic_s)
        ]

    def _ask_database(self) -> list[CrossCheck]:
        if self._database_clock is None:
            return []
        start_s = self._monotonic()
        moment = self._database_clock()
        if moment is None:
            return []
        round_trip_s = self._monotonic() - start_s
        offset_s = (moment - self._wall()).total_seconds() + round_trip_s / 2
        return [CrossCheck(source=DATABASE, offset_s=offset_s, resolution_s=1.0 + round_trip_s / 2)]

    def _ask_all(self) -> list[TimeAnswer]:
        """All servers at once; one that hangs (name look-up has no timeout) counts as silent."""
        answers = {
            server: TimeAnswer(server=server, problem="no_answer") for server in self._servers
        }
        found: dict[str, TimeAnswer] = {}

        def ask(server: str) -> None:
            found[server] = self._source.ask(server, self._settings.timeout_s)

        threads = [
            threading.Thread(target=ask, args=(server,), daemon=True) for server in self._servers
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + self._settings.timeout_s + _GRACE_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return list({**answers, **dict(found)}.values())


def distinct_servers(servers: Sequence[str]) -> tuple[str, ...]:
    """The configured servers without repetitions: one server named twice is one voice."""
    different: dict[object, str] = {}
    for server in servers:
        try:
            host, port = split_server(server)
            key: object = (host.lower().rstrip("."), port)
        except ValueError:
            key = server
        different.setdefault(key, server)
    return tuple(different.values())
