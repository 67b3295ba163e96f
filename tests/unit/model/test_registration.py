"""A company's registration: complete, round trip, and every problem at once."""

from __future__ import annotations

import copy
import json
import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.model.company import Phone
from edefter.model.finding import Layer, Severity
from edefter.model.identity import TaxId, tckn_is_valid, vkn_is_valid
from edefter.model.period import FiscalYear, Period
from edefter.model.registration import read_registration, registration_to_mapping
from edefter.model.registration_texts import TEXTS

COMPLETE = """
code = "isik-celik"
tax_id = "1234567808"
title = "IŞIK ÇELİK SANAYİ VE TİCARET ANONİM ŞİRKETİ"
phone = "3121234567"
email = "muhasebe@isikcelik.com.tr"
nace = "24.10.09"
creator = "Gülşen Öğüt"
website = "https://www.isikcelik.com.tr"
edefter_start = "2026-01"
fiscal_year_start_month = 7
upload_preference = "quarterly"
income_taxpayer = true
authorised_signers = ["10000000146"]
source = "merkez"
source_company = "001"

[address]
building_number = "12/3"
street = "Çağlayan Caddesi"
city = "Ankara"
postal_code = "06420"

[[accountants]]
name = "SMMM İğdır Şahin"
engagement = "SMMM sözleşmesi, 2026-01-01, M10120"
phone = "3129876543"
[accountants.address]
city = "Ankara"

[[accountants]]
name = "Muhasebe Müdürü Ömer Ünlü"

[[fiscal_years]]
start = 2026-01-01
end = "2026-06-30"

[[branches]]
number = "0001"
name = "Kadıköy Şubesi"
start = "2026-03"
[[branches]]
number = "0002"
name = "İzmir Şubesi"

[more]
faxes = ["3121112234"]
emails = ["muhasebe@isik.com.tr", "ebelge@isik.com.tr"]
websites = ["https://magaza.isik.com.tr"]
[[more.phones]]
number = "2165550102"
kind = "switchboard"
[[more.phones]]
number = "2165550103"
[[more.addresses]]
building_number = "5"
street = "Liman Yolu"
city = "Mersin"
postal_code = "33000"
"""


@pytest.fixture
def raw() -> dict[str, Any]:
    return tomllib.loads(COMPLETE)


def found(raw: dict[str, Any], severity: Severity = Severity.ERROR) -> list[tuple[str, str]]:
    company, findings = read_registration(raw)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    assert (company is None) == bool(errors)
    return [(item.rule, item.place.field) for item in findings if item.severity is severity]


def test_complete(raw: dict) -> None:
    company, findings = read_registration(raw)
    assert findings == ()
    assert company is not None
    assert company.tax_id == TaxId("1234567808")
    assert company.edefter_start == Period(2026, 1)
    assert company.address.country == "Türkiye"
    assert company.accountants[1].engagement == "-"
    assert company.accountants[0].address is not None
    assert company.fiscal_years == (FiscalYear(date(2026, 1, 1), date(2026, 6, 30)),)
    assert company.branches[0].start == Period(2026, 3)
    assert company.first_period("0002") == Period(2026, 1)
    assert company.income_taxpayer is True
    assert company.more.phones == (Phone("2165550102", "switchboard"), Phone("2165550103"))
    assert company.more.emails[1] == "ebelge@isik.com.tr"
    assert company.more.addresses[0].city == "Mersin"


def test_round_trip_through_json(raw: dict) -> None:
    company, _ = read_registration(raw)
    assert company is not None
    stored = json.loads(json.dumps(registration_to_mapping(company), ensure_ascii=False))
    again, findings = read_registration(stored)
    assert (again, findings) == (company, ())


def test_least_registration_and_its_defaults(raw: dict) -> None:
    keys = ("code", "tax_id", "title", "phone", "email", "nace", "creator", "edefter_start",
            "address", "accountants")  # fmt: skip
    company, findings = read_registration({key: raw[key] for key in keys})
    assert findings == ()
    assert company is not None
    assert (company.book_currency, company.source, company.seal) == ("TRY", "default", "default")
    assert company.fiscal_year_start_month == 1
    assert company.branches == ()


def test_empty_registration_names_every_field_and_its_rule() -> None:
    company, findings = read_registration({})
    assert company is None
    assert {item.place.field: item.rule for item in findings} == {
        "tax_id": "Y-XBR-06",
        "code": "REG-STR-01",
        "title": "Y-EIN-04",
        "phone": "Y-EIN-01",
        "email": "Y-EIN-02",
        "nace": "Y-EIN-20",
        "creator": "REG-STR-05",
        "edefter_start": "REG-STR-06",
        "address": "Y-EIN-13",
        "accountants": "Y-EIN-24",
    }
    for item in findings:
        assert item.layer is Layer.REGISTRATION
        assert item.place.field in item.message_tr + item.remedy_tr
        assert item.message_en
        assert item.remedy_tr
        assert item.remedy_en


def test_everything_wrong_at_once() -> None:
    raw = {
        "code": "../kötü",
        "tax_id": "1234567800",
        "title": "X",
        "phone": "0312 123 45 67",
        "email": "muhasebe",
        "nace": "62.1",
        "creator": " ",
        "website": "boşluk var",
        "fax": "12",
        "edefter_start": "2026/1",
        "fiscal_year_start_month": 13,
        "fiscal_years": [
            {"start": "2026-01-01", "end": "2025-01-01"},
            {"start": "2026-01-01", "end": "2027-01-01"},
            {"start": "dün"},
        ],
        "address": {"street": "", "city": 6, "postal_code": "642", "country": "TR", "il": "x"},
        "accountants": [{"name": "", "engagement": "SMMM##2026##M1", "phone": "1"}, 5],
        "branches": [{"number": "0000", "name": "A"}, {"number": "1"}],
        "upload_preference": "weekly",
        "income_taxpayer": "belki",
        "book_currency": "tl",
        "authorised_signers": ["123", "12345678901"],
        "phone_kind": "ev",
        "more": {
            "phones": [{"number": "1", "kind": "mobile"}, {}, "x"],
            "faxes": ["12"],
            "emails": ["a", 5],
            "websites": ["x y"],
            "addresses": [{}],
            "tels": [],
        },
        "sourse": "x",
    }
    assert set(found(raw)) == {
        ("REG-STR-01", "code"), ("REG-STR-07", "tax_id"), ("Y-EIN-07", "title"),
        ("REG-STR-02", "phone"), ("REG-STR-03", "email"), ("REG-STR-04", "nace"),
        ("REG-STR-05", "creator"), ("Y-EIN-29", "website"), ("REG-STR-02", "fax"),
        ("REG-STR-06", "edefter_start"), ("Y-EIN-21", "fiscal_year_start_month"),
        ("Y-EIN-23", "fiscal_years[0].end"), ("REG-STR-14", "fiscal_years[1].end"),
        ("Y-EIN-21", "fiscal_years[2].start"), ("Y-EIN-22", "fiscal_years[2].end"),
        ("Y-EIN-14", "address.building_number"), ("Y-EIN-15", "address.street"),
        ("REG-STR-21", "address.city"), ("Y-EIN-18", "address.country"),
        ("REG-STR-24", "address.il"), ("Y-EIN-25", "accountants[0].name"),
        ("REG-STR-10", "accountants[0].engagement"), ("REG-STR-02", "accountants[0].phone"),
        ("Y-EIN-24", "accountants[1]"), ("Y-EIN-11", "branches[0].number"),
        ("Y-EIN-12", "branches[0].name"), ("Y-EIN-11", "branches[1].number"),
        ("Y-EIN-09", "branches[1].name"), ("REG-STR-18", "upload_preference"),
        ("REG-STR-12", "income_taxpayer"), ("REG-STR-19", "book_currency"),
        ("REG-STR-20", "authorised_signers[0]"), ("REG-STR-20", "authorised_signers[1]"),
        ("REG-STR-24", "sourse"), ("REG-STR-25", "phone_kind"),
        ("REG-STR-02", "more.phones[0].number"), ("REG-STR-25", "more.phones[0].kind"),
        ("REG-STR-02", "more.phones[1].number"), ("REG-STR-26", "more.phones[2]"),
        ("REG-STR-02", "more.faxes[0]"), ("REG-STR-03", "more.emails[0]"),
        ("REG-STR-03", "more.emails[1]"), ("Y-EIN-29", "more.websites[0]"),
        ("Y-EIN-14", "more.addresses[0].building_number"),
        ("Y-EIN-15", "more.addresses[0].street"), ("Y-EIN-16", "more.addresses[0].city"),
        ("Y-EIN-17", "more.addresses[0].postal_code"), ("REG-STR-24", "more.tels"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "rule", "part"),
    [
        ("tax_id", 1234567808, "REG-STR-21", 'tax_id = "1234567808"'),
        ("tax_id", "123456780", "Y-XBR-06", "10"),
        ("tax_id", "10000000145", "REG-STR-07", "denetim basamağı"),
        ("title", "Işık\x07 Çelik", "REG-STR-22", "XML"),
        ("title", " Işık Çelik", "REG-STR-23", "boşluk"),
        ("phone", "", "Y-EIN-27", "Telefon eksik"),
        ("phone", "+903121234567", "REG-STR-02", "3121234567"),
        ("email", "", "Y-EIN-28", "E-posta eksik"),
        ("email", "a@b", "REG-STR-03", "ad@sirket.com.tr"),
        ("nace", "yazılım", "REG-STR-04", "62.01.01"),
        ("edefter_start", "2026-13", "REG-STR-06", "2026-01"),
        ("address", "Ankara", "Y-EIN-13", "[address]"),
        ("address.postal_code", "642", "REG-STR-09", "5 rakam"),
        ("accountants", [], "Y-EIN-24", "En az bir muhasebeci"),
        ("accountants", "Ali", "Y-EIN-24", "[[accountants]]"),
        ("accountants.0.engagement", "", "Y-EIN-26", "Sözleşme açıklaması eksik"),
        ("accountants.0.engagement", "a##b", "REG-STR-10", "SMMM sözleşmesi, 2026-01-01, M10120"),
        ("branches.1.number", "0001", "REG-STR-15", "iki kez"),
        ("branches.0.number", "10001", "Y-EIN-11", "0001–9999"),
        ("branches.0.start", "2025-12", "REG-STR-17", "2025-12"),
        ("branches.0.adı", "x", "REG-STR-24", "adı diye bir alan yok"),
        ("fiscal_years.0.end", "2027-06-30", "REG-STR-14", "on iki ay"),
        ("posta_kodu", "06420", "REG-STR-24", "posta_kodu"),
        ("websit", "x", "REG-STR-24", "Bunu mu demek istediniz: website?"),
    ],
)
def test_one_problem(raw: dict, path: str, value: object, rule: str, part: str) -> None:
    target: Any = raw
    *steps, last = path.split(".")
    for step in steps:
        target = target[int(step)] if step.isdigit() else target[step]
    target[last] = value
    _, findings = read_registration(raw)
    (finding,) = findings
    assert finding.rule == rule
    assert part in f"{finding.message_tr} {finding.remedy_tr}"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"title": "Işık Çelik San. ve Tic. A.Ş."}, "REG-STR-08"),
        ({"title": "IŞIK LTD. ŞTİ."}, "REG-STR-08"),
        ({"accountants": [{"name": "Ali", "engagement": "SMMM sözleşmesi"}]}, "REG-STR-11"),
        ({"branches": [{"number": "0003", "name": "Bursa"}]}, "REG-STR-16"),
    ],
)
def test_warnings_do_not_forbid(raw: dict, change: dict, rule: str) -> None:
    assert [name for name, _ in found({**raw, **change}, Severity.WARNING)] == [rule]


def test_a_person_has_a_name(raw: dict) -> None:
    raw |= {"tax_id": "10000000146", "title": "X"}
    assert found(raw) == [("Y-EIN-08", "title")]
    del raw["title"]
    assert found(raw) == [("Y-EIN-05", "title")]


def test_overlapping_fiscal_years(raw: dict) -> None:
    raw["fiscal_years"].append({"start": "2026-06-30", "end": "2026-12-31"})
    assert found(raw) == [("REG-STR-13", "fiscal_years[1].start")]


def test_an_address_abroad(raw: dict) -> None:
    raw["address"] |= {"country": "Almanya", "postal_code": "1011"}
    assert found(raw) == []
    raw["address"]["postal_code"] = "AB-1"
    assert found(raw) == [("REG-STR-09", "address.postal_code")]


def test_words_from_the_command_line(raw: dict) -> None:
    raw |= {
        "income_taxpayer": "hayır",
        "fiscal_year_start_month": "7",
        "authorised_signers": "10000000146, 3900383669",
    }
    company, findings = read_registration(raw)
    assert findings == ()
    assert company is not None
    assert company.income_taxpayer is False
    assert company.fiscal_year_start_month == 7
    assert company.authorised_signers == ("10000000146", "3900383669")


def test_reading_changes_nothing(raw: dict) -> None:
    before = copy.deepcopy(raw)
    read_registration(raw)
    assert raw == before


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(tomllib.loads(COMPLETE))), _ANYTHING, max_size=3))
def test_any_rubbish_is_reported_and_never_raises(rubbish: dict) -> None:
    company, findings = read_registration({**tomllib.loads(COMPLETE), **rubbish})
    assert company is not None or findings
    for finding in findings:
        told = finding.message_tr.replace(finding.value, "").replace(finding.place.field, "")
        assert "{" not in told


@given(st.text("0123456789", min_size=9, max_size=9))
def test_every_vkn_has_exactly_one_check_digit(digits: str) -> None:
    assert sum(vkn_is_valid(f"{digits}{last}") for last in range(10)) == 1


@given(st.integers(100_000_000, 999_999_999))
def test_every_tckn_has_exactly_one_pair_of_check_digits(digits: int) -> None:
    assert sum(tckn_is_valid(f"{digits}{last:02d}") for last in range(100)) == 1


@given(st.integers(100_000_000, 999_999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_changed_digit_of_a_tckn_is_seen(digits: int, position: int, add: int) -> None:
    number = next(f"{digits}{n:02d}" for n in range(100) if tckn_is_valid(f"{digits}{n:02d}"))
    changed = (int(number[position]) + add) % 10
    assert not tckn_is_valid(f"{number[:position]}{changed}{number[position + 1 :]}")


def test_worked_numbers_of_the_specification() -> None:
    assert vkn_is_valid("3900383669")
    assert vkn_is_valid("1234567808")
    assert tckn_is_valid("10000000146")
    assert tckn_is_valid("11111111110")
    assert not vkn_is_valid("1111111111")
    assert not vkn_is_valid("٣٩٠٠٣٨٣٦٦٩")


def test_every_text_has_four_parts() -> None:
    for name, parts in TEXTS.items():
        assert len(parts) == 4, name
        assert all(parts), name


def test_an_accountant_has_no_web_site(raw: dict) -> None:
    raw["accountants"][0]["more"] = {"websites": ["https://smmm.com.tr"]}
    assert found(raw) == [("REG-STR-24", "accountants[0].more.websites")]
    raw["accountants"][0]["more"] = {"phones": [{"number": "3120000000", "kind": "direct"}]}
    company, _ = read_registration(raw)
    assert company is not None
    assert company.accountants[0].more.phones == (Phone("3120000000", "direct"),)
