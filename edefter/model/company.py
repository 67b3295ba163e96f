"""The taxpayer (mükellef) whose books are kept, as it is written into every document.

Field meanings and which rule needs which field: format.md §3.2 and rules EIN-01 … EIN-29.
Registration with its complete list of problems is in `edefter.model.registration`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from edefter.model.identity import TaxId
from edefter.model.period import FiscalYear, Period


class UploadPreference(StrEnum):
    """How often the taxpayer chose to upload berats (lifecycle.md §8)."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"  # per geçici vergi dönemi; books stay monthly files


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Postal address; an empty text is written as an empty element where the rules want one."""

    building_number: str
    street: str
    city: str
    postal_code: str
    street2: str = ""
    country: str = "Türkiye"


PHONE_KINDS = (
    "main", "switchboard", "direct", "fax", "bookkeeper", "controller", "investor-relations",
    "other",
)  # fmt: skip
"""What a phone number may be, as the schema names it."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number.

    Args:
        number: ten digits.
        kind: one of `PHONE_KINDS`.
    """

    number: str
    kind: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """More ways to reach somebody, written behind the first of each kind (0..n in format.md §3.2).

    Args:
        phones, faxes, emails: of a company or an accountant.
        websites, addresses: of a company.
    """

    phones: tuple[Phone, ...] = ()
    faxes: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accountant:
    """SM/SMMM/YMM, or for books kept in-house the chief of accounting with engagement `-`.

    Args:
        phone_kind: what `phone` is, one of `PHONE_KINDS`.
        more: further phones, faxes and e-mail addresses.
    """

    name: str
    engagement: str = "-"  # `SMMM sözleşmesi, 2026-01-01, M10120`, see format.md §5.3
    address: Address | None = None
    phone: str = ""
    fax: str = ""
    email: str = ""
    phone_kind: str = "main"
    more: Contacts = Contacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch (şube) that keeps its own books.

    Args:
        number: four digits from `0001`.
        name: ends in `Şubesi` by convention.
        start: first month with e-books of this branch; None = the company's own start month.
    """

    number: str
    name: str
    start: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A registered company.

    Args:
        code: short own name of the company for `--company`, file-name safe.
        tax_id: VKN or TCKN.
        title: full trade title as in the Ticaret Sicili Gazetesi, or name and surname.
        phone: ten digits.
        phone_kind: what it is, one of `PHONE_KINDS`.
        more: further phones, faxes, e-mail addresses, web sites and addresses.
        nace: NACE code of the activity.
        edefter_start: first month with e-books; no earlier month is ever asked for or built.
        fiscal_year_start_month: 1 … 12; other than 1 is a special fiscal year.
        fiscal_years: explicit fiscal years (short first year, liquidation); they win.
        authorised_signers: tax numbers that hold a muvafakatname besides the company itself.
        source: name of the configured accounting source.
        source_company: how the source names this company (selector value).
        seal: name of the configured seal.
        creator: person named as maker of the documents.
    """

    code: str
    tax_id: TaxId
    title: str
    address: Address
    phone: str
    email: str
    nace: str
    edefter_start: Period
    accountants: tuple[Accountant, ...]
    creator: str
    website: str = ""
    fax: str = ""
    phone_kind: str = "main"
    more: Contacts = Contacts()
    fiscal_year_start_month: int = 1
    fiscal_years: tuple[FiscalYear, ...] = ()
    branches: tuple[Branch, ...] = ()
    upload_preference: UploadPreference = UploadPreference.MONTHLY
    income_taxpayer: bool = False  # gelir vergisi mükellefi: decides deadlines
    book_currency: str = "TRY"
    authorised_signers: tuple[str, ...] = field(default=())
    source: str = "default"
    source_company: str = ""
    seal: str = "default"

    def fiscal_year(self, day: date) -> FiscalYear:
        """The fiscal year that `day` lies in.

        A regular year ends before an explicit one that begins within it, and begins after one
        that ends within it (lifecycle.md §3, tasfiye).
        """
        for year in self.fiscal_years:
            if day in year:
                return year
        regular = FiscalYear.containing(day, self.fiscal_year_start_month)
        start, end = regular.start, regular.end
        for year in self.fiscal_years:
            if start <= year.end < day:
                start = year.end + timedelta(days=1)
            if day < year.start <= end:
                end = year.start - timedelta(days=1)
        return regular if (start, end) == (regular.start, regular.end) else FiscalYear(start, end)

    def counting_start(self, day: date) -> date:
        """First day of the fiscal year with which the numbers of `day` began at 1."""
        year = self.fiscal_year(day)
        while year.continues:
            year = self.fiscal_year(year.start - timedelta(days=1))
        return year.start

    def year_ends(self, period: Period, last_day: date) -> list[date]:
        """Days of a month, before `last_day`, on which a fiscal year ends.

        Args:
            period: the month.
            last_day: a day of it.
        """
        ends = []
        day = self.fiscal_year(period.first_day).end
        while day < last_day:
            ends.append(day)
            day = self.fiscal_year(day + timedelta(days=1)).end
        return ends

    def branch(self, number: str) -> Branch | None:
        """The branch of that number; None for the empty number (no branch books).

        Raises:
            KeyError: a number that is not registered.
        """
        if not number:
            return None
        for branch in self.branches:
            if branch.number == number:
                return branch
        raise KeyError(number)

    def first_period(self, branch_number: str = "") -> Period:
        """First month with e-books of the company or of one branch."""
        branch = self.branch(branch_number)
        return (branch.start if branch else None) or self.edefter_start
