"""One hierarchy of errors: each answers what happened, to whom, and what to do next.

A class owns its exit code and whether trying again may help; the sentence and the remedy come
from the message catalogue (`edefter.messages`) by key, in the reader's language. Mistakes in a
user's *data* are not exceptions but findings (`edefter.model.finding`); exceptions are for the
outside world, the configuration and our own defects.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, ClassVar

from edefter import messages
from edefter.messages import Lang


class ExitCode(IntEnum):
    """What a command tells its caller; the numbers are part of the public contract."""

    OK = 0  # all closed and archived
    FINDINGS = 1  # findings in the data
    CONFIG = 2  # configuration
    WAITING = 3  # waiting for GİB or the portal
    REFUSED = 4  # refused: clock, seal, prior period
    INTERNAL = 5  # internal error
    OPERATOR = 6  # operator needed


_WORST_FIRST = (
    ExitCode.INTERNAL,
    ExitCode.CONFIG,
    ExitCode.OPERATOR,
    ExitCode.REFUSED,
    ExitCode.FINDINGS,
    ExitCode.WAITING,
    ExitCode.OK,
)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """The code that a run over several companies ends with: 5 > 2 > 6 > 4 > 1 > 3 > 0."""
    given = set(codes)
    return next((code for code in _WORST_FIRST if code in given), ExitCode.OK)


class EdefterError(Exception):
    """Base of all errors of this product.

    Args:
        key: message key in the catalogue, e.g. `clock.refused_skew`.
        facts: what the sentence needs (company, period, part, numbers). Never a secret.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    retryable: ClassVar[bool] = False

    def __init__(self, key: str, /, **facts: Any) -> None:
        self.key = key
        self.facts = facts
        super().__init__(key)

    def with_facts(self, **facts: Any) -> EdefterError:
        """The same error with more facts (those already known win)."""
        self.facts = {**facts, **self.facts}
        return self

    def text(self, lang: Lang = "tr") -> str:
        """What happened, in one sentence."""
        return messages.text(self.key, lang, **self.facts)

    def remedy(self, lang: Lang = "tr") -> str:
        """What to do next; empty only where nothing can be done."""
        return messages.remedy(self.key, lang, **self.facts)

    def __str__(self) -> str:
        return f"{self.key}: {self.text('tr')}"


class InternalError(EdefterError):
    """A defect of ours, or a contract that an outside part broke."""


class ConfigError(EdefterError):
    """The configuration or the company's registration is wrong or incomplete."""

    exit_code = ExitCode.CONFIG


class DataError(EdefterError):
    """The data cannot be used at all (a finding says more where one can be made)."""

    exit_code = ExitCode.FINDINGS


class WaitingError(EdefterError):
    """GİB or the portal has not answered or not finished; a later run continues."""

    exit_code = ExitCode.WAITING
    retryable = True


class RefusedError(EdefterError):
    """We refuse to go on: clock, seal or prior period."""

    exit_code = ExitCode.REFUSED


class ClockRefused(RefusedError):
    """The clock is wrong or could not be measured."""


class SealRefused(RefusedError):
    """The seal does not fit, is expired, is no signing certificate, or could not sign."""


class PriorPeriodOpen(RefusedError):
    """The month before is not approved yet."""


class OperatorNeeded(EdefterError):
    """A person must decide: GİB rejected it, another version is approved, other content is held."""

    exit_code = ExitCode.OPERATOR
