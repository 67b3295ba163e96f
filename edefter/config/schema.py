"""Looks into the settings models: which keys exist, of which kind, and which values are allowed."""

from __future__ import annotations

import types
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

SENSITIVE = frozenset({"password", "pin", "api_key", "api_secret", "url", "state_url", "proxy"})
"""Settings whose wrong value is never repeated in a message: it may hold a secret."""


def inner_types(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation without None."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(part for part in get_args(annotation) if part is not type(None))
    return (annotation,)


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The model behind an annotation (also an optional one), or None for a plain value."""
    for part in inner_types(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def named_section_of(annotation: Any) -> type[BaseModel] | None:
    """The model of `dict[str, Model]`, or None."""
    if get_origin(annotation) is dict:
        return section_of(get_args(annotation)[1])
    return None


def is_list(annotation: Any) -> bool:
    """Whether the value is a list of plain values."""
    return any(get_origin(part) in (tuple, list) for part in inner_types(annotation))


def allowed(info: FieldInfo) -> str:
    """What a setting takes, as far as words common to both languages can say it."""
    choices: list[str] = []
    for part in inner_types(info.annotation):
        if get_origin(part) is Literal:
            choices += [str(choice) for choice in get_args(part)]
        elif isinstance(part, type) and issubclass(part, Enum):
            choices += [str(member.value) for member in part]
        elif part is bool:
            choices += ["true", "false"]
    if choices:
        return " | ".join(choices)
    limits = [
        f"{sign} {value:,}".replace(",", " ")
        for item in info.metadata
        for name, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"))
        if (value := getattr(item, name, None)) is not None
    ]
    return ", ".join(limits)


def field_at(model: type[BaseModel], path: tuple[str | int, ...]) -> FieldInfo | None:
    """The field that a path of keys leads to, or None when it leads nowhere."""
    current: type[BaseModel] | None = model
    info: FieldInfo | None = None
    named: type[BaseModel] | None = None
    for step in path:
        if named is not None:
            current, named = named, None
            continue
        if isinstance(step, int) or current is None:
            return info
        info = current.model_fields.get(step)
        if info is None:
            return None
        named = named_section_of(info.annotation)
        current = section_of(info.annotation) if named is None else None
    return info


def keys_at(model: type[BaseModel], path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys known in the section that a path leads to."""
    current: type[BaseModel] | None = model
    named: type[BaseModel] | None = None
    for step in path:
        if named is not None:
            current, named = named, None
            continue
        info = current.model_fields.get(str(step)) if current is not None else None
        if info is None:
            return ()
        named = named_section_of(info.annotation)
        current = section_of(info.annotation)
    return tuple(current.model_fields) if current is not None and named is None else ()


def leaves(section: BaseModel, prefix: str = "") -> dict[str, Any]:
    """Every plain value of a settings object by its dotted key."""
    found: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        key = f"{prefix}{name}"
        if isinstance(value, BaseModel):
            found.update(leaves(value, f"{key}."))
        elif isinstance(value, dict):
            for entry, inner in value.items():
                found.update(leaves(inner, f"{key}.{entry}."))
        else:
            found[key] = value
    return found


def absolute_paths(section: BaseModel, folder: Path, home: Path | None) -> BaseModel:
    """A copy of a settings object whose relative paths start at `folder` (and `~` at `home`)."""
    changed: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            changed[name] = absolute_paths(value, folder, home)
        elif isinstance(value, dict):
            changed[name] = {
                key: absolute_paths(inner, folder, home) for key, inner in value.items()
            }
        elif isinstance(value, Path):
            changed[name] = absolute(value, folder, home)
    return section.model_copy(update=changed)


def absolute(path: Path, folder: Path, home: Path | None) -> Path:
    """One path, absolute."""
    if path.parts[:1] == ("~",) and home is not None:
        return home.joinpath(*path.parts[1:])
    return path if path.is_absolute() else folder / path
