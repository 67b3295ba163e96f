"""A ledger's head as a small tree, and the facts that berats and the defter raporu add to it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from lxml import etree

from edefter.atomic import write_bytes
from edefter.berat.read_ledger import GL_COR, LedgerFacts, read_head, read_ledger
from edefter.errors import DataError, InternalError
from edefter.model.documents import DocumentName
from edefter.model.files import SignedFile, StoredFile
from edefter.model.turnover import Movements
from edefter.xmlsig.names import INCLUSIVE
from edefter.xmlsig.parsing import Element, canonical, parse
from edefter.xmlsig.problem import Unreadable

XBRLI = "http://www.xbrl.org/2003/instance"
GL_BUS = "http://www.xbrl.org/int/gl/bus/2006-10-25"


class Units:
    """contextRef and unitRef of the ledger, for the facts that we add.

    Args:
        xbrl: element of the head.
        context: id of its one context.
        name: of the ledger, for messages.

    Raises:
        DataError: money or count has no unit.
    """

    def __init__(self, xbrl: Element, context: str, name: DocumentName) -> None:
        self.context = context
        self.money = self.count = ""
        for unit in xbrl.findall(f"{{{XBRLI}}}unit"):
            measure = (unit.findtext(f"{{{XBRLI}}}measure") or "").strip()
            if measure.startswith("iso4217:"):
                self.money = self.money or unit.get("id", "")
            elif measure.endswith(":pure"):
                self.count = self.count or unit.get("id", "")
        if not (self.context and self.money and self.count):
            raise unusable(name, "xbrli:context, xbrli:unit")


def copy_head(
    ledger: SignedFile, *, accounts: Collection[str] | None, known: Movements | None = None
) -> tuple[LedgerFacts, Element]:
    """Read a signed ledger once: its facts, and its head as a tree of its own.

    Args:
        ledger: the record of what was signed.
        accounts: as for `read_ledger`.
        known: what was counted when the ledger was written; None = its entries are read.

    Raises:
        DataError: it cannot be read as a signed ledger.
        InternalError: the file is not the one that was signed (size, hash or signature differ).
        OSError: reading failed.
    """
    if known is None:
        facts = read_ledger(ledger.file.path, accounts=accounts)
        signed = (ledger.file.size_bytes, ledger.file.sha256, ledger.signature_value)
        same = (facts.size_bytes, facts.sha256, facts.signature_value) == signed
    else:
        # What follows the head is not read: judging has compared it with the signed file just
        # now, and a package is not made of another file than was signed (`gib.package`).
        facts = read_head(ledger, known)
        same = facts.size_bytes == ledger.file.size_bytes
    if not same:
        raise InternalError("berat.ledger_changed", file=ledger.file.name.xml)
    try:
        return facts, parse(facts.head).getroot()
    except Unreadable as error:
        raise unusable(ledger.file.name, str(error.problem.facts)) from None


def write_document(root: Element, stylesheet: str, folder: Path, name: DocumentName) -> StoredFile:
    """Write a tree as canonical XML, ready for signing, under its document name.

    Args:
        root: of the document.
        stylesheet: the name that GİB fixed for its viewing XSLT.
        folder: must exist.
        name: of the document.

    Raises:
        OSError: writing failed.
    """
    prolog = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<?xml-stylesheet type="text/xsl" href="{stylesheet}"?>\n'
    )
    data = prolog.encode() + canonical(root, INCLUSIVE)
    target = folder / name.xml
    write_bytes(target, data)
    return StoredFile(
        path=target, name=name, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest()
    )


def add_header(entries: Element, units: Units) -> Element:
    """The one entryHeader under accountingEntries (format.md §3.6)."""
    header = etree.SubElement(entries, cor("entryHeader"))
    fact(header, cor("qualifierEntry"), "standard", units.context)
    return header


def add_movement(
    header: Element,
    units: Units,
    number: int,
    account: str,
    account_name: str,
    side: str,
    kurus: int,
    *,
    lines: int | None = None,
) -> None:
    """A line with the turnover of one side of a main account (format.md §3.6, §3.7).

    Args:
        header: the entryHeader.
        units: contextRef and unitRef to write.
        number: lineNumber, from 1.
        account, account_name: main account and its description.
        side: `D` or `C`.
        kurus: turnover, 0 or more.
        lines: how many movements there were, in a defter raporu alone.
    """
    ref = units.context
    detail = etree.SubElement(header, cor("entryDetail"))
    fact(detail, cor("lineNumber"), str(number), ref)
    holder = etree.SubElement(detail, cor("account"))
    fact(holder, cor("accountMainID"), account, ref)
    fact(holder, cor("accountMainDescription"), account_name, ref)
    amount = f"{kurus // 100}.{kurus % 100:02d}"
    fact(detail, cor("amount"), amount, ref, units.money).set("decimals", "INF")
    fact(detail, cor("debitCreditCode"), side, ref)
    if lines is not None:
        fact(detail, cor("documentApplyToNumber"), str(lines), ref)
    info = etree.SubElement(detail, cor("xbrlInfo"))
    fact(info, cor("xbrlInclude"), "period_change", ref)


def cor(local: str) -> str:
    """The name of an element of gl-cor."""
    return f"{{{GL_COR}}}{local}"


def fact(parent: Element, name: str, text: str, context: str, unit: str = "") -> Element:
    """Add a fact below `parent`; `unit` for numbers and money."""
    element = etree.SubElement(parent, name)
    element.set("contextRef", context)
    if unit:
        element.set("unitRef", unit)
    element.text = text
    return element


def one(parent: Element, tag: str, name: DocumentName) -> Element:
    """The only child of that tag.

    Raises:
        DataError: there is none, or several.
    """
    found = parent.findall(tag)
    if len(found) != 1:
        raise unusable(name, tag.rpartition("}")[2])
    return found[0]


def unusable(name: DocumentName, detail: str) -> DataError:
    """The error that no document can be made from this ledger."""
    return DataError("berat.ledger_unusable", file=name.xml, detail=detail)
