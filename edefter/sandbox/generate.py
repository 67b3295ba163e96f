"""Seeded, realistic journals of any length, as batches of whole vouchers.

Trading company: sales and purchases with KDV, collections and payments, expenses, wages, a share of
foreign currency, all document types, 2 to 12 lines a voucher, some 2,000 sub-accounts. The same
seed gives the same rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from edefter.model.journal import BATCH_SCHEMA, JournalBatch
from edefter.model.period import Period

BATCH_LINES = 20_000
SUB_ACCOUNTS = 2_000
_FOREIGN_SHARE = 0.04
_FIRST = ("Öz", "Iğdır", "Şişli", "Çınar", "Güneş", "Yıldız", "Ege", "Bozkır", "Ulusoy", "İstinye")
_TRADE = ("Züccaciye", "Gıda", "İnşaat", "Tekstil", "Otomotiv", "Nakliyat", "Kırtasiye", "Şişe Cam")
_FORM = ("A.Ş.", "Ltd. Şti.", "San. ve Tic. A.Ş.", "& Oğulları Koll. Şti.", "Dış Tic. Ltd. Şti.")
_CLERKS = ("Gülşah Işık", "İrem Şahin", "Oğuz Çağrı Ünlü", "Ayşe Nur Yağmur")
_GOODS = ("Cam bardak", "Çelik tencere", "Porselen tabak", "Şişe kapağı", "Ambalaj kolisi")
_MAIN = {
    "100": "KASA",
    "101": "ALINAN ÇEKLER",
    "102": "BANKALAR",
    "120": "ALICILAR",
    "121": "ALACAK SENETLERİ",
    "153": "TİCARİ MALLAR",
    "191": "İNDİRİLECEK KDV",
    "320": "SATICILAR",
    "335": "PERSONELE BORÇLAR",
    "360": "ÖDENECEK VERGİ VE FONLAR",
    "361": "ÖDENECEK SOSYAL GÜVENLİK KESİNTİLERİ",
    "391": "HESAPLANAN KDV",
    "600": "YURT İÇİ SATIŞLAR",
    "601": "YURT DIŞI SATIŞLAR",
    "602": "DİĞER GELİRLER",
    "770": "GENEL YÖNETİM GİDERLERİ",
}
_FIXED = {
    "100": ("100.01", "Merkez kasa"),
    "101": ("101.01", "Portföydeki çekler"),
    "102": ("102.01", "İş Bankası Şişli şubesi"),
    "121": ("121.01", "Vadeli senetler"),
    "153": ("153.01", "Ticari mal deposu"),
    "191": ("191.20", "%20 indirilecek KDV"),
    "335": ("335.01", "Ücretler"),
    "360": ("360.01", "Gelir vergisi stopajı"),
    "361": ("361.01", "SGK primleri"),
    "391": ("391.20", "%20 hesaplanan KDV"),
    "600": ("600.20", "%20 KDV'li satışlar"),
    "601": ("601.01", "İhracat"),
}

_Row = dict[str, Any]


def generate(
    lines: int, *, seed: int = 1, period: Period | None = None, batch_lines: int = BATCH_LINES
) -> Iterator[JournalBatch]:
    """Draw a month's journal.

    Args:
        lines: number of lines (≥ 2); the last voucher takes what is left.
        seed: of the generator.
        period: the month; January 2026 when left out.
        batch_lines: lines of one batch, about.

    Yields:
        Batches of whole vouchers in date order, without entry and line numbers.

    Raises:
        ValueError: fewer than two lines.
    """
    if lines < 2:
        raise ValueError(f"a journal has at least two lines: {lines}")
    month = period or Period(2026, 1)
    draw = _Drawer(random.Random(seed), month, lines)  # noqa: S311 - invented books, no secret
    rows: list[_Row] = []
    for voucher in draw.vouchers():
        rows += voucher
        if len(rows) >= batch_lines:
            yield _batch(rows)
            rows = []
    if rows:
        yield _batch(rows)


def _batch(rows: list[_Row]) -> JournalBatch:
    return JournalBatch(pl.DataFrame(rows, schema=BATCH_SCHEMA, orient="row"))


class _Drawer:
    """Draws vouchers until the lines are used up."""

    def __init__(self, dice: random.Random, period: Period, lines: int) -> None:
        self._dice = dice
        self._left = self._lines = lines
        self._first, self._days = period.first_day, period.last_day.day
        self._number = 0
        third = SUB_ACCOUNTS // 3
        self._customers = [(f"120.{i:05d}", self._firm()) for i in range(third)]
        self._suppliers = [(f"320.{i:05d}", self._firm()) for i in range(third)]
        self._costs = [(f"770.{i:05d}", f"Gider yeri {i}") for i in range(third)]

    def _firm(self) -> str:
        pick = self._dice.choice
        return f"{pick(_FIRST)} {pick(_FIRST)} {pick(_TRADE)} {pick(_FORM)}"

    def vouchers(self) -> Iterator[list[_Row]]:
        """Whole vouchers in date order."""
        kinds = (
            self._sale, self._sale, self._purchase, self._collection, self._payment, self._expense,
            self._wages, self._export, self._cheque, self._order,
        )  # fmt: skip
        while self._left:
            self._number += 1
            if self._left < 14:
                rows = self._plain(self._left if self._left < 13 else 6)
            else:
                rows = self._dice.choice(kinds)()
            self._left -= len(rows)
            yield rows

    # one voucher ----------------------------------------------------------------------------
    def _head(self, comment: str) -> _Row:
        done = self._lines - self._left
        day = self._first.replace(day=1 + min(done * self._days // self._lines, self._days - 1))
        return {
            **dict.fromkeys(BATCH_SCHEMA.names()),
            "entry_key": str(self._number),
            "entered_by": _CLERKS[self._number % len(_CLERKS)],
            "entered_date": day,
            "entry_number": f"M-{self._number:07d}",
            "entry_comment": comment,
            "posting_date": day,
            "document_reference": f"M-{self._number:07d}",
        }

    def _line(self, head: _Row, account: str, side: str, kurus: int, **more: Any) -> _Row:
        main = account[:3]
        sub, name = _FIXED.get(account, (account, "")) if len(account) == 3 else (account, "")
        row = dict(head)
        row |= {
            "main_account": main,
            "main_description": _MAIN[main],
            "sub_account": sub if sub != main else None,
            "sub_description": (more.pop("name", "") or name) if sub != main else None,
            "amount": kurus,
            "dc": side,
            "line_comment": head["entry_comment"],
        }
        more.pop("name", None)
        row |= more
        return row

    def _document(self, kind: str, day: date, **more: Any) -> _Row:
        serial = self._dice.randrange(10**9)
        return {
            "document_type": kind,
            "document_number": f"GIB2026{serial:09d}",
            "document_date": day,
            **more,
        }

    def _price(self) -> int:
        return self._dice.randrange(5_000, 25_000_000)

    def _sale(self) -> list[_Row]:
        code, name = self._dice.choice(self._customers)
        head = self._head(f"{name} satış faturası")
        paper = self._document("invoice", head["entered_date"])
        rows, total = [], 0
        for _ in range(self._dice.randrange(1, 6)):
            net = self._price()
            tax = net * 20 // 100
            total += net + tax
            goods = self._dice.choice(_GOODS)
            rows.append(self._line(head, "600", "C", net, **paper, line_comment=f"{goods} satışı"))
            rows.append(self._line(head, "391", "C", tax, **paper))
        return [self._line(head, code, "D", total, name=name, **paper), *rows]

    def _purchase(self) -> list[_Row]:
        code, name = self._dice.choice(self._suppliers)
        head = self._head(f"{name} alış faturası")
        paper = self._document("invoice", head["entered_date"])
        net = self._price()
        tax = net * 20 // 100
        return [
            self._line(head, "153", "D", net, **paper),
            self._line(head, "191", "D", tax, **paper),
            self._line(head, code, "C", net + tax, name=name, **paper),
        ]

    def _collection(self) -> list[_Row]:
        code, name = self._dice.choice(self._customers)
        head = self._head("Tahsilat")
        paper = self._document("receipt", head["entered_date"], payment_method="banka")
        amount = self._price()
        return [
            self._line(head, "102", "D", amount, **paper),
            self._line(head, code, "C", amount, name=name, **paper),
        ]

    def _payment(self) -> list[_Row]:
        code, name = self._dice.choice(self._suppliers)
        head = self._head("Ödeme")
        paper = self._document(
            "other",
            head["entered_date"],
            document_type_description="dekont",
            payment_method="banka",
        )
        amount = self._price()
        return [
            self._line(head, code, "D", amount, name=name, **paper),
            self._line(head, "102", "C", amount, **paper),
        ]

    def _expense(self) -> list[_Row]:
        head = self._head("Gider faturaları")
        rows, total = [], 0
        for _ in range(self._dice.randrange(1, 5)):
            code, name = self._dice.choice(self._costs)
            paper = self._document(self._dice.choice(("invoice", "receipt")), head["entered_date"])
            net = self._price() // 50 + 100
            tax = net * 20 // 100
            total += net + tax
            rows.append(self._line(head, code, "D", net, name=name, **paper))
            rows.append(self._line(head, "191", "D", tax, **paper))
        return [*rows, self._line(head, "100", "C", total, payment_method="nakit")]

    def _wages(self) -> list[_Row]:
        head = self._head("Ücret tahakkuku")
        gross = self._price()
        tax, fund = gross * 15 // 100, gross * 14 // 100
        return [
            self._line(head, "770.00000", "D", gross, name="Gider yeri 0"),
            self._line(head, "335", "C", gross - tax - fund),
            self._line(head, "360", "C", tax),
            self._line(head, "361", "C", fund),
        ]

    def _export(self) -> list[_Row]:
        if self._dice.random() > _FOREIGN_SHARE * 10:  # one kind in ten
            return self._sale()
        code, name = self._dice.choice(self._customers)
        head = self._head(f"{name} ihracat faturası")
        paper = self._document("invoice", head["entered_date"])
        cents = self._price()
        rate = self._dice.randrange(400_000, 480_000)  # ten thousandths of a lira
        kurus = cents * rate // 10_000
        foreign = {
            "amount_currency": "TRY",
            "original_rate_date": head["entered_date"],
            "original_amount": f"{cents // 100}.{cents % 100:02d}",
            "original_currency": self._dice.choice(("USD", "EUR")),
            "original_rate": f"{rate // 10_000}.{rate % 10_000:04d}",
        }
        return [
            self._line(head, code, "D", kurus, name=name, **paper, **foreign),
            self._line(head, "601", "C", kurus, **paper, **foreign),
        ]

    def _cheque(self) -> list[_Row]:
        code, name = self._dice.choice(self._customers)
        head = self._head("Çek girişi")
        paper = self._document("check", head["entered_date"], payment_method="çek")
        amount = self._price()
        return [
            self._line(head, "101", "D", amount, **paper),
            self._line(head, code, "C", amount, name=name, **paper),
        ]

    def _order(self) -> list[_Row]:
        kind = self._dice.choice(("voucher", "shipment", "order-customer", "order-vendor"))
        code, name = self._dice.choice(self._customers)
        head = self._head("Senet ve sevk kayıtları")
        paper = self._document(kind, head["entered_date"], payment_method="senet")
        amount = self._price()
        return [
            self._line(head, "121", "D", amount, **paper),
            self._line(head, code, "C", amount, name=name, **paper),
        ]

    def _plain(self, count: int) -> list[_Row]:
        """A voucher of exactly `count` lines."""
        head = self._head("Kapanış düzeltmesi")
        rows = [
            self._line(head, self._costs[i][0], "D", 1_00 + i, name=self._costs[i][1])
            for i in range(count - 1)
        ]
        return [*rows, self._line(head, "100", "C", sum(row["amount"] for row in rows))]
