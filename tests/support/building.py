"""Ledgers of one part, however large, for tests that are not about parts."""

from __future__ import annotations

from typing import Any

from edefter.ledger.build import build_parts
from edefter.model.files import LedgerPart


def build_part(*given: Any, **options: Any) -> LedgerPart | None:
    """`build_parts` with a part of any size; None when there are findings."""
    parts = build_parts(*given, **{"most_bytes": None, **options})
    return parts[0] if parts is not None else None
