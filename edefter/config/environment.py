"""Environment variables over the file: `EDEFTER_<SECTION>__<KEY>`, `EDEFTER_<KEY>` at the top.

Names are upper case; lists are separated by commas. A named section (`sources`, `seals`) takes one
step more: `EDEFTER_SOURCES__DEFAULT__URL`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from edefter.config.problems import Problem, nearest
from edefter.config.schema import is_list, named_section_of, section_of
from edefter.config.settings import Settings

PREFIX = "EDEFTER_"
OWN_NAMES = frozenset({"EDEFTER_CONFIG", "EDEFTER_REQUIRE_ALL"})
"""Variables of ours that are no settings."""


def overlay(
    raw: dict[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], set[str], list[Problem]]:
    """Put the environment's settings over those of the file.

    Args:
        raw: the file's tables; not changed.
        environ: the environment.

    Returns:
        The merged tables, the dotted keys that the environment gave, and names that look like
        settings but are none. A variable without `__` that is like no setting is not ours
        (it may be a secret that a reference names).
    """
    merged = _copy(raw)
    given: set[str] = set()
    problems: list[Problem] = []
    secrets = _referenced(raw)
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name in OWN_NAMES or name in secrets:
            continue
        steps = name.removeprefix(PREFIX).lower().split("__")
        path, problem = _path(steps, merged, Settings, name)
        if problem is not None:
            problems.append(problem)
        elif path:
            _put(merged, path, text)
            given.add(".".join(path))
    return merged, given, problems


def _path(
    steps: list[str], raw: dict[str, Any], model: type[BaseModel], variable: str
) -> tuple[list[str], Problem | None]:
    """The keys that a variable names, or what is wrong; no keys and no problem = not ours."""
    keys: list[str] = []
    current: type[BaseModel] | None = model
    table: Any = raw
    position = 0
    while position < len(steps):
        step = steps[position]
        known = tuple(current.model_fields) if current is not None else ()
        info = current.model_fields.get(step) if current is not None else None
        if info is None:
            hint = nearest(step, known)
            if len(steps) == 1 and not _close(step, hint):
                return [], None
            return [], Problem(variable, "config.unknown_variable", {"hint": hint})
        keys.append(step)
        named = named_section_of(info.annotation)
        table = table.get(step, {}) if isinstance(table, dict) else {}
        if named is not None and position + 1 < len(steps):
            position += 1
            entry = _same_name(steps[position], table)
            keys.append(entry)
            table = table.get(entry, {})
            current = named
        else:
            current = section_of(info.annotation)
        position += 1
    if current is not None or not keys:
        return [], Problem(variable, "config.variable_is_section", {})
    return keys, None


def _close(step: str, hint: str) -> bool:
    return bool(hint) and abs(len(step) - len(hint)) <= 2 and step[:1] == hint[:1]


def _same_name(step: str, table: dict[str, Any]) -> str:
    return next((name for name in table if name.lower() == step), step)


def _put(table: dict[str, Any], path: list[str], text: str) -> None:
    for step in path[:-1]:
        inner = table.get(step)
        if not isinstance(inner, dict):
            inner = table[step] = {}
        table = inner
    table[path[-1]] = text


def split_lists(raw: dict[str, Any], keys: set[str]) -> None:
    """Cut the comma lists that came from the environment, in place."""
    for key in keys:
        path = key.split(".")
        info_model: type[BaseModel] | None = Settings
        table: Any = raw
        for step in path[:-1]:
            table = table[step]
            if info_model is not None and step in info_model.model_fields:
                annotation = info_model.model_fields[step].annotation
                info_model = named_section_of(annotation) or section_of(annotation)
        info = info_model.model_fields.get(path[-1]) if info_model is not None else None
        if info is not None and is_list(info.annotation):
            table[path[-1]] = [part.strip() for part in table[path[-1]].split(",") if part.strip()]


def _referenced(raw: Any) -> set[str]:
    """Variables named by `env = …` references: they hold secrets, not settings."""
    found: set[str] = set()
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key == "env" and isinstance(value, str):
                found.add(value)
            else:
                found |= _referenced(value)
    return found


def _copy(raw: Any) -> Any:
    return {key: _copy(value) for key, value in raw.items()} if isinstance(raw, dict) else raw
