"""Remembers a PIN that was wrong, or may have been, so that it is never tried again by itself.

Three wrong tries lock a card for good reason, and a lock on the last evening of the month costs the
month. So the file is written and synced *before* each login (state `trying`) and removed after
success. Whatever is found there later, the same PIN is not tried; another PIN is, because then a
person has acted. Processes that share a seal try one after the other.
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

from filelock import FileLock, Timeout

from edefter import atomic
from edefter.errors import SealRefused, WaitingError

_SCRYPT = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
"""A PIN has a few digits, so its hash must be slow: about 50 ms for each guess."""

_LOCK_S = 120.0  # another process logs in, at the worst with a slow card


@dataclass
class Attempt:
    """One try of a PIN; what is not said of it leaves the note that it did not end.

    Attributes:
        wrong: the token said that the PIN is wrong.
        settled: the PIN was right, or was not tried after all.
    """

    wrong: bool = False
    settled: bool = False


class PinGuard:
    """The memory of one seal's PIN.

    Args:
        path: the file; its folder is made when missing.
        seal: name of the seal, for messages.
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
            held = self._read()
            if held is not None and (
                not held or hmac.compare_digest(_digest(pin, held["salt"]), held["hash"])
            ):
                key = "pin_trying_before" if held.get("state") == "trying" else "pin_wrong_before"
                raise SealRefused(f"seal.{key}", seal=self._seal, at=held.get("at", "-"))
            self._write("trying", pin)
            attempt = Attempt()
            try:
                yield attempt
            finally:
                if attempt.wrong:
                    self._write("wrong", pin)
                elif attempt.settled:
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
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self._path}.lock", timeout=_LOCK_S):
                for left in self._path.parent.glob(f".{self._path.name}.*"):
                    if left.name.endswith(atomic.TEMPORARY_SUFFIX):  # of a process that was killed
                        left.unlink(missing_ok=True)
                yield
        except Timeout:
            raise WaitingError("seal.pin_busy", seal=self._seal) from None

    def _write(self, state: str, pin: str) -> None:
        salt = secrets.token_hex(16)
        record = {
            "state": state,
            "salt": salt,
            "hash": _digest(pin, salt),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        atomic.write_bytes(self._path, json.dumps(record).encode())

    def _read(self) -> dict[str, str] | None:
        """The record; empty when it cannot be read, which forbids every try."""
        try:
            record = json.loads(self._path.read_bytes())
            return record if {"state", "salt", "hash"} <= record.keys() else {}
        except FileNotFoundError:
            return None
        except (ValueError, AttributeError, OSError):
            return {}


def _digest(pin: str, salt: str) -> str:
    return hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), **_SCRYPT).hex()
