"""`run --dry-run`: every step against a sandbox of its own, with a throw-away seal; keeps nothing.

The real seal is never opened and no configured host is called: only the accounting source is
real. Counters go on from what is known here, so that the numbers are those of the real run.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from edefter.cli.lang import say
from edefter.clock.ntp import NtpTimeSource
from edefter.config.section import SecretRef
from edefter.config.settings import SealSettings
from edefter.engine.job import Job
from edefter.engine.month import run_month
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Services, state_url
from edefter.model.company import Company
from edefter.model.environment import Environment
from edefter.model.files import Counters
from edefter.model.period import Period
from edefter.model.registration import registration_to_mapping
from edefter.state.store import Store

SEAL = "dry-run"


class _RehearsalJob(Job):
    """A job whose counters come from the real state."""

    def __init__(self, real: Job, services: Services, company: Company) -> None:
        super().__init__(services, company, real.branch_number, real.period, until=real.last_day)
        self._real = real

    def counters_before(self, first_day: date) -> tuple[Counters | None, bool]:
        counters, known = self._real.counters_before(first_day)
        if not known:
            self.services.listener.warn("cli.dry_run_counters", **self.facts)
            return Counters(), True
        return counters, known


def dry_run(
    services: Services,
    company: Company,
    branch: str | None,
    period: Period,
    until: date | None = None,
) -> list[MonthReport]:
    """Rehearse a month of one company.

    Args:
        services: the real services; only their source settings and state (read) are used.
        company, branch, period, until: as for the real run.

    Returns:
        The same closing reports as the real run.
    """
    from edefter.cli.context import jobs_of
    from edefter.sandbox.world import SandboxWorld

    with tempfile.TemporaryDirectory(prefix="edefter-dry-run-") as folder:
        base = Path(folder)
        with SandboxWorld(base / "sandbox", any_ports=True) as world:
            seal = world.pki.issue_seal(company.tax_id.number, company.title)
            secret_file = base / "seal-password"
            secret_file.write_text(seal.password, encoding="utf-8")
            secret_file.chmod(0o600)
            sandbox = world.settings(base)
            settings = sandbox.model_copy(
                update={
                    "environment": Environment.SANDBOX,
                    "sources": services.settings.sources,
                    "ledger": services.settings.ledger,
                    "seals": {
                        SEAL: SealSettings(path=seal.path, password=SecretRef(file=secret_file))
                    },
                }
            )
            rehearsed = replace(
                company, seal=SEAL, edefter_start=period, authorised_signers=(),
                branches=tuple(replace(item, start=None) for item in company.branches),
            )  # fmt: skip
            settings.data_dir.mkdir(parents=True)
            store = Store(state_url(settings), services.wall)
            try:
                store.put_company(
                    company.code, company.tax_id.number, registration_to_mapping(rehearsed)
                )
                inner = replace(
                    services,
                    settings=settings,
                    store=store,
                    time_source=NtpTimeSource(settings.clock.ntp_version, services.wall),
                )
                reports = [
                    run_month(_RehearsalJob(job, inner, rehearsed), Goal.ARCHIVE)
                    for job in jobs_of(services, company, branch, period, until)
                ]
            finally:
                store.close()
    return [replace(report, folder=say("dry_run_folder")) for report in reports]
