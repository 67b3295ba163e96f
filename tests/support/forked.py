"""Commands of an office in forked processes: nothing is loaded anew, and any may be killed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from edefter.cli.main import run
from tests.support.deadly import wrap_effects
from tests.support.office import SAMPLES, Office

PRELOADED = (
    "edefter.cli.run_cmd", "edefter.cli.archive_cmd", "edefter.cli.verify_cmd",
    "edefter.cli.company_cmd", "edefter.source.sql", "edefter.source.sqlite_columns",
    "edefter.ledger.making", "edefter.gib.client", "edefter.archive.portal",
)  # fmt: skip


def preload() -> None:
    """Load what a month end needs, so that no forked process has to."""
    for name in PRELOADED:
        import_module(name)


def begin(
    office: Office,
    *words: str,
    reached: Callable[[str], None] | None = None,
    said: Path | None = None,
) -> int:
    """Fork a process that runs `edefter words…`.

    Args:
        office: whose.
        words: the command.
        reached: called in that process before and after every effect (`tests.support.deadly`).
        said: file that takes what the command prints; None = nobody hears it.

    Returns:
        Its process id.
    """
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        quiet = os.open(said or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        if reached is not None:
            wrap_effects(reached)
        code = run(["--config", str(office.config), *words])
    finally:
        os._exit(code)


def end_of(child: int, *, within_s: float | None = None) -> int:
    """Wait for a process; its exit code, or the negative number of the signal that ended it.

    Args:
        child: process id.
        within_s: after so long it is killed; None = however long it takes.
    """
    if within_s is not None:
        timer = threading.Timer(within_s, os.kill, (child, signal.SIGKILL))
        timer.start()
    try:
        _, status = os.waitpid(child, 0)
    finally:
        if within_s is not None:
            timer.cancel()
    return os.waitstatus_to_exitcode(status)


def forked(office: Office, *words: str, reached: Callable[[str], None] | None = None) -> int:
    """`begin`, and wait for its end."""
    return end_of(begin(office, *words, reached=reached))


def register(office: Office) -> None:
    """Register the sample company under the office's tax number.

    Raises:
        RuntimeError: it was refused.
    """
    code = forked(
        office, "company", "add", "--file", str(SAMPLES / "company.toml"),
        "--set", f'tax_id="{office.tax_number}"',
    )  # fmt: skip
    if code != 0:
        raise RuntimeError(f"the company could not be registered: exit {code}")
