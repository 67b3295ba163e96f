"""Production, test and sandbox are never mixed: checked before a client exists (certbot's rule)."""

from __future__ import annotations

from urllib.parse import urlsplit

from cryptography import x509

from edefter.errors import ConfigError
from edefter.gib.errors import EnvironmentMixed
from edefter.model.environment import Environment
from edefter.xmlsig.certificate import has_sandbox_marker

TEST_HOSTS = frozenset({"edeftertest.gib.gov.tr", "uygtest.edefter.gov.tr"})
_GIB_DOMAINS = ("gib.gov.tr", "edefter.gov.tr")


def checked_host(base_url: str, environment: Environment) -> str:
    """The host of the service, when it may be talked to in this environment.

    Raises:
        ConfigError: not an https address of just host and port.
        EnvironmentMixed: GİB's real host in the sandbox, the test host in production, or the
            reverse.
    """
    try:
        parts = urlsplit(base_url)
        host = (parts.hostname or "").rstrip(".").lower()
        sound = parts.scheme == "https" and bool(host) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError("gib.base_url_insecure", url=base_url.rpartition("@")[2])
    is_gib = any(host == domain or host.endswith(f".{domain}") for domain in _GIB_DOMAINS)
    is_test = host in TEST_HOSTS
    mixed = {
        Environment.SANDBOX: is_gib,
        Environment.TEST: is_gib and not is_test,
        Environment.PRODUCTION: is_test,
    }[environment]
    if mixed:
        raise EnvironmentMixed("gib.environment_host", host=host, environment=str(environment))
    return host


def check_seal(certificate: x509.Certificate, environment: Environment) -> None:
    """Refuse a sandbox seal outside the sandbox, and a real one inside.

    Raises:
        EnvironmentMixed: the seal belongs to another environment.
    """
    marked = has_sandbox_marker(certificate)
    if marked == (environment is Environment.SANDBOX):
        return
    kind = "environment_seal_sandbox" if marked else "environment_seal_real"
    raise EnvironmentMixed(
        f"gib.{kind}",
        subject=certificate.subject.rfc4514_string(),
        environment=str(environment),
    )
