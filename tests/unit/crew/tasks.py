"""What the processes of the crew tests do."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from edefter.errors import ConfigError


def square(number: int) -> int:
    """Its square."""
    return number * number


def refuse(branch: str) -> None:
    """Raise an error of ours."""
    raise ConfigError("engine.unknown_branch", branch=branch)


def print_and_return(text: str) -> str:
    """Print to standard output, as libraries do, and return it."""
    print(text, flush=True)
    os.write(1, b"\x00\x01")
    return text


def die() -> None:
    """As the system does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def sleep_long(begun: Path) -> None:
    """Say who works, and go on for long."""
    begun.with_suffix(".new").write_text(str(os.getpid()))
    begun.with_suffix(".new").rename(begun)
    time.sleep(600)
