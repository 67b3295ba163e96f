"""Knobs that make the portal misbehave; re-read at each request from `knobs.json`.

A knob is a plain value, or an object with `times` (how often it acts, default for ever) and
`skip` (how many occasions it lets pass first). Writing the file again starts the counts anew.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from edefter.sandbox.process import read_knobs


class Knobs:
    """The knobs of one simulator process.

    Args:
        state: folder with `knobs.json`.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._edition: tuple[int, int] = (0, 0)
        self._seen: dict[str, int] = {}

    def get(self, name: str) -> Any:
        """The value of a standing knob; None = not set."""
        return read_knobs(self._state).get(name)

    def take(self, name: str) -> dict[str, Any] | None:
        """Whether a counted knob acts on this occasion; gives its members (`value` if plain)."""
        given = self.get(name)
        if given is None or given is False:
            return None
        knob = given if isinstance(given, dict) else {"value": given}
        with self._lock:
            self._forget_old_counts()
            seen = self._seen.get(name, 0)
            self._seen[name] = seen + 1
        skip = int(knob.get("skip", 0))
        times = knob.get("times")
        if seen < skip or (times is not None and seen >= skip + int(times)):
            return None
        return knob

    def _forget_old_counts(self) -> None:
        status = (self._state / "knobs.json").stat()
        edition = (status.st_ino, status.st_mtime_ns)
        if edition != self._edition:
            self._edition = edition
            self._seen = {}
