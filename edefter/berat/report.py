"""The defter raporu (DR): gross turnovers of every main account over a month's kebir parts.

Its head is that of the month's first kebir (the first with a default currency, where one has it);
days, control number, accounts and sums are those of all parts together.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
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
    unusable,
    write_document,
)
from edefter.errors import DataError
from edefter.model.documents import UNDIVIDED, DocumentName, Kind
from edefter.model.files import SignedFile, StoredFile
from edefter.model.turnover import Turnover
from edefter.model.wording import entries_comment
from edefter.xmlsig.names import EDEFTER
from edefter.xmlsig.parsing import Element

CONTEXT = "now"
_DEFAULT_CURRENCY = "{http://www.xbrl.org/int/gl/muc/2006-10-25}defaultCurrency"


@dataclass(frozen=True, slots=True)
class _Part:
    name: DocumentName
    root: Element
    info: Element
    turnovers: dict[str, Turnover]
    first_day: date
    last_day: date


def build_report(
    kebir: Sequence[SignedFile], folder: Path, *, ettn: uuid.UUID, creation_date: date
) -> StoredFile:
    """Build the unsigned defter raporu of a month from its signed kebir parts.

    Args:
        kebir: all K parts of one taxpayer, branch and month, in any order; each is read once,
            memory stays constant.
        folder: where the report goes, under its document name; must exist.
        ettn: fresh UUID of the report; the engine keeps it through restarts.
        creation_date: day in Turkish time on which it was first made, not before the month's end.

    Returns:
        The report as canonical XML, ready for signing.

    Raises:
        DataError: a part cannot be read as a signed kebir, or the parts do not cover the month,
            or nothing moved in it.
        InternalError: a file is not the one that was signed (size, hash or signature differ).
        ValueError: no part, parts of different months, or none of kind K.

    Source: lifecycle.md §7; format.md §3.7, §5.4 and §10.
    """
    name = _report_name([item.file.name for item in kebir])
    parts = sorted((_read(item) for item in kebir), key=lambda part: part.name.part)
    _require_whole_month(name, parts)
    turnovers = join_turnovers([part.turnovers for part in parts])
    if not turnovers:
        raise unusable(parts[0].name, "gl-cor:entryDetail")
    with_currency = (part for part in parts if part.info.find(_DEFAULT_CURRENCY) is not None)
    template = next(with_currency, parts[0])
    unique_id = one(parts[0].info, cor("uniqueID"), parts[0].name).text or ""
    turn_into_report(
        template.root, template.name, unique_id, parts[-1].last_day, turnovers, ettn, creation_date
    )
    return write_document(template.root, "defterraporu.xslt", folder, name)


def join_turnovers(parts: Sequence[dict[str, Turnover]]) -> dict[str, Turnover]:
    """Turnovers of all parts together, by main account in ascending order of text."""
    joined: dict[str, Turnover] = {}
    for part in parts:
        for account, turnover in part.items():
            earlier = joined.get(account)
            joined[account] = earlier.plus(turnover) if earlier else turnover
    return dict(sorted(joined.items()))


def _report_name(names: Sequence[DocumentName]) -> DocumentName:
    months = {(name.tax_number, name.period, name.branch, name.kind) for name in names}
    if len(months) != 1 or names[0].kind is not Kind.K:
        raise ValueError("kebir parts of one taxpayer, branch and month expected")
    first = names[0]
    return DocumentName(first.tax_number, first.period, Kind.DR, UNDIVIDED, first.branch)


def _read(ledger: SignedFile) -> _Part:
    name = ledger.file.name
    facts, root = copy_head(ledger, accounts=None)
    entries = one(one(root, f"{{{XBRLI}}}xbrl", name), cor("accountingEntries"), name)
    info = one(entries, cor("documentInfo"), name)
    first_day, last_day = (
        _date(info, field, name) for field in ("periodCoveredStart", "periodCoveredEnd")
    )
    return _Part(name, root, info, facts.turnovers, first_day, last_day)


def _date(info: Element, field: str, name: DocumentName) -> date:
    text = (one(info, cor(field), name).text or "").strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise unusable(name, f"{field} {text}") from None


def _require_whole_month(name: DocumentName, parts: Sequence[_Part]) -> None:
    """From the first to the last day without a gap; a shared day is allowed (lifecycle.md §3)."""
    month, spans = name.period, [(part.first_day, part.last_day) for part in parts]
    day = month.first_uncovered(spans)
    ends = (spans[0][0], spans[-1][1]) == (month.first_day, month.last_day)
    in_order = all(a <= c and b <= d for (a, b), (c, d) in pairwise(spans))
    if day is None and not (ends and in_order):
        day = spans[-1][0]
    if day is not None:
        raise DataError("berat.report_gap", file=name.xml, day=day.isoformat())


def turn_into_report(
    root: Element,
    name: DocumentName,
    unique_id: str,
    last_day: date,
    turnovers: Mapping[str, Turnover],
    ettn: uuid.UUID,
    creation_date: date,
) -> None:
    """Make a defter raporu from the head of a kebir, in place.

    Args:
        root: the kebir without entries and signature.
        name: of the kebir.
        unique_id: control number of the report.
        last_day: of the month.
        turnovers: of all parts by main account, in the order of the report.
        ettn: of the report.
        creation_date: day in Turkish time.

    Raises:
        DataError: the head lacks what a report takes from it.
    """
    root.tag = f"{{{EDEFTER}}}defterraporu"
    xbrl = one(root, f"{{{XBRLI}}}xbrl", name)
    context = one(xbrl, f"{{{XBRLI}}}context", name)
    entries = one(xbrl, cor("accountingEntries"), name)
    context.set("id", CONTEXT)
    for element in entries.iter():
        if element.get("contextRef") is not None:
            element.set("contextRef", CONTEXT)
    units = Units(xbrl, CONTEXT, name)
    entity = one(context, f"{{{XBRLI}}}entity", name)
    segment = etree.SubElement(entity, f"{{{XBRLI}}}segment")
    fact(segment, cor("uniqueID"), str(ettn), CONTEXT)
    period = one(context, f"{{{XBRLI}}}period", name)
    one(period, f"{{{XBRLI}}}instant", name).text = creation_date.isoformat()
    first_day = name.period.first_day
    info = one(entries, cor("documentInfo"), name)
    for field, text in (
        ("entriesType", "trialbalance"),
        ("uniqueID", unique_id),
        ("creationDate", creation_date.isoformat()),
        ("periodCoveredStart", first_day.isoformat()),
        ("periodCoveredEnd", last_day.isoformat()),
    ):
        one(info, cor(field), name).text = text
    title, branch = _owner(entries, name)
    for comment in info.findall(cor("entriesComment")):
        comment.text = entries_comment(first_day, last_day, title, branch, "Defter Raporu")
    header = add_header(entries, units)
    number = 0
    for account, turnover in turnovers.items():
        for side, kurus, lines in (
            ("D", turnover.debit_kurus, turnover.debit_lines),
            ("C", turnover.credit_kurus, turnover.credit_lines),
        ):
            number += 1
            add_movement(header, units, number, account, turnover.name, side, kurus, lines=lines)


def _owner(entries: Element, name: DocumentName) -> tuple[str, str]:
    """Title and branch name of entityInformation (format.md §3.2)."""
    title = branch = ""
    entity = one(entries, cor("entityInformation"), name)
    for group in entity.findall(f"{{{GL_BUS}}}organizationIdentifiers"):
        value = (group.findtext(f"{{{GL_BUS}}}organizationIdentifier") or "").strip()
        what = (group.findtext(f"{{{GL_BUS}}}organizationDescription") or "").strip()
        if what == "Şube Adı":
            branch = branch or value
        elif what != "Şube No":
            title = title or value
    return title, branch
