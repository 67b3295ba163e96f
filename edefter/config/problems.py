"""All problems of a configuration at once, each with its dotted key and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edefter import messages
from edefter.errors import ConfigError
from edefter.messages import Lang


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem.

    Args:
        key: dotted key of the setting, `gib.base_url`; empty = the whole file.
        message: message key in the catalogue.
        facts: what the sentence needs; never the value of a secret.
    """

    key: str
    message: str
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: Lang = "tr") -> str:
        """The sentence, with the hint where there is one."""
        sentence = messages.text(self.message, lang, key=self.key, **self.facts)
        hint = self.facts.get("hint")
        if hint:
            sentence += " " + messages.text("config.did_you_mean", lang, hint=hint)
        return sentence


class ConfigProblems(ConfigError):
    """The configuration has problems; the text lists every one of them.

    Args:
        source: file (or `environment`) that was read.
        problems: at least one.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("config.invalid", source=source, count=len(self.problems))

    def text(self, lang: Lang = "tr") -> str:
        """One line for the whole, one for each problem."""
        lines = [super().text(lang), *(f"- {problem.text(lang)}" for problem in self.problems)]
        return "\n".join(lines)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or an empty string."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else ""
