"""How fast GİB may be asked: a least time between calls, and GİB's own Retry-After."""

from __future__ import annotations

import threading

from edefter.clock.port import Monotonic, Sleep

LONGEST_HOLD_S = 60.0
"""A longer Retry-After is handed to the caller instead of being slept through."""


class Pace:
    """One endpoint's pace; clients of many companies may share one, over threads.

    Args:
        pace_s: least time between the starts of two calls.
        monotonic: monotonic seconds.
        sleep: waits for seconds.
    """

    def __init__(self, pace_s: float, monotonic: Monotonic, sleep: Sleep) -> None:
        self._pace_s = pace_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_call = 0.0
        self._held_until = 0.0

    def wait(self) -> float:
        """Take the next slot and wait for it.

        Returns:
            0.0 after waiting; or, without waiting, the seconds that GİB still wants us to stay
            away when they are more than `LONGEST_HOLD_S`.
        """
        with self._lock:
            now = self._monotonic()
            held_s = self._held_until - now
            if held_s > LONGEST_HOLD_S:
                return held_s
            slot = max(now, self._next_call, self._held_until)
            self._next_call = slot + self._pace_s
        if slot > now:
            self._sleep(slot - now)
        return 0.0

    def hold(self, seconds: float) -> None:
        """Obey a Retry-After: no call within `seconds`."""
        with self._lock:
            self._held_until = max(self._held_until, self._monotonic() + seconds)
