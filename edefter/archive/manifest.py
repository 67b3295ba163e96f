"""`manifest.json` of one month folder: what was put there, with hash, role and fate.

The manifest is the view for people and standard tools; the chained journal is the evidence it is
checked against. Fields of one entry: portal.md §9.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from edefter.atomic import write_bytes

FILE_NAME = "manifest.json"
VERSION = 1
STYLESHEETS = ("yevmiye.xslt", "kebir.xslt", "berat.xslt")


class Role(StrEnum):
    """What a file in the vault is."""

    Y = "Y"  # yevmiye
    K = "K"  # kebir
    YB = "YB"  # berat of the yevmiye
    KB = "KB"
    GIB_YB = "GIB-YB"  # approved berat
    GIB_KB = "GIB-KB"
    DR = "DR"  # defter raporu
    E = "E"  # envanter
    EB = "EB"
    GIB_EB = "GIB-EB"
    RECEIPT = "RECEIPT"  # the portal's receipt
    XSLT = "XSLT"  # viewing stylesheet
    BUNDLE = "BUNDLE"  # a document's side files, as they are at the portal
    OTHER = "OTHER"  # evidence (GİB answers, clock measurements …)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file.

    Args:
        name: path relative to the month folder, with `/`.
        role: what it is.
        size_bytes, sha256: of the content.
        ledger_signature_sha256: SHA-256 of the ledger's SignatureValue, hex; may be empty.
        gib_state: state at GİB as the engine knows it; may be empty.
        receipt_id: the portal's receipt; may be empty.
        cancelled: reason when the file was moved to the cancelled folder, else empty.
    """

    name: str
    role: str
    size_bytes: int
    sha256: str
    ledger_signature_sha256: str = ""
    gib_state: str = ""
    receipt_id: str = ""
    cancelled: str = ""


_FIELDS = frozenset(item.name for item in fields(Entry))


def is_below(name: str) -> bool:
    """Whether a row's name stays in its month folder: plain parts, at most two folders deep."""
    parts = name.split("/")
    plain = all(re.fullmatch(r"(?![.])[^/\\\x00-\x1f]{1,200}", part) for part in parts)
    return plain and len(parts) <= 3


def read(folder: Path) -> dict[str, Entry]:
    """Entries by name; empty when the folder has no manifest.

    Raises:
        ValueError: the file is no manifest of this version.
    """
    try:
        return parse((folder / FILE_NAME).read_bytes())
    except FileNotFoundError:
        return {}


def parse(text: bytes) -> dict[str, Entry]:
    """Entries by name of a manifest's content.

    Raises:
        ValueError: it is no manifest of this version, or names files outside of its folder.
    """
    document = json.loads(text.decode("utf-8"))
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError("not a manifest of this version")
    try:
        rows: list[dict[str, Any]] = document["files"]
        entries = [Entry(**{k: v for k, v in row.items() if k in _FIELDS}) for row in rows]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("manifest row of another form") from error
    if not all(is_below(entry.name) for entry in entries):
        raise ValueError("a name that leads out of the folder")
    return {entry.name: entry for entry in entries}


def text_of(entries: Mapping[str, Entry], folder: str = "") -> str:
    """A manifest with these rows, sorted by name.

    Args:
        entries: the rows.
        folder: fiscal year and month folder, with `/`; said where the manifest stands elsewhere.
    """
    rows = [asdict(entries[name]) for name in sorted(entries)]
    document: dict[str, Any] = {"version": VERSION, "files": rows}
    if folder:
        document["folder"] = folder
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(folder: Path, entries: Mapping[str, Entry]) -> None:
    """Replace the manifest atomically."""
    write_bytes(folder / FILE_NAME, text_of(entries).encode("utf-8"))
