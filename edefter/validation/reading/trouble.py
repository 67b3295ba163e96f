"""Why a document was not read to its end, before it is a finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a document was not read to its end.

    Args:
        key: message below `validation.`.
        rule: id of the finding.
        facts: what the message needs.
        line: 1-based line in the file, when known.
    """

    key: str
    rule: str
    facts: dict[str, Any] = field(default_factory=dict)
    line: int | None = None


class TooLarge(Exception):
    """The document needs more of something than is read; it may be XML.

    Args:
        key: message below `validation.`.
        facts: what the message needs.
    """

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    @property
    def trouble(self) -> Trouble:
        """The same as a finding's data."""
        return Trouble(self.key, "XML-LIMIT", self.facts)
