"""The portal's receipt keys: configured, or pinned at first contact (trust on first use)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edefter.archive.errors import ContractViolation
from edefter.archive.jws import Flaw, Keys
from edefter.archive.port import Receipt
from edefter.archive.receipts import load_keys, open_receipt, parse_keys
from edefter.atomic import write_bytes
from edefter.errors import ConfigError

KEYS_NAME = "portal-receipt-keys.json"


class ReceiptKeys:
    """The keys that may sign receipts.

    Args:
        configured: JWK set file named in the settings; None = pin at first contact.
        key_folder: where the pins are kept.
        fetch: asks the portal for its JWK set.
    """

    def __init__(
        self, configured: Path | None, key_folder: Path, fetch: Callable[[], dict[str, Any]]
    ) -> None:
        self._configured = configured
        self.place = configured or key_folder / KEYS_NAME
        self._fetch = fetch
        self._keys: Keys | None = None

    def open(self, answer: Any, file: str) -> Receipt:
        """Verify a receipt answer.

        Args:
            file: name for the message.

        Raises:
            ContractViolation: it is not valid, or signed with a key that is not pinned.
            ConfigError: the configured key file cannot be used.
        """
        keys = self._pinned()
        try:
            return open_receipt(answer, keys, self.place.name)
        except Flaw as flaw:
            raise ContractViolation("archive.receipt_wrong", file=file, what=str(flaw)) from None

    def _pinned(self) -> Keys:
        if self._keys is None:
            if self._configured is None and not self.place.exists():
                self._pin()
            try:
                self._keys = load_keys(self.place)
            except (OSError, ValueError):
                raise ConfigError("archive.not_configured", what="receipt_keys") from None
        return self._keys

    def _pin(self) -> None:
        answer = self._fetch()
        try:
            usable = parse_keys(answer)
        except ValueError:
            usable = {}
        if not usable:
            raise ContractViolation("archive.bad_answer", what="no usable receipt keys")
        self.place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_bytes(self.place, json.dumps({"keys": answer["keys"]}, indent=1).encode("utf-8"))
