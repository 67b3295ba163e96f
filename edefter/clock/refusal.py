"""The refusal in words: internet time, computer time, other clocks, difference."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from edefter import messages
from edefter.clock.policy import Verdict, judge, lenient_limit_s
from edefter.clock.port import Measurement
from edefter.clock.zone import TURKISH_OFFSET_S
from edefter.config.settings import ClockSettings
from edefter.errors import ClockRefused
from edefter.messages import Lang

_TURKISH = timezone(timedelta(seconds=TURKISH_OFFSET_S))


class MeasuredRefusal(ClockRefused):
    """A refusal that carries its measurement; servers' problems are told in the reader's words."""

    def __init__(self, key: str, measurement: Measurement, /, **facts: object) -> None:
        super().__init__(key, **facts)
        self.measurement = measurement

    def text(self, lang: Lang = "tr") -> str:
        """What happened, with every server's answer."""
        servers = "; ".join(
            f"{answer.server}: " + messages.text(f"clock.problem_{answer.problem}", lang)
            if answer.problem
            else f"{answer.server}: {answer.offset_s:+.1f} s"
            for answer in self.measurement.answers
        )
        return messages.text(self.key, lang, **{**self.facts, "servers": servers})


def turkish_time(moment: datetime) -> str:
    """`22.11.2026 14:03:21` in Turkish time, whatever the machine's zone."""
    return moment.astimezone(_TURKISH).strftime("%d.%m.%Y %H:%M:%S")


def refusal(
    purpose: str, measurement: Measurement, verdict: Verdict, settings: ClockSettings
) -> MeasuredRefusal:
    """The error for a refused measurement.

    Args:
        purpose: what the clock was needed for.
        measurement: the refused one.
        verdict: why.
        settings: limits that were applied.
    """
    facts = {"purpose": purpose, **clock_facts(measurement, verdict)}
    facts["limit_s"] = f"{settings.refuse_s:g}"
    if verdict.reason == "clock.refused_lenient":
        facts["limit_s"] = f"{lenient_limit_s(settings):g}"
    return MeasuredRefusal(verdict.reason, measurement, **facts)


def warning_facts(measurement: Measurement, settings: ClockSettings) -> dict[str, str]:
    """What the text of a `warn` or `lenient` measurement's `reason` needs."""
    verdict = judge(
        settings, measurement.answers, measurement.cross_checks, measurement.utc_offset_s
    )
    return clock_facts(measurement, verdict)


def clock_facts(measurement: Measurement, verdict: Verdict) -> dict[str, str]:
    """The clocks of a measurement as texts, in Turkish time."""
    now = measurement.measured_at
    others = "; ".join(
        f"{check.source}: {turkish_time(now + timedelta(seconds=check.offset_s))}"
        for check in measurement.cross_checks
    )
    facts = {
        "computer_time": turkish_time(now),
        "internet_time": "—",
        "server_time": others or "—",
        "zone_hours": f"{measurement.utc_offset_s / 3600:+g}",
    }
    if verdict.offset_s is not None:
        facts["internet_time"] = turkish_time(now + timedelta(seconds=verdict.offset_s))
        facts["skew_s"] = f"{-verdict.offset_s:+.1f}"
    if verdict.culprit is not None:
        culprit = verdict.culprit
        facts["culprit"] = culprit.source
        facts["culprit_time"] = turkish_time(now + timedelta(seconds=culprit.offset_s))
        facts["apart_s"] = f"{culprit.offset_s - (verdict.offset_s or 0.0):+.1f}"
    return facts
