"""Counts time stamps before they are bought: they cost credit (kontör), and a loop costs a lot."""

from __future__ import annotations

import json
from pathlib import Path

from filelock import FileLock

from edefter import atomic
from edefter.errors import OperatorNeeded

_LOCK_S = 60.0


class Budget:
    """The count of one installation.

    Args:
        path: the file; its folder is made when missing.
        limit: stamps that may be used; 0 = not limited.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path, self._limit = path, limit

    @property
    def used(self) -> int:
        """Stamps asked for so far.

        Raises:
            OperatorNeeded: the file is damaged.
        """
        try:
            used = json.loads(self._path.read_bytes())["used"]
        except FileNotFoundError:
            return 0
        except (ValueError, KeyError, TypeError):
            used = None
        if not isinstance(used, int) or used < 0:
            raise OperatorNeeded("timestamp.budget_damaged", file=str(self._path))
        return used

    def take(self) -> int | None:
        """Count one more stamp, on disk, before it is asked for.

        Returns:
            how many are left after it; None = not limited.

        Raises:
            OperatorNeeded: none is left, or the file is damaged; nothing may be asked for.
            OSError: the count cannot be written.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock", timeout=_LOCK_S):
            used = self.used
            if self._limit and used >= self._limit:
                raise OperatorNeeded("timestamp.budget_empty", limit=self._limit)
            atomic.write_bytes(self._path, json.dumps({"used": used + 1}).encode())
        return self._limit - used - 1 if self._limit else None
