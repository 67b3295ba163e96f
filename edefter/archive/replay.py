"""What the lines of a year's journal add up to: the manifest that a month must have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from edefter.archive import manifest
from edefter.archive.chain import ChainedJournal
from edefter.archive.manifest import Entry

_NOTES = ("ledger_signature_sha256", "gib_state", "receipt_id")


def restored(row: Entry) -> dict[str, Any]:
    """The facts of a journal line that brings a whole row back at once."""
    facts = asdict(row)
    return {"file": facts.pop("name"), "size": facts.pop("size_bytes"), **facts}


def replay(lines: Iterable[Mapping[str, Any]], month: str) -> dict[str, Entry]:
    """Rows by name.

    Args:
        lines: of the journal, oldest first; those of other months are passed over.
        month: name of the month folder.

    Raises:
        KeyError: a line lacks what its action needs.
    """
    rows: dict[str, Entry] = {}
    for line in lines:
        if line.get("folder") != month:
            continue
        name = str(line.get("file"))
        if not manifest.is_below(name):
            continue  # nothing of ours
        match line.get("action"):
            case "put":
                rows[name] = Entry(
                    name=name, role=line["role"], size_bytes=line["size"], sha256=line["sha256"]
                )
            case "restore":
                kept = {key: line[key] for key in (*_NOTES, "cancelled", "role", "sha256")}
                rows[name] = Entry(name=name, size_bytes=line["size"], **kept)
            case "note" if name in rows:
                rows[name] = replace(rows[name], **{k: line[k] for k in _NOTES if k in line})
            case "delete":
                rows.pop(name, None)
            case "cancel" if name in rows and manifest.is_below(line["to"]):
                row = rows.pop(name)
                rows[line["to"]] = replace(row, name=line["to"], cancelled=line["reason"])
    return rows


def known_rows(journal: ChainedJournal, folder: Path) -> dict[str, Entry]:
    """What a month folder must hold, as its year's journal and its manifest know it.

    The journal is the evidence and the manifest a view of it: where the journal's chain holds its
    word counts, and the manifest adds what was cut off the journal's end.

    Args:
        journal: of the year.
        folder: the month folder; need not be there.
    """
    replayed = {} if journal.audit() else replay(journal.entries(), folder.name)
    try:
        viewed = manifest.read(folder)
    except ValueError:
        viewed = {}
    return {**viewed, **replayed}
