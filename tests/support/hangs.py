"""A limit for code whose mistakes would make it run without end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_CPU_S = 60  # far beyond what any machine needs; inputs are so large that a slip takes hours


@contextmanager
def ends() -> Iterator[None]:
    """Interrupt what is inside after a minute of processor time; no measure of speed.

    Raises:
        TimeoutError: it was still running.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still running after {_CPU_S} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _CPU_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
