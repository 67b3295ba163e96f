"""The one catalogue of everything a user reads: Turkish first, English by option.

Each area of the program has one TOML file beside this module; a key is `<area>.<name>` and holds
`tr` and `en`, and for what a person must act on `remedy_tr` and `remedy_en`. Placeholders are
`{name}` as in `str.format`. Example::

    [refused_skew]
    tr = "Bilgisayar saati {skew_s} saniye sapmış."
    en = "The computer clock is {skew_s} seconds off."
    remedy_tr = "Saati eşitleyin: …"
    remedy_en = "Synchronise the clock: …"
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from string import Formatter
from typing import Any, Literal

Lang = Literal["tr", "en"]
LANGS: tuple[Lang, ...] = ("tr", "en")


class _Safe(dict[str, Any]):
    """A missing fact must never hide the message it belongs to."""

    def __missing__(self, key: str) -> str:
        return "?"


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """All messages by key (`area.name`).

    Raises:
        ValueError: a key stands twice or lacks one of the two languages (a defect of ours).
    """
    found: dict[str, dict[str, str]] = {}
    for item in sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name):
        if not item.name.endswith(".toml"):
            continue
        area = item.name.removesuffix(".toml")
        for name, entry in tomllib.loads(item.read_text(encoding="utf-8")).items():
            if "tr" not in entry or "en" not in entry:
                raise ValueError(f"message {area}.{name} lacks a language")
            found[f"{area}.{name}"] = entry
    return found


def text(key: str, lang: Lang = "tr", /, **facts: Any) -> str:
    """The sentence of `key` in `lang` with `facts` filled in.

    Raises:
        KeyError: the catalogue has no such key (a defect of ours).
    """
    return Formatter().vformat(catalogue()[key][lang], (), _Safe(facts))


def remedy(key: str, lang: Lang = "tr", /, **facts: Any) -> str:
    """What to do about `key`, or an empty string when the message asks for nothing."""
    template = catalogue()[key].get(f"remedy_{lang}", "")
    return Formatter().vformat(template, (), _Safe(facts))
