"""Which endpoints the configuration names, and how each is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from edefter.clock.ntp import split_server
from edefter.config.hosts import is_loopback
from edefter.config.settings import Settings
from edefter.model.environment import Environment

HTTPS_PORT = 443
HTTP_PORT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One server to be probed.

    Args:
        role: `gib`, `gib_other`, `portal_control`, `portal_upload`, `kamusm`.
        host, port: where it listens.
        tls: whether to go beyond the TCP connection.
        method, path: the harmless HTTP question.
        ca_bundle: PEM file of roots; None = the bundle of `requests`, as the clients use.
        proxy: proxy URL, or empty.
        mutual: whether it wants a client certificate.
        client_pair: PEM files of client certificate and key, if there are any.
        required: without it the work stops (else its failure is a warning).
    """

    role: str
    host: str
    port: int
    tls: bool = True
    method: str = "HEAD"
    path: str = "/"
    ca_bundle: Path | None = None
    proxy: str = ""
    mutual: bool = False
    client_pair: tuple[Path, Path] | None = None
    required: bool = True

    @property
    def target(self) -> str:
        """`host:port`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def endpoints_of(
    settings: Settings, client_pair: tuple[Path, Path] | None = None
) -> tuple[Endpoint, ...]:
    """The endpoints in force, each once.

    Args:
        settings: configuration with absolute paths; URLs without a host are left out (the
            configuration check reports them).
        client_pair: client certificate and key issued at registration, when none is configured.
    """
    gib, portal = settings.gib, settings.portal
    found = []
    place = _place(gib.base_url)
    if place is not None:
        found.append(
            Endpoint(
                role="gib", host=place[0], port=place[1], method="GET",
                path=f"{gib.service_path}/edefter.wsdl", ca_bundle=gib.ca_bundle, proxy=gib.proxy,
            )
        )  # fmt: skip
    if settings.environment is Environment.PRODUCTION:
        found += [
            Endpoint(
                role="gib_other", host=host, port=HTTPS_PORT, ca_bundle=gib.ca_bundle,
                proxy=gib.proxy, required=False,
            )
            for host in settings.doctor.gib_hosts
        ]  # fmt: skip
    if portal.enabled:
        found += _portal(settings, client_pair)
    found += _plain(settings)
    return tuple({(item.host, item.port): item for item in reversed(found)}.values())[::-1]


def _portal(settings: Settings, client_pair: tuple[Path, Path] | None) -> list[Endpoint]:
    portal = settings.portal
    if portal.client_certificate is not None and portal.client_key is not None:
        client_pair = (portal.client_certificate, portal.client_key)
    found = []
    for role, url, method in (
        ("portal_control", portal.control_url, "HEAD"),
        ("portal_upload", portal.upload_url, "OPTIONS"),
    ):
        place = _place(url)
        if place is None:
            continue
        upload = role == "portal_upload"
        found.append(
            Endpoint(
                role=role, host=place[0], port=place[1], method=method, path=place[2],
                ca_bundle=portal.ca_bundle,
                proxy=portal.proxy_of_uploads if upload else portal.proxy,
                mutual=upload and portal.mutual_tls,
                client_pair=client_pair if upload and portal.mutual_tls else None,
            )
        )  # fmt: skip
    return found


def _plain(settings: Settings) -> list[Endpoint]:
    """Kamu SM by TCP alone; the sandbox rehearses without it."""
    found = []
    for text in settings.doctor.plain_endpoints:
        try:
            host, port = split_server(text, HTTP_PORT)
        except ValueError:
            continue
        if settings.environment is not Environment.SANDBOX or is_loopback(host):
            found.append(Endpoint(role="kamusm", host=host, port=port, tls=False, required=False))
    return found


def _place(url: str) -> tuple[str, int, str] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS_PORT
    except ValueError:
        return None
    return (parts.hostname, port, parts.path or "/") if parts.hostname else None
