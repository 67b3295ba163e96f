"""What the official package answered about one document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One place of a failed assertion, in words."""

    element: str
    path: str
    line: int
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion that does not hold, with all nodes of one kind where it does not.

    Args:
        assertion: its id, or ordinal `pattern.rule.assertion`, or its test.
        has_id: whether it has an id.
        role: as written in the rules.
        element: Clark name of the nodes; empty = the document itself.
        count: number of nodes.
        places: (line, offset) of the nodes; 0 and -1 = not known. May be cut at a million.
        samples: the first of them in words.
    """

    assertion: str
    has_id: bool
    role: str
    element: str
    count: int
    places: tuple[tuple[int, int], ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The answer of schema or rules.

    Args:
        outcome: `valid`, `invalid` (schema); `judged`, `engine-error` (rules); `not-well-formed`,
            `dtd` (both); anything else means that there is no answer: `absent`, `no-kind`,
            `no-saxon`, `limit`, `unusable`, `refused`, `unreadable`, `not-understood`, `timeout`,
            `memory`, `too-long`, `crashed`.
        detail: technical, English, of the engine.
        messages: line and sentence of the schema processor.
        assertions: of the rules, when judged.
    """

    outcome: str
    detail: str = ""
    messages: tuple[tuple[int, str], ...] = ()
    assertions: tuple[Assertion, ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether the official engine gave a verdict at all."""
        return self.outcome in (
            "valid", "invalid", "judged", "engine-error", "not-well-formed", "dtd",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfficialVerdict:
    """Schema and rules of the package about one document."""

    schema: Part
    rules: Part
    seconds: float = field(default=0.0, compare=False)


def read_part(answer: Mapping[str, Any]) -> Part:
    """A part from a line of the worker's answer.

    Raises:
        KeyError, TypeError, ValueError: the line is not what the worker writes.
    """
    return Part(
        outcome=str(answer["outcome"]),
        detail=str(answer.get("detail", "")),
        messages=tuple((int(line), str(text)) for line, text in answer.get("messages", ())),
        assertions=tuple(
            Assertion(
                assertion=str(item["assertion"]),
                has_id=bool(item["has_id"]),
                role=str(item["role"]),
                element=str(item["element"]),
                count=int(item["count"]),
                places=tuple((int(line), int(offset)) for line, offset in item["places"]),
                samples=tuple(Sample(**sample) for sample in item["samples"]),
            )
            for item in answer.get("assertions", ())
        ),
    )
