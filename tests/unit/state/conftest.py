"""A state database whose time passes only when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edefter.state.store import Store
from tests.support.clocks import PassingClock


@pytest.fixture
def clock() -> PassingClock:
    return PassingClock()


@pytest.fixture
def store(clock: PassingClock, tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'state.db'}", clock.wall)
    yield made
    made.close()
