"""One run at a time per taxpayer: on this machine by a file, over machines by the state database.

The lock is the taxpayer's, not the branch's or the registration's: branches share the month folder
of the archive and the portal's chain of receipts, and two registrations of one tax number would
send the same packages.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from edefter.errors import WaitingError
from edefter.model.company import Company
from edefter.state.exclusive import exclusive
from edefter.state.store import Store


@contextlib.contextmanager
def company_lock(folder: Path, store: Store, company: Company) -> Iterator[None]:
    """Hold the lock of one taxpayer; the operating system frees it when the process dies.

    Args:
        folder: for the lock file; made when missing.
        store: the open state database.
        company: whose books are worked on.

    Raises:
        WaitingError: another run holds it; the text says which process on which computer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = company.tax_id.number
    holder = folder / f"{number}.holder.json"
    lock = FileLock(folder / f"{number}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = {}
        with contextlib.suppress(OSError, ValueError):
            who = json.loads(holder.read_text(encoding="utf-8"))
        raise _locked(company, str(who.get("pid", "?")), str(who.get("host", "?"))) from None
    try:
        me = {"pid": os.getpid(), "host": socket.gethostname()}
        with exclusive(
            store.engine, f"company:{number}", f"edefter {me['pid']}@{me['host']}"
        ) as by:
            if by is not None:
                pid, _, host = by.removeprefix("edefter ").partition("@")
                raise _locked(company, pid or "?", host or "?")
            holder.write_text(json.dumps(me), encoding="utf-8")
            yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _locked(company: Company, pid: str, host: str) -> WaitingError:
    return WaitingError("engine.locked", company=company.code, pid=pid, host=host)
