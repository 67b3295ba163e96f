"""Remembers a PIN that was wrong, or may have been, so that it is never tried again by itself.

Three wrong tries lock a card for good reason, and a lock on the last evening of the month costs the
month. So the file is written and synced *before* each login (state `trying`) and removed after
success. Whatever is found there later, the same PIN is not tried; another PIN is, because then a
person has acted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from edefter import atomic
from edefter.errors import SealRefused

_SCRYPT = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
"""A PIN has a few digits, so its hash must be slow: about 50 ms for each guess."""


class PinGuard:
    """The memory of one seal's PIN.

    Args:
        path: the file; its folder is made when missing.
        seal: name of the seal, for messages.
    """

    def __init__(self, path: Path, seal: str) -> None:
        self._path, self._seal = path, seal

    def begin(self, pin: str) -> None:
        """Note that `pin` is about to be tried.

        Raises:
            SealRefused: this PIN failed before, or its last try did not end; nothing is tried.
        """
        held = self._read()
        if held is not None and (
            not held or hmac.compare_digest(_digest(pin, held["salt"]), held["hash"])
        ):
            key = "pin_trying_before" if held.get("state") == "trying" else "pin_wrong_before"
            raise SealRefused(f"seal.{key}", seal=self._seal, at=held.get("at", "-"))
        self._write("trying", pin)

    def failed(self, pin: str) -> None:
        """Note that `pin` was wrong."""
        self._write("wrong", pin)

    def succeeded(self) -> None:
        """Forget: the PIN was right, or was not tried after all."""
        self.clear()

    def clear(self) -> bool:
        """Forget what failed, because a person says so; whether there was anything."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True

    def _write(self, state: str, pin: str) -> None:
        salt = secrets.token_hex(16)
        record = {
            "state": state,
            "salt": salt,
            "hash": _digest(pin, salt),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
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
