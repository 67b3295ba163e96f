"""Reads where somebody is and how to reach them: addresses, phones, e-mail addresses, web sites.

Source: format.md §3.2, §10; rules Y-EIN-01 … 03, 13 … 18, 27 … 29.
"""

from __future__ import annotations

import re
from typing import Any

from edefter.model.company import PHONE_KINDS, Address, Contacts, Phone
from edefter.model.registration_reader import (
    DIGITS_ANY,
    EMAIL,
    PHONE,
    POSTAL_CODE,
    WEBSITE,
    Reader,
)

_COUNTRY_ABBREVIATIONS = frozenset({"TC", "T.C.", "T.C", "TUR", "TÜR"})
ACCOUNTANT_CONTACTS = ("phones", "faxes", "emails")
COMPANY_CONTACTS = (*ACCOUNTANT_CONTACTS, "websites", "addresses")
_TEXTS: dict[str, tuple[re.Pattern[str], str, str]] = {
    "faxes": (PHONE, "REG-STR-02", "phone"),
    "emails": (EMAIL, "REG-STR-03", "email"),
    "websites": (WEBSITE, "Y-EIN-29", "website"),
}


def read_phone_kind(table: Reader, field: str) -> str:
    """What a phone number is; `main` when left out."""
    kind = table.optional(field, default=PHONE_KINDS[0])
    if kind not in PHONE_KINDS:
        table.add("REG-STR-25", "choice", field, value=kind, allowed=", ".join(PHONE_KINDS))
    return kind


def read_contacts(owner: Reader, kinds: tuple[str, ...]) -> Contacts:
    """The table `more` of a company or an accountant.

    Args:
        owner: the table it stands in.
        kinds: which of its lists may be there.
    """
    table = owner.table("more", "REG-STR-26", needed=False)
    if table is None:
        return Contacts()
    table.refuse_unknown(*kinds)
    texts = {name: _texts(table, name) for name in _TEXTS if name in kinds}
    addresses = table.tables("addresses", "Y-EIN-13") if "addresses" in kinds else None
    return Contacts(
        phones=tuple(map(_phone, table.tables("phones", "REG-STR-26") or ())),
        addresses=tuple(_address(each, needed=True) for each in addresses or ()),
        **texts,
    )


def contacts_mapping(phone_kind: str, more: Contacts) -> dict[str, Any]:
    """The fields `phone_kind` and `more` as plain values; left out where they say nothing."""
    plain: dict[str, Any] = {} if phone_kind == PHONE_KINDS[0] else {"phone_kind": phone_kind}
    lists = {
        "phones": [{"number": each.number, "kind": each.kind} for each in more.phones],
        **{name: list(getattr(more, name)) for name in _TEXTS},
        "addresses": [address_mapping(each) for each in more.addresses],
    }
    if any(lists.values()):
        plain["more"] = {name: values for name, values in lists.items() if values}
    return plain


def _phone(table: Reader) -> Phone:
    number = table.text("number", "REG-STR-02")
    table.must_match("number", number, PHONE, "REG-STR-02", "phone")
    kind = read_phone_kind(table, "kind")
    table.refuse_unknown("number", "kind")
    return Phone(number, kind)


def _texts(table: Reader, name: str) -> tuple[str, ...]:
    pattern, rule, text = _TEXTS[name]
    found = []
    for field, value in table.items(name):
        if isinstance(value, str) and value.strip():
            table.must_match(field, value, pattern, rule, text)
            found.append(value)
        else:
            table.add(rule, text, field, value=str(value))
    return tuple(found)


def read_address(owner: Reader, rule: str, *, needed: bool = True) -> Address | None:
    """The table `address`.

    Args:
        owner: the table it stands in.
        rule: which needs it.
        needed: False = it may be left out, and so may each of its fields.

    Returns:
        The address, or None when it was left out or reported.
    """
    table = owner.table("address", rule, needed=needed)
    return None if table is None else _address(table, needed=needed)


def _address(table: Reader, *, needed: bool) -> Address:
    def text(name: str, rule: str) -> str:
        return table.text(name, rule) if needed else table.optional(name)

    building, street = text("building_number", "Y-EIN-14"), text("street", "Y-EIN-15")
    city, postal_code = text("city", "Y-EIN-16"), text("postal_code", "Y-EIN-17")
    country = table.optional("country", "Y-EIN-18", default="Türkiye")
    if len(country) < 3 or country.upper() in _COUNTRY_ABBREVIATIONS:
        table.add("Y-EIN-18", "country", "country", value=country)
    elif country == "Türkiye":
        table.must_match("postal_code", postal_code, POSTAL_CODE, "REG-STR-09", "postal_code")
    else:
        table.must_match("postal_code", postal_code, DIGITS_ANY, "REG-STR-09", "postal_code_abroad")
    street2 = table.optional("street2")
    table.refuse_unknown("building_number", "street", "city", "postal_code", "country", "street2")
    return Address(
        building_number=building, street=street, city=city, postal_code=postal_code,
        street2=street2, country=country,
    )  # fmt: skip


def address_mapping(address: Address) -> dict[str, str]:
    """An address as plain values."""
    return {
        "building_number": address.building_number,
        "street": address.street,
        "street2": address.street2,
        "city": address.city,
        "postal_code": address.postal_code,
        "country": address.country,
    }
