"""Open a configured seal; the one place that knows which kinds of seals exist."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from edefter.config.section import SecretRef
from edefter.config.settings import SealSettings
from edefter.errors import ConfigError
from edefter.signature.port import Seal
from edefter.signature.seals.pin_guard import PinGuard
from edefter.signature.seals.pkcs11.seal import Pkcs11Seal
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.seals.remote import RemoteSeal

Value = TypeVar("Value")


def open_seal(
    name: str,
    settings: SealSettings,
    secret: Callable[[SecretRef], str],
    data_dir: Path,
    *,
    owners: Sequence[str] = (),
) -> Seal:
    """Open the seal `name`.

    Args:
        name: its name in the configuration.
        settings: its section.
        secret: gives the value of a secret reference.
        data_dir: of the installation; wrong PINs are remembered there.
        owners: tax numbers whose certificate a shared token uses before one was chosen.

    Raises:
        ConfigError: a setting is missing, or the file is.
        SealRefused: wrong password, no key, no certificate.
    """

    def guard_of(identity: str) -> PinGuard:
        # Of the token, not of the name: seals of several companies may share one, and each name
        # would have a try of its own.
        file = hashlib.sha256(identity.encode()).hexdigest()[:32]
        return PinGuard(data_dir / "seals" / f"{file}.pin.json", name)

    def needed(value: Value | None, field: str) -> Value:
        if value is None or value == "":
            raise ConfigError("signature.seal_not_configured", seal=name, field=field)
        return value

    if settings.kind == "pkcs11":
        password = settings.password
        needed(settings.token_label or settings.token_serial, "token_label")
        return Pkcs11Seal(
            name,
            module=needed(settings.module, "module"),
            token_label=settings.token_label,
            token_serial=settings.token_serial,
            key_label=settings.key_label,
            pin=None if password is None else lambda: secret(password),
            guard_of=guard_of,
            timeout_s=settings.timeout_s,
            owners=owners,
        )
    if settings.kind == "remote":
        url, credential = needed(settings.url, "url"), needed(settings.key_label, "key_label")
        return RemoteSeal(
            name,
            url=url,
            credential=credential,
            token=secret(needed(settings.password, "password")),
            pin=secret(settings.pin) if settings.pin is not None else "",
            guard=guard_of(f"{url.rstrip('/')} {credential}"),
            timeout_s=settings.timeout_s,
            ca_bundle=settings.ca_bundle,
        )
    path, reference = needed(settings.path, "path"), needed(settings.password, "password")
    return Pkcs12Seal(name, path, secret(reference))
