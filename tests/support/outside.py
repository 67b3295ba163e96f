"""A month seen from outside the engine: state database, files, GİB's and the portal's own books.

Used where engine and simulators are put under stress: nothing here asks the engine how it stands.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import closing

from edefter.sandbox.world import SandboxWorld
from tests.support.office import Office

FILES = 8
"""Ledger, berat, approved berat and bundle of both books."""
BEHIND_APPROVAL = ("processed", "approved", "archiving", "archived")
"""States that say GİB is done with a package."""
_SAFE = ("stored", "replicated", "notified")


def document_states(office: Office) -> dict[tuple[str, str], str]:
    """State by (kind, part), as the state database of the office has it; empty = there is none."""
    try:
        with closing(sqlite3.connect(office.folder / "data" / "state.db")) as state:
            rows = state.execute("SELECT kind, part, state FROM document").fetchall()
    except sqlite3.Error:
        return {}
    return {(kind, part): found for kind, part, found in rows}


def packages_of(world: SandboxWorld, tax_numbers: Collection[str]) -> list[tuple[str, str]]:
    """(package id, state) of every upload of these taxpayers that GİB took in, oldest first."""
    with closing(sqlite3.connect(world.gib.state / "gib.sqlite")) as gib:
        rows = gib.execute("SELECT package_id, state, tax_number FROM package ORDER BY number")
        return [(name, state) for name, state, number in rows if number in tax_numbers]


def packages_at_gib(office: Office) -> list[tuple[str, str]]:
    """Those of one office."""
    return packages_of(office.world, {office.tax_number})


def living_twice(packages: Iterable[tuple[str, str]]) -> list[str]:
    """Packages of which more than one living version is among these uploads."""
    living = Counter(name for name, state in packages if state not in ("rejected", "deleted"))
    return [name for name, count in living.items() if count > 1]


def sent_twice(office: Office) -> list[str]:
    """Packages of an office of which more than one living version is at GİB."""
    return living_twice(packages_at_gib(office))


def claimed_but_not_done(office: Office) -> list[str]:
    """Books that the state calls processed or more, though GİB is not done with them."""
    done = {name.split("-")[2] for name, state in packages_at_gib(office) if state == "done"}
    return [
        f"{kind} is {state}"
        for (kind, _), state in document_states(office).items()
        if state in BEHIND_APPROVAL and f"{kind}B" not in done
    ]


def held_of(world: SandboxWorld, tax_numbers: Collection[str]) -> Counter[tuple[str, str]]:
    """How often the portal safely holds each (package id, kind) of these taxpayers."""
    held: Counter[tuple[str, str]] = Counter()
    for path in (world.portal.state / "data" / "archives").glob("*.json"):
        archive = json.loads(path.read_text(encoding="utf-8"))
        if archive["firm"] in tax_numbers and archive["state"] in _SAFE:
            held[archive["package_id"], archive["kind"]] += 1
    return held


def held_at_portal(office: Office) -> Counter[tuple[str, str]]:
    """The same of one office."""
    return held_of(office.world, {office.tax_number})


def not_as_closed(office: Office, period: str) -> list[str]:
    """What is not as it is when an undivided month is closed and archived.

    Args:
        office: whose.
        period: `YYYY-MM`.

    Returns:
        One line per violation; each begins with its kind (`files lost`, `sent`, `wrong states`,
        `half-written`).
    """
    wrong = []
    states = document_states(office)
    if states != {("K", "000000"): "archived", ("Y", "000000"): "archived"}:
        wrong.append(f"wrong states: {states}")
    wrong += [f"half-written: {path.name}" for path in office.half_written()]
    compact = period.replace("-", "")
    found = office.archived(f"*{compact}*.xml") + office.archived(f"*{compact}*.zip")
    held = [path.name for path in found]
    if len(held) != FILES:
        wrong.append(f"files lost: {len(held)} of {FILES} are in the archive: {held}")
    wrong += [f"sent twice: {name}" for name in sent_twice(office)]
    done = {name for name, state in packages_at_gib(office) if state == "done"}
    if done != {f"{office.tax_number}-{compact}-{kind}-000000" for kind in ("KB", "YB")}:
        wrong.append(f"files lost: GİB approved {sorted(done)}")
    portal = held_at_portal(office)
    if len(portal) != FILES or set(portal.values()) != {1}:
        wrong.append(f"files lost: the portal holds {dict(portal)}")
    return wrong
