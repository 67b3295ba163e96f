"""Retention: how long fiscal years are kept, legal holds, and deletion by explicit order alone.

Nothing is deleted because time went by. A person orders it, for a year whose retention is over and
that nobody holds; the order with what was there is recorded first, in the audit chain and in the
year's journal, which stays. Copies at the portal and at second places are theirs to keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edefter.archive import manifest
from edefter.archive.hashtree import root_of
from edefter.archive.mending import known_months
from edefter.archive.retention import keep_until
from edefter.atomic import sync_dir
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.services import Services
from edefter.engine.worklist import books_of
from edefter.errors import ConfigError, OperatorNeeded
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.model.period import ISTANBUL, FiscalYear
from edefter.state.keeping import Disposal, Hold


@dataclass(frozen=True, slots=True)
class YearKept:
    """A fiscal year in the archive.

    Args:
        year: which.
        folder: of it.
        keep_until: last day on which it must still be there.
        over: whether that day has gone by.
        holds: legal holds that stand.
        disposal: the order to delete it; None = there is none.
    """

    year: FiscalYear
    folder: Path
    keep_until: date
    over: bool
    holds: tuple[Hold, ...]
    disposal: Disposal | None


def years_kept(services: Services, company: Company) -> list[YearKept]:
    """Every fiscal year of which something was archived, the oldest first."""
    job = _job(services, company)
    today = services.wall().astimezone(ISTANBUL).date()
    orders = {order.year_start: order for order in services.store.disposals(company.code)}
    holds = services.store.holds(company.code)
    years = {
        company.fiscal_year(date.fromisoformat(document.first_day))
        for document in services.store.documents(company.code, kinds=tuple(Kind))
    }
    found = []
    for year in sorted(years, key=lambda year: year.start):
        last = keep_until(year, services.settings.archive.retention_years)
        start = year.start.isoformat()
        own = tuple(hold for hold in holds if hold.year_start == start)
        folder = job.vault.root / company.tax_id.number / job.vault.year_name(year)
        found.append(YearKept(year, folder, last, today > last, own, orders.get(start)))
    return found


def place_hold(services: Services, company: Company, day: date, reason: str) -> int:
    """Place a legal hold on the fiscal year of a day. Returns its number.

    Raises:
        ConfigError: no reason was given.
    """
    _require_reason(company, reason)
    start = company.fiscal_year(day).start.isoformat()
    return services.store.place_hold(company.code, start, reason)


def release_hold(services: Services, company: Company, number: int, reason: str) -> None:
    """Release a legal hold.

    Raises:
        ConfigError: no reason was given, or no such hold stands.
    """
    _require_reason(company, reason)
    if not services.store.release_hold(company.code, number, reason):
        raise ConfigError("engine.no_such_hold", company=company.code, number=number)


def delete_year(
    services: Services, company: Company, day: date, *, reason: str, confirm: str
) -> Disposal:
    """Delete the archive files of a fiscal year, by a person's order.

    Args:
        services: the world.
        company: whose.
        day: a day of the fiscal year.
        reason: the person's words; kept.
        confirm: the year folder's name, typed once more.

    Returns:
        The order as recorded; a second call ends what a killed one began.

    Raises:
        ConfigError: no reason, another name typed, or nothing is archived of that year.
        OperatorNeeded: its retention is not over, or a legal hold stands.
        WaitingError: another run holds the company.
        OSError: a file cannot be deleted.
    """
    _require_reason(company, reason)
    wanted = company.fiscal_year(day)
    with company_lock(services.data_dir / "locks", services.store, company):
        kept = next((k for k in years_kept(services, company) if k.year == wanted), None)
        if kept is None:
            raise ConfigError("engine.year_unknown", company=company.code, day=day.isoformat())
        facts = {"company": company.code, "year": kept.folder.name}
        if confirm != kept.folder.name:
            raise ConfigError("engine.delete_not_confirmed", **facts, typed=confirm or "-")
        if kept.holds:
            numbers = ", ".join(f"{hold.id} ({hold.reason})" for hold in kept.holds)
            raise OperatorNeeded("engine.delete_held", **facts, holds=numbers)
        if not kept.over:
            last = kept.keep_until.isoformat()
            raise OperatorNeeded("engine.delete_too_early", **facts, day=last)
        job = _job(services, company)
        start = wanted.start.isoformat()
        if kept.disposal is None:
            rows = list(_rows(job, kept.folder))
            root = root_of((f"{month}/{name}", sha256) for month, name, sha256 in rows)
            services.store.order_disposal(
                company.code, start, reason=reason, root=root, files=len(rows)
            )
        _erase(job, kept.folder, reason)
        services.store.end_disposal(company.code, start)
        orders = services.store.disposals(company.code)
        return next(order for order in orders if order.year_start == start)


def _rows(job: Job, year: Path) -> Iterator[tuple[str, str, str]]:
    """(month, name, SHA-256) of everything a year's own books know."""
    for month in sorted(known_months(job.vault, year)):
        for name, row in sorted(job.vault.rows(year / month).items()):
            yield month, name, row.sha256


def _erase(job: Job, year: Path, reason: str) -> None:
    journal = job.vault.journal_of(year)
    for month, name, sha256 in list(_rows(job, year)):
        path = year / month / name
        with job.vault.locked(year):
            journal.append("delete", folder=month, file=name, sha256=sha256, reason=reason)
            path.unlink(missing_ok=True)
            rows = manifest.read(year / month)
            rows.pop(name, None)
            manifest.write(year / month, rows)
        if path.parent.is_dir():
            sync_dir(path.parent)


def _job(services: Services, company: Company) -> Job:
    branch = books_of(company)[0]
    return Job(services, company, branch, company.first_period(branch))


def _require_reason(company: Company, reason: str) -> None:
    if not reason.strip():
        raise ConfigError("engine.keep_no_reason", company=company.code)
