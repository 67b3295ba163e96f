"""Writes the first configuration file: every key with a Turkish comment and its default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from edefter import atomic
from edefter.config.comments import COMMENTS
from edefter.config.schema import named_section_of, section_of
from edefter.config.section import SecretRef
from edefter.config.settings import Settings
from edefter.errors import ConfigError


def write_default_config(
    path: Path, values: Mapping[str, Any] | None = None, *, overwrite: bool = False
) -> None:
    """Write a commented configuration file (for `edefter init`).

    Args:
        path: the new file; its folder is made when missing.
        values: dotted key → value to set, `{"gib.base_url": "https://127.0.0.1:8443"}`; sources
            and seals by name (`sources.default.kind`). Everything else stays at its default and
            stands there as a comment. A secret is given as a reference (`{"file": "…"}`).
        overwrite: replace an existing file.

    Raises:
        ConfigError: the file exists already, or a key is unknown.
        OSError: the folder cannot be written.
    """
    if path.exists() and not overwrite:
        raise ConfigError("config.exists", path=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, default_config_text(values).encode())


def default_config_text(values: Mapping[str, Any] | None = None) -> str:
    """The text of a commented configuration file.

    Args:
        values: as in `write_default_config`.

    Raises:
        ConfigError: a key is unknown.
    """
    left = dict(values or {})
    lines = [f"# {line}" for line in COMMENTS[""].splitlines()] + [""]
    sections: list[str] = []
    for name, info in Settings.model_fields.items():
        named = named_section_of(info.annotation)
        model = section_of(info.annotation)
        if named is not None:
            sections += _named(name, named, left)
        elif model is not None:
            sections += ["", *_comment(name), f"[{name}]", *_body(model, name, model(), left)]
        else:
            lines += _line(name, name, info.default, left)
    if left:
        raise ConfigError("config.unknown_value", keys=", ".join(sorted(left)))
    return "\n".join([*lines, *sections]) + "\n"


def _named(name: str, model: type[BaseModel], left: dict[str, Any]) -> list[str]:
    entries = list(dict.fromkeys(key.split(".")[1] for key in left if key.startswith(f"{name}.")))
    lines: list[str] = []
    for entry in entries or ["default"]:
        prefix = f"{name}.{entry}"
        mark = "" if entries else "# "
        lines += ["", *_comment(name), f"{mark}[{prefix}]"]
        for field, info in model.model_fields.items():
            default = None if info.is_required() else info.default
            lines += _line(field, f"{prefix}.{field}", default, left, f"{name}.{field}")
    return lines


def _body(
    model: type[BaseModel], prefix: str, defaults: BaseModel, left: dict[str, Any]
) -> list[str]:
    lines: list[str] = []
    for field in model.model_fields:
        key = f"{prefix}.{field}"
        lines += _line(field, key, getattr(defaults, field), left)
    return lines


def _line(
    field: str, key: str, default: Any, left: dict[str, Any], comment_key: str | None = None
) -> list[str]:
    comment = _comment(comment_key or key)
    if key in left:
        return [*comment, f"{field} = {toml_value(left.pop(key))}"]
    if default is None:
        return [*comment, f"# {field} ="]
    return [*comment, f"# {field} = {toml_value(default)}"]


def _comment(key: str) -> list[str]:
    return [f"# {line}" for line in COMMENTS.get(key, "").splitlines()]


def toml_value(value: Any) -> str:
    """A value as TOML text.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, SecretRef):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key} = {toml_value(inner)}" for key, inner in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
    raise TypeError(f"no TOML value: {type(value).__name__}")
