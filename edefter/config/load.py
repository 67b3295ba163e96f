"""Reads the settings: one TOML file, the environment over it, every problem at once."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edefter.config.environment import overlay, split_lists
from edefter.config.problems import ConfigProblems, Problem, nearest
from edefter.config.schema import (
    SENSITIVE,
    absolute_paths,
    allowed,
    field_at,
    keys_at,
    leaves,
    section_of,
)
from edefter.config.section import SecretRef
from edefter.config.settings import Settings
from edefter.errors import ConfigError

FILE_NAME = "edefter.toml"
Origin = Literal["file", "environment", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSettings:
    """Settings and where each of them came from.

    Args:
        settings: validated, all paths absolute.
        path: the file, or None when there is none.
        origins: dotted key of every value → `file`, `environment` or `default`.
    """

    settings: Settings
    path: Path | None
    origins: Mapping[str, Origin]


def load_settings(
    path: Path | None, *, environ: Mapping[str, str], cwd: Path | None = None
) -> LoadedSettings:
    """Read the configuration.

    Args:
        path: the file; None = `EDEFTER_CONFIG`, else `edefter.toml` in the current folder, else in
            the user's configuration folder, else defaults.
        environ: environment variables.
        cwd: current folder; None = the process's.

    Returns:
        The settings; relative paths (also of `sqlite:///` URLs) count from the file's folder, or
        from the current folder when there is no file.

    Raises:
        ConfigError: a file that was named is missing or cannot be read; no TOML.
        ConfigProblems: unknown keys, wrong values; all of them.
    """
    here = (cwd or Path.cwd()).resolve()
    found = find_file(path, environ, here)
    raw = _read(found) if found is not None else {}
    merged, from_environment, problems = overlay(raw, environ)
    split_lists(merged, from_environment)
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False)]
    if settings is not None:
        problems += _secrets_in_urls(settings)
    if problems or settings is None:
        # `from None` would not be enough: pydantic's text repeats values, so none is chained.
        raise ConfigProblems(str(found) if found else "environment", problems)
    folder = found.parent if found is not None else here
    absolute = absolute_paths(settings, folder, _home(environ))
    assert isinstance(absolute, Settings)
    absolute = _absolute_databases(absolute, folder)
    return LoadedSettings(
        settings=absolute,
        path=found,
        origins=_origins(absolute, raw, from_environment),
    )


def find_file(path: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The configuration file in force, absolute, or None.

    Raises:
        ConfigError: a file named by the caller or by `EDEFTER_CONFIG` does not exist.
    """
    named = path or (Path(environ["EDEFTER_CONFIG"]) if environ.get("EDEFTER_CONFIG") else None)
    if named is not None:
        named = named if named.is_absolute() else cwd / named
        if not named.is_file():
            raise ConfigError("config.file_missing", path=str(named))
        return named
    candidates = [cwd / FILE_NAME, user_config_dir(environ) / FILE_NAME]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def user_config_dir(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The platform's folder of this user's configuration.

    Args:
        environ: environment variables (`APPDATA`, `XDG_CONFIG_HOME`, `HOME`).
        platform: as `sys.platform`.
    """
    home = _home(environ) or Path.home()
    if platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "edefter"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "edefter"
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "edefter"


def _home(environ: Mapping[str, str]) -> Path | None:
    text = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(text) if text else None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Windows editors like to add a BOM
    except OSError as error:
        raise ConfigError(
            "config.unreadable", path=str(path), reason=error.strerror or ""
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("config.not_utf8", path=str(path)) from None
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("config.not_toml", path=str(path), reason=str(error)) from None


def _problem(detail: ErrorDetails) -> Problem:
    """One pydantic error in our words; the value is repeated only where it can be no secret."""
    location = tuple(detail["loc"])
    key = ".".join(str(step) for step in location)
    kind = detail["type"]
    if kind == "extra_forbidden":
        hint = nearest(str(location[-1]), keys_at(Settings, location[:-1]))
        facts = {"hint": ".".join((*(str(step) for step in location[:-1]), hint)) if hint else ""}
        return Problem(key, "config.unknown_key", facts)
    if kind == "missing":
        return Problem(key, "config.missing_key")
    info = field_at(Settings, location)
    section = section_of(info.annotation) if info is not None else None
    if section is SecretRef:
        return Problem(key, "config.secret_shape")
    value = detail.get("input")
    shown = "…" if SENSITIVE & {str(step) for step in location} else _short(value)
    choices = allowed(info) if info is not None else ""
    family = kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_from_float")
    wanted = {
        "int": "config.want_int",
        "float": "config.want_number",
        "string": "config.want_text",
        "path": "config.want_path",
        "dict": "config.want_table",
        "model": "config.want_table",
        "tuple": "config.want_list",
    }.get(family)
    if choices:
        return Problem(key, "config.not_allowed", {"value": shown, "allowed": choices})
    return Problem(key, wanted or "config.wrong_value", {"value": shown})


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:60] + "…"


def _secrets_in_urls(settings: Settings) -> list[Problem]:
    """A password inside a source's URL would end in logs; there is a reference for it."""
    found = []
    for name, source in settings.sources.items():
        try:
            password = urlsplit(source.url).password
        except ValueError:
            password = None
        if password:
            facts = {"reference": f"sources.{name}.password"}
            found.append(Problem(f"sources.{name}.url", "config.password_in_url", facts))
    return found


def _absolute_databases(settings: Settings, folder: Path) -> Settings:
    sources = {
        name: source.model_copy(update={"url": absolute_sqlite(source.url, folder)})
        for name, source in settings.sources.items()
    }
    state_url = absolute_sqlite(settings.state_url, folder)
    return settings.model_copy(update={"sources": sources, "state_url": state_url})


def absolute_sqlite(url: str, folder: Path) -> str:
    """A `sqlite:///relative` URL counted from `folder`; any other URL as it is."""
    head, mark, rest = url.partition(":///")
    if not mark or not (head == "sqlite" or head.startswith("sqlite+")):
        return url
    absolute = PurePosixPath(rest).is_absolute() or PureWindowsPath(rest).is_absolute()
    if not rest or rest.startswith((":memory:", "file:")) or absolute:
        return url
    return f"{head}:///{folder / rest}"


def _origins(
    settings: Settings, raw: dict[str, Any], from_environment: set[str]
) -> dict[str, Origin]:
    origins: dict[str, Origin] = {}
    for key in leaves(settings):
        if any(key == given or key.startswith(f"{given}.") for given in from_environment):
            origins[key] = "environment"
        else:
            origins[key] = "file" if _holds(raw, key.split(".")) else "default"
    return origins


def _holds(table: Any, path: list[str]) -> bool:
    if not isinstance(table, dict):
        return False
    # Names of sources may hold dots themselves, so longer keys are tried as well.
    for length in range(1, len(path) + 1):
        name = ".".join(path[:length])
        if name in table:
            return length == len(path) or _holds(table[name], path[length:])
    return False
