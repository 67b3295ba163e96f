"""The berat of a signed ledger, derived field by field (lifecycle.md §5, format.md §2.3, §3.6).

The ledger's head is copied as a small tree, so every namespace and every field of documentInfo
and entityInformation stays as it is in the ledger; what is added or changed is listed in
`turn_into_berat`. The result is written as its canonical form, ready to be signed by splice.
"""

from __future__ import annotations

import uuid
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from lxml import etree

from edefter.berat.copied_head import (
    GL_BUS,
    XBRLI,
    Units,
    add_header,
    add_movement,
    copy_head,
    cor,
    fact,
    one,
    write_document,
)
from edefter.berat.read_ledger import GL_COR, LedgerFacts
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import SignedFile, StoredFile
from edefter.model.turnover import Movements, Turnover
from edefter.xmlsig.names import EDEFTER, ds
from edefter.xmlsig.parsing import Element

_TAX_ACCOUNTS = {
    "391": "Hesaplanan KDV",
    "191": "İndirilecek KDV",
    "600": "Yurt İçi Satışlar",
    "601": "Yurt Dışı Satışlar",
    "602": "Diğer Gelirler Hesabı",
}
_MEBIBYTE = Decimal(1024 * 1024)


def build_berat(
    ledger: SignedFile, folder: Path, *, ettn: uuid.UUID, known: Movements | None = None
) -> StoredFile:
    """Derive the unsigned berat of a signed ledger.

    Args:
        ledger: signed Y, K or E; the file is read once, memory stays constant.
        known: what was counted when this very ledger was written; None = its entries are read.
        folder: where the unsigned berat goes, under its final document name; must exist.
        ettn: fresh UUID of this berat; the engine keeps it through restarts.

    Returns:
        The berat as canonical XML, ready for signing.

    Raises:
        DataError: the ledger cannot be read as a signed ledger.
        InternalError: the file is not the one that was signed (size, hash or signature differ).
        ValueError: this kind of document has no berat.
        OSError: reading or writing failed.

    Source: lifecycle.md §5; format.md §2.3 and §3.6; rules B-… and B-STR-16 … 18.
    """
    name = ledger.file.name.with_kind(ledger.file.name.kind.berat)
    facts, root = copy_head(
        ledger, accounts=() if name.kind is Kind.EB else _TAX_ACCOUNTS, known=known
    )
    turn_into_berat(root, ledger.file.name, facts, ettn)
    return write_document(root, "berat.xslt", folder, name)


def ledger_size_text(size_bytes: int) -> str:
    """Size of a ledger in MB with two decimals, half-up: 66135 → `0.06` (lifecycle.md §5)."""
    return str((size_bytes / _MEBIBYTE).quantize(Decimal("0.01"), ROUND_HALF_UP))


def turn_into_berat(root: Element, name: DocumentName, facts: LedgerFacts, ettn: uuid.UUID) -> None:
    """Make the berat of a ledger from its head, in place.

    Args:
        root: the ledger without entries, extensions and signature.
        name: of the ledger.
        facts: what its entries add up to.
        ettn: of the berat.

    Raises:
        DataError: the head lacks what a berat takes from it.
    """
    root.tag = f"{{{EDEFTER}}}berat"
    xbrl = one(root, f"{{{XBRLI}}}xbrl", name)
    context = one(xbrl, f"{{{XBRLI}}}context", name)
    entries = one(xbrl, f"{{{GL_COR}}}accountingEntries", name)
    units = Units(xbrl, context.get("id", ""), name)
    _segment(context, units, name, facts, ettn)
    info = one(entries, f"{{{GL_COR}}}documentInfo", name)
    for comment in info.findall(f"{{{GL_COR}}}entriesComment"):
        comment.text = f"{(comment.text or '').rstrip()} Beratı"
    if name.kind is not Kind.E:
        _tax_details(entries, units, facts)
    etree.SubElement(root, ds("SignatureValue")).text = facts.signature_value


def _segment(
    context: Element, units: Units, name: DocumentName, facts: LedgerFacts, ettn: uuid.UUID
) -> None:
    entity = one(context, f"{{{XBRLI}}}entity", name)
    segment = etree.SubElement(entity, f"{{{XBRLI}}}segment")
    ref, count = units.context, units.count
    if name.kind is not Kind.K:
        fact(segment, f"{{{GL_BUS}}}numberOfEntries", str(facts.entry_headers), ref, count)
    fact(segment, cor("uniqueID"), str(ettn), ref)
    size = ledger_size_text(facts.size_bytes)
    fact(segment, f"{{{GL_BUS}}}measurableQuantity", size, ref, count)


def _tax_details(entries: Element, units: Units, facts: LedgerFacts) -> None:
    header = add_header(entries, units)
    sides = [(account, side) for account in _TAX_ACCOUNTS for side in ("D", "C")]
    for number, (account, side) in enumerate(sides, start=1):
        turnover = facts.turnovers.get(account, Turnover())
        kurus = turnover.debit_kurus if side == "D" else turnover.credit_kurus
        add_movement(header, units, number, account, _TAX_ACCOUNTS[account], side, kurus)
