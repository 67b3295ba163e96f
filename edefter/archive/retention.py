"""How long files are kept: years from the end of their fiscal year (lifecycle.md §10)."""

from __future__ import annotations

from datetime import date

from edefter.model.period import FiscalYear


def keep_until(year: FiscalYear, years: int) -> date:
    """The last day on which everything of a fiscal year must still be there.

    Args:
        year: the fiscal year.
        years: of keeping, from its end on.
    """
    end = year.end
    try:
        return end.replace(year=end.year + years)
    except ValueError:  # 29 February
        return end.replace(year=end.year + years, day=28)
