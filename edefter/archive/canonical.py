"""Canonical JSON (RFC 8785) for the values that receipts, manifests and journals use.

Strings, booleans, null, lists, objects with ASCII keys, and whole numbers below 2**53: for these
the scheme is sorted keys, no white space and the shortest escapes. Anything else is refused, so
that no value can be written in two ways.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

_LARGEST = 2**53 - 1


def canonical_json(value: Any) -> bytes:
    """The one form of `value`, UTF-8.

    Raises:
        ValueError: a float, a number beyond ±(2**53 - 1), a non-ASCII key, another type, or text
            that is not Unicode (lone surrogates).
    """
    _check(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, lower-case hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _check(value: Any) -> None:
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ValueError("whole number beyond 2**53 - 1")
        return
    if isinstance(value, list | tuple):
        for item in value:
            _check(item)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError("object keys must be ASCII text")
            _check(item)
        return
    raise ValueError(f"no canonical form for {type(value).__name__}")
