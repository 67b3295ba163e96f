"""How the simulator is told to misbehave; read at every request.

A value is plain (always, for all operations), or an object per operation with an optional `times`:
`{"fault": {"sendDocumentFile": 110, "times": 1}}` fails the first upload and then behaves. The
operation `*` means all. Counts start again whenever the file changes.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from edefter.sandbox.process import read_knobs


class Knobs:
    """The knobs of one state folder, with the counts of those that stop after a while."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._seen: tuple[int, int] = (0, 0)
        self._used: dict[tuple[str, str], int] = {}

    def now(self) -> Setting:
        """The knobs in force now."""
        path = self._state / "knobs.json"
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
        except FileNotFoundError:
            stamp = (0, 0)
        with self._lock:
            if stamp != self._seen:
                self._seen = stamp
                self._used.clear()
        return Setting(self, read_knobs(self._state), stamp[0] / 1e9)

    def take(self, name: str, subject: str, times: int) -> bool:
        """Use up one of `times`; False when they are used up."""
        with self._lock:
            used = self._used.get((name, subject), 0)
            if used >= times:
                return False
            self._used[name, subject] = used + 1
            return True


class Setting:
    """Knobs as they stand for one request.

    Args:
        owner: keeps the counts.
        values: the file's content.
        changed_at: when the file was written, seconds since 1970.
    """

    def __init__(self, owner: Knobs, values: dict[str, Any], changed_at: float) -> None:
        self._owner = owner
        self.values = values
        self.changed_at = changed_at

    def number(self, name: str, default: float) -> float:
        """A plain number."""
        return float(self.values.get(name, default))

    def flag(self, name: str, default: bool = False) -> bool:
        """A plain switch."""
        return bool(self.values.get(name, default))

    def text(self, name: str, default: str = "") -> str:
        """A plain text."""
        return str(self.values.get(name, default))

    def names(self, name: str) -> list[str]:
        """A list of texts."""
        return [str(item) for item in self.values.get(name, [])]

    def act(self, name: str, operation: str) -> Any:
        """What a misbehaviour asks for in this request; None = behave. Uses up one of `times`."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            return value or None
        chosen = value.get(operation, value.get("*"))
        if chosen is None:
            return None
        times = value.get("times")
        if times is not None and not self._owner.take(name, operation, int(times)):
            return None
        return chosen

    def first(self, name: str, subject: str) -> bool:
        """Whether a number knob still covers this occasion of `subject` (`pending_polls: 2`)."""
        times = int(self.values.get(name, 0))
        return times > 0 and self._owner.take(name, subject, times)
