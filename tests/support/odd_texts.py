"""Texts that trip over the letter of the rules: odd numbers, blanks, dates, names and letters."""

from __future__ import annotations

import re
from random import Random

NUMBERS = [
    "0", "1", "2", "3", "10", "00", "007", "-0", "-1", "+1", "+0", "1.0", "1.", ".5", ".", "-",
    "+", "1e0", "1E2", "1e-2", "1e400", "-1e400", "1e", "1.5e1", "INF", "-INF", "+INF", "0x1",
    "1_0", "1,5", "1.234,56", "0.1", "0.3", "0.30", "0.300", "30.5", "30.50", "030.50", "1500.0",
    "1500.00", "99999999999999999.99", "9007199254740993", "12345678901234567.89",
    "0.30000000000000004", "391", "0391", "391.0", "3.91e2", "١٢٣", "１２", "-0.00", "-.0", "1e308",
    "1234567890123456789012345678901234567890.12", ".00000000000000000000000000001", "2026",
    "202601",
]  # fmt: skip
TEXTS = [
    "", " ", "\n", "\t \r\n", "\u00a0", " \u00a0 ", "\u2003", "\u200b", "\ufeff", "x", "İ", "ı",
    "S\u0327", "Ş", "i\u0307", "𝒜", "𝒜𝒜", "e\u0301", "A", "a b", "a  b", "NaN", "null",
    "journal", "ledger", "assets", "trialbalance", "Journal", " journal ", "standard", "D", "C",
    "debit", "credit", "undefined", "d", " D", "other", "invoice", "check", "receipt", "voucher",
    "iso4217:TRY", "iso4217:EUR", "iso4217:", "iso4217:AED,AFN", " iso4217:TRY", "iso4217:TRY ",
    "iso4217:SLE", "iso4217:C62", "iso4217:DAY", "ISO4217:TRY", "TRY", "US", "period_change",
    "ending_balance", "VERGI_DETAYSIZ", " VERGI_DETAYSIZ", "Kurum Unvanı", "Adı Soyadı", "Şube No",
    "Şube Adı", "Kurum Unvani", "Kurum Unvanı ", "0000", "0001", "12345", "NT", "Fon", "FON",
    "Adet", "Maddi Olmayan Kalemler", "application/pdf", "100", "100.01", "10", "1000", "10000",
    "320", "600", "191", "601", "602", "Z01", "Ç01", "a01", "B01", "1234567808", "11111111110",
    "YEV202601000001", "KEB202601000001", "ENV202601000001", "YEV20260100000", "xYEV2026010000",
    "0a1b2c3d-0000-4000-8000-0123456789ab", "0A1B2C3D-0000-4000-8000-0123456789AB",
    "0a1b2c3d-0000-4000-8000-0123456789ab\n",
]  # fmt: skip
DATES = [
    "2026-01-01", "2026-01-31", "2026-02-01", "2025-12-31", "2026-01-31T10:00:00", "2026-01-15Z",
    "2026-01-15+03:00", " 2026-01-15", "2026-01-15 ", "2026-1-5", "0999-01-15", "-2026-01-15",
    "12026-01-15", "20260115", "2026", "9999-12-31", "2026-13-45", "1e26-01-01", "+202-01-01",
    "    -01-01", "0.50-01-01", "INF?-  ",
]  # fmt: skip


def odd_text(old: str, random: Random) -> str:
    """Another text in the place of one."""
    choice = random.randrange(12)
    if choice == 0:
        return random.choice(TEXTS)
    if choice == 1:
        return random.choice(NUMBERS)
    if choice == 2:
        return random.choice(DATES)
    if choice == 3:
        blank = random.choice([" ", "\n", "\t", "\u00a0", "  ", "\u200b", "\r"])
        return random.choice([blank + old, old + blank, blank + old + blank, blank.join(old)])
    if choice == 4:
        return random.choice([old.upper(), old.lower(), old.swapcase(), old.title()])
    if choice == 5:
        return random.choice([old[1:], old[:-1], old * 2, old[::-1], old + "0", "0" + old])
    if choice == 6:
        return random.choice(["+", "-", "0", "x", "İ", "𝒜"]) + old
    if choice == 7:
        return old + random.choice([".0", ".00", ".001", "0", "e0", ",00", "-", "İ", "S\u0327"])
    if choice == 8 and old:
        spot = random.randrange(len(old))
        return old[:spot] + random.choice([" ", "  ", "x", "9", "", "é", "\n"]) + old[spot + 1 :]
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", old):
        value = float(old) + random.choice([-1, 1, 2, 0.01, -0.01, 0.1, 10])
        return random.choice([f"{value:.2f}", f"{value:g}", f"{value:.0f}", f"{value:.1f}"])
    return random.choice(TEXTS if random.random() < 0.5 else NUMBERS + DATES)


def odd_attribute(old: str, random: Random) -> str:
    """Another value in the place of an attribute's."""
    return random.choice(
        [
            old + " ", " " + old, old.upper(), old.lower(), old[:-1], "", "INF", "2", "inf", "0",
            "try", "TRY", "EUR", "US", "A", ",", "AED,AFN", "countable", "sha1", old + "sha1",
            "urn:rsa-sha1", "urn:rsa-SHA1", "rsa-sha1 ", "#x", "a.pdf", ".pdf", "pdf", "a.PDF",
            "application/pdf", "application/PDF", old + "x",
        ]
    )  # fmt: skip
