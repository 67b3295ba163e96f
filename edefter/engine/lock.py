"""One run at a time per company and branch on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from edefter.errors import WaitingError


@contextlib.contextmanager
def company_lock(folder: Path, company: str, branch: str) -> Iterator[None]:
    """Hold the lock of one company and branch.

    Raises:
        WaitingError: another run holds it; the text says which process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{company}-{branch}" if branch else company
    holder = folder / f"{stem}.holder.json"
    lock = FileLock(folder / f"{stem}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = {}
        with contextlib.suppress(OSError, ValueError):
            who = json.loads(holder.read_text(encoding="utf-8"))
        raise WaitingError(
            "engine.locked", company=company, pid=who.get("pid", "?"), host=who.get("host", "?")
        ) from None
    try:
        holder.write_text(
            json.dumps({"pid": os.getpid(), "host": socket.gethostname()}), encoding="utf-8"
        )
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
