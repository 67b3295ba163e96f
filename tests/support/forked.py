"""Commands of an office in forked processes: nothing is loaded anew, and any may be killed."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module

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


def begin(office: Office, *words: str, reached: Callable[[str], None] | None = None) -> int:
    """Fork a process that runs `edefter words…`.

    Args:
        office: whose.
        words: the command.
        reached: called in that process before and after every effect (`tests.support.deadly`).

    Returns:
        Its process id.
    """
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        if reached is not None:
            wrap_effects(reached)
        code = run(["--config", str(office.config), *words])
    finally:
        os._exit(code)


def end_of(child: int) -> int:
    """Wait for a process; its exit code, or the negative number of the signal that ended it."""
    _, status = os.waitpid(child, 0)
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
