"""What can go wrong between us, the portal and the local vault; each class owns its exit code."""

from __future__ import annotations

from edefter.errors import ConfigError, EdefterError, OperatorNeeded, WaitingError


class PortalUnreachable(WaitingError):
    """Nothing reached the portal (DNS, TCP, TLS, proxy); a later run continues."""


class PortalWaiting(WaitingError):
    """The portal is busy, verifying, in maintenance, or the line was cut; a later run continues."""


class PortalRefused(EdefterError):
    """The portal said no; raised only as one of the two classes below."""


class PortalSetupRefused(PortalRefused, ConfigError):
    """It refused the firm: credentials, client certificate, registration."""


class PortalFileRefused(PortalRefused, OperatorNeeded):
    """It refused this file: other content is held, too large, bad name, damaged on the way."""


class ContractViolation(OperatorNeeded):
    """The portal broke the contract; the local copy is the only safe one."""


class VaultConflict(OperatorNeeded):
    """The vault holds something else under that name; nothing was overwritten."""
