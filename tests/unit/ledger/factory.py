"""Companies, heads and vouchers for the ledger tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from edefter.ledger.head import LedgerHead
from edefter.model.company import Accountant, Address, Branch, Company
from edefter.model.identity import TaxId
from edefter.model.journal import Line, Voucher
from edefter.model.period import Period

JANUARY = Period(2026, 1)


def company(**changes: Any) -> Company:
    values: dict[str, Any] = {
        "code": "ornek",
        "tax_id": TaxId("1234567808"),
        "title": "Iğdır Şişe & Cam <İthalat> Anonim Şirketi",
        "address": Address(
            building_number="12/3",
            street="Çiğdem Sokağı",
            street2="Öz İşhanı",
            city="İstanbul",
            postal_code="34710",
        ),
        "phone": "2161234567",
        "fax": "2161234568",
        "email": "muhasebe@ornek.invalid",
        "nace": "46.90.04",
        "edefter_start": JANUARY,
        "website": "www.ornek.invalid",
        "accountants": (
            Accountant(
                name="SMMM Gülşah Işık",
                engagement="SMMM sözleşmesi, 2026-01-01, M10120",
                address=Address(
                    building_number="7", street="Ihlamur Cd.", city="Ankara", postal_code="06500"
                ),
                phone="3121112233",
                fax="3121112234",
                email="gulsah@ornek.invalid",
            ),
            Accountant(name="YMM Oğuz Şen"),
        ),
        "creator": "İnci Yağmur",
    }
    return Company(**{**values, **changes})


def head(
    *, owner: Company | None = None, branch: Branch | None = None, **changes: Any
) -> LedgerHead:
    values: dict[str, Any] = {
        "company": owner or company(),
        "branch": branch,
        "period": JANUARY,
        "part": "000000",
        "first_day": date(2026, 1, 1),
        "last_day": date(2026, 1, 31),
        "creation_date": date(2026, 2, 3),
        "source_application": "1234567808##Örnek Yazılım##edefter##0.1.0",
    }
    return LedgerHead(**{**values, **changes})


def line(number: int | None, account: str, amount: str, side: str, **changes: Any) -> Line:
    main, _, sub = account.partition(".")
    values: dict[str, Any] = {
        "line_no": number,
        "main_account": main,
        "main_description": f"HESAP {main}",
        "sub_account": account if sub else None,
        "sub_description": f"Alt hesap {account}" if sub else None,
        "amount": Decimal(amount),
        "dc": side,
        "source_row": number,
    }
    return Line(**{**values, **changes})


def voucher(number: int | None, *lines: Line, day: int = 5, **changes: Any) -> Voucher:
    values: dict[str, Any] = {
        "entry_key": f"F{number}",
        "entered_by": "İ. Öz",
        "entered_date": date(2026, 1, day),
        "entry_number": f"F{number:05d}" if number is not None else None,
        "entry_comment": "Satış & tahsilat",
        "entry_no": number,
        "lines": lines,
    }
    return Voucher(**{**values, **changes})


def two_vouchers() -> list[Voucher]:
    return [
        voucher(1, line(1, "120.01", "118.00", "D"), line(2, "600", "118.00", "C"), day=2),
        voucher(
            2,
            line(3, "100", "100.10", "D"),
            line(4, "102.05", "17.90", "D"),
            line(5, "120.01", "118.00", "C"),
            day=9,
        ),
    ]
