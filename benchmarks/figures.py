"""Figures with bars: the last lines of every measuring command, and its exit status."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


def peak_rss_bytes() -> int:
    """High-water mark of this program; getrusage would count the parent before exec, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(item for item in status.splitlines() if item.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@dataclass
class Figures:
    """Collects figures and says at the end which hold."""

    rows: list[tuple[str, str, str, bool]] = field(default_factory=list)

    def add(self, name: str, value: object, bar: str, holds: bool) -> None:
        """Add one figure.

        Args:
            name: what was measured.
            value: the figure, as printed.
            bar: what it must reach, in words.
            holds: whether it does.
        """
        self.rows.append((name, str(value), bar, holds))

    def add_violations(self, wrong: list[str], kinds: dict[str, str]) -> None:
        """Print violations, and add how many there are of each kind and in all; none may be.

        Args:
            wrong: one line each, `where: what`.
            kinds: how `what` begins, and what such are called.
        """
        for text in wrong:
            print(f"VIOLATION {text}")
        for mark, name in kinds.items():
            found = sum(f": {mark}" in text for text in wrong)
            self.add(name, found, "0", not found)
        self.add("violations in all", len(wrong), "0", not wrong)

    def close(self) -> int:
        """Print all figures; returns 0 only if every one holds."""
        width = max((len(name) for name, *_ in self.rows), default=0)
        for name, value, bar, holds in self.rows:
            print(f"{name:<{width}}  {value}  (bar: {bar})  {'ok' if holds else 'short'}")
        return 0 if self.rows and all(holds for *_, holds in self.rows) else 1
