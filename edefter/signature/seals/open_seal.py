"""Open a configured seal; the one place that knows which kinds of seals exist."""

from __future__ import annotations

from collections.abc import Callable

from edefter.config.settings import SealSettings, SecretRef
from edefter.errors import ConfigError
from edefter.signature.port import Seal
from edefter.signature.seals.pkcs12 import Pkcs12Seal


def open_seal(name: str, settings: SealSettings, secret: Callable[[SecretRef], str]) -> Seal:
    """Open the seal `name`.

    Args:
        name: its name in the configuration.
        settings: its section.
        secret: gives the value of a secret reference.

    Raises:
        ConfigError: a setting is missing, or the file is.
        SealRefused: wrong password, no key, no certificate.
    """
    if settings.path is None:
        raise ConfigError("signature.seal_not_configured", seal=name, field="path")
    if settings.password is None:
        raise ConfigError("signature.seal_not_configured", seal=name, field="password")
    return Pkcs12Seal(name, settings.path, secret(settings.password))
