"""The one door to accounting sources.

source = open_source("default", settings.sources["default"], secret)
for batch in source.read(request, findings): ...

What a source reads with (polars, drivers) is loaded when one is opened: most commands open none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edefter.config.section import SecretRef
from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError
from edefter.source.port import VoucherSource


def open_source(
    name: str, settings: SourceSettings, secret: Callable[[SecretRef], str]
) -> VoucherSource:
    """The source of these settings; nothing is connected or read yet.

    Args:
        name: name in the configuration; findings and errors carry it.
        settings: kind and its options. Relative paths, also in SQLite URLs, are resolved by the
            caller.
        secret: gives the secret of a reference; asked only where a password is configured.

    Raises:
        ConfigError: a needed option is missing or wrong, or the driver is not installed.
    """
    if settings.kind == "sql":
        from edefter.source.sql import open_sql

        if not settings.url:
            raise ConfigError("source.bad_url", source=name)
        password = secret(settings.password) if settings.password is not None else None
        return open_sql(name, settings, password)
    if settings.path is None:
        raise ConfigError("source.path_missing", source=name)
    if settings.kind == "izibiz":
        from edefter.source.izibiz import IzibizSource

        return IzibizSource(name, settings.path, settings)
    from edefter.source.ledger_xml import LedgerSource

    return LedgerSource(name, settings.path, settings)


def size_on_disk(settings: SourceSettings) -> int:
    """How many bytes the files of a source have.

    Args:
        settings: as of `open_source`.

    Returns:
        0 when there are none on this computer, or they cannot be seen.
    """
    path = settings.path
    if settings.kind == "sql":
        before, _, name = settings.url.partition(":///")
        path = (
            Path(name.partition("?")[0]) if name and before.partition("+")[0] == "sqlite" else None
        )
    if path is None:
        return 0
    try:
        return sum(item.stat().st_size for item in (path.iterdir() if path.is_dir() else [path]))
    except OSError:
        return 0
