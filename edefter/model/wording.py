"""The fixed Turkish wording of documents (format.md §5.4)."""

from __future__ import annotations

from datetime import date

from edefter.model.period import FiscalYear

_MONTHS = (
    "Ocak",
    "Şubat",
    "Mart",
    "Nisan",
    "Mayıs",
    "Haziran",
    "Temmuz",
    "Ağustos",
    "Eylül",
    "Ekim",
    "Kasım",
    "Aralık",
)


def date_in_words(day: date) -> str:
    """`1 Ocak 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def entries_comment(
    first_day: date, last_day: date, title: str, branch_name: str, book: str
) -> str:
    """The description of a document in its documentInfo.

    Args:
        first_day, last_day: days that it covers, inclusive.
        title: of the taxpayer.
        branch_name: with or without `Şubesi`; empty for books without branches.
        book: `Yevmiye Defteri`, `Büyük Defter`, `Defter Raporu` …
    """
    span = f"{date_in_words(first_day)} - {date_in_words(last_day)} arası"
    if not branch_name:
        return f"{span} {title}'ye ait {book}"
    return f"{span} {title}'nin {branch_name.removesuffix(' Şubesi')} şubesine ait {book}"


def inventory_comment(year: FiscalYear, day: date, title: str, branch_name: str) -> str:
    """The description of an envanter in its documentInfo.

    Args:
        year: the fiscal year.
        day: of the inventory.
        title: of the taxpayer.
        branch_name: empty for books without branches.
    """
    years = f"{date_in_words(year.start)} / {date_in_words(year.end)} hesap dönemi"
    owner = f"{title} {branch_name}".rstrip()
    return f"{years} {date_in_words(day)} tarihi itibariyle {owner} Envanter Defteri"
