"""Everything that the portal has ever taken in of a firm, as its signed receipts tell it.

The list says what became of a copy, the receipts that it was taken in: a row that the list leaves
out is found all the same, and nothing is believed to be there that no receipt was signed for.
"""

from __future__ import annotations

from dataclasses import dataclass

from edefter.archive.audit import whole_chain
from edefter.archive.holdings import Holdings
from edefter.archive.port import Receipt
from edefter.archive.receipts import SAFE_STATES
from edefter.archive.reconcile import lost_from_list
from edefter.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Copy:
    """One file at the portal.

    Args:
        receipt: of its storing.
        signature_sha256: of the ledger's SignatureValue, as the list says; may be empty.
        withdrawn: why it was superseded; None = it is valid.
    """

    receipt: Receipt
    signature_sha256: str = ""
    withdrawn: str | None = None

    @property
    def archive_id(self) -> str:
        """The portal's id of the copy."""
        return str(self.receipt.body.get("portal_file_id"))

    @property
    def file_name(self) -> str:
        """Of the file."""
        return str(self.receipt.body.get("file_name"))

    @property
    def kind(self) -> str:
        """As declared: `Y`, `GIB-YB`, `BUNDLE` …"""
        return str(self.receipt.body.get("kind"))

    @property
    def size_bytes(self) -> int:
        """Of the content."""
        return int(self.receipt.body.get("size", 0))

    @property
    def sha256(self) -> str:
        """Of the content, lower-case hex."""
        return self.receipt.sha256


def catalogue(portal: Holdings) -> tuple[list[Copy], list[Finding]]:
    """Ask for all receipts and the whole list.

    Args:
        portal: asked.

    Returns:
        The copies in the order of their receipts, and what is wrong: the chain (`ARC-40`), a copy
        that the list leaves out (`ARC-20`).

    Raises:
        PortalUnreachable, PortalWaiting: nothing is known.
        ContractViolation: the list cannot be read.
    """
    feed, findings = whole_chain(portal)
    listed = {str(row.get("id")): row for row in portal.archives()}
    copies, left_out = [], []
    for receipt in feed.values():
        row = listed.get(str(receipt.body.get("portal_file_id")), {})
        withdrawn = row.get("state") == "superseded"
        copy = Copy(
            receipt,
            str(row.get("ledger_signature_digest") or ""),
            str(row.get("superseded_because") or "-") if withdrawn else None,
        )
        copies.append(copy)
        if not withdrawn and row.get("state") not in SAFE_STATES:
            left_out.append(copy.file_name)
    return copies, [*findings, *lost_from_list(left_out)]
