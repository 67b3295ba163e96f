"""The request to the firewall's administrator, ready to send."""

from __future__ import annotations

from collections.abc import Sequence

from edefter import messages
from edefter.clock.ntp import split_server
from edefter.config.hosts import GENUINE_DOMAINS, is_genuine, is_loopback
from edefter.config.settings import Settings
from edefter.engine.doctor.endpoints import Endpoint
from edefter.engine.doctor.results import ProbeResult
from edefter.messages import Lang

STANDING_RULES = (
    ("*.edefter.gov.tr, *.gib.gov.tr", "TCP 443", "gib"),
    ("*.myedefter.com.tr", "TCP 443, TCP 4443", "portal"),
)
"""What every user of GİB and the portal needs, whatever else is configured."""


def advice_text(
    settings: Settings,
    endpoints: Sequence[Endpoint],
    results: Sequence[ProbeResult],
    lang: Lang,
) -> str:
    """The permissions to ask for, with what was found closed.

    Args:
        settings: for time servers.
        endpoints: as probed; hosts outside the standing rules are added by name.
        results: failures in reaching them are listed as evidence.
        lang: language of the text.
    """
    lines = [messages.text("doctor.advice_intro", lang), ""]
    for number, (hosts, ports, purpose) in enumerate(_rules(settings, endpoints), start=1):
        what = messages.text(f"doctor.advice_for_{purpose}", lang)
        lines.append(f"{number}. {hosts} — {ports} ({what})")
    lines += ["", messages.text("doctor.advice_notes", lang)]
    closed = [
        result
        for result in results
        if result.state != "ok" and result.step in ("dns", "tcp", "proxy", "tls", "ntp")
    ]
    if closed:
        lines += ["", messages.text("doctor.advice_closed", lang)]
        lines += [f"- {result.text(lang)}" for result in closed]
    genuine = ", ".join(f"*.{domain}" for domain in GENUINE_DOMAINS)
    lines += ["", messages.text("doctor.advice_lookalike", lang, genuine=genuine)]
    return "\n".join(lines)


def _rules(settings: Settings, endpoints: Sequence[Endpoint]) -> list[tuple[str, str, str]]:
    rules = list(STANDING_RULES)
    for endpoint in endpoints:
        standing = is_genuine(endpoint.host) and endpoint.port in (443, 4443)
        if endpoint.tls and not standing and not is_loopback(endpoint.host):
            purpose = "gib" if endpoint.role.startswith("gib") else "portal"
            rules.append((endpoint.host, f"TCP {endpoint.port}", purpose))
    servers: dict[int, list[str]] = {}
    for text in settings.clock.servers:
        try:
            host, port = split_server(text)
        except ValueError:
            continue
        if not is_loopback(host):
            servers.setdefault(port, []).append(host)
    rules += [(", ".join(hosts), f"UDP {port}", "ntp") for port, hosts in servers.items()]
    if not servers:
        rules.append(("NTP", "UDP 123", "ntp"))
    plain: dict[int, list[str]] = {}
    for text in settings.doctor.plain_endpoints:
        try:
            host, port = split_server(text, 80)
        except ValueError:
            continue
        plain.setdefault(port, []).append(host)
    rules += [(", ".join(hosts), f"TCP {port}", "kamusm") for port, hosts in plain.items()]
    return rules
