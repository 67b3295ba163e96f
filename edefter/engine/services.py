"""What the engine works with: settings, state, time and listeners, handed in from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from edefter.clock.port import Monotonic, Sleep, TimeSource, WallClock
from edefter.config.section import SecretRef
from edefter.config.settings import Settings
from edefter.observe.progress import Progress, SilentProgress
from edefter.state.pacing import SharedPace
from edefter.state.store import Store


class Listener(Protocol):
    """Hears what a run does; must never raise."""

    def step(self, key: str, **facts: object) -> None:
        """A step begins or ends; `key` is a message key of area `engine`."""

    def warn(self, key: str, **facts: object) -> None:
        """Something a person should know, which does not stop the run."""


class SilentListener:
    """Hears nothing."""

    def step(self, key: str, **facts: object) -> None:
        """Ignore it."""

    def warn(self, key: str, **facts: object) -> None:
        """Ignore it."""


def utc_now() -> datetime:
    """The computer's time, zone-aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Services:
    """The world around a run.

    Args:
        settings: the configuration, paths absolute.
        store: the open state database.
        secret: reads a secret reference.
        wall, monotonic, sleep: time as inputs.
        time_source: asks NTP servers.
        progress: hears how far long steps are.
        listener: hears which step runs and warnings.
    """

    settings: Settings
    store: Store
    secret: Callable[[SecretRef], str]
    wall: WallClock = utc_now
    monotonic: Monotonic = time.monotonic
    sleep: Sleep = time.sleep
    time_source: TimeSource
    progress: Progress = field(default_factory=SilentProgress)
    listener: Listener = field(default_factory=SilentListener)

    @property
    def data_dir(self) -> Path:
        """Folder of state, work files, keys and locks."""
        return self.settings.data_dir

    def gib_pace(self) -> SharedPace:
        """One for everybody who works with this state database, whatever company it is for."""
        gib = self.settings.gib
        return SharedPace(self.store.engine, gib.base_url, gib.pace_s, self.wall, self.sleep)


def state_url(settings: Settings) -> str:
    """The state database's URL: as configured, else SQLite in the data folder."""
    if settings.state_url:
        return settings.state_url
    return f"sqlite:///{settings.data_dir / 'state.db'}"
