"""Texts of the catalogue as tests compare them."""

from __future__ import annotations

import re
from string import Formatter

_LANGUAGE = re.compile(r"_(tr|en)$")


def facts_of(text: str) -> set[str]:
    """Names of the facts in a text; a sentence within it is told in the language around it."""
    return {_LANGUAGE.sub("", name) for _, name, _, _ in Formatter().parse(text) if name}
