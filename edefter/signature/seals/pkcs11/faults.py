"""What a token's return codes mean for a person: sentence and remedy for each (signing.md §3)."""

from __future__ import annotations

from typing import Any

from edefter.errors import ConfigError, EdefterError, SealRefused, WaitingError

PIN_WRONG = frozenset({"PinIncorrect", "PinInvalid", "PinLenRange"})
"""Answers that count as a wrong try, or as good as one."""

PIN_UNTRIED = frozenset(
    {"NotChosen", "TokenNotPresent", "TokenNotRecognised", "PinLocked", "UserPinNotInitialized"}
)
"""Answers that say that no PIN was tried."""

_REFUSED = {
    **dict.fromkeys(PIN_WRONG, "pin_incorrect"),
    "PinLocked": "pin_locked",
    "PinExpired": "pin_expired",
    "UserPinNotInitialized": "pin_not_set",
    "TokenNotPresent": "token_missing",
    "TokenNotRecognised": "token_missing",
    "SlotIDInvalid": "token_missing",
    "DeviceRemoved": "device_removed",
    "ArgumentsBad": "arguments_bad",
    "MechanismInvalid": "mechanism",
    "MechanismParamInvalid": "mechanism",
    "KeyTypeInconsistent": "mechanism",
    "DataLenRange": "mechanism",
    "DataInvalid": "mechanism",
}
_LATER = {
    "SessionHandleInvalid": "session_lost",
    "SessionClosed": "session_lost",
    "OperationNotInitialized": "session_lost",
    "OperationActive": "session_lost",
    "UserNotLoggedIn": "session_lost",
    "KeyHandleInvalid": "session_lost",
    "ObjectHandleInvalid": "session_lost",
    "KeyError": "session_lost",  # of our own driver: this helper knows no such login
    "LinkLost": "link_lost",
    "DeviceError": "device_error",
    "DeviceMemory": "device_error",
    "HostMemory": "device_error",
    "FunctionFailed": "device_error",
    "GeneralError": "device_error",
}


def error_of(answer: dict[str, Any], *, seal: str, module: str, token: str) -> EdefterError:
    """The typed error for a helper's answer that is no result.

    Args:
        answer: of the helper, with `error`.
        seal: name of the seal.
        module: path of its library.
        token: what the configuration says of the token.
    """
    name, detail = str(answer["error"]), str(answer.get("detail", ""))
    facts: dict[str, Any] = {"seal": seal, "module": module, "token": token, "code": name}
    if name == "NotChosen":
        found = "; ".join(map(str, answer.get("found", ()))) or "-"
        key = "token_several" if answer.get("fitting") else "token_missing_among"
        return SealRefused(f"seal.{key}", **facts, found=found)
    if name in _REFUSED:
        return SealRefused(f"seal.{_REFUSED[name]}", **facts)
    if name in _LATER:
        return WaitingError(f"seal.{_LATER[name]}", **facts)
    if name in ("ModuleNotFoundError", "ImportError"):
        return ConfigError("seal.package_missing", **facts)
    if "loading" in detail:
        bitness = "ELF class" in detail or "Win32" in detail or "architecture" in detail
        key = "library_bitness" if bitness else "library_unloadable"
        return ConfigError(f"seal.{key}", **facts, detail=detail)
    return SealRefused("seal.other", **{**facts, "code": f"{name} {detail}".strip()})
