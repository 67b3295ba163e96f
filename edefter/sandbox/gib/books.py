"""The simulator's own rules for what ledgers and berats say; written without our validator's help.

Few and blunt: enough that a wrong ledger or a berat of another ledger is found out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from edefter.model.documents import DocumentName, Kind

EDEFTER = "http://www.edefter.gov.tr"
DS = "http://www.w3.org/2000/09/xmldsig#"
XBRLI = "{http://www.xbrl.org/2003/instance}"
COR = "{http://www.xbrl.org/int/gl/cor/2006-10-25}"
BUS = "{http://www.xbrl.org/int/gl/bus/2006-10-25}"
_ENTRIES_TYPE = {
    Kind.Y: "journal",
    Kind.YB: "journal",
    Kind.K: "ledger",
    Kind.KB: "ledger",
    Kind.E: "assets",
    Kind.EB: "assets",
    Kind.DR: "trialbalance",
}
_SERIES = {Kind.Y: "YEV", Kind.YB: "YEV", Kind.K: "KEB", Kind.KB: "KEB", Kind.E: "ENV",
           Kind.EB: "ENV"}  # fmt: skip
_TAX_ACCOUNTS = ("391", "191", "600", "601", "602")


class WrongContent(Exception):
    """The document breaks a rule; the text is Turkish."""


@dataclass(slots=True)
class Facts:
    """What a document says about itself.

    Args:
        unique_id: control number.
        covered: first and last day.
        fiscal_year: its first and last day.
        entries: number of entryHeader.
        turnovers: per (main account, side); of a berat, its tax lines.
        stated_entries: numberOfEntries of a berat.
        stated_mb: measurableQuantity of a berat.
        ledger_signature: the SignatureValue that a berat carries.
    """

    unique_id: str
    covered: tuple[date, date]
    fiscal_year: tuple[str, str]
    entries: int = 0
    turnovers: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    stated_entries: str = ""
    stated_mb: str = ""
    ledger_signature: str = ""


def read(root: etree._Element, name: DocumentName) -> Facts:
    """Check a document (its signature already taken out) against its name and itself.

    Raises:
        WrongContent: the first broken rule.
    """
    kind = name.kind
    tag = {Kind.DR: "defterraporu"}.get(kind, "berat" if kind.is_berat else "defter")
    _require(root.tag == f"{{{EDEFTER}}}{tag}", f"kök öğe {tag} olmalı")
    _require(
        any(isinstance(p, etree._ProcessingInstruction) and p.target == "xml-stylesheet"
            for p in root.itersiblings(preceding=True)),
        "xml-stylesheet yönergesi yok",
    )  # fmt: skip
    children = [c for c in root if isinstance(c.tag, str)]
    _require(bool(children) and children[0].tag == f"{XBRLI}xbrl", "ilk öğe xbrl olmalı")
    allowed = [f"{{{DS}}}SignatureValue"] if kind.is_berat else []
    rest = [c.tag for c in children[1:] if c.tag != "extensions" or kind.is_berat]
    _require(rest == allowed, "kökün altındaki öğeler ya da sırası yanlış")
    xbrl = children[0]
    entries = _only(xbrl, f"{COR}accountingEntries")
    info = _only(entries, f"{COR}documentInfo")
    entity = _only(entries, f"{COR}entityInformation")
    context = _only(xbrl, f"{XBRLI}context")
    identifier = _only(_only(context, f"{XBRLI}entity"), f"{XBRLI}identifier")
    _require(_text(identifier) == name.tax_number, "VKN/TCKN paket adına uymuyor")
    _require(_value(info, f"{COR}entriesType") == _ENTRIES_TYPE[kind], "entriesType yanlış")
    covered = (_day(info, f"{COR}periodCoveredStart"), _day(info, f"{COR}periodCoveredEnd"))
    first, last = name.period.first_day, name.period.last_day
    _require(first <= covered[0] <= covered[1] <= last, "dönem paket adına uymuyor")
    if kind in (Kind.E, Kind.EB):
        _require(covered[0] == covered[1], "envanter bir güne ait olmalı")
    elif name.part == "000000" and kind is not Kind.DR:
        _require(covered == (first, last), "000000 parçası ayın tamamını kapsamalı")
    unique_id = _value(info, f"{COR}uniqueID")
    if kind in _SERIES:
        pattern = rf"{_SERIES[kind]}{name.period.compact}\d{{6}}"
        _require(re.fullmatch(pattern, unique_id) is not None, "kontrol numarası yanlış")
    application = _value(info, f"{BUS}sourceApplication").split("##")
    _require(len(application) == 4 and all(application), "sourceApplication biçimi yanlış")
    facts = Facts(
        unique_id,
        covered,
        (_value(entity, f"{BUS}fiscalYearStart"), _value(entity, f"{BUS}fiscalYearEnd")),
    )
    if kind.is_berat:
        _read_berat(root, context, entries, facts)
    elif kind is Kind.Y:
        _read_yevmiye(entries, facts)
    elif kind is Kind.K:
        _read_kebir(entries, facts)
    elif kind is Kind.E:
        _read_envanter(entries, facts)
    return facts


def compare(berat: Facts, ledger: Facts, ledger_bytes: int, kind: Kind) -> None:
    """A berat must have been made from this very ledger.

    Args:
        berat: what the berat says.
        ledger: what was counted in the ledger.
        ledger_bytes: size of the ledger file.
        kind: of the berat.

    Raises:
        WrongContent: the first difference.
    """
    _require(berat.unique_id == ledger.unique_id, "berat başka bir defterin")
    _require(berat.covered == ledger.covered, "berat ile defterin dönemi farklı")
    _require(berat.fiscal_year == ledger.fiscal_year, "berat ile defterin hesap dönemi farklı")
    if kind in (Kind.YB, Kind.EB):
        _require(berat.stated_entries == str(ledger.entries), "madde sayısı deftere uymuyor")
    stated = _money(berat.stated_mb)
    _require(abs(stated - Decimal(ledger_bytes) / 1048576) <= Decimal("0.011"), "defter boyutu")
    for (account, side), amount in berat.turnovers.items():
        _require(
            amount == ledger.turnovers.get((account, side), Decimal(0)),
            f"{account} {side} toplamı deftere uymuyor",
        )


def _read_berat(
    root: etree._Element, context: etree._Element, entries: etree._Element, facts: Facts
) -> None:
    segment = _only(_only(context, f"{XBRLI}entity"), f"{XBRLI}segment")
    facts.stated_entries = segment.findtext(f"{BUS}numberOfEntries", "").strip()
    facts.stated_mb = _value(segment, f"{BUS}measurableQuantity")
    facts.ledger_signature = "".join(root.findtext(f"{{{DS}}}SignatureValue", "").split())
    _require(bool(facts.ledger_signature), "defterin imza değeri yok")
    for header in entries.findall(f"{COR}entryHeader"):
        for detail in header.findall(f"{COR}entryDetail"):
            facts.turnovers[_account(detail), _side(detail)] += _amount(detail)
    wanted = {(account, side) for account in _TAX_ACCOUNTS for side in "DC"}
    if facts.turnovers:
        _require(set(facts.turnovers) == wanted, "vergi satırları eksik ya da fazla")


def _numbered(
    entries: etree._Element, facts: Facts
) -> Iterator[tuple[etree._Element, int, list[etree._Element]]]:
    """Headers with their numbers and lines; both numbers must grow by one."""
    entry_no = line_no = None
    for header in entries.findall(f"{COR}entryHeader"):
        facts.entries += 1
        counter = _integer(header, f"{COR}entryNumberCounter")
        _require(entry_no in (None, counter - 1), "madde numaraları ardışık değil")
        entry_no = counter
        details = header.findall(f"{COR}entryDetail")
        for detail in details:
            number = _integer(detail, f"{COR}lineNumber")
            _require(line_no in (None, number - 1), "satır numaraları ardışık değil")
            line_no = number
            same = _integer(detail, f"{COR}lineNumberCounter") == counter
            _require(same, "satırın madde numarası yanlış")
        yield header, counter, details
    _require(facts.entries > 0, "boş defter gönderilemez")


def _read_envanter(entries: etree._Element, facts: Facts) -> None:
    for header, counter, details in _numbered(entries, facts):
        day = _day(header, f"{COR}enteredDate")
        _require(day == facts.covered[0], f"{counter}. madde envanter gününün değil")
        _require(all(_amount(detail) > 0 for detail in details), f"{counter}. maddenin tutarı")


def _read_yevmiye(entries: etree._Element, facts: Facts) -> None:
    for header, counter, details in _numbered(entries, facts):
        sums = {"D": Decimal(0), "C": Decimal(0)}
        for detail in details:
            day = _day(detail, f"{COR}postingDate")
            _require(facts.covered[0] <= day <= facts.covered[1], "kayıt tarihi dönem dışında")
            sums[_side(detail)] += _amount(detail)
            facts.turnovers[_account(detail), _side(detail)] += _amount(detail)
        _require(sums["D"] == sums["C"] and sums["D"] > 0, f"{counter}. madde dengede değil")
        stated = {_money(_value(header, f"{BUS}{n}")) for n in ("totalDebit", "totalCredit")}
        _require(stated == {sums["D"]}, f"{counter}. maddenin toplamları yanlış")


def _read_kebir(entries: etree._Element, facts: Facts) -> None:
    before = ""
    for header in entries.findall(f"{COR}entryHeader"):
        facts.entries += 1
        net, last = Decimal(0), 0
        accounts = set()
        for detail in header.findall(f"{COR}entryDetail"):
            counter = _integer(detail, f"{COR}lineNumberCounter")
            _require(counter >= last, "kebirde madde numaraları artmıyor")
            last = counter
            side, amount = _side(detail), _amount(detail)
            net += amount if side == "D" else -amount
            accounts.add(_account(detail))
            facts.turnovers[_account(detail), side] += amount
        _require(len(accounts) == 1, "kebir başlığında birden çok ana hesap")
        account = accounts.pop()
        _require(account >= before, "kebir hesapları sıralı değil")
        before = account
        _require(
            _money(_value(header, f"{BUS}totalDebit")) == max(net, Decimal(0))
            and _money(_value(header, f"{BUS}totalCredit")) == max(-net, Decimal(0)),
            f"{account} hesabının bakiyesi yanlış",
        )
    total = sum(a if side == "D" else -a for (_, side), a in facts.turnovers.items())
    _require(total == 0, "kebirin borç ve alacak toplamı farklı")
    _require(facts.entries > 0, "boş defter gönderilemez")


def _require(condition: bool, text: str) -> None:
    if not condition:
        raise WrongContent(text)


def _only(parent: etree._Element, tag: str) -> etree._Element:
    found = parent.findall(tag)
    _require(len(found) == 1, f"{etree.QName(tag).localname} bir tane olmalı")
    return found[0]


def _text(element: etree._Element) -> str:
    return "".join(str(t) for t in element.itertext()).strip()


def _value(parent: etree._Element, tag: str) -> str:
    return _text(_only(parent, tag))


def _integer(parent: etree._Element, tag: str) -> int:
    text = _value(parent, tag)
    _require(
        re.fullmatch(r"[0-9]{1,18}", text) is not None, f"{etree.QName(tag).localname} sayı değil"
    )
    return int(text)


def _money(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise WrongContent("tutar sayı değil") from None


def _amount(detail: etree._Element) -> Decimal:
    return _money(_value(detail, f"{COR}amount"))


def _side(detail: etree._Element) -> str:
    side = _value(detail, f"{COR}debitCreditCode")
    _require(side in ("D", "C"), "borç/alacak kodu yanlış")
    return side


def _account(detail: etree._Element) -> str:
    return _value(_only(detail, f"{COR}account"), f"{COR}accountMainID")


def _day(parent: etree._Element, tag: str) -> date:
    try:
        return date.fromisoformat(_value(parent, tag))
    except ValueError:
        raise WrongContent(f"{etree.QName(tag).localname} tarih değil") from None
