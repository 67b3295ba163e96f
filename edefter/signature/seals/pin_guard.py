"""Remembers PINs that were wrong, or may have been, so that none is ever tried twice by itself.

Three wrong tries lock a card for good reason, and a lock on the last evening of the month costs the
month. So the file is written and synced *before* each login (state `trying`) and removed after
success. A PIN that is found there later is not tried; another one is, because then a person has
acted. There is one file for each token, whichever seals and processes share it; they try one after
the other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from edefter import atomic
from edefter.errors import SealRefused, WaitingError

_SCRYPT = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
"""A PIN has a few digits, so its hash must be slow: about 50 ms for each guess."""

_LOCK_S = 120.0  # another process logs in, at the worst with a slow card


@dataclass
class Attempt:
    """One try of a PIN.

    Attributes:
        ended: how it went: `right`, `wrong`, `untried` (the PIN reached nobody), or `unknown`,
            which forbids another try as `wrong` does.
    """

    ended: Literal["right", "wrong", "untried", "unknown"] = "unknown"


class PinGuard:
    """The memory of one token's PINs.

    Args:
        path: the file; its folder is made when missing.
        seal: name of the seal that asks, for messages.
    """

    def __init__(self, path: Path, seal: str) -> None:
        self._path, self._seal = path, seal

    @contextmanager
    def trying(self, pin: str) -> Iterator[Attempt]:
        """Try `pin` inside; say on the attempt how it went.

        Raises:
            SealRefused: this PIN failed before, or its last try did not end; nothing is tried.
            WaitingError: another process has been trying for two minutes.
            OSError: the note cannot be written; nothing is tried.
        """
        with self._locked():
            before = self._read()
            if before is None:
                raise SealRefused("seal.pin_note_damaged", seal=self._seal)
            for old in before:
                if hmac.compare_digest(_digest(pin, old["salt"]), old["hash"]):
                    key = "trying" if old["state"] == "trying" else "wrong"
                    raise SealRefused(f"seal.pin_{key}_before", seal=self._seal, at=old["at"])
            now = _note("trying", pin)
            self._write([*before, now])
            attempt = Attempt()
            try:
                yield attempt
            finally:
                if attempt.ended == "wrong":
                    self._write([*before, {**now, "state": "wrong"}])
                elif attempt.ended == "untried" and before:
                    self._write(before)
                elif attempt.ended in ("right", "untried"):
                    self._path.unlink(missing_ok=True)

    def clear(self) -> bool:
        """Forget what failed, because a person says so; whether there was anything.

        Raises:
            WaitingError: another process is trying.
        """
        with self._locked():
            there = self._path.exists()
            self._path.unlink(missing_ok=True)
            return there

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # A PIN has a few digits: whoever can read its hash can find it in hours.
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with FileLock(f"{self._path}.lock", timeout=_LOCK_S):
                for left in self._path.parent.glob(f".{self._path.name}.*"):
                    if left.name.endswith(atomic.TEMPORARY_SUFFIX):  # of a process that was killed
                        left.unlink(missing_ok=True)
                yield
        except Timeout:
            raise WaitingError("seal.pin_busy", seal=self._seal) from None

    def _write(self, notes: list[dict[str, str]]) -> None:
        atomic.write_bytes(self._path, json.dumps({"tries": notes}).encode())

    def _read(self) -> list[dict[str, str]] | None:
        """What was tried before; None when it cannot be read, which forbids every try."""
        try:
            notes: Any = json.loads(self._path.read_bytes())["tries"]
            for note in notes:
                bytes.fromhex(note["salt"])
                if not all(isinstance(note[name], str) for name in ("state", "hash", "at")):
                    return None
            return list(notes)
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, KeyError, OSError):
            return None


def _note(state: str, pin: str) -> dict[str, str]:
    salt = secrets.token_hex(16)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"state": state, "salt": salt, "hash": _digest(pin, salt), "at": at}


def _digest(pin: str, salt: str) -> str:
    return hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), **_SCRYPT).hex()
