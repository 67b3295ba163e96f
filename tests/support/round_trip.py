"""From a foreign ledger to our head and rows, and what two documents say, to be compared.

Only for tests: the program takes the taxpayer from the registration, never from a document.
"""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from edefter.ledger.head import LedgerHead
from edefter.ledger.head_xml import FORMS
from edefter.model.company import Accountant, Address, Branch, Company, Contacts, Phone
from edefter.model.documents import DocumentName
from edefter.model.identity import TaxId
from edefter.model.period import FiscalYear, Period

_URI = {
    f"http://www.xbrl.org/int/gl/{name}/2006-10-25": f"gl-{name}" for name in ("cor", "bus", "muc")
}
_OWN_WORDS = {
    "gl-cor:entriesComment",
    "gl-cor:language",
}
"""Facts whose words the writer chooses itself: the guide's pattern, `iso639:tr`."""
_FREE = {"gl-cor:detailComment", "gl-bus:paymentMethod"}
"""Facts that say nothing when they are empty, and are not written then."""
_COUNTER_FACTS = {"gl-cor:lineNumber", "gl-bus:measurableQuantity"}


class Unsupported(Exception):
    """The document says something that our head or rows have no place for."""


def parse(data: bytes) -> etree._Element:
    """The root, without comments and processing instructions."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False,
        remove_comments=True, remove_pis=True, strip_cdata=True,
    )  # fmt: skip
    return etree.fromstring(data, parser)


def short(element: etree._Element) -> str:
    """`gl-cor:amount`, whatever prefix the document uses; other namespaces by local name."""
    name = etree.QName(element)
    prefix = _URI.get(name.namespace or "")
    return f"{prefix}:{name.localname}" if prefix else name.localname


def value_of(element: etree._Element) -> str:
    """Its text without blanks around it; numbers and codes in one spelling."""
    text = "".join(str(t) for t in element.itertext()).strip()
    if short(element) == "gl-cor:debitCreditCode":
        return {"debit": "D", "credit": "C"}.get(text, text)
    numeric = element.get("unitRef") is not None or short(element) in _COUNTER_FACTS
    if not numeric:
        return text.rpartition(":")[2] if text.startswith("iso4217:") else text
    try:
        return format(Decimal(text).normalize(), "f")
    except InvalidOperation:
        return text


def sort_accounts(root: etree._Element) -> None:
    """Bring the headers of a kebir into our order: within a main account any order is allowed."""
    headers = list(root.iter("{http://www.xbrl.org/int/gl/cor/2006-10-25}entryHeader"))
    if headers:
        parent = headers[0].getparent()
        assert parent is not None
        for header in sorted(headers, key=_account):
            parent.append(header)


def _account(header: etree._Element) -> tuple[str, str]:
    cor = "{http://www.xbrl.org/int/gl/cor/2006-10-25}"
    found = (header.find(f".//{cor}{name}") for name in ("accountMainID", "accountSubID"))
    main, sub = ("" if each is None else value_of(each) for each in found)
    return main, sub


def refuse_empty_facts(root: etree._Element) -> None:
    """A row knows no difference between an empty value and none, so neither name nor code is empty.

    Raises:
        Unsupported: an entry holds an empty element.
    """
    for header in root.iter("{http://www.xbrl.org/int/gl/cor/2006-10-25}entryHeader"):
        for element in header.iter():
            if not len(element) and not value_of(element) and short(element) not in _FREE:
                raise Unsupported(f"empty {short(element)}")


def facts(root: etree._Element, *, keep_currency: bool) -> list[tuple[str, str]]:
    """Path and value of every fact in document order, attachments with their content.

    Args:
        root: the document.
        keep_currency: defaultCurrency counts; where nothing is in another currency it is optional.
    """
    entries = root.find(".//{http://www.xbrl.org/int/gl/cor/2006-10-25}accountingEntries")
    assert entries is not None
    said = []
    for element in entries.iter():
        if len(element) or short(element) in _OWN_WORDS:
            continue
        if short(element) in _FREE and not value_of(element):
            continue
        if short(element) == "gl-muc:defaultCurrency" and not keep_currency:
            continue
        path = [short(each) for each in (*reversed(list(element.iterancestors())), element)]
        said.append(("/".join(path[3:]), value_of(element)))
    for item in root.iter("{http://www.edefter.gov.tr/ek}binaryObject"):
        content = base64.b64decode(item.text or "", validate=False)
        said.append((item.get("filename") or "", content.hex()))
    return said


class _Group:
    """Children of a container, each wanted at most once; what nobody asks for is unsupported."""

    def __init__(self, element: etree._Element) -> None:
        self._left: dict[str, list[etree._Element]] = {}
        for child in element:
            self._left.setdefault(short(child), []).append(child)

    def all(self, name: str) -> list[_Group]:
        return [_Group(each) for each in self._left.pop(name, [])]

    def one(self, name: str) -> _Group | None:
        found = self.all(name)
        if len(found) > 1:
            raise Unsupported(f"{name} {len(found)} times")
        return found[0] if found else None

    def text(self, name: str, *, default: str | None = None) -> str:
        found = self._left.pop(name, [])
        if len(found) > 1 or (not found and default is None):
            raise Unsupported(f"{name} {len(found)} times")
        if not found:
            return default or ""
        value = value_of(found[0])
        if default is not None and not value:
            raise Unsupported(f"{name} is there and empty")
        return value

    def done(self) -> None:
        if self._left:
            raise Unsupported(", ".join(self._left))


def head_of(root: etree._Element, name: DocumentName, attachments: Path) -> tuple[LedgerHead, int]:
    """Head and serial that make our writer say what the document says.

    Args:
        root: a yevmiye, kebir or envanter.
        name: its file name.
        attachments: folder that takes its PDF files.

    Raises:
        Unsupported: it says something else, too.
    """
    xbrl = root[0]
    entries = xbrl[-1]
    if short(entries) != "accountingEntries" and short(entries) != "gl-cor:accountingEntries":
        raise Unsupported("something behind accountingEntries")
    info, entity = _Group(entries[0]), _Group(entries[1])
    for own in _OWN_WORDS:
        info.all(own)
    info.text("gl-cor:entriesType")
    unique_id = info.text("gl-cor:uniqueID")
    first_day, last_day = (
        _day(info.text(f"gl-cor:periodCovered{end}")) for end in ("Start", "End")
    )
    prefix = f"{FORMS[name.kind].prefix}{first_day:%Y%m}"
    if not (unique_id.startswith(prefix) and unique_id[9:].isdigit() and int(unique_id[9:])):
        raise Unsupported(f"uniqueID {unique_id}")
    created = _day(info.text("gl-cor:creationDate"))
    creator = info.text("gl-bus:creator")
    application = info.text("gl-bus:sourceApplication")
    stated = info.text("gl-muc:defaultCurrency", default="")
    currency = _book_currency(xbrl)
    if stated and stated != currency:
        raise Unsupported("defaultCurrency is not that of the amounts")
    info.done()
    title, branch = _owner(entity, name)
    company = Company(
        code="x", tax_id=_tax_id(name), title=title, creator=creator,
        **_contacts(
            _phones(entity, "gl-bus:entityPhoneNumber", "gl-bus:phoneNumber"),
            _texts(entity, "gl-bus:entityFaxNumberStructure", "gl-bus:entityFaxNumber"),
            _texts(entity, "gl-bus:entityEmailAddressStructure", "gl-bus:entityEmailAddress"),
            websites=_texts(entity, "gl-bus:entityWebSite", "gl-bus:webSiteURL"),
            addresses=[_address(each) for each in entity.all("gl-bus:organizationAddress")],
        ),
        nace=entity.text("gl-bus:businessDescription"),
        edefter_start=Period.of(first_day),
        fiscal_years=(_year(entity),),
        accountants=tuple(map(_accountant, entity.all("gl-bus:accountantInformation"))),
        book_currency=currency,
    )  # fmt: skip
    entity.done()
    if first_day not in company.fiscal_years[0]:
        raise Unsupported("days outside the fiscal year")
    head = LedgerHead(
        company=company, branch=branch, period=name.period, part=name.part, first_day=first_day,
        last_day=last_day, creation_date=created, source_application=application,
        attachments=_attachments(root, attachments),
    )  # fmt: skip
    return head, int(unique_id[9:])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unsupported(f"day {text}") from None


def _book_currency(xbrl: etree._Element) -> str:
    measures = [
        value_of(each) for each in xbrl.iter("{http://www.xbrl.org/2003/instance}measure")
        if "iso4217" in (each.text or "")
    ]  # fmt: skip
    if len(set(measures)) != 1:
        raise Unsupported("several currencies of the amounts")
    return measures[0]


def _tax_id(name: DocumentName) -> TaxId:
    # Numbers of the conformance documents need not have right check digits; ours must.
    tax_id = object.__new__(TaxId)
    object.__setattr__(tax_id, "number", name.tax_number)
    return tax_id


def _texts(parent: _Group, group: str, element: str) -> list[str]:
    found = []
    for inner in parent.all(group):
        found.append(inner.text(element))
        inner.done()
    return found


def _phones(parent: _Group, group: str, element: str) -> list[Phone]:
    found = []
    for inner in parent.all(group):
        kind = inner.text(f"{element}Description", default="")
        if not kind:
            raise Unsupported("a phone of no kind")
        found.append(Phone(inner.text(element), kind))
        inner.done()
    return found


def _contacts(
    phones: list[Phone], faxes: list[str], emails: list[str], **of_company: list[Any]
) -> dict[str, Any]:
    """Arguments of a company or an accountant: the first of each kind, and `more`."""
    said: dict[str, Any] = {"more": Contacts(
        phones=tuple(phones[1:]), faxes=tuple(faxes[1:]), emails=tuple(emails[1:]),
        **{name: tuple(values[1:]) for name, values in of_company.items()},
    )}  # fmt: skip
    if phones:
        said |= {"phone": phones[0].number, "phone_kind": phones[0].kind}
    first = {"fax": faxes, "email": emails}
    if of_company:
        if not (phones and emails and all(of_company.values())):
            raise Unsupported("no phone, e-mail, web site or address")
        first |= {"website": of_company["websites"], "address": of_company["addresses"]}
    return said | {name: values[0] for name, values in first.items() if values}


def _owner(entity: _Group, name: DocumentName) -> tuple[str, Branch | None]:
    said: dict[str, str] = {}
    for group in entity.all("gl-bus:organizationIdentifiers"):
        said[group.text("gl-bus:organizationDescription")] = group.text(
            "gl-bus:organizationIdentifier"
        )
        group.done()
    owner = "Adı Soyadı" if len(name.tax_number) == 11 else "Kurum Unvanı"
    title = said.pop(owner, None)
    branch = None
    if name.branch:
        branch = Branch(number=said.pop("Şube No", ""), name=said.pop("Şube Adı", ""))
    if title is None or said:
        raise Unsupported("identifiers")
    return title, branch


def _address(group: _Group) -> Address:
    name = "gl-bus:organizationAddress"
    address = Address(
        building_number=group.text("gl-bus:organizationBuildingNumber"),
        street=group.text(f"{name}Street"),
        street2=group.text(f"{name}Street2", default=""),
        city=group.text(f"{name}City"),
        postal_code=group.text(f"{name}ZipOrPostalCode"),
        country=group.text(f"{name}Country"),
    )
    group.done()
    return address


def _year(entity: _Group) -> FiscalYear:
    try:
        return FiscalYear(
            _day(entity.text("gl-bus:fiscalYearStart")), _day(entity.text("gl-bus:fiscalYearEnd"))
        )
    except ValueError as error:
        raise Unsupported(str(error)) from None


def _accountant(group: _Group) -> Accountant:
    given = group.one("gl-bus:accountantAddress")
    address = None
    if given is not None:
        address = Address(
            building_number=given.text("gl-bus:accountantBuildingNumber", default=""),
            street=given.text("gl-bus:accountantStreet", default=""),
            street2=given.text("gl-bus:accountantAddressStreet2", default=""),
            city=given.text("gl-bus:accountantCity", default=""),
            postal_code=given.text("gl-bus:accountantZipOrPostalCode", default=""),
            country=given.text("gl-bus:accountantCountry", default=""),
        )
        given.done()
    contact = group.one("gl-bus:accountantContactInformation")
    contacts: dict[str, Any] = {}
    if contact is not None:
        name = "gl-bus:accountantContact"
        contacts = _contacts(
            _phones(contact, f"{name}Phone", f"{name}PhoneNumber"),
            _texts(contact, f"{name}Fax", f"{name}FaxNumber"),
            _texts(contact, f"{name}Email", f"{name}EmailAddress"),
        )
        contact.done()
    accountant = Accountant(
        name=group.text("gl-bus:accountantName"),
        engagement=group.text("gl-bus:accountantEngagementTypeDescription"),
        address=address, **contacts,
    )  # fmt: skip
    group.done()
    return accountant


def _attachments(root: etree._Element, folder: Path) -> tuple[Path, ...]:
    paths = []
    for item in root.iter("{http://www.edefter.gov.tr/ek}binaryObject"):
        path = folder / (item.get("filename") or "")
        if path.exists() or path.name != item.get("filename"):
            raise Unsupported("two attachments of one name")
        path.write_bytes(base64.b64decode(item.text or "", validate=False))
        paths.append(path)
    return tuple(paths)
