"""What a probe found: one fact per step, so that the cause can be read off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from edefter import messages
from edefter.errors import ExitCode, worst
from edefter.messages import Lang
from edefter.model.finding import Finding, Severity

State = Literal["ok", "warn", "fail"]

_EXIT_BY_STEP = {
    "dns": ExitCode.WAITING,
    "tcp": ExitCode.WAITING,
    "http": ExitCode.WAITING,
    "proxy": ExitCode.CONFIG,
    "tls": ExitCode.CONFIG,
    "client_certificate": ExitCode.CONFIG,
    "token": ExitCode.CONFIG,
    "ntp": ExitCode.REFUSED,
    "clock": ExitCode.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One step of one endpoint.

    Args:
        target: who was probed, `edefter.gib.gov.tr:443`.
        step: `dns`, `proxy`, `tcp`, `tls`, `client_certificate`, `http`, `token`,
            `clock`, `ntp`.
        state: `ok`, `warn` (goes on without it, or needs a look), `fail`.
        key: message key in the catalogue.
        facts: what was seen; no secrets.
    """

    target: str
    step: str
    state: State
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: Lang = "tr") -> str:
        """What was seen, in one sentence."""
        return messages.text(self.key, lang, target=self.target, **self.facts)

    def remedy(self, lang: Lang = "tr") -> str:
        """What to do; empty when nothing is to be done."""
        return messages.remedy(self.key, lang, target=self.target, **self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """All that the doctor found.

    Args:
        results: in the order of the endpoints and of the steps.
        findings: of the configuration (look-alike hosts, environments).
        advice_tr, advice_en: ready-to-send text for the firewall's administrator.
    """

    results: tuple[ProbeResult, ...]
    findings: tuple[Finding, ...]
    advice_tr: str
    advice_en: str

    def advice(self, lang: Lang = "tr") -> str:
        """The text for the firewall's administrator."""
        return self.advice_tr if lang == "tr" else self.advice_en

    @property
    def state(self) -> State:
        """The worst of all."""
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        states = {result.state for result in self.results}
        if errors or "fail" in states:
            return "fail"
        return "warn" if self.findings or "warn" in states else "ok"

    @property
    def exit_code(self) -> ExitCode:
        """2 configuration and TLS, 4 clock, 3 not reachable, 0 warnings at most."""
        codes = [_EXIT_BY_STEP[r.step] for r in self.results if r.state == "fail"]
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            codes.append(ExitCode.CONFIG)
        return worst(codes)

    def to_mapping(self, lang: Lang = "tr") -> dict[str, Any]:
        """Plain values for `--json`."""
        return {
            "state": self.state,
            "exit_code": int(self.exit_code),
            "results": [
                {
                    "target": result.target,
                    "step": result.step,
                    "state": result.state,
                    "key": result.key,
                    "facts": dict(result.facts),
                    "text": result.text(lang),
                    "remedy": result.remedy(lang),
                }
                for result in self.results
            ],
            "findings": [
                {
                    "rule": finding.rule,
                    "field": finding.place.field,
                    "severity": finding.severity.value,
                    "text": finding.text(lang),
                    "remedy": finding.remedy(lang),
                }
                for finding in self.findings
            ],
            "advice": self.advice(lang),
        }
