"""Open a configured seal; the one place that knows which kinds of seals exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from edefter.config.settings import SealSettings, SecretRef
from edefter.errors import ConfigError
from edefter.signature.port import Seal
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.seals.remote import RemoteSeal

Value = TypeVar("Value")


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

    def needed(value: Value | None, field: str) -> Value:
        if value is None or value == "":
            raise ConfigError("signature.seal_not_configured", seal=name, field=field)
        return value

    if settings.kind == "remote":
        return RemoteSeal(
            name,
            url=needed(settings.url, "url"),
            credential=needed(settings.key_label, "key_label"),
            token=secret(needed(settings.password, "password")),
            pin=secret(settings.pin) if settings.pin is not None else "",
            timeout_s=settings.timeout_s,
            ca_bundle=settings.ca_bundle,
        )
    path, password = needed(settings.path, "path"), needed(settings.password, "password")
    return Pkcs12Seal(name, path, secret(password))
