"""What can go wrong at GİB as types; the class decides exit code and whether a retry may help."""

from __future__ import annotations

from typing import ClassVar

from edefter.errors import ConfigError, EdefterError, ExitCode, OperatorNeeded, WaitingError
from edefter.gib.codes import CodeClass, Operation


class GibFault(EdefterError):
    """GİB answered with a fault.

    Args:
        code: the three-digit code; None when the fault carries none.
        text: GİB's own text, shown unchanged.
        code_class: what the code asks for.
        operation: what was asked.
        package_id: what it was about.
        key: other message than the one of the class.

    Attributes:
        text_from_gib: `text`.
        retry_after_s: GİB's Retry-After, seconds; None when not given.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.OPERATOR

    def __init__(
        self,
        *,
        code: int | None,
        text: str,
        code_class: CodeClass,
        operation: Operation,
        package_id: str,
        key: str = "",
    ) -> None:
        self.code = code
        self.text_from_gib = text
        self.code_class = code_class
        self.operation = operation
        self.package_id = package_id
        self.retry_after_s: float | None = None
        super().__init__(
            key or f"gib.fault_{code_class}",
            code="–" if code is None else code,
            text=text,
            operation=str(operation),
            package=package_id,
        )


class GibWaitFault(GibFault):
    """Transient or waiting: a later attempt, or a status question, goes on."""

    exit_code: ClassVar[ExitCode] = ExitCode.WAITING
    retryable: ClassVar[bool] = True


class GibOperatorFault(GibFault):
    """A person must act: consent missing, package too large, code unknown."""


class GibSetupFault(GibFault):
    """The taxpayer's or the program's registration at GİB is incomplete."""

    exit_code: ClassVar[ExitCode] = ExitCode.CONFIG


class GibClientFault(GibFault):
    """GİB says that our message was malformed: a defect of ours."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL


class GibSecurityFault(GibSetupFault):
    """WS-Security refused the message; nothing was taken in.

    Attributes:
        subcode: `InvalidSecurity`, `MessageExpired`, `FailedCheck` …, or empty when GİB hides it.
    """

    def __init__(self, *, subcode: str, text: str, operation: Operation, package_id: str) -> None:
        self.subcode = subcode
        super().__init__(
            code=None,
            text=text,
            code_class=CodeClass.SECURITY,
            operation=operation,
            package_id=package_id,
            key="gib.security_expired" if subcode == "MessageExpired" else "gib.security",
        )
        self.facts["subcode"] = subcode or "–"


_TYPES: dict[CodeClass, type[GibFault]] = {
    CodeClass.SETUP: GibSetupFault,
    CodeClass.CONSENT: GibOperatorFault,
    CodeClass.CLIENT_BUG: GibClientFault,
    CodeClass.SPLIT: GibOperatorFault,
    CodeClass.UNKNOWN: GibOperatorFault,
}


def fault(
    *, code: int | None, text: str, code_class: CodeClass, operation: Operation, package_id: str
) -> GibFault:
    """The fault of the type that fits its class."""
    kind = _TYPES.get(code_class, GibWaitFault)
    return kind(
        code=code, text=text, code_class=code_class, operation=operation, package_id=package_id
    )


class _OutsideError(WaitingError):
    """Common facts of the two errors without a usable answer."""

    def __init__(
        self,
        key: str,
        *,
        operation: Operation,
        package_id: str,
        host: str,
        reason: str,
        code: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.operation = operation
        self.package_id = package_id
        self.host = host
        self.reason = reason
        self.code = code
        self.retry_after_s = retry_after_s
        super().__init__(
            key,
            operation=str(operation),
            package=package_id,
            host=host,
            reason=reason,
            code="–" if code is None else code,
            retry_after_s="–" if retry_after_s is None else f"{retry_after_s:.0f}",
        )


class AnswerUnknown(_OutsideError):
    """Bytes went out and no clear answer came back: only a status question helps."""


class GibUnreachable(_OutsideError):
    """GİB was not reached, or said that it did nothing; trying again is safe."""


class GibRedirected(ConfigError):
    """GİB's address answers with a redirect; a signed message is never sent after it."""


class GibHttpRefused(ConfigError):
    """The address answers, but not as GİB's service (404, 403, …): the URL is wrong."""


class GibAnswerUnusable(OperatorNeeded):
    """The attachment that GİB handed out holds no single XML document."""


class PackageRefused(OperatorNeeded):
    """The package does not keep GİB's rules for names and members; it is not sent."""


class EnvironmentMixed(ConfigError):
    """Production, test and sandbox were about to be mixed."""
