"""The side files of a document as one zip: the same files give the same bytes (portal.md §4).

Receipts, evidence of seals, stylesheets and the rows of the manifest are what makes a document
provable later; the portal takes documents one by one, and these together. One zip per document and
not per month: it lives and is taken back with its document, whatever parts a month grows later.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from edefter.archive import manifest
from edefter.archive.manifest import Entry, Role
from edefter.model.documents import DocumentName

KIND = "BUNDLE"
RECEIPT_ENDING = ".receipt.jws"
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_READ_ONLY = 0o444
_UNIX = 3
_BLOCK_BYTES = 1 << 20


def bundle_stem(ledger: DocumentName) -> str:
    """Name of a document's bundle without its ending; the package id at the portal too.

    `1234567808-202601-Y-BUNDLE-000000`, with the branch behind it where there is one.
    """
    branch = f"-{ledger.branch}" if ledger.branch else ""
    month = f"{ledger.tax_number}-{ledger.period.compact}"
    return f"{month}-{ledger.kind}-{KIND}-{ledger.part}{branch}"


def ledger_of(bundle_name: str) -> DocumentName:
    """The document that a bundle's file name or package id speaks of.

    Raises:
        ValueError: it is no such name.
    """
    stem = bundle_name.removesuffix(".zip")
    ledger = DocumentName.parse(stem.replace(f"-{KIND}-", "-", 1))
    if bundle_stem(ledger) != stem:
        raise ValueError(f"no bundle: {bundle_name!r}")
    return ledger


def stems_of(ledger: DocumentName) -> frozenset[str]:
    """Names, without endings, of everything in a month folder that belongs to one document.

    Args:
        ledger: the document; a report has no berats.
    """
    names = [ledger]
    if ledger.kind.has_berat:
        berat = replace(ledger, kind=ledger.kind.berat)
        names += [berat, berat.as_approved()]
    return frozenset({bundle_stem(ledger), *(name.stem for name in names)})


def rows_of(entries: Mapping[str, Entry], ledger: DocumentName) -> dict[str, Entry]:
    """The rows of a month's manifest that belong to a document; cancelled ones are left out."""
    stems = stems_of(ledger)
    return {name: row for name, row in entries.items() if name.split(".")[0] in stems}


def bundle_of(folder: Path, ledger: DocumentName) -> bytes:
    """Make the bundle of a document from what its month folder holds.

    Args:
        folder: the month folder.
        ledger: the document.

    Raises:
        ValueError: the manifest is unreadable, or knows nothing of the document.
        OSError: a file cannot be read.
    """
    entries = manifest.read(folder)
    own = rows_of(entries, ledger)
    own = {name: row for name, row in own.items() if not name.startswith(bundle_stem(ledger))}
    side = {name for name, row in own.items() if row.role in (Role.RECEIPT, Role.OTHER)}
    views = {name: row for name, row in entries.items() if row.role == Role.XSLT}
    members: dict[str, Path | bytes] = {name: folder / name for name in (*side, *views)}
    if own:
        place = f"{folder.parent.name}/{folder.name}"
        members[manifest.FILE_NAME] = manifest.text_of({**own, **views}, place).encode("utf-8")
    sink = io.BytesIO()
    write_bundle(sink, members)
    return sink.getvalue()


def write_bundle(sink: BinaryIO, members: Mapping[str, Path | bytes]) -> None:
    """Write a deterministic zip.

    Args:
        sink: takes the zip.
        members: files or their content by their name in the zip; plain names without folders.

    Raises:
        ValueError: no member, or a name with a folder.
        OSError: a file cannot be read.
    """
    if not members:
        raise ValueError("a bundle has members")
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(members):
            if not name or name.startswith(".") or Path(name).name != name:
                raise ValueError(f"not a plain file name: {name!r}")
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.create_system = _UNIX
            info.external_attr = _READ_ONLY << 16
            held = members[name]
            opened = io.BytesIO(held) if isinstance(held, bytes) else held.open("rb")
            with opened as source, bundle.open(info, "w") as member:
                shutil.copyfileobj(source, member, _BLOCK_BYTES)
