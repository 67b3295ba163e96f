"""The fixed Turkish wording of documents (format.md §5.4)."""

from __future__ import annotations

from datetime import date

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
