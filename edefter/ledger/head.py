"""What is fixed for one part before its first line is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edefter.model.company import Branch, Company
from edefter.model.documents import NO_BRANCH, DocumentName, Kind
from edefter.model.period import FiscalYear, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """Head data of one part, shared by its yevmiye and kebir.

    Args:
        company: the taxpayer.
        branch: the branch whose books these are, or None.
        period: the month.
        part: `000000` or `000001` …
        first_day, last_day: dates covered by this part, inclusive.
        creation_date: day in Turkish time on which the build started; kept through restarts.
        source_application: `VKN##title##program##version`.
        attachments: PDF files that its yevmiye or envanter carries, in this order.
    """

    company: Company
    branch: Branch | None
    period: Period
    part: str
    first_day: date
    last_day: date
    creation_date: date
    source_application: str
    attachments: tuple[Path, ...] = ()

    @property
    def fiscal_year(self) -> FiscalYear:
        """The fiscal year that the part lies in."""
        return self.company.fiscal_year(self.first_day)

    def name(self, kind: Kind) -> DocumentName:
        """File name of this part as `kind`."""
        number = self.branch.number if self.branch else NO_BRANCH
        return DocumentName(self.company.tax_id.number, self.period, kind, self.part, number)
