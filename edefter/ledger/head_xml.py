"""Everything of a ledger document that stands before its first entry and after its last.

documentInfo and entityInformation are the same in yevmiye, kebir and (copied) berat but for the
context id and a few values, so they are written in this one place (format.md §2, §3.1, §3.2, §5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from edefter.ledger.canonical import (
    MUC_NAMESPACE,
    ROOT_NAMESPACES,
    XBRL_NAMESPACES,
    escape_text,
    is_writable,
    start_tag,
)
from edefter.ledger.head import LedgerHead
from edefter.model.company import Accountant, Address, Phone
from edefter.model.documents import Kind
from edefter.model.wording import entries_comment, inventory_comment

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
END_OF_ENTRIES = "</gl-cor:accountingEntries></xbrli:xbrl>"
END_OF_ROOT = "</edefter:defter>"
"""Closes the document; nothing follows, since bytes after the root are outside the digest."""
END = END_OF_ENTRIES + END_OF_ROOT

COUNTABLE = "countable"
_SCHEMA = "../xsd/2006-10-25/plt/case-c-b/gl-plt-2006-10-25.xsd"


@dataclass(frozen=True, slots=True)
class Form:
    """What sets the books apart in the head.

    Args:
        context: id of the one context.
        entries_type: value of entriesType.
        stylesheet: fixed name of the viewing XSLT.
        prefix: of the control number (uniqueID).
        title: name of the book in entriesComment.
    """

    context: str
    entries_type: str
    stylesheet: str
    prefix: str
    title: str


FORMS: Mapping[Kind, Form] = {
    Kind.Y: Form("journal_context", "journal", "yevmiye.xslt", "YEV", "Yevmiye Defteri"),
    Kind.K: Form("ledger_context", "ledger", "kebir.xslt", "KEB", "Büyük Defter"),
    Kind.E: Form("assets_context", "assets", "envanter.xslt", "ENV", "Envanter Defteri"),
}


def money_unit(currency: str) -> str:
    """Id of the money unit: lower case, so that rules MEA-03 and MEA-04 leave it alone."""
    return currency.lower()


def unique_id(kind: Kind, first_day: date, serial: int) -> str:
    """Control number `YEV202601000001` (format.md §5.1).

    Args:
        kind: Y, K or E.
        first_day: first day that the file covers.
        serial: 1 … 999999 within the fiscal year.

    Raises:
        ValueError: serial out of range.
    """
    if not 1 <= serial <= 999_999:
        raise ValueError(f"serial out of range: {serial}")
    return f"{FORMS[kind].prefix}{first_day:%Y%m}{serial:06d}"


def prologue(head: LedgerHead, kind: Kind, serial: int, *, multi_currency: bool) -> str:
    """The document from the XML declaration to the end of entityInformation.

    Args:
        head: what is fixed for this part.
        kind: Y, K or E.
        serial: number of the file in its fiscal year, for uniqueID.
        multi_currency: some line carries gl-muc elements; then defaultCurrency and the gl-muc
            prefix are written. They are also written when the books are not kept in TRY, and
            else left out (format.md §5.5).

    Raises:
        ValueError: a text that XML cannot hold (see `unwritable_texts`), or serial out of range.
    """
    form = FORMS[kind]
    currency = head.company.book_currency
    with_muc = multi_currency or currency != "TRY"
    writer = _Writer(form.context)
    namespaces = {**XBRL_NAMESPACES, **(MUC_NAMESPACE if with_muc else {})}
    day = head.creation_date.isoformat()
    writer.raw(
        DECLARATION,
        f'<?xml-stylesheet type="text/xsl" href="{form.stylesheet}"?>\n',
        start_tag(
            "edefter:defter",
            ROOT_NAMESPACES,
            {"xsi:schemaLocation": f"{ROOT_NAMESPACES['edefter']} ../xsd/edefter.xsd"},
            ROOT_NAMESPACES,
        ),
        "\n",
        start_tag(
            "xbrli:xbrl",
            namespaces,
            {"xsi:schemaLocation": f"{XBRL_NAMESPACES['gl-plt']} {_SCHEMA}"},
            ROOT_NAMESPACES,
        ),
        "\n",
        start_tag(
            "link:schemaRef",
            None,
            {"xlink:type": "simple", "xlink:href": _SCHEMA},
            XBRL_NAMESPACES,
        ),
        "</link:schemaRef>\n",
        start_tag("xbrli:context", None, {"id": form.context}),
        '<xbrli:entity><xbrli:identifier scheme="http://www.gib.gov.tr">',
        escape_text(head.company.tax_id.number),
        "</xbrli:identifier></xbrli:entity>",
        f"<xbrli:period><xbrli:instant>{day}</xbrli:instant></xbrli:period></xbrli:context>\n",
        _unit(money_unit(currency), f"iso4217:{currency}"),
        _unit(COUNTABLE, "xbrli:pure"),
        "<gl-cor:accountingEntries>\n",
    )
    _document_info(writer, head, kind, serial, with_muc=with_muc)
    _entity_information(writer, head)
    return writer.text


def unwritable_texts(head: LedgerHead) -> Iterator[tuple[str, str]]:
    """Name and value of each head text with a character that XML cannot hold."""
    yield from _unwritable("source_application", head.source_application)
    yield from _unwritable("company", head.company)
    if head.branch is not None:
        yield from _unwritable("branch", head.branch)


def _unwritable(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if not is_writable(value):
            yield name, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _unwritable(f"{name}[{index}]", item)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _unwritable(f"{name}.{each.name}", getattr(value, each.name))


def _unit(unit_id: str, measure: str) -> str:
    tag = start_tag("xbrli:unit", None, {"id": unit_id})
    return f"{tag}<xbrli:measure>{escape_text(measure)}</xbrli:measure></xbrli:unit>\n"


class _Writer:
    """Collects the head's few kilobytes; facts get the context of the document."""

    def __init__(self, context: str) -> None:
        self._context = context
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def raw(self, *parts: str) -> None:
        self._parts.extend(parts)

    def fact(self, name: str, value: str) -> None:
        self.raw(f'<{name} contextRef="{self._context}">{escape_text(value)}</{name}>')

    def optional(self, name: str, value: str) -> None:
        if value:
            self.fact(name, value)

    def group(self, name: str, *facts: tuple[str, str]) -> None:
        self.raw(f"<{name}>")
        for fact in facts:
            self.fact(*fact)
        self.raw(f"</{name}>")


def _document_info(
    writer: _Writer, head: LedgerHead, kind: Kind, serial: int, *, with_muc: bool
) -> None:
    writer.raw("<gl-cor:documentInfo>")
    writer.fact("gl-cor:entriesType", FORMS[kind].entries_type)
    writer.fact("gl-cor:uniqueID", unique_id(kind, head.first_day, serial))
    writer.fact("gl-cor:language", "iso639:tr")
    writer.fact("gl-cor:creationDate", head.creation_date.isoformat())
    writer.fact("gl-bus:creator", head.company.creator)
    writer.fact("gl-cor:entriesComment", _comment(head, kind))
    writer.fact("gl-cor:periodCoveredStart", head.first_day.isoformat())
    writer.fact("gl-cor:periodCoveredEnd", head.last_day.isoformat())
    writer.fact("gl-bus:sourceApplication", head.source_application)
    if with_muc:
        writer.fact("gl-muc:defaultCurrency", f"iso4217:{head.company.book_currency}")
    writer.raw("</gl-cor:documentInfo>\n")


def _comment(head: LedgerHead, kind: Kind) -> str:
    branch = head.branch.name if head.branch else ""
    if kind is Kind.E:
        return inventory_comment(head.fiscal_year, head.last_day, head.company.title, branch)
    return entries_comment(
        head.first_day, head.last_day, head.company.title, branch, FORMS[kind].title
    )


def _entity_information(writer: _Writer, head: LedgerHead) -> None:
    company, more = head.company, head.company.more
    writer.raw("<gl-cor:entityInformation>")
    for phone in (Phone(company.phone, company.phone_kind), *more.phones):
        writer.group(
            "gl-bus:entityPhoneNumber",
            ("gl-bus:phoneNumberDescription", phone.kind), ("gl-bus:phoneNumber", phone.number),
        )  # fmt: skip
    for fax in _known(company.fax, more.faxes):
        writer.group("gl-bus:entityFaxNumberStructure", ("gl-bus:entityFaxNumber", fax))
    for email in (company.email, *more.emails):
        writer.group("gl-bus:entityEmailAddressStructure", ("gl-bus:entityEmailAddress", email))
    _identifier(writer, company.title, "Adı Soyadı" if company.tax_id.is_person else "Kurum Unvanı")
    if head.branch is not None:
        _identifier(writer, head.branch.name, "Şube Adı")
        _identifier(writer, head.branch.number, "Şube No")
    for address in (company.address, *more.addresses):
        _address(writer, address)
    for website in (company.website, *more.websites):
        writer.group("gl-bus:entityWebSite", ("gl-bus:webSiteURL", website))
    writer.fact("gl-bus:businessDescription", company.nace)
    year = head.fiscal_year
    writer.fact("gl-bus:fiscalYearStart", year.start.isoformat())
    writer.fact("gl-bus:fiscalYearEnd", year.end.isoformat())
    for accountant in company.accountants:
        _accountant(writer, accountant)
    writer.raw("</gl-cor:entityInformation>\n")


def _known(first: str, more: tuple[str, ...]) -> tuple[str, ...]:
    return (first, *more) if first else more


def _identifier(writer: _Writer, value: str, description: str) -> None:
    writer.group(
        "gl-bus:organizationIdentifiers",
        ("gl-bus:organizationIdentifier", value), ("gl-bus:organizationDescription", description),
    )  # fmt: skip


def _address(writer: _Writer, address: Address) -> None:
    writer.raw("<gl-bus:organizationAddress>")
    writer.fact("gl-bus:organizationBuildingNumber", address.building_number)
    writer.fact("gl-bus:organizationAddressStreet", address.street)
    writer.optional("gl-bus:organizationAddressStreet2", address.street2)
    writer.fact("gl-bus:organizationAddressCity", address.city)
    writer.fact("gl-bus:organizationAddressZipOrPostalCode", address.postal_code)
    writer.fact("gl-bus:organizationAddressCountry", address.country)
    writer.raw("</gl-bus:organizationAddress>")


def _accountant(writer: _Writer, accountant: Accountant) -> None:
    writer.raw("<gl-bus:accountantInformation>")
    writer.fact("gl-bus:accountantName", accountant.name)
    if accountant.address is not None:
        address = accountant.address
        writer.raw("<gl-bus:accountantAddress>")
        writer.optional("gl-bus:accountantBuildingNumber", address.building_number)
        writer.optional("gl-bus:accountantStreet", address.street)
        writer.optional("gl-bus:accountantAddressStreet2", address.street2)
        writer.optional("gl-bus:accountantCity", address.city)
        writer.optional("gl-bus:accountantCountry", address.country)
        writer.optional("gl-bus:accountantZipOrPostalCode", address.postal_code)
        writer.raw("</gl-bus:accountantAddress>")
    writer.fact("gl-bus:accountantEngagementTypeDescription", accountant.engagement)
    name, more = "gl-bus:accountantContact", accountant.more
    first = (Phone(accountant.phone, accountant.phone_kind),) if accountant.phone else ()
    phones = (*first, *more.phones)
    faxes, emails = _known(accountant.fax, more.faxes), _known(accountant.email, more.emails)
    if phones or faxes or emails:
        writer.raw(f"<{name}Information>")
        for phone in phones:
            writer.group(
                f"{name}Phone",
                (f"{name}PhoneNumberDescription", phone.kind),
                (f"{name}PhoneNumber", phone.number),
            )
        for fax in faxes:
            writer.group(f"{name}Fax", (f"{name}FaxNumber", fax))
        for email in emails:
            writer.group(f"{name}Email", (f"{name}EmailAddress", email))
        writer.raw(f"</{name}Information>")
    writer.raw("</gl-bus:accountantInformation>\n")
