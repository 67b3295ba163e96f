"""Progress of a long step, told to whoever listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives how far a step is; called often, must be cheap and never raise."""

    def advance(self, step: str, done: int, total: int | None = None) -> None:
        """`done` of `total` units (lines, bytes) of `step` are finished; total None = unknown."""


class SilentProgress:
    """Listens to nothing."""

    def advance(self, step: str, done: int, total: int | None = None) -> None:
        """Ignore it."""
