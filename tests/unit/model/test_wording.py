"""Dates in words and the description of a document (format.md §5.4)."""

from __future__ import annotations

from datetime import date

from edefter.model.period import Period
from edefter.model.wording import date_in_words, entries_comment


def test_months_have_names_of_their_own() -> None:
    words = [date_in_words(Period(2026, month).first_day) for month in range(1, 13)]
    assert words[1] == "1 Şubat 2026"
    assert words[7:9] == ["1 Ağustos 2026", "1 Eylül 2026"]
    assert len(set(words)) == 12


def test_with_and_without_a_branch() -> None:
    days = date(2026, 1, 1), date(2026, 1, 10)
    assert entries_comment(*days, "Öz A.Ş.", "", "Büyük Defter") == (
        "1 Ocak 2026 - 10 Ocak 2026 arası Öz A.Ş.'ye ait Büyük Defter"
    )
    for branch in ("Kadıköy", "Kadıköy Şubesi"):
        assert entries_comment(*days, "Öz A.Ş.", branch, "Defter Raporu") == (
            "1 Ocak 2026 - 10 Ocak 2026 arası Öz A.Ş.'nin Kadıköy şubesine ait Defter Raporu"
        )
