"""The clock policy as pure functions (gib-webservice.md §5): quorum, cross-checks, verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from edefter.clock.port import CrossCheck, TimeAnswer
from edefter.clock.zone import TURKISH_OFFSET_S
from edefter.config.settings import ClockSettings

DATABASE = "database"
QUORUM = 2
"""So many answers must agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the policy says about one set of clocks.

    Args:
        name: `ok`, `warn`, `lenient` or `refused`.
        reason: message key, empty for `ok`.
        offset_s: agreed internet time minus computer time, seconds; None = no quorum.
        culprit: the clock that decided, where it was a cross-check.
    """

    name: str
    reason: str = ""
    offset_s: float | None = None
    culprit: CrossCheck | None = None


def screen(answer: TimeAnswer, settings: ClockSettings) -> TimeAnswer:
    """The answer with a `problem` if its quality forbids it to vote (RFC 5905 §7.3, §10)."""
    if answer.problem:
        return answer
    problem = ""
    if not 1 <= answer.stratum <= 15:
        problem = "stratum"
    elif answer.leap == 3:
        problem = "leap"
    elif not 0 <= answer.root_dispersion_s <= settings.max_root_dispersion_s:
        problem = "dispersion"
    elif abs(answer.round_trip_s) > settings.max_round_trip_s:
        problem = "round_trip"
    return replace(answer, problem=problem)


def agreed_offset_s(answers: Sequence[TimeAnswer], quorum_s: float) -> float | None:
    """Median of the largest group of usable answers that lie within `quorum_s`.

    Two groups of the same size that tell different times are no quorum: a majority is missing.
    Overlapping groups of the same size count as the one that is further off, the careful reading.

    Args:
        answers: screened answers.
        quorum_s: width of a group, seconds.

    Returns:
        Seconds, or None when fewer than two agree or the groups contradict each other.
    """
    offsets = sorted(answer.offset_s for answer in answers if answer.usable)
    groups = [
        [other for other in offsets if 0 <= other - first <= quorum_s]
        for first in dict.fromkeys(offsets)
    ]
    largest = max((len(group) for group in groups), default=0)
    if largest < QUORUM:
        return None
    medians = [median(group) for group in groups if len(group) == largest]
    if max(medians) - min(medians) > quorum_s:
        return None
    return max(medians, key=abs)


def judge(
    settings: ClockSettings,
    answers: Sequence[TimeAnswer],
    cross_checks: Sequence[CrossCheck],
    utc_offset_s: float,
) -> Verdict:
    """Decide whether one may sign and talk to GİB by this clock.

    Args:
        settings: limits in seconds, mode.
        answers: screened NTP answers.
        cross_checks: other clocks, offsets against the computer clock.
        utc_offset_s: offset of Europe/Istanbul in force; NaN = zone unknown.

    Returns:
        The verdict; never raises.

    Source: gib-webservice.md §5 "Clock policy".
    """
    offset_s = agreed_offset_s(answers, settings.quorum_s)
    if utc_offset_s != TURKISH_OFFSET_S:
        return Verdict(name="refused", reason="clock.refused_zone", offset_s=offset_s)
    if offset_s is None:
        return _without_quorum(settings, answers, cross_checks)
    return _with_quorum(settings, offset_s, cross_checks)


def _with_quorum(
    settings: ClockSettings, offset_s: float, cross_checks: Sequence[CrossCheck]
) -> Verdict:
    def apart_s(check: CrossCheck) -> float:
        return max(0.0, abs(check.offset_s - offset_s) - check.resolution_s)

    worst = max(cross_checks, key=apart_s, default=None)
    worst_s = apart_s(worst) if worst is not None else 0.0
    if abs(offset_s) > settings.refuse_s:
        return Verdict(name="refused", reason="clock.refused_skew", offset_s=offset_s)
    if worst_s > settings.refuse_s:
        reason = "clock.refused_cross_check"
        return Verdict(name="refused", reason=reason, offset_s=offset_s, culprit=worst)
    if abs(offset_s) > settings.warn_s:
        return Verdict(name="warn", reason="clock.warn_skew", offset_s=offset_s)
    if worst_s > settings.warn_s:
        reason = "clock.warn_cross_check"
        return Verdict(name="warn", reason=reason, offset_s=offset_s, culprit=worst)
    return Verdict(name="ok", offset_s=offset_s)


def lenient_limit_s(settings: ClockSettings) -> float:
    """How far a cross-check may be off without NTP: half of what NTP itself may show."""
    return settings.refuse_s / 2


def _without_quorum(
    settings: ClockSettings, answers: Sequence[TimeAnswer], cross_checks: Sequence[CrossCheck]
) -> Verdict:
    usable = [answer for answer in answers if answer.usable]
    reason = "clock.refused_conflict" if len(usable) >= QUORUM else "clock.refused_no_answer"
    if settings.mode == "strict":
        return Verdict(name="refused", reason=reason)
    # The database may run on this very computer, so it can object but never vouch.
    if all(check.source == DATABASE for check in cross_checks):
        return Verdict(name="refused", reason="clock.refused_no_cross_check")
    limit_s = lenient_limit_s(settings)
    worst = max(cross_checks, key=lambda check: abs(check.offset_s) - check.resolution_s)
    if abs(worst.offset_s) - worst.resolution_s > limit_s:
        return Verdict(name="refused", reason="clock.refused_lenient", culprit=worst)
    if any(abs(answer.offset_s) > settings.refuse_s for answer in usable):
        return Verdict(name="refused", reason=reason)
    return Verdict(name="lenient", reason="clock.lenient")
