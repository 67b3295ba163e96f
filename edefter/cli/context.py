"""What every command needs: configuration, state, companies, the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import Any

from rich.console import Console

from edefter import __version__
from edefter.cli.lang import LANG, say
from edefter.cli.screen import ScreenListener, progress_bars
from edefter.clock.ntp import NtpTimeSource
from edefter.config.checks import environment_findings, lookalike_findings
from edefter.config.load import LoadedSettings, load_settings
from edefter.config.secrets import SecretReader
from edefter.engine.job import Job
from edefter.engine.services import Services, state_url, utc_now
from edefter.errors import ConfigError
from edefter.model.company import Company
from edefter.model.finding import Severity
from edefter.model.period import Period
from edefter.model.registration import read_registration
from edefter.state.store import Store


@dataclass
class Options:
    """Options before the command.

    Args:
        config: configuration file, or None = searched.
        verbose: show tracebacks and log events.
        json: print JSON instead of tables.
    """

    config: Path | None = None
    verbose: bool = False
    json: bool = False


OPTIONS = Options()


def console() -> Console:
    """Where results go (standard output)."""
    return Console(highlight=False, soft_wrap=True)


def error_console() -> Console:
    """Where progress, warnings and errors go (standard error)."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def loaded_settings() -> LoadedSettings:
    """The configuration of this run.

    Raises:
        ConfigError: wrong or missing configuration, all problems at once.
    """
    return load_settings(OPTIONS.config, environ=os.environ)


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise ConfigError("cli.no_terminal", question=question)
    return getpass(f"{question}: ")


@contextmanager
def open_services(*, quiet: bool = False, gate: bool = True) -> Iterator[Services]:
    """Configuration, state database, clock and listeners for one command.

    Args:
        quiet: no progress on the screen (for `--json`).
        gate: refuse when the environment's own conditions do not hold (production …).

    Raises:
        ConfigError: configuration wrong; or the environment must not be used like this.
    """
    loaded = loaded_settings()
    settings = loaded.settings
    screen = error_console()
    if not quiet:
        for finding in lookalike_findings(settings):
            screen.print(f"[yellow]! {finding.text(LANG)} {finding.remedy(LANG)}[/yellow]")
    if gate:
        problems = [
            finding
            for finding in environment_findings(settings, __version__)
            if finding.severity is Severity.ERROR
        ]
        if problems:
            raise ConfigError(
                "cli.environment_refused",
                environment=settings.environment.value,
                problems="\n".join(f"- {f.text(LANG)} {f.remedy(LANG)}" for f in problems),
            )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        settings.data_dir.chmod(0o700)
    secret = SecretReader(os.environ, _ask)
    store = Store(state_url(settings), utc_now)
    try:
        with progress_bars(screen, enabled=not quiet and screen.is_terminal) as progress:
            yield Services(
                settings=settings,
                store=store,
                secret=secret,
                time_source=NtpTimeSource(settings.clock.ntp_version, utc_now),
                progress=progress,
                listener=ScreenListener(screen, quiet=quiet, progress=progress),
            )
    finally:
        store.close()


def company_of(store: Store, code: str) -> Company:
    """A registered company.

    Raises:
        ConfigError: not registered, or its registration no longer holds.
    """
    registration = store.company(code)
    if registration is None:
        known = ", ".join(item["code"] for item in store.companies()) or "-"
        raise ConfigError("cli.unknown_company", company=code, known=known)
    company, findings = read_registration(registration)
    if company is None:
        raise ConfigError(
            "cli.registration_broken",
            company=code,
            problems="\n".join(f"- {f.text(LANG)}" for f in findings),
        )
    return company


def chosen_companies(store: Store, codes: list[str], every: bool) -> list[Company]:
    """The companies a command works on.

    Raises:
        ConfigError: none registered, or several and none named.
    """
    known = [item["code"] for item in store.companies()]
    if codes:
        return [company_of(store, code) for code in codes]
    if not known:
        raise ConfigError("cli.no_company")
    if every or len(known) == 1:
        return [company_of(store, code) for code in known]
    raise ConfigError("cli.which_company", known=", ".join(known))


def parse_period(text: str) -> Period:
    """A period argument.

    Raises:
        ConfigError: not of the form YYYY-MM.
    """
    try:
        return Period.parse(text)
    except ValueError:
        raise ConfigError("cli.bad_period", value=text) from None


def jobs_of(services: Services, company: Company, branch: str | None, period: Period) -> list[Job]:
    """The jobs of a company's month: one, or one per branch where branches keep books."""
    if branch is not None:
        return [Job(services, company, branch, period)]
    if not company.branches:
        return [Job(services, company, "", period)]
    return [
        Job(services, company, item.number, period)
        for item in company.branches
        if period >= company.first_period(item.number)
    ]


def facts_of(**facts: Any) -> dict[str, Any]:
    """Facts without empty values."""
    return {name: value for name, value in facts.items() if value not in ("", None)}


__all__ = [
    "OPTIONS",
    "Options",
    "chosen_companies",
    "company_of",
    "console",
    "error_console",
    "facts_of",
    "jobs_of",
    "loaded_settings",
    "open_services",
    "parse_period",
    "say",
]
