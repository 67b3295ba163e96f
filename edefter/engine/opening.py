"""Open an installation: configuration, state database, clock; find its registered companies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from edefter import __version__
from edefter.clock.ntp import NtpTimeSource
from edefter.config.checks import environment_findings
from edefter.config.load import LoadedSettings, load_settings
from edefter.config.secrets import SecretReader
from edefter.engine.services import (
    Listener,
    Services,
    SilentListener,
    state_url,
    utc_now,
)
from edefter.errors import ConfigError
from edefter.model.company import Company
from edefter.model.finding import Severity
from edefter.model.registration import read_registration
from edefter.observe.progress import Progress, SilentProgress
from edefter.state.store import Store


def _no_terminal(question: str) -> str:
    raise ConfigError("engine.no_terminal", question=question)


@contextmanager
def open_services(
    config: Path | LoadedSettings | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    ask: Callable[[str], str] = _no_terminal,
    gate: bool = True,
    progress: Progress | None = None,
    listener: Listener | None = None,
) -> Iterator[Services]:
    """Open an installation for the length of a `with` block.

    Args:
        config: configuration file, or settings already loaded; None = searched as the command
            line does (`$EDEFTER_CONFIG`, `./edefter.toml`, the user's configuration folder).
        environ: environment variables; None = those of the process.
        ask: asks a person for a secret whose reference says `prompt`.
        gate: refuse when the environment's own conditions do not hold (production without
            approval or trust anchors, sandbox with real hosts …).
        progress, listener: hear what a run does; None = silent.

    Raises:
        ConfigError: the configuration is wrong, or the environment must not be used like this;
            all problems at once.
    """
    variables = os.environ if environ is None else environ
    loaded = (
        config if isinstance(config, LoadedSettings) else load_settings(config, environ=variables)
    )
    settings = loaded.settings
    if gate:
        problems = [
            finding
            for finding in environment_findings(settings, __version__)
            if finding.severity is Severity.ERROR
        ]
        if problems:
            raise ConfigError(
                "engine.environment_refused",
                environment=settings.environment.value,
                problems_tr="\n".join(f"- {f.text('tr')} {f.remedy('tr')}" for f in problems),
                problems_en="\n".join(f"- {f.text('en')} {f.remedy('en')}" for f in problems),
            )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        settings.data_dir.chmod(0o700)
    store = Store(state_url(settings), utc_now)
    try:
        yield Services(
            settings=settings,
            store=store,
            secret=SecretReader(variables, ask),
            time_source=NtpTimeSource(settings.clock.ntp_version, utc_now),
            progress=progress or SilentProgress(),
            listener=listener or SilentListener(),
        )
    finally:
        store.close()


def registered_company(store: Store, code: str) -> Company:
    """A registered company.

    Raises:
        ConfigError: not registered, or its registration no longer holds.
    """
    registration = store.company(code)
    if registration is None:
        known = ", ".join(item["code"] for item in store.companies()) or "-"
        raise ConfigError("engine.unknown_company", company=code, known=known)
    company, findings = read_registration(registration)
    if company is None:
        raise ConfigError(
            "engine.registration_broken",
            company=code,
            problems_tr="\n".join(f"- {f.text('tr')}" for f in findings),
            problems_en="\n".join(f"- {f.text('en')}" for f in findings),
        )
    return company
