"""The tree that a firm must have, from what the portal holds of it; pure.

The bundles say where a document lies and what lies beside it. A document without a bundle has its
place by its name. Copies that were withdrawn are the sets in the folder of cancelled ones: the
first of a name in the folder itself, later ones in numbered folders below, as the vault moves them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from edefter.archive.bundle import KIND, RECEIPT_ENDING, ledger_of
from edefter.archive.catalogue import Copy
from edefter.archive.manifest import Entry, Role
from edefter.archive.unbundle import Bundle
from edefter.model.documents import DocumentName

Tree = dict[str, dict[str, Entry]]
"""Rows by name, by folder: `fiscal year/month` below the company's."""


@dataclass
class Rebuilt:
    """What a portal's copies add up to.

    Args:
        tree: the rows.
        receipts: content of receipts by SHA-256.
        strange: file names that are none of e-Defter's: they have no place in the tree.
        disagreeing: names of which the bundle says another content than the receipt.
    """

    tree: Tree = field(default_factory=lambda: defaultdict(dict))
    receipts: dict[str, bytes] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)


def rebuild(
    copies: Iterable[Copy],
    bundles: Mapping[str, Bundle],
    place: Callable[[DocumentName], str],
    cancelled_folder: str,
) -> Rebuilt:
    """Lay the tree out.

    Args:
        copies: of the firm, in the order of their receipts.
        bundles: those that could be read, by the portal's id of their copy.
        place: the folder of a document that no bundle speaks of.
        cancelled_folder: name of the folder for withdrawn sets.
    """
    found = Rebuilt()
    sets: dict[tuple[DocumentName, int], list[Copy]] = defaultdict(list)
    withdrawn: dict[str, int] = defaultdict(int)
    for copy in copies:
        try:
            ledger = _ledger(copy)
        except ValueError:
            found.strange.append(copy.file_name)
            continue
        number = 0
        if copy.withdrawn is not None:
            withdrawn[copy.file_name] += 1
            number = withdrawn[copy.file_name]
        sets[ledger, number].append(copy)
    # Valid sets first: the stylesheets of a folder are theirs.
    for (ledger, number), members in sorted(sets.items(), key=lambda item: item[0][1]):
        _lay_out(found, ledger, number, members, bundles, place, cancelled_folder)
    return found


def _ledger(copy: Copy) -> DocumentName:
    if copy.kind == KIND:
        return ledger_of(copy.file_name)
    name = replace(DocumentName.parse(copy.file_name), approved=False)
    return replace(name, kind=name.kind.ledger) if name.kind.is_berat else name


def _lay_out(
    found: Rebuilt,
    ledger: DocumentName,
    number: int,
    members: list[Copy],
    bundles: Mapping[str, Bundle],
    place: Callable[[DocumentName], str],
    cancelled_folder: str,
) -> None:
    prefix = "" if not number else f"{cancelled_folder}/" + (f"{number}/" if number > 1 else "")
    bundle = next((bundles[m.archive_id] for m in members if m.archive_id in bundles), None)
    rows = found.tree[bundle.folder if bundle else place(ledger)]

    def add(row: Entry, why: str) -> None:
        name = f"{prefix}{row.name}"
        there = rows.setdefault(name, replace(row, name=name, cancelled=why if number else ""))
        if there.sha256 != row.sha256 and row.role != Role.RECEIPT:  # may be signed anew
            found.disagreeing.append(row.name)

    why = next((copy.withdrawn for copy in members if copy.withdrawn), "")
    for row in bundle.rows.values() if bundle else ():
        if row.role == Role.XSLT:
            rows.setdefault(row.name, row)
        else:
            add(row, why)
    for copy in members:
        raw = copy.receipt.raw.encode()
        sha256 = hashlib.sha256(raw).hexdigest()
        found.receipts[sha256] = raw
        add(
            Entry(
                name=copy.file_name, role=copy.kind, size_bytes=copy.size_bytes, sha256=copy.sha256,
                ledger_signature_sha256="" if copy.kind == KIND else copy.signature_sha256,
                receipt_id=copy.receipt.receipt_id,
            ),
            why,
        )  # fmt: skip
        stem = copy.file_name.rsplit(".", 1)[0]
        add(
            Entry(
                name=f"{stem}{RECEIPT_ENDING}", role=Role.RECEIPT, size_bytes=len(raw),
                sha256=sha256,
            ),
            why,
        )  # fmt: skip
