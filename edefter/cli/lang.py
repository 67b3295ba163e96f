"""Which language the terminal speaks; help texts need it before any command runs."""

from __future__ import annotations

import os
import sys
from typing import Any

from edefter import messages
from edefter.messages import Lang


def startup_lang(argv: list[str] | None = None) -> Lang:
    """`--lang` on the command line, else `EDEFTER_LANG`, else Turkish."""
    words = sys.argv[1:] if argv is None else argv
    for index, word in enumerate(words):
        if word == "--lang" and index + 1 < len(words):
            return _known(words[index + 1])
        if word.startswith("--lang="):
            return _known(word.removeprefix("--lang="))
    return _known(os.environ.get("EDEFTER_LANG", "tr"))


def _known(text: str) -> Lang:
    return "en" if text == "en" else "tr"


LANG: Lang = startup_lang()


def say(key: str, /, **facts: Any) -> str:
    """A text of the command line in the language of this run."""
    return messages.text(f"cli.{key}", LANG, **facts)
