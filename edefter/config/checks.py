"""Configuration mistakes that no single value shows: environments mixed, look-alike hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edefter.config.hosts import (
    KNOWN_MISSPELLINGS,
    PRODUCTION_HOSTS,
    TEST_HOSTS,
    configured_urls,
    host_of,
    is_loopback,
    looks_like,
)
from edefter.config.settings import Settings
from edefter.model.environment import Environment
from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.model.identity import vkn_is_valid
from edefter.resources import certs_dir
from edefter.telling import told

LEAST_NTP_SERVERS = 3
CERTIFICATE_ENDINGS = frozenset({".pem", ".crt", ".cer"})


def lookalike_findings(settings: Settings) -> tuple[Finding, ...]:
    """Hosts that look like GİB's or the portal's and are not: they would receive signed books.

    Returns:
        Warnings; that production refuses the two misspellings known to circulate is in
        `environment_findings`.
    """
    found = []
    for key, url in configured_urls(settings):
        host = host_of(url)
        genuine = looks_like(host)
        if not genuine:
            continue
        found.append(
            _finding(
                "CFG-01", "config.lookalike", key, Severity.WARNING, host=host, genuine=genuine
            )
        )
    return tuple(found)


def environment_findings(settings: Settings, version: str) -> tuple[Finding, ...]:
    """What forbids this configuration to run in its environment, and what is unwise.

    Args:
        settings: the configuration with absolute paths.
        version: `edefter.__version__`; GİB approves each version by itself (format.md §5.2).

    Returns:
        Errors refuse the run, warnings do not.
    """
    return (*_everywhere(settings), *_BY_ENVIRONMENT[settings.environment](settings, version))


def anchor_folders(settings: Settings) -> tuple[Path, ...]:
    """Folders of the trust anchors in force, the one that imports are written to last.

    A configured folder stands alone; else those shipped with the program (none for production and
    test) and those taken in by `edefter trust import`, in the data folder.
    """
    if settings.trust_anchors is not None:
        return (settings.trust_anchors,)
    name = settings.environment.value
    return (certs_dir() / name, settings.data_dir / "anchors" / name)


def has_anchors(folder: Path) -> bool:
    """Whether the folder holds at least one certificate file."""
    return folder.is_dir() and any(
        path.suffix.lower() in CERTIFICATE_ENDINGS for path in folder.iterdir()
    )


def _everywhere(settings: Settings) -> Iterator[Finding]:
    for key, url in configured_urls(settings):
        if not host_of(url) or urlsplit(url).scheme != "https":
            yield _finding("CFG-02", "config.not_https", key, url=_without_secret(url))
    servers = {server.strip().lower() for server in settings.clock.servers}
    if len(servers) < LEAST_NTP_SERVERS:
        yield _finding(
            "CFG-03", "config.few_ntp", "clock.servers", count=len(servers), least=LEAST_NTP_SERVERS
        )
    if settings.clock.warn_s >= settings.clock.refuse_s:
        yield _finding("CFG-04", "config.clock_limits", "clock.warn_s")


def _production(settings: Settings, version: str) -> Iterator[Finding]:
    yield from _application(settings, Severity.ERROR)
    approved = settings.application.approved_version
    if approved and approved != version:
        yield _finding(
            "CFG-12", "config.version_not_approved", "application.approved_version",
            approved=approved, version=version,
        )  # fmt: skip
    for key, url in configured_urls(settings):
        host = host_of(url)
        if is_loopback(host):
            yield _finding("CFG-13", "config.production_loopback", key, host=host)
        elif any(host == name or host.endswith(f".{name}") for name in KNOWN_MISSPELLINGS):
            yield _finding("CFG-18", "config.production_misspelled", key, host=host)
        elif host in TEST_HOSTS:
            yield _finding("CFG-14", "config.production_test_host", key, host=host)
    folders = anchor_folders(settings)
    if not any(has_anchors(folder) for folder in folders):
        yield _finding("CFG-15", "config.no_anchors", "trust_anchors", folder=str(folders[-1]))


def _test(settings: Settings, version: str) -> Iterator[Finding]:
    del version  # the test system checks the layout only (format.md §5.2)
    yield from _application(settings, Severity.WARNING)
    for key, url in configured_urls(settings):
        if host_of(url) in PRODUCTION_HOSTS:
            yield _finding("CFG-16", "config.test_production_host", key, host=host_of(url))


def _sandbox(settings: Settings, version: str) -> Iterator[Finding]:
    del version
    for key, url in configured_urls(settings):
        if not is_loopback(host_of(url)):
            yield _finding("CFG-17", "config.sandbox_foreign", key, host=host_of(url))


_BY_ENVIRONMENT = {
    Environment.PRODUCTION: _production,
    Environment.TEST: _test,
    Environment.SANDBOX: _sandbox,
}


def _application(settings: Settings, severity: Severity) -> Iterator[Finding]:
    application = settings.application
    for name in ("vendor_tax_number", "vendor_title", "program", "approved_version"):
        value = getattr(application, name)
        key = f"application.{name}"
        if not value.strip():
            yield _finding("CFG-10", "config.application_missing", key, severity)
        elif "##" in value or value != value.strip():
            yield _finding("CFG-11", "config.application_shape", key, severity, value=value)
    number = application.vendor_tax_number.strip()
    if number and not vkn_is_valid(number):
        yield _finding(
            "CFG-11", "config.vendor_vkn", "application.vendor_tax_number", severity, value=number
        )


def _without_secret(url: str) -> str:
    """A URL fit to be shown: without user and password."""
    head, mark, rest = url.partition("://")
    return f"{head}{mark}{rest.rpartition('@')[2]}" if mark else url.rpartition("@")[2]


def _finding(
    rule: str, message: str, key: str, severity: Severity = Severity.ERROR, /, **facts: Any
) -> Finding:
    facts = {"key": key, **facts}
    return told(
        message,
        facts,
        rule=rule,
        layer=Layer.CONFIG,
        severity=severity,
        place=Place(field=key),
        value=str(facts.get("host") or facts.get("value") or ""),
    )
