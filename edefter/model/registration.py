"""Reads a company's registration and reports everything missing or wrong at once.

Keys are the field names of `edefter.model.company.Company`. Each finding names the field and the
rule that needs it: `Y-EIN-nn` and `Y-XBR-06` are GİB's (the same number exists for every kind of
document), `REG-STR-nn` are ours. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from edefter.model.company import Accountant, Branch, Company, UploadPreference
from edefter.model.finding import Finding
from edefter.model.identity import TaxId
from edefter.model.period import FiscalYear, Period
from edefter.model.registration_contacts import (
    ACCOUNTANT_CONTACTS,
    COMPANY_CONTACTS,
    address_mapping,
    contacts_mapping,
    read_address,
    read_contacts,
    read_phone_kind,
)
from edefter.model.registration_reader import (
    BRANCH_NUMBER,
    CODE,
    CURRENCY,
    DIGITS,
    EMAIL,
    ENGAGEMENT,
    NACE,
    PHONE,
    WEBSITE,
    Reader,
)

_TITLE_ABBREVIATIONS = ("a.ş", "ltd.", "şti.", "san.", "tic.", "a.o.")


def read_registration(raw: Mapping[str, Any]) -> tuple[Company | None, tuple[Finding, ...]]:
    """Check a registration completely and build the company from it.

    Args:
        raw: from a TOML file or from options: texts, `address` a table, `accountants`, `branches`
            and `fiscal_years` arrays of tables, `edefter_start` as `2026-01`.

    Returns:
        The company, or None when a finding of severity error exists; and all findings.

    Source: format.md §3.2, §5.3, §10; rules Y-EIN-01 … 29, Y-XBR-06.
    """
    top = Reader(raw)
    tax_id = _tax_id(top)
    person = tax_id is not None and tax_id.is_person
    code = top.text("code", "REG-STR-01")
    top.must_match("code", code, CODE, "REG-STR-01", "code")
    title = top.text("title", "Y-EIN-05" if person else "Y-EIN-04")
    _title(top, title, "Y-EIN-08" if person else "Y-EIN-07")
    phone = top.text("phone", "Y-EIN-27" if "phone" in raw else "Y-EIN-01")
    top.must_match("phone", phone, PHONE, "REG-STR-02", "phone")
    email = top.text("email", "Y-EIN-28" if "email" in raw else "Y-EIN-02")
    top.must_match("email", email, EMAIL, "REG-STR-03", "email")
    nace = top.text("nace", "Y-EIN-20")
    top.must_match("nace", nace, NACE, "REG-STR-04", "nace")
    creator = top.text("creator", "REG-STR-05")
    website = top.optional("website", "Y-EIN-29")
    top.must_match("website", website, WEBSITE, "Y-EIN-29", "website")
    fax = top.optional("fax")
    top.must_match("fax", fax, PHONE, "REG-STR-02", "phone")
    start = top.period("edefter_start", "REG-STR-06", needed=True)
    values: dict[str, Any] = {
        "address": read_address(top, "Y-EIN-13"),
        "phone_kind": read_phone_kind(top, "phone_kind"),
        "more": read_contacts(top, COMPANY_CONTACTS),
        "accountants": _accountants(top),
        "fiscal_year_start_month": _start_month(top),
        "fiscal_years": _fiscal_years(top),
        "branches": _branches(top, start),
        "upload_preference": _upload_preference(top),
        "income_taxpayer": top.flag("income_taxpayer", "REG-STR-12"),
        "book_currency": _currency(top),
        "authorised_signers": _signers(top),
        "source": top.optional("source", default="default"),
        "source_company": top.optional("source_company"),
        "seal": top.optional("seal", default="default"),
    }
    top.refuse_unknown(
        "code", "tax_id", "title", "phone", "email", "nace", "creator", "website", "fax",
        "edefter_start", *values,
    )  # fmt: skip
    if top.has_errors or tax_id is None or start is None:
        return None, tuple(top.findings)
    company = Company(
        code=code, tax_id=tax_id, title=title, phone=phone, email=email, nace=nace,
        creator=creator, website=website, fax=fax, edefter_start=start, **values,
    )  # fmt: skip
    return company, tuple(top.findings)


def registration_to_mapping(company: Company) -> dict[str, Any]:
    """The registration as plain values (JSON, TOML) that `read_registration` reads back."""
    return {
        "code": company.code,
        "tax_id": company.tax_id.number,
        "title": company.title,
        "address": address_mapping(company.address),
        "phone": company.phone,
        "email": company.email,
        "nace": company.nace,
        "edefter_start": str(company.edefter_start),
        "accountants": [_accountant_mapping(item) for item in company.accountants],
        "creator": company.creator,
        "website": company.website,
        "fax": company.fax,
        **contacts_mapping(company.phone_kind, company.more),
        "fiscal_year_start_month": company.fiscal_year_start_month,
        "fiscal_years": [
            {"start": year.start.isoformat(), "end": year.end.isoformat()}
            | ({"continues": True} if year.continues else {})
            for year in company.fiscal_years
        ],
        "branches": [
            {"number": branch.number, "name": branch.name}
            | ({"start": str(branch.start)} if branch.start else {})
            for branch in company.branches
        ],
        "upload_preference": company.upload_preference.value,
        "income_taxpayer": company.income_taxpayer,
        "book_currency": company.book_currency,
        "authorised_signers": list(company.authorised_signers),
        "source": company.source,
        "source_company": company.source_company,
        "seal": company.seal,
    }


def _tax_id(top: Reader) -> TaxId | None:
    number = top.text("tax_id", "Y-XBR-06")
    if not number:
        return None
    if not top.must_match("tax_id", number, DIGITS, "Y-XBR-06", "tax_shape"):
        return None
    try:
        return TaxId(number)
    except ValueError:
        top.add("REG-STR-07", "tax_check", "tax_id", value=number)
        return None


def _title(top: Reader, title: str, rule: str) -> None:
    if title and len(title) < 2:
        top.add(rule, "too_short", "title", value=title)
    words = title.replace("İ", "i").replace("I", "ı").lower().split()
    if any(word.startswith(_TITLE_ABBREVIATIONS) for word in words):
        top.warn("REG-STR-08", "abbreviated", "title", value=title)


def _accountants(top: Reader) -> tuple[Accountant, ...]:
    tables = top.tables("accountants", "Y-EIN-24")
    if tables is not None and not tables:
        top.add("Y-EIN-24", "no_accountant", "accountants")
    return tuple(_accountant(table) for table in tables or ())


def _accountant(table: Reader) -> Accountant:
    name = table.text("name", "Y-EIN-25")
    # Left out it means in-house books; written empty it is a mistake.
    engagement = table.text("engagement", "Y-EIN-26") if "engagement" in table.raw else "-"
    if "##" in engagement:
        table.add("REG-STR-10", "engagement_hashes", "engagement", value=engagement)
    elif engagement and not ENGAGEMENT.fullmatch(engagement):
        table.warn("REG-STR-11", "engagement_form", "engagement", value=engagement)
    phone, fax, email = (table.optional(field) for field in ("phone", "fax", "email"))
    table.must_match("phone", phone, PHONE, "REG-STR-02", "phone")
    table.must_match("fax", fax, PHONE, "REG-STR-02", "phone")
    table.must_match("email", email, EMAIL, "REG-STR-03", "email")
    phone_kind = read_phone_kind(table, "phone_kind")
    more = read_contacts(table, ACCOUNTANT_CONTACTS)
    address = read_address(table, "REG-STR-09", needed=False)
    table.refuse_unknown(
        "name", "engagement", "address", "phone", "fax", "email", "phone_kind", "more"
    )
    return Accountant(
        name=name, engagement=engagement, address=address, phone=phone, fax=fax, email=email,
        phone_kind=phone_kind, more=more,
    )  # fmt: skip


def _accountant_mapping(accountant: Accountant) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "name": accountant.name,
        "engagement": accountant.engagement,
        "phone": accountant.phone,
        "fax": accountant.fax,
        "email": accountant.email,
        **contacts_mapping(accountant.phone_kind, accountant.more),
    }
    if accountant.address is not None:
        plain["address"] = address_mapping(accountant.address)
    return plain


def _start_month(top: Reader) -> int:
    value = top.raw.get("fiscal_year_start_month", 1)
    text = str(value).strip()
    if not isinstance(value, bool) and text.isascii() and text.isdigit() and 1 <= int(text) <= 12:
        return int(text)
    top.add("Y-EIN-21", "month", "fiscal_year_start_month", value=text)
    return 1


def _fiscal_years(top: Reader) -> tuple[FiscalYear, ...]:
    years: list[FiscalYear] = []
    for table in top.tables("fiscal_years", "Y-EIN-21") or ():
        start = table.day("start", "Y-EIN-21")
        end = table.day("end", "Y-EIN-22")
        continues = table.flag("continues", "REG-STR-12")
        table.refuse_unknown("start", "end", "continues")
        year = _fiscal_year(table, start, end, continues) if start and end else None
        if year is None:
            continue
        if any(year.start <= other.end and other.start <= year.end for other in years):
            table.add("REG-STR-13", "year_overlap", "start")
        years.append(year)
    return tuple(years)


def _fiscal_year(table: Reader, start: date, end: date, continues: bool) -> FiscalYear | None:
    if end <= start:
        table.add("Y-EIN-23", "year_order", "end")
        return None
    try:
        return FiscalYear(start, end, continues)
    except ValueError:
        table.add("REG-STR-14", "year_long", "end")
        return None


def _branches(top: Reader, company_start: Period | None) -> tuple[Branch, ...]:
    branches: list[Branch] = []
    for table in top.tables("branches", "Y-EIN-09") or ():
        number = table.text("number", "Y-EIN-09")
        fits = table.must_match("number", number, BRANCH_NUMBER, "Y-EIN-11", "branch_number")
        if number and fits and any(number == other.number for other in branches):
            table.add("REG-STR-15", "branch_twice", "number", value=number)
        name = table.text("name", "Y-EIN-09")
        if name and len(name) < 2:
            table.add("Y-EIN-12", "too_short", "name", value=name)
        elif name and not name.endswith(("Şubesi", "ŞUBESİ")):
            table.warn("REG-STR-16", "branch_name", "name", value=name)
        start = table.period("start", "REG-STR-06", needed=False)
        if start is not None and company_start is not None and start < company_start:
            table.add("REG-STR-17", "branch_early", "start", value=str(start))
        table.refuse_unknown("number", "name", "start")
        branches.append(Branch(number=number, name=name, start=start))
    return tuple(branches)


def _upload_preference(top: Reader) -> UploadPreference:
    text = top.optional("upload_preference", default=UploadPreference.MONTHLY.value)
    try:
        return UploadPreference(text)
    except ValueError:
        allowed = ", ".join(UploadPreference)
        top.add("REG-STR-18", "choice", "upload_preference", value=text, allowed=allowed)
        return UploadPreference.MONTHLY


def _currency(top: Reader) -> str:
    text = top.optional("book_currency", default="TRY")
    top.must_match("book_currency", text, CURRENCY, "REG-STR-19", "currency")
    return text


def _signers(top: Reader) -> tuple[str, ...]:
    signers = []
    for field, value in top.items("authorised_signers"):
        number = value if isinstance(value, str) else str(value)
        if not DIGITS.fullmatch(number):
            top.add("REG-STR-20", "tax_shape", field, value=number)
            continue
        try:
            signers.append(TaxId(number).number)
        except ValueError:
            top.add("REG-STR-20", "tax_check", field, value=number)
    return tuple(signers)
