"""What every command needs: configuration, state, companies, the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from getpass import getpass
from pathlib import Path
from typing import overload

from rich.console import Console
from rich.markup import escape

from edefter.cli.lang import LANG
from edefter.cli.screen import ScreenListener, progress_bars
from edefter.config.checks import lookalike_findings
from edefter.config.load import LoadedSettings, load_settings
from edefter.engine import opening
from edefter.engine.job import Job
from edefter.engine.opening import registered_company
from edefter.engine.services import Services
from edefter.errors import ConfigError
from edefter.model.company import Company
from edefter.model.period import Period
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


LOG_WIDTH = 220  # where nobody looks on (pipe, log file), tables are never folded


def console() -> Console:
    """Where results go (standard output)."""
    width = None if sys.stdout.isatty() else LOG_WIDTH
    return Console(highlight=False, soft_wrap=True, width=width)


def error_console() -> Console:
    """Where progress, warnings and errors go (standard error)."""
    width = None if sys.stderr.isatty() else LOG_WIDTH
    return Console(stderr=True, highlight=False, soft_wrap=True, width=width)


def loaded_settings() -> LoadedSettings:
    """The configuration of this run.

    Raises:
        ConfigError: wrong or missing configuration, all problems at once.
    """
    return load_settings(OPTIONS.config, environ=os.environ)


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise ConfigError("engine.no_terminal", question=question)
    return getpass(f"{question}: ")


@contextmanager
def open_services(*, quiet: bool = False, gate: bool = True) -> Iterator[Services]:
    """The installation with this terminal as its listener.

    Args:
        quiet: no progress on the screen (for `--json`).
        gate: refuse when the environment's own conditions do not hold (production …).

    Raises:
        ConfigError: configuration wrong; or the environment must not be used like this.
    """
    loaded = loaded_settings()
    screen = error_console()
    if not quiet:
        for finding in lookalike_findings(loaded.settings):
            screen.print(
                f"[yellow]! {escape(finding.text(LANG))} {escape(finding.remedy(LANG))}[/yellow]"
            )
    with (
        progress_bars(screen, enabled=not quiet and screen.is_terminal) as progress,
        opening.open_services(
            loaded,
            ask=_ask,
            gate=gate,
            progress=progress,
            listener=ScreenListener(screen, quiet=quiet, progress=progress),
        ) as services,
    ):
        yield services


def chosen_companies(store: Store, codes: list[str] | None, every: bool) -> list[Company]:
    """The companies a command works on.

    Raises:
        ConfigError: none registered, or several and none named.
    """
    known = [item["code"] for item in store.companies()]
    if codes:
        return [registered_company(store, code) for code in codes]
    if not known:
        raise ConfigError("cli.no_company")
    if every or len(known) == 1:
        return [registered_company(store, code) for code in known]
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


def jobs_of(
    services: Services,
    company: Company,
    branch: str | None,
    period: Period,
    until: date | None = None,
) -> list[Job]:
    """The jobs of a company's month: one, or one per branch where branches keep books."""
    numbers = branch_numbers(company, branch, period)
    return [Job(services, company, number, period, until=until) for number in numbers]


def branch_numbers(company: Company, branch: str | None, period: Period) -> list[str]:
    """The branches that a command works on; an empty number where branches keep no books.

    Args:
        company: whose.
        branch: the one that was named; None = all that kept books in that month.
        period: the month.
    """
    if branch is not None:
        return [branch]
    if not company.branches:
        return [""]
    return [b.number for b in company.branches if period >= company.first_period(b.number)]


@overload
def parse_day(text: str) -> date: ...
@overload
def parse_day(text: None) -> None: ...
def parse_day(text: str | None) -> date | None:
    """A day argument, or None when it was not given.

    Raises:
        ConfigError: not of the form YYYY-MM-DD.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError("cli.bad_day", value=text) from None
