"""One company, branch and month at work: what every step of that month shares."""

from __future__ import annotations

import shutil
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from edefter import __version__
from edefter.archive.vault import Vault
from edefter.atomic import TEMPORARY_SUFFIX
from edefter.config.settings import SourceSettings
from edefter.crew import Crew, processors
from edefter.engine.judged import Judged
from edefter.engine.services import Services
from edefter.engine.timekeeping import Timekeeper
from edefter.engine.trusting import Trusting
from edefter.errors import ConfigError
from edefter.model.company import Branch, Company
from edefter.model.documents import BOOKS, Kind
from edefter.model.environment import Environment
from edefter.model.files import Counters
from edefter.model.inventory import INVENTORY
from edefter.model.journal import JOURNAL, Layout
from edefter.model.period import ISTANBUL, Period
from edefter.signature.choice import check_seal
from edefter.signature.fitness import SealFitness
from edefter.signature.port import Seal, SignatureAlgorithm
from edefter.signature.seals.open_seal import open_seal
from edefter.source.open import open_source
from edefter.source.port import VoucherSource
from edefter.state.records import Document
from edefter.state.states import State
from edefter.telling import Remark
from edefter.trust.anchors import anchors_of

if TYPE_CHECKING:
    from edefter.archive.portal import PortalClient
    from edefter.gib.client import GibClient


class Job:
    """The month of one company (and branch) being worked on.

    Args:
        services: the world.
        company: the registered company.
        branch_number: four digits, or empty.
        period: the month.
        until: the last day to be covered now, by parts of a divided month; None = the month's. Of
            an envanter its day.
        kinds: the documents at work: the two books, or the envanter.
        patience_s: how long a run waits for GİB before it ends as waiting; 0 = everything that is
            due is sent and asked once; None = as configured (`gib.poll_limit_s`).

    Raises:
        ConfigError: unknown branch, month before the company's start, day outside the month,
            source or seal not set up.
    """

    def __init__(
        self,
        services: Services,
        company: Company,
        branch_number: str,
        period: Period,
        *,
        until: date | None = None,
        kinds: tuple[Kind, ...] = BOOKS,
        patience_s: float | None = None,
    ) -> None:
        self.services = services
        self.settings = services.settings
        self.store = services.store
        self.company = company
        self.period = period
        try:
            self.branch: Branch | None = company.branch(branch_number)
        except KeyError:
            raise ConfigError(
                "engine.unknown_branch", company=company.code, branch=branch_number
            ) from None
        first = company.first_period(branch_number)
        if period < first:
            raise ConfigError(
                "engine.before_start", company=company.code, period=period, start=first
            )
        if until is not None and Period.of(until) != period:
            raise ConfigError(
                "engine.day_outside", company=company.code, period=period, day=until.isoformat()
            )
        self.last_day = until or period.last_day
        self.kinds = kinds
        self.patience_s = self.settings.gib.poll_limit_s if patience_s is None else patience_s
        self.judged = Judged()  # what this run has seen of ledgers while it judged them
        self._crews: list[Crew] = []
        self._told: set[str] = set()
        self.warnings: list[Remark] = []

    def up_to(self, last_day: date) -> Job:
        """The same month up to another day."""
        other = copy(self)
        other.last_day = last_day
        return other

    def of_kinds(self, *kinds: Kind) -> Job:
        """The same month at other documents than the two books: clock, seal and connections that
        this job has opened are shared."""
        other = copy(self)
        other.kinds = kinds
        return other

    @property
    def crew(self) -> Crew | None:
        """Processes for heavy work, started when first needed; None = there is one only."""
        size = self.settings.ledger.processes or processors()
        if not self._crews and size > 1:
            self._crews.append(Crew(size))
        return self._crews[0] if self._crews else None

    def end_crew(self) -> None:
        """End the processes, whatever they do; new ones start when needed."""
        while self._crews:
            self._crews.pop().end()

    def warn(self, key: str, **facts: object) -> None:
        """Tell the listener, and keep it for the report of this run."""
        self.warnings.append(Remark(key, facts))
        self.services.listener.warn(key, **facts)

    def warn_once(self, key: str, **facts: object) -> None:
        """Warn, unless this run did so already."""
        if key not in self._told:
            self._told.add(key)
            self.warn(key, **facts)

    @property
    def whole_month(self) -> bool:
        """Whether this run covers the month to its end."""
        return self.last_day == self.period.last_day

    # -- names and places --------------------------------------------------------------------

    @property
    def branch_number(self) -> str:
        """Four digits or empty."""
        return self.branch.number if self.branch else ""

    @property
    def facts(self) -> dict[str, str]:
        """What every message of this job names."""
        return {
            "company": self.company.code,
            "title": self.company.title,
            "period": str(self.period),
            "branch": self.branch_number,
            **self._commands,
        }

    @property
    def _commands(self) -> dict[str, str]:
        """What to type to have it made again, and to ask GİB about it."""
        company = f"--company {self.company.code}"
        if self.is_inventory:
            inventory = f"edefter envanter {self.last_day.isoformat()}"
            return {
                "again": f"{inventory} --again {company}",
                "ask": f"{inventory} --to submit {company}",
            }
        return {
            "again": f"edefter build {self.period} --again {company}",
            "ask": f"edefter submit {self.period} {company}",
        }

    def folder(self, *parts: str) -> Path:
        """A work folder of this month, made when missing."""
        base = self.services.data_dir / "work" / self.company.code
        path = base / (self.branch_number or "0000") / self.period.compact
        path = path.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def key_folder(self) -> Path:
        """Where the portal client keeps this company's key and certificate."""
        return self.services.data_dir / "keys" / self.company.code

    def clean_garbage(self) -> None:
        """Remove unfinished files and folders that a killed run left, here and in the archive.

        Call it with the company's lock held: then nobody else is writing there.
        """
        # Answers about revocation belong to all companies; who loses one just asks again.
        answers = self.services.data_dir / "revocation"
        firsts = [day + timedelta(days=1) for day in self.company.year_ends(
            self.period, self.period.last_day
        )]  # fmt: skip
        archives = [self.archive_folder_of(day) for day in (self.period.first_day, *firsts)]
        for place in (self.folder(), *archives, self.key_folder, answers):
            for path in list(place.rglob(f"*{TEMPORARY_SUFFIX}")):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    # -- time --------------------------------------------------------------------------------

    @cached_property
    def timekeeper(self) -> Timekeeper:
        """Who measures the clock and keeps the measurements."""
        return Timekeeper(self)

    def require_clock(self, purpose: str) -> datetime:
        """Measure (or reuse a fresh measurement) and give the computer's time, UTC.

        The computer's time is what signatures carry: it was found right within the policy's
        limit and is never shifted silently (gib-webservice.md §5).

        Raises:
            ClockRefused: the clock must not be trusted.
        """
        self.timekeeper.guard.require(purpose)
        return self.services.wall()

    def measured_time(self, purpose: str) -> datetime:
        """Internet time, UTC: what validity of certificates is judged by.

        Raises:
            ClockRefused: the clock must not be trusted.
        """
        measurement = self.timekeeper.guard.require(purpose)
        return self.services.wall() + timedelta(seconds=measurement.offset_s or 0.0)

    def _before_call(self, operation: str) -> None:
        """The hook of the GİB and portal clients: no call with a wrong clock."""
        self.timekeeper.guard.require(operation)

    def today(self) -> date:
        """Today in Turkish time, by the measured clock."""
        return self.measured_time("build").astimezone(ISTANBUL).date()

    # -- parts from outside ------------------------------------------------------------------

    @property
    def is_inventory(self) -> bool:
        """Whether the envanter is at work, not the two books."""
        return Kind.E in self.kinds

    @property
    def layout(self) -> Layout:
        """The rows that the documents at work are made of."""
        return INVENTORY if self.is_inventory else JOURNAL

    @property
    def source_name(self) -> str:
        """Name of the accounting source of the company; its envanter may come from another."""
        name = self.company.source
        settings = self.settings.sources.get(name)
        if settings is not None and self.layout is INVENTORY:
            return settings.inventory_source or name
        return name

    @property
    def source_settings(self) -> SourceSettings:
        """How the accounting source is set up.

        Raises:
            ConfigError: it is not.
        """
        settings = self.settings.sources.get(self.source_name)
        if settings is None:
            raise ConfigError("engine.no_source", **{**self.facts, "source": self.source_name})
        return settings

    @cached_property
    def source(self) -> VoucherSource:
        """The accounting source."""
        return open_source(self.source_name, self.source_settings, self.services.secret)

    @cached_property
    def seal(self) -> Seal:
        """The company's seal, opened once per job."""
        settings = self.settings.seals.get(self.company.seal)
        if settings is None:
            raise ConfigError("engine.no_seal", **{**self.facts, "seal": self.company.seal})
        return open_seal(
            self.company.seal, settings, self.services.secret, self.services.data_dir,
            owners=self.signer_numbers,
        )  # fmt: skip

    @property
    def signer_numbers(self) -> tuple[str, ...]:
        """Tax numbers that may sign for the company."""
        return (self.company.tax_id.number, *self.company.authorised_signers)

    def check_seal(self, now: datetime) -> SealFitness:
        """Refuse a seal that does not fit or is revoked; warn when it expires soon.

        Raises:
            SealRefused: with the rule that excludes it, or because it is revoked.
        """
        fitness = check_seal(
            self.seal,
            tax_numbers=self.signer_numbers,
            now=now,
            environment=self.settings.environment,
            anchors=self.anchors,
        )
        for warning in fitness.warnings:
            self.warn_once(warning.key, **{**self.facts, **warning.facts})
        for problem in self.trusting.require_unrevoked(now):
            self.warn_once(problem.key, **{**self.facts, **problem.facts})
        return fitness

    @cached_property
    def anchors(self) -> tuple[x509.Certificate, ...]:
        """Trust anchors of the environment."""
        return anchors_of(self.settings)

    @cached_property
    def trusting(self) -> Trusting:
        """Who asks about revocation."""
        return Trusting(self)

    @cached_property
    def authority(self) -> GibClient:
        """GİB's web service."""
        from edefter.gib.client import GibClient  # zeep takes long to load, few commands ask GİB

        if self.seal.algorithm is not SignatureAlgorithm.RSA_SHA256:
            self.warn("gib.seal_algorithm", **self.facts)
        return GibClient(
            self.settings.gib,
            self.seal,
            environment=self.settings.environment,
            wall=self.services.wall,
            sleep=self.services.sleep,
            monotonic=self.services.monotonic,
            on_server_date=lambda host, at, trip: self.timekeeper.guard.note_server_date(
                "gib", host, at, trip
            ),
            before_call=lambda operation: self._before_call(f"gib.{operation}"),
            pace=self.services.gib_pace(),
        )

    @cached_property
    def portal(self) -> PortalClient:
        """The archive portal."""
        # Needed at the very end, and takes long to load.
        from edefter.archive.portal import PortalClient

        return PortalClient(
            self.settings.portal,
            secret=self.services.secret,
            firm=self.company.tax_id.number,
            key_folder=self.key_folder,
            software_version=__version__,
            wall=self.services.wall,
            sleep=self.services.sleep,
            monotonic=self.services.monotonic,
            on_server_date=lambda host, at, trip: self.timekeeper.guard.note_server_date(
                "portal", host.removeprefix("portal "), at, trip
            ),
            before_call=self._before_call,
            progress=self.services.progress,
        )

    @cached_property
    def vault(self) -> Vault:
        """The local archive tree."""
        return Vault(self.settings.archive, self.settings.archive.root, wall=self.services.wall)

    @property
    def archive_folder(self) -> Path:
        """The month's folder in the local archive tree, in that of its first fiscal year."""
        return self.archive_folder_of(self.period.first_day)

    def archive_folder_of(self, first_day: date) -> Path:
        """The folder of a part; a month in which a fiscal year ends has one in each year.

        Args:
            first_day: that the part covers.
        """
        year = self.company.fiscal_year(first_day)
        return self.vault.folder(self.company.tax_id.number, year, Period.of(first_day))

    # -- documents ---------------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """The documents of this month as they stand, Y before K, by part."""
        return self.store.documents(
            self.company.code, self.branch_number, self.period, kinds=self.kinds
        )

    @property
    def source_application(self) -> str:
        """What goes into `sourceApplication`; the sandbox has its own vendor."""
        if self.settings.environment is Environment.SANDBOX:
            filled = self.settings.application.model_copy(
                update={
                    "vendor_tax_number": self.settings.application.vendor_tax_number
                    or "1234567808",
                    "vendor_title": self.settings.application.vendor_title
                    or "Örnek Yazılım (sandbox)",
                    "approved_version": __version__,
                }
            )
            return filled.source_application
        return self.settings.application.source_application

    def as_of(self, moment: datetime) -> str:
        """ISO text in UTC for the state database."""
        return moment.astimezone(UTC).isoformat(timespec="seconds")

    def counters_before(self, first_day: date) -> tuple[Counters | None, bool]:
        """Counters that a part starting on `first_day` starts from; see `Store.last_counters`.

        A fiscal year that begins amid a month counts entries and lines from 1, but files on:
        control numbers name the month, and none may be used twice (format.md §5.1).
        """
        start = self.company.counting_start(first_day)
        counters, known = self._last_counters(start, first_day)
        if counters != Counters() or start.day == 1:
            return counters, known
        day_before = start - timedelta(days=1)
        before, known = self._last_counters(self.company.counting_start(day_before), start)
        return (replace(before, entry_no=0, line_no=0) if before else None), known

    def _last_counters(self, start: date, before_day: date) -> tuple[Counters | None, bool]:
        return self.store.last_counters(
            self.company.code,
            self.branch_number,
            start.isoformat(),
            before_day.isoformat(),
            kinds=self.kinds,
        )

    def in_state(self, *states: State) -> list[Document]:
        """Documents of this month in one of the states."""
        return [document for document in self.documents() if document.state in states]
