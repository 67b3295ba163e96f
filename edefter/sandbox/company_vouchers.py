"""What happens in a month of the sample company: vouchers drawn by a seeded generator."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from edefter.model.period import Period
from edefter.sandbox.company_accounts import CUSTOMERS, GOODS, SUPPLIERS, USD_CUSTOMER

ENTRIES_A_MONTH = 176  # daily entries; opening and month-end entries come on top
_COMMENTS = (
    "Günlük kayıt",
    "İade & iskonto düşüldü",
    "a < b > c, \"tırnak\" ve 'kesme'",
    "Üç bardak kırık geldi 🥃🇹🇷",
    "Sağdan sola işaret:\u200f ve bölünmez boşluk:\u00a0",
    "Ayrık Ş: S\u0327, birleşik Ş: Ş",
    "İki satırlı\r\naçıklama\tve sekme",
    "ığüşöç İĞÜŞÖÇ ]]> &amp; hazır kaçış",
)
_LONG = (
    "Bu açıklama bilerek çok uzundur; defter programının uzun metinleri kesmediği görülsün. " * 25
).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One voucher line; exactly one of debit and credit is above 0, in kuruş."""

    account_code: str
    debit_kurus: int = 0
    credit_kurus: int = 0
    document_type: str | None = None
    document_name: str | None = None
    document_no: str | None = None
    document_date: str | None = None
    payment_method: str | None = None
    comment: str | None = None
    currency: str | None = None
    currency_amount: str | None = None
    currency_rate: str | None = None
    fund_quantity: str | None = None
    fund_unit_cost: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One voucher: tahsil, tediye, mahsup or açılış."""

    kind: str
    day: date
    comment: str
    lines: tuple[DraftLine, ...]

    @property
    def is_balanced(self) -> bool:
        """Whether debit equals credit."""
        return sum(line.debit_kurus - line.credit_kurus for line in self.lines) == 0


def month_of_vouchers(period: Period, seed: int, *, opening: bool) -> list[Draft]:
    """All vouchers of a month in date order.

    Args:
        period: the month.
        seed: of the generator.
        opening: whether the month begins with the opening entry.

    Returns:
        Balanced vouchers of 2 to 12 lines.
    """
    month = _Month(period, random.Random(seed))  # noqa: S311 - invented books, no secret
    drafts = [month.draw(index) for index in range(ENTRIES_A_MONTH)]
    drafts.sort(key=lambda draft: draft.day)
    if opening:
        drafts.insert(0, month.opening())
    drafts.extend(month.closing(drafts))
    unbalanced = [draft for draft in drafts if not draft.is_balanced]
    assert not unbalanced, unbalanced
    return drafts


def _debit(account: str, kurus: int) -> DraftLine:
    return DraftLine(account_code=account, debit_kurus=kurus)


def _credit(account: str, kurus: int) -> DraftLine:
    return DraftLine(account_code=account, credit_kurus=kurus)


def _vat(base_kurus: int, percent: int) -> int:
    return (base_kurus * percent + 50) // 100


class _Month:
    def __init__(self, period: Period, rng: random.Random) -> None:
        self._period = period
        self._rng = rng
        self._number = 0
        self._makers: tuple[Callable[[], Draft], ...] = (
            self._sale,
            self._purchase,
            self._expense,
            self._collection,
            self._sale,
            self._check_in,
            self._payment,
            self._purchase,
            self._sale,
            self._note_in,
            self._export,
            self._customer_order,
            self._vendor_order,
            self._freight,
            self._cash_to_bank,
            self._other_income,
        )

    def draw(self, index: int) -> Draft:
        return self._makers[index % len(self._makers)]()

    def opening(self) -> Draft:
        assets = [
            _debit("100.01", 2_500_000),
            _debit("102.01", 48_750_075),
            _debit("120.01.001", 12_345_678),
            _debit("120.01.002", 987_654),
            _debit("153.01", 30_000_000),
            _debit("153.02", 15_500_050),
            _debit("191.20", 1_234_567),
            _debit("255.01", 7_000_000),
        ]
        debts = [_credit("320.01.001", 8_888_888), _credit("360.01", 444_444)]
        capital = sum(line.debit_kurus - line.credit_kurus for line in (*assets, *debts))
        lines = (*assets, *debts, _credit("500", capital))
        comment = f"{self._period.year} yılı açılış kaydı"
        return Draft(kind="açılış", day=self._period.first_day, comment=comment, lines=lines)

    def closing(self, drafts: list[Draft]) -> list[Draft]:
        """Month-end entries: wages, cost of sales, VAT, and the transfer of expenses."""
        gross, service = 18_500_000, 4_250_000
        tax, stamp, social = 2_775_000, 172_693, 3_412_500
        wages = (
            _debit("770.01", gross // 2),
            _debit("760.01", gross - gross // 2),
            _debit("740", service),
            _credit("335.01", gross + service - tax - stamp - social),
            _credit("360.02", tax),
            _credit("360.03", stamp),
            _credit("361.01", social),
        )
        ends = [
            self._end("Aylık ücret bordrosu", wages, name="Ücret Bordrosu İcmali"),
            self._cost_of_sales(),
        ]
        held = [*drafts, *ends]
        ends.append(self._vat_offset(held))
        for source, contra, target in (
            ("770", "771", "632"),
            ("760", "761", "631"),
            ("740", "741", "622"),
        ):
            spent = _turnover(held, source)
            lines = (_debit(target, spent), _credit(contra, spent))
            ends.append(self._end(f"{source} hesabının yansıtılması", lines, name=None))
        return ends

    def _cost_of_sales(self) -> Draft:
        glass, china = self._amount(5_000_000), self._amount(3_000_000)
        lines = (
            _debit("621.01", glass),
            _debit("621.02", china),
            _credit("153.01", glass),
            _credit("153.02", china),
        )
        return self._end("Satılan malların maliyeti", lines, name=None)

    def _vat_offset(self, drafts: list[Draft]) -> Draft:
        """Calculated VAT against deductible VAT; the rest is payable or carried forward."""
        lines: list[DraftLine] = []
        for account in ("391.10", "391.20"):
            lines.append(_debit(account, _turnover(drafts, account)))
        due = sum(line.debit_kurus for line in lines)
        for account in ("191.01", "191.10", "191.20"):
            paid = min(_turnover(drafts, account), due)
            if paid > 0:
                lines.append(_credit(account, paid))
                due -= paid
        if due:
            lines.append(_credit("360.01", due))
        return self._end("KDV mahsubu", tuple(lines), name=None)

    def _end(self, comment: str, lines: tuple[DraftLine, ...], *, name: str | None) -> Draft:
        day = self._period.last_day
        draft = Draft(kind="mahsup", day=day, comment=comment, lines=lines)
        return draft if name is None else self._documented(draft, "other", name=name)

    def _sale(self) -> Draft:
        ten, twenty = self._amount(80_000), self._amount(250_000)
        customer = self._customer()
        tax10, tax20 = _vat(ten, 10), _vat(twenty, 20)
        lines = (
            _debit(customer, ten + twenty + tax10 + tax20),
            _credit("600.10", ten),
            _credit("600.20", twenty),
            _credit("391.10", tax10),
            _credit("391.20", tax20),
        )
        return self._documented(self._draft("mahsup", "Satış faturası", lines), "invoice")

    def _purchase(self) -> Draft:
        goods = [_debit(account, self._amount(120_000)) for account in GOODS]
        extra = [_debit("153.02", self._amount(9_000)) for _ in range(self._rng.randrange(6))]
        base = sum(line.debit_kurus for line in (*goods, *extra))
        tax = _vat(base, 20)
        supplier = self._rng.choice(tuple(SUPPLIERS))
        lines = (*goods, *extra, _debit("191.20", tax), _credit(supplier, base + tax))
        return self._documented(self._draft("mahsup", "Mal alımı", lines), "invoice")

    def _expense(self) -> Draft:
        base = self._amount(15_000)
        account, rate = self._rng.choice((("770.02", 20), ("770.03", 20), ("770.04", 10)))
        tax = _vat(base, rate)
        lines = (
            _debit(account, base),
            _debit(f"191.{rate}", tax),
            _credit("100.01", base + tax),
        )
        draft = self._draft("tediye", "Masraf", lines)
        name = "Perakende Satış Vesikaları ile Tevsik Edilen Giderler İcmali"
        return self._documented(draft, "other", name=name, payment="Nakit")

    def _collection(self) -> Draft:
        kurus = self._amount(150_000)
        lines = (_debit("102.01", kurus), _credit(self._customer(), kurus))
        draft = self._draft("tahsil", "Havale ile tahsilat", lines)
        return self._documented(draft, "other", name="dekont", payment="Banka")

    def _check_in(self) -> Draft:
        kurus = self._amount(200_000)
        lines = (_debit("101.01", kurus), _credit(self._customer(), kurus))
        return self._documented(self._draft("mahsup", "Çek alındı", lines), "check", payment="Çek")

    def _note_in(self) -> Draft:
        kurus = self._amount(175_000)
        lines = (_debit("121.01", kurus), _credit(self._customer(), kurus))
        return self._documented(
            self._draft("mahsup", "Senet alındı", lines), "voucher", payment="Senet"
        )

    def _payment(self) -> Draft:
        kurus = self._amount(140_000)
        supplier = self._rng.choice(tuple(SUPPLIERS))
        lines = (_debit(supplier, kurus), _credit("102.01", kurus))
        draft = self._draft("tediye", "Satıcıya ödeme", lines)
        return self._documented(draft, "receipt", payment="Banka")

    def _export(self) -> Draft:
        cents, rate = self._amount(40_000), 430_000 + self._rng.randrange(20_000)  # rate × 10⁴
        kurus = (cents * rate + 5_000) // 10_000
        foreign: dict[str, Any] = {
            "currency": "USD",
            "currency_amount": f"{cents // 100}.{cents % 100:02d}",
            "currency_rate": f"{rate // 10_000}.{rate % 10_000:04d}",
        }
        lines = (
            replace(_debit(USD_CUSTOMER, kurus), **foreign),
            replace(_credit("601.01", kurus), **foreign),
        )
        return self._documented(self._draft("mahsup", "İhracat faturası", lines), "invoice")

    def _customer_order(self) -> Draft:
        kurus = self._amount(60_000)
        lines = (_debit("102.01", kurus), _credit("340.01", kurus))
        draft = self._draft("tahsil", "Sipariş avansı alındı", lines)
        return self._documented(draft, "order-customer", payment="Banka")

    def _vendor_order(self) -> Draft:
        kurus = self._amount(60_000)
        lines = (_debit("159.01", kurus), _credit("102.01", kurus))
        draft = self._draft("tediye", "Sipariş avansı verildi", lines)
        return self._documented(draft, "order-vendor", payment="Teminat Mektubu")

    def _freight(self) -> Draft:
        base = self._amount(30_000)
        tax = _vat(base, 20)
        lines = (
            _debit("760.02", base),
            _debit("191.20", tax),
            _credit("320.01.003", base + tax),
        )
        return self._documented(self._draft("mahsup", "Navlun", lines), "shipment")

    def _cash_to_bank(self) -> Draft:
        kurus = self._amount(90_000)
        lines = (_debit("102.01", kurus), _credit("100.01", kurus))
        draft = self._draft("mahsup", "Kasadan bankaya yatırılan", lines)
        return self._documented(draft, "other", name="dekont")

    def _other_income(self) -> Draft:
        units = 100 + self._rng.randrange(900)
        lines = (
            # Twelve and a half lira a unit: exact in binary, as rule MSR-11 calculates.
            replace(
                _debit("118.01", units * 1_250),
                fund_quantity=str(units),
                fund_unit_cost="12.50",
            ),
            _credit("602.01", units * 1_250),
        )
        draft = self._draft("mahsup", "Fon geliri", lines)
        return self._documented(draft, "other", name="dekont")

    def _draft(self, kind: str, comment: str, lines: tuple[DraftLine, ...]) -> Draft:
        day = self._period.first_day.replace(day=1 + self._rng.randrange(self._period.last_day.day))
        self._number += 1
        if self._number % 9 == 0:
            comment = f"{comment}: {_COMMENTS[self._number // 9 % len(_COMMENTS)]}"
        if self._number == 50:
            comment = _LONG
        return Draft(kind=kind, day=day, comment=comment, lines=lines)

    def _documented(
        self,
        draft: Draft,
        document_type: str,
        *,
        name: str | None = None,
        payment: str | None = None,
    ) -> Draft:
        number = f"{document_type[:3].upper()}{draft.day.year}{self._rng.randrange(10**9):09d}"
        lines = tuple(
            replace(
                line,
                document_type=document_type,
                document_name=name,
                document_no=number,
                document_date=draft.day.isoformat(),
                payment_method=payment,
                comment=draft.comment if index == 0 else None,
            )
            for index, line in enumerate(draft.lines)
        )
        return replace(draft, lines=lines)

    def _customer(self) -> str:
        return self._rng.choice([code for code in CUSTOMERS if code != USD_CUSTOMER])

    def _amount(self, around_kurus: int) -> int:
        return self._rng.randrange(around_kurus // 4, around_kurus * 2)


def _turnover(drafts: list[Draft], account: str) -> int:
    """What an account (with its sub-accounts) gathered so far, as a positive number of kuruş."""
    lines = [line for draft in drafts for line in draft.lines]
    return abs(
        sum(
            line.debit_kurus - line.credit_kurus
            for line in lines
            if line.account_code == account or line.account_code.startswith(f"{account}.")
        )
    )
