"""Does the portal take the configured credentials? Asked only where its control channel answers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from edefter import __version__
from edefter.archive.errors import PortalSetupRefused
from edefter.clock.port import Monotonic, WallClock
from edefter.config.section import SecretRef
from edefter.config.settings import Settings
from edefter.engine.doctor.results import ProbeResult
from edefter.errors import ClockRefused, ConfigError, EdefterError
from edefter.messages import LANGS


def token_result(
    settings: Settings,
    results: Sequence[ProbeResult],
    secret: Callable[[SecretRef], str] | None,
    wall: WallClock,
    monotonic: Monotonic,
) -> ProbeResult | None:
    """The verdict on API key and secret.

    Args:
        settings: configuration with absolute paths.
        results: of the probes; where the control channel did not answer nothing is asked.
        secret: resolves the references; None = nothing is asked.
        wall, monotonic: the computer's clocks.

    Returns:
        None when there is nothing to ask, or nobody.
    """
    portal = settings.portal
    place = urlsplit(portal.control_url)
    target = f"{place.hostname}:{place.port or 443}"
    answers = any(r.target == target and r.step == "http" and r.state == "ok" for r in results)
    if not portal.enabled or secret is None or not answers:
        return None
    references = (portal.api_key, portal.api_secret)
    if None in references:
        return ProbeResult(target=target, step="token", state="warn", key="doctor.token_missing")
    if any(reference is not None and reference.prompt for reference in references):
        return None  # the doctor asks nobody
    problem = _problem(settings, secret, wall, monotonic)
    if problem is None:
        return ProbeResult(target=target, step="token", state="ok", key="doctor.token_ok")
    told = {f"problem_{lang}": problem.text(lang) for lang in LANGS}
    if isinstance(problem, ClockRefused):
        return ProbeResult(
            target=target, step="clock", state="fail", key="doctor.token_clock", facts=told
        )
    refused = isinstance(problem, PortalSetupRefused | ConfigError)
    return ProbeResult(
        target=target, step="token", state="fail" if refused else "warn",
        key="doctor.token_refused" if refused else "doctor.token_unknown", facts=told,
    )  # fmt: skip


def _problem(
    settings: Settings,
    secret: Callable[[SecretRef], str],
    wall: WallClock,
    monotonic: Monotonic,
) -> EdefterError | None:
    """What stands between us and a token; None = it was given and taken."""
    from edefter.archive.portal import PortalClient  # takes long to load

    timeout_s = settings.doctor.timeout_s
    hasty = settings.portal.model_copy(
        update={
            "retry_limit_s": 0.0, "connect_timeout_s": timeout_s, "progress_timeout_s": timeout_s,
        }
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="edefter-doctor-") as folder:
        client = PortalClient(
            hasty, secret=secret, firm="-", key_folder=Path(folder),
            software_version=__version__, wall=wall, sleep=lambda _: None, monotonic=monotonic,
            on_server_date=lambda *_: None, before_call=lambda _: None,
        )  # fmt: skip
        try:
            client.limits()
        except EdefterError as error:
            return error
        finally:
            client.close()
    return None
