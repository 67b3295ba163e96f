"""Errors that only the engine can know."""

from __future__ import annotations

from typing import Any

from edefter.errors import DataError
from edefter.model.finding import FindingLog


class FindingsStop(DataError):
    """The data has findings; nothing was signed. `findings` holds them all."""

    def __init__(self, key: str, findings: FindingLog, /, **facts: Any) -> None:
        super().__init__(key, **facts)
        self.findings = findings
