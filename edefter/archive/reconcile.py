"""What is held here against what the portal lists (portal.md §9.3); pure, equal by SHA-256 only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edefter.archive.findings import finding
from edefter.archive.receipts import SAFE_STATES
from edefter.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Held:
    """One file that was archived here.

    Args:
        file_name: its final name.
        sha256: lower-case hex.
        receipted: the portal gave a receipt for it.
    """

    file_name: str
    sha256: str
    receipted: bool


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """File names by how both sides stand; sorted.

    Args:
        equal: held on both sides with the same content.
        waiting: held here alone, and never receipted.
        lost: receipted, and not on the portal's list.
        different: listed with another content.
        strange: on the portal's list alone.
        twice: listed more than once.
        superseded: how many of the portal's files were withdrawn.
    """

    equal: tuple[str, ...]
    waiting: tuple[str, ...]
    lost: tuple[str, ...]
    different: tuple[str, ...]
    strange: tuple[str, ...]
    twice: tuple[str, ...]
    superseded: int

    @property
    def findings(self) -> list[Finding]:
        """Everything that must not be, rules `ARC-20` to `ARC-23`."""
        return [
            *lost_from_list(self.lost),
            *_findings("ARC-21", "finding_portal_differs", self.different),
            *_findings("ARC-22", "finding_portal_strange", self.strange),
            *_findings("ARC-23", "finding_portal_twice", self.twice),
        ]


def reconcile(held: Iterable[Held], rows: Iterable[Mapping[str, Any]]) -> Reconciliation:
    """Compare.

    Args:
        held: what was archived here, each name once; cancelled files are left out.
        rows: the portal's whole list, each with `file_name`, `sha256` and `state`.
    """
    here = {item.file_name: item for item in held}
    living, superseded = [], 0
    for row in rows:
        superseded += row.get("state") == "superseded"
        if row.get("state") in SAFE_STATES:
            living.append((str(row.get("file_name")), str(row.get("sha256"))))
    there = dict(living)
    times = Counter(name for name, _ in living)
    both = here.keys() & there.keys()
    missing = here.keys() - there.keys()
    return Reconciliation(
        equal=tuple(sorted(name for name in both if here[name].sha256 == there[name])),
        waiting=tuple(sorted(name for name in missing if not here[name].receipted)),
        lost=tuple(sorted(name for name in missing if here[name].receipted)),
        different=tuple(sorted(name for name in both if here[name].sha256 != there[name])),
        strange=tuple(sorted(there.keys() - here.keys())),
        twice=tuple(sorted(name for name, count in times.items() if count > 1)),
        superseded=superseded,
    )


def unsteady(
    first: Iterable[Mapping[str, Any]], second: Iterable[Mapping[str, Any]]
) -> list[Finding]:
    """Whether two readings of the list, one right behind the other, differ (`ARC-24`).

    A list that changes between its pages leaves rows out; the other reading shows which.
    """
    sets = [
        {(str(row.get("file_name")), str(row.get("sha256"))) for row in rows}
        for rows in (first, second)
    ]
    names = sorted({name for name, _ in sets[0] ^ sets[1]})
    return _findings("ARC-24", "finding_portal_unsteady", names)


def lost_from_list(names: Iterable[str]) -> list[Finding]:
    """What the list leaves out although there is a receipt for it (`ARC-20`)."""
    return _findings("ARC-20", "finding_portal_lost", sorted(names))


def _findings(rule: str, key: str, names: Iterable[str]) -> list[Finding]:
    return [finding(rule, f"archive.{key}", name) for name in names]
