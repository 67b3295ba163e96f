"""EIN: entityInformation."""

from __future__ import annotations

import re

from edefter.validation.records import EntityInfo
from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.xpath import any_pair, ns, string

TABLE = Table(Context.ENTITY_INFO)
_ALL = "Y K B R E EB"
_RECORD = (
    "Mükellef kaydındaki bilgiyi tamamlayıp belgeyi yeniden oluşturun.",
    "Complete the company's record and build the document again.",
)
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_TITLE, _PERSON, _BRANCH_NO, _BRANCH = "Kurum Unvanı", "Adı Soyadı", "Şube No", "Şube Adı"


def _ein(
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    context: Context = Context.ENTITY_INFO,
) -> None:
    TABLE.add(_ALL, name, field, (*texts, *_RECORD), holds, context=context)


def _count(info: EntityInfo, description: str) -> int:
    return len(info.described(description))


def _long_enough(description: str) -> Predicate:
    def holds(info: EntityInfo, _: object) -> bool:
        groups = info.described(description)
        return len(groups) != 1 or len(ns(groups[0].value)) >= 2

    return holds


def _has_four_digits(info: EntityInfo, _: object) -> bool:
    groups = info.described(_BRANCH_NO)
    return len(groups) != 1 or bool(_FOUR_DIGITS.fullmatch(ns(groups[0].value)))


_ein(
    "EIN-01",
    "gl-bus:entityPhoneNumber",
    ("işletmenin telefonu yok", "the company's phone is missing"),
    lambda info, _: bool(info.phones),
)
_ein(
    "EIN-02",
    "gl-bus:entityEmailAddressStructure",
    ("işletmenin e-posta adresi yok", "the company's e-mail address is missing"),
    lambda info, _: bool(info.emails),
)
_ein(
    "EIN-03",
    "gl-bus:organizationIdentifiers",
    (
        "işletme unvanı (organizationIdentifiers) yok",
        "the company's title (organizationIdentifiers) is missing",
    ),
    lambda info, _: bool(info.identifiers),
)
_ein(
    "EIN-04",
    "gl-bus:organizationDescription",
    (
        "VKN'li mükellefte “Kurum Unvanı” açıklamalı tam bir unvan olmalı",
        "a taxpayer with a VKN has exactly one title described “Kurum Unvanı”",
    ),
    lambda info, document: len(string(document.identifiers)) != 10 or _count(info, _TITLE) == 1,
)
_ein(
    "EIN-05",
    "gl-bus:organizationDescription",
    (
        "TCKN'li mükellefte “Adı Soyadı” açıklamalı tam bir ad olmalı",
        "a taxpayer with a TCKN has exactly one name described “Adı Soyadı”",
    ),
    lambda info, document: len(string(document.identifiers)) != 11 or _count(info, _PERSON) == 1,
)
_ein(
    "EIN-06",
    "gl-bus:organizationDescription",
    (
        "“Kurum Unvanı” ile “Adı Soyadı”ndan yalnız biri bulunmalı",
        "exactly one of “Kurum Unvanı” and “Adı Soyadı” must be given",
    ),
    lambda info, _: (_count(info, _TITLE) == 1) != (_count(info, _PERSON) == 1),
)
_ein(
    "EIN-07",
    "gl-bus:organizationIdentifier",
    ("unvan en az 2 karakter olmalı", "the title needs at least 2 characters"),
    _long_enough(_TITLE),
)
_ein(
    "EIN-08",
    "gl-bus:organizationIdentifier",
    ("ad soyad en az 2 karakter olmalı", "the name needs at least 2 characters"),
    _long_enough(_PERSON),
)
_ein(
    "EIN-09",
    "gl-bus:organizationDescription",
    (
        "“Şube No” ile “Şube Adı” birlikte verilmeli",
        "“Şube No” and “Şube Adı” must be given together",
    ),
    lambda info, _: (_count(info, _BRANCH_NO) == 1) == (_count(info, _BRANCH) == 1),
)
_ein(
    "EIN-10",
    "gl-bus:organizationDescription",
    ("birden çok şube bilgisi olamaz", "at most one branch may be given"),
    lambda info, _: _count(info, _BRANCH_NO) < 2 and _count(info, _BRANCH) < 2,
)
_ein(
    "EIN-11",
    "gl-bus:organizationIdentifier",
    ("“Şube No” 4 rakam olmalı", "“Şube No” must be 4 digits"),
    _has_four_digits,
)
_ein(
    "EIN-12",
    "gl-bus:organizationIdentifier",
    ("“Şube Adı” en az 2 karakter olmalı", "“Şube Adı” needs at least 2 characters"),
    _long_enough(_BRANCH),
)
_ein(
    "EIN-13",
    "gl-bus:organizationAddress",
    ("işletmenin adresi yok", "the company's address is missing"),
    lambda info, _: bool(info.addresses),
)
for _name, _element, _tr, _en in (
    ("EIN-14", "organizationBuildingNumber", "bina/kapı numarası", "the building number"),
    ("EIN-15", "organizationAddressStreet", "cadde/sokak", "the street"),
    ("EIN-16", "organizationAddressCity", "şehir", "the city"),
    ("EIN-17", "organizationAddressZipOrPostalCode", "posta kodu", "the postal code"),
    ("EIN-18", "organizationAddressCountry", "ülke", "the country"),
):
    _ein(
        _name,
        f"gl-bus:{_element}",
        (f"adreste {_tr} elemanı ({_element}) yok", f"the address lacks {_en} ({_element})"),
        lambda info, _, child=f"gl-bus:{_element}": (
            not info.addresses or any(child in group.children for group in info.addresses)
        ),
    )
_ein(
    "EIN-19",
    "gl-bus:entityWebSite",
    (
        "web sitesi bilgisi (entityWebSite) yok; site yoksa boş bırakılır",
        "entityWebSite is missing; it is left empty when there is no site",
    ),
    lambda info, _: bool(info.websites),
)
_ein(
    "EIN-20",
    "business_description",
    ("NACE kodu (businessDescription) boş", "the NACE code (businessDescription) is blank"),
    lambda info, _: ns(info.business_description) != "",
)
_ein(
    "EIN-21",
    "fiscal_start",
    (
        "hesap dönemi başlangıcı (fiscalYearStart) yok",
        "fiscalYearStart is missing",
    ),
    lambda info, _: info.fiscal_start is not None,
)
_ein(
    "EIN-22",
    "fiscal_end",
    ("hesap dönemi sonu (fiscalYearEnd) yok", "fiscalYearEnd is missing"),
    lambda info, _: info.fiscal_end is not None,
)
_ein(
    "EIN-23",
    "fiscal_end",
    (
        "hesap dönemi sonu “{fiscal_end}”, başlangıcından “{fiscal_start}” sonra olmalı",
        "fiscal year end “{fiscal_end}” must be after its start “{fiscal_start}”",
    ),
    lambda info, _: any_pair(info.fiscal_end, info.fiscal_start, str.__gt__),
)
_ein(
    "EIN-24",
    "gl-bus:accountantInformation",
    (
        "muhasebeci bilgisi (accountantInformation) yok",
        "accountantInformation is missing",
    ),
    lambda info, _: bool(info.accountants),
)
_ein(
    "EIN-25",
    "gl-bus:accountantName",
    ("muhasebecinin adı boş", "the accountant's name is blank"),
    lambda group, _: ns(group.value) != "",
    Context.ACCOUNTANT,
)
_ein(
    "EIN-26",
    "gl-bus:accountantEngagementTypeDescription",
    (
        "muhasebecinin sözleşme açıklaması boş (defter işletmede tutuluyorsa - yazılır)",
        "the engagement description is blank (write - for books kept in-house)",
    ),
    lambda group, _: ns(group.second) != "",
    Context.ACCOUNTANT,
)
_ein(
    "EIN-27",
    "gl-bus:phoneNumber",
    ("telefon numarası boş", "the phone number is blank"),
    lambda group, _: ns(group.value) != "",
    Context.PHONE,
)
_ein(
    "EIN-28",
    "gl-bus:entityEmailAddress",
    ("e-posta adresi boş", "the e-mail address is blank"),
    lambda group, _: ns(group.value) != "",
    Context.EMAIL,
)
_ein(
    "EIN-29",
    "gl-bus:webSiteURL",
    (
        "web sitesi adresi elemanı (webSiteURL) yok; boş olabilir",
        "webSiteURL is missing; it may be empty",
    ),
    lambda group, _: group.value is not None,
    Context.WEBSITE,
)
