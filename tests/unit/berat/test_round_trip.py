"""Valid berats and reports of others come out of our writer as they are.

Each document of `../shared/conformance` that GİB's rules accept is taken apart: what it says of its
ledger (sums, number of entries, size, signature value) and the head that it shares with it. From
the two our writer must make the same document again, fact by fact.
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from edefter.berat.build import turn_into_berat
from edefter.berat.read_ledger import LedgerFacts
from edefter.berat.report import turn_into_report
from edefter.errors import DataError
from edefter.model.documents import DocumentName, Kind
from edefter.model.turnover import Turnover
from tests.support.conformance import valid_cases
from tests.support.round_trip import Unsupported, facts, parse, short, value_of

COR = "{http://www.xbrl.org/int/gl/cor/2006-10-25}"
BUS = "{http://www.xbrl.org/int/gl/bus/2006-10-25}"
XBRLI = "{http://www.xbrl.org/2003/instance}"
TAX_ACCOUNTS = ("391", "191", "600", "601", "602")
VALUE = "{http://www.w3.org/2000/09/xmldsig#}SignatureValue"


def text(parent: etree._Element, path: str) -> str:
    found = parent.findall(path)
    if len(found) != 1:
        raise Unsupported(f"{path.rpartition('}')[2]} {len(found)} times")
    return (found[0].text or "").strip()


def turnovers(root: etree._Element) -> dict[str, Turnover]:
    """What the lines say, by account."""
    said: dict[str, Turnover] = {}
    for detail in root.iter(f"{COR}entryDetail"):
        account = text(detail, f"{COR}account/{COR}accountMainID")
        name = text(detail, f"{COR}account/{COR}accountMainDescription")
        amount = Decimal(text(detail, f"{COR}amount"))
        lines = detail.findtext(f"{COR}documentApplyToNumber") or "0"
        side = {"D": "debit", "debit": "debit"}.get(text(detail, f"{COR}debitCreditCode"), "credit")
        before = said.get(account, Turnover(name=name))
        if getattr(before, f"{side}_kurus") or not lines.isdigit():
            raise Unsupported("several lines of one account and side")
        added = {f"{side}_kurus": int(amount * 100), f"{side}_lines": int(lines)}
        said[account] = before.plus(Turnover(name=name, **added))
    return said


def refuse_other_lines(root: etree._Element) -> None:
    """The rules let the ten tax lines stand in any order and under any name; the guide does not."""
    lines = [
        (text(d, f"{COR}account/{COR}accountMainID"), text(d, f"{COR}debitCreditCode"))
        for d in root.iter(f"{COR}entryDetail")
    ]
    included = [[(e.text or "").strip() for e in d.iter(f"{COR}xbrlInclude")]
                for d in root.iter(f"{COR}entryDetail")]  # fmt: skip
    if any(each != ["period_change"] for each in included):
        raise Unsupported("other balances than the guide's")
    if lines != [(account, side) for account in TAX_ACCOUNTS for side in "DC"]:
        raise Unsupported("other tax lines than the guide's")


def taken_apart(root: etree._Element, name: DocumentName) -> tuple[LedgerFacts, uuid.UUID]:
    """What it says of its ledger; only the head that it shares with it is left of `root`."""
    entity = root.find(f".//{XBRLI}entity")
    assert entity is not None
    segment = entity.find(f"{XBRLI}segment")
    if segment is None or any(short(e) == "gl-cor:identifierAuthorityCode" for e in segment):
        raise Unsupported("VERGI_DETAYSIZ")
    size = segment.findtext(f"{BUS}measurableQuantity") or "0"
    said = LedgerFacts(
        head=b"",
        entry_headers=int(Decimal(segment.findtext(f"{BUS}numberOfEntries") or "0")),
        turnovers=turnovers(root),
        signature_value=(root.findtext(VALUE) or "").strip(),
        size_bytes=int(Decimal(size.strip()) * 1024 * 1024),
        sha256="",
    )
    ettn = uuid.UUID(text(segment, f"{COR}uniqueID"))
    entity.remove(segment)
    for header in root.findall(f".//{COR}entryHeader"):
        header.getparent().remove(header)
    for child in list(root)[1:]:
        root.remove(child)
    for comment in root.iter(f"{COR}entriesComment"):
        comment.text = (comment.text or "").strip().removesuffix(" Beratı")
    return said, ettn


def said_of(root: etree._Element) -> list[tuple[str, str]]:
    """Facts of segment and entries, and the ledger's signature value."""
    segment = root.find(f".//{XBRLI}segment")
    assert segment is not None
    extra = [(short(e), value_of(e).lower()) for e in segment]
    value = root.findtext(VALUE) or ""
    return [*extra, ("SignatureValue", value.strip()), *facts(root, keep_currency=True)]


def written(data: bytes, name: DocumentName) -> etree._Element:
    """The document as our writer makes it from what it says."""
    root = parse(data)
    if name.kind in (Kind.YB, Kind.KB):
        refuse_other_lines(root)
    said, ettn = taken_apart(root, name)
    if name.kind is not Kind.DR:
        turn_into_berat(root, name.with_kind(name.kind.ledger), said, ettn)
        return root
    info = root.find(f".//{COR}documentInfo")
    assert info is not None
    turn_into_report(
        root, name.with_kind(Kind.K), text(info, f"{COR}uniqueID"),
        date.fromisoformat(text(info, f"{COR}periodCoveredEnd")), said.turnovers, ettn,
        date.fromisoformat(text(info, f"{COR}creationDate")),
    )  # fmt: skip
    return root


@pytest.mark.parametrize(
    ("kind", "least"), [(Kind.YB, 30), (Kind.KB, 24), (Kind.EB, 25), (Kind.DR, 33)], ids=str
)
def test_valid_documents_come_out_as_they_went_in(kind: Kind, least: int, shared: Path) -> None:
    left_out: Counter[str] = Counter()
    same = 0
    for case, file_name, data in valid_cases(shared, kind):
        try:
            name = DocumentName.parse(file_name)
            if name.kind is not kind:
                raise Unsupported("named as another kind")
            ours = written(data, name)
        except (ValueError, DataError, Unsupported) as reason:
            left_out[f"{case}: {reason}"] += 1
            continue
        assert said_of(ours) == said_of(parse(data)), case
        same += 1
    assert same >= least, left_out
