"""The portal's copies read back, and its whole chain of receipts against ours (portal.md §9)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from edefter.archive.errors import ContractViolation, PortalRefused
from edefter.archive.findings import finding
from edefter.archive.holdings import Holdings
from edefter.archive.jws import Flaw
from edefter.archive.port import Receipt
from edefter.archive.receipts import check_chain, payload_sha256
from edefter.model.finding import Finding


def challenge(
    portal: Holdings, archive_id: str, file_name: str, sha256: str, *, whole: bool
) -> Finding | None:
    """Have the portal reread one of its copies, and perhaps read it back whole.

    Args:
        portal: asked.
        archive_id: the portal's id of the copy.
        file_name: of the file.
        sha256: what it must be, lower-case hex.
        whole: whether the copy comes back here, too.

    Returns:
        What is wrong (`ARC-30`: it says so itself, `ARC-31`: it gives something else), or None.

    Raises:
        PortalUnreachable, PortalWaiting: nothing is known.
    """
    try:
        if portal.verify(archive_id) != sha256:
            return finding("ARC-30", "archive.finding_challenge_verify", file_name)
        if whole:
            with tempfile.TemporaryDirectory(prefix="edefter-challenge-") as place:
                portal.download(archive_id, Path(place) / file_name, sha256)
    except (ContractViolation, PortalRefused):
        return finding("ARC-31", "archive.finding_challenge_download", file_name)
    return None


def audit_receipts(
    portal: Holdings,
    held: Iterable[tuple[str, Receipt]],
    contents: Mapping[str, AbstractSet[str]],
) -> tuple[int, list[Finding]]:
    """Audit the firm's whole chain from the first receipt.

    Args:
        portal: asked for all receipts.
        held: (file name, the receipt that is held here).
        contents: SHA-256 of everything that ever bore a name here.

    Returns:
        How many receipts there are, and what is wrong: the chain (`ARC-40`), a receipt of ours that
        is not in it (`ARC-41`), one about a content that never was here (`ARC-42`).

    Raises:
        PortalUnreachable, PortalWaiting: nothing is known.
    """
    feed, findings = whole_chain(portal)
    for receipt in feed.values():
        name = str(receipt.body.get("file_name"))
        if name in contents and receipt.sha256 not in contents[name]:
            findings.append(finding("ARC-42", "archive.finding_receipt_forged", name))
    for name, ours in held:
        there = feed.get(ours.seq)
        if there is None or payload_sha256(there) != payload_sha256(ours):
            findings.append(finding("ARC-41", "archive.finding_receipt_denied", name))
    return len(feed), findings


def whole_chain(portal: Holdings) -> tuple[dict[int, Receipt], list[Finding]]:
    """All receipts of the firm by number, and what is wrong with their chain (`ARC-40`).

    Raises:
        PortalUnreachable, PortalWaiting: nothing is known.
    """
    feed: dict[int, Receipt] = {}
    what = ""
    try:
        for receipt in portal.receipts():
            feed.setdefault(receipt.seq, receipt)
        check_chain(feed.values(), None)
    except Flaw as flaw:
        what = str(flaw)
    except ContractViolation as error:
        what = str(error.facts.get("what", error.key))
    return feed, [
        finding("ARC-40", "archive.finding_receipt_chain", "-", what=what)
    ] if what else []
