"""Start a program of ours in a process of its own: a fresh interpreter, never a fork."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Any


def start_child(
    module: str,
    *arguments: str,
    stderr: int | IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `python -m MODULE ARGUMENTS…` with pipes to its input and output.

    Args:
        module: full name.
        arguments: seen by every user of the machine, so nothing secret.
        stderr: as of `subprocess.Popen`; None = ours.
        environment: variables besides ours.

    Returns:
        The process; to end it is the caller's duty.

    Raises:
        OSError: the interpreter cannot be started.
    """
    # -P: what lies in the current folder, maybe a stranger's, must not be imported. The search
    # path is ours instead, as with `multiprocessing`.
    path = os.pathsep.join(item for item in sys.path if item)
    # Ctrl-C goes to the whole group of the terminal; children are ended by us.
    group: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if sys.platform == "win32"
        else {"process_group": 0}
    )
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, **(environment or {}), "PYTHONPATH": path},
        **group,
    )
