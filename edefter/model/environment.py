"""Production, GİB's test system, or our sandbox: never mixed."""

from __future__ import annotations

from enum import StrEnum

SANDBOX_MARKER_OID = "1.3.6.1.4.1.32473.2026.1"
"""Private extension that every sandbox certificate carries (documentation PEN, RFC 5612)."""


class Environment(StrEnum):
    """Which authority, portal and trust anchors a run talks to."""

    PRODUCTION = "production"
    TEST = "test"
    SANDBOX = "sandbox"
