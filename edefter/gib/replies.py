"""From an HTTP answer to a value or a typed error: who decides what an answer means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from edefter.gib.answers import Answer, FaultParts, Unreadable
from edefter.gib.codes import CodeClass, Operation, classify, find_code
from edefter.gib.errors import (
    AnswerUnknown,
    GibFault,
    GibHttpRefused,
    GibOperatorFault,
    GibRedirected,
    GibSecurityFault,
    GibUnreachable,
    GibWaitFault,
    fault,
)
from edefter.gib.states import turkish_fold
from edefter.gib.transport import RawAnswer
from edefter.model.documents import DocumentName

_SECURITY_CODES = frozenset(
    {
        "InvalidSecurity",
        "MessageExpired",
        "FailedCheck",
        "FailedAuthentication",
        "SecurityTokenUnavailable",
        "InvalidSecurityToken",
        "UnsupportedSecurityToken",
        "UnsupportedAlgorithm",
        "SecurityError",
    }
)
_SECURITY_WORDS = ("security error", "security processing", "message has expired", "wsse:")
_NAME = re.compile(r"\d{10,11}-\d{6}-[A-Z]{1,2}-\d{6}(?:-\d{4})?", flags=re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """One question to GİB, for the errors to name.

    Args:
        operation: what is asked.
        package_id: what it is about.
        url: address of the service.
        host: its host.
    """

    operation: Operation
    package_id: str
    url: str
    host: str

    def unknown(
        self, reason: str, *, code: int | None = None, retry_after_s: float | None = None
    ) -> AnswerUnknown:
        """The outcome of this call is unknown."""
        return AnswerUnknown(
            "gib.answer_unknown",
            operation=self.operation,
            package_id=self.package_id,
            host=self.host,
            reason=reason,
            code=code,
            retry_after_s=retry_after_s,
        )

    def unreachable(
        self, key: str, reason: str, *, retry_after_s: float | None = None
    ) -> GibUnreachable:
        """GİB did nothing for this call."""
        return GibUnreachable(
            key,
            operation=self.operation,
            package_id=self.package_id,
            host=self.host,
            reason=reason,
            retry_after_s=retry_after_s,
        )


def read_answer(call: Call, raw: RawAnswer, *, now: datetime) -> Answer:
    """The SOAP answer behind an HTTP answer.

    Args:
        call: what was asked.
        raw: what came.
        now: computer time, for a Retry-After date.

    Raises:
        GibRedirected: 3xx.
        GibHttpRefused: 4xx without a SOAP fault.
        GibFault: a SOAP fault, of the type of its class.
        AnswerUnknown: 5xx, unreadable, or for an upload anything that is not clear.
        GibUnreachable: maintenance page (not for an upload), throttled.
    """
    if 300 <= raw.status < 400:
        raise GibRedirected(
            "gib.redirected", url=call.url, location=raw.headers.get("Location", "–")
        )
    wait_s = retry_after_s(raw.headers, now)
    try:
        answer = Answer(raw)
    except Unreadable as error:
        _raise_unreadable(call, raw.status, error, wait_s)
    parts = answer.fault()
    if parts is not None:
        found = _fault(call, parts)
        found.retry_after_s = wait_s
        raise found
    if raw.status != 200:
        raise call.unknown(f"HTTP {raw.status}", retry_after_s=wait_s)
    return answer


def _raise_unreadable(call: Call, status: int, error: Unreadable, wait_s: float | None) -> None:
    if status == 429:
        raise call.unreachable("gib.throttled", "HTTP 429", retry_after_s=wait_s)
    if status == 413:
        raise GibOperatorFault(
            code=None,
            text="HTTP 413",
            code_class=CodeClass.SPLIT,
            operation=call.operation,
            package_id=call.package_id,
        )
    if 400 <= status < 500 and status != 408:
        raise GibHttpRefused("gib.http_refused", url=call.url, status=status)
    if error.html and call.operation is not Operation.SEND:
        raise call.unreachable("gib.maintenance", f"HTTP {status}", retry_after_s=wait_s)
    # An upload may have reached the service behind the gateway that shows the page.
    raise call.unknown(f"HTTP {status}, {error}", retry_after_s=wait_s)


def _fault(call: Call, parts: FaultParts) -> GibFault | AnswerUnknown:
    text = parts.detail_message or parts.reason or " ".join(parts.detail_texts)
    code = find_code((*parts.detail_texts, parts.reason), call.operation)
    security = next((name for name in parts.codes if name in _SECURITY_CODES), "")
    if code is None or security:
        words = turkish_fold(parts.reason)
        if security or any(word in words for word in _SECURITY_WORDS):
            return GibSecurityFault(
                subcode=security if security != "SecurityError" else "",
                text=text,
                operation=call.operation,
                package_id=call.package_id,
            )
    if code is None and "Sender" not in parts.codes and "Client" not in parts.codes:
        # The server failed and hides why: after an upload only the status can tell.
        if call.operation is Operation.SEND:
            return call.unknown(f"SOAP Fault: {text}")
        return GibWaitFault(
            code=None,
            text=text,
            code_class=CodeClass.TRANSIENT,
            operation=call.operation,
            package_id=call.package_id,
        )
    code_class = classify(code)
    if code_class is CodeClass.OUTCOME_UNKNOWN:
        return call.unknown(text, code=code)
    return fault(
        code=code,
        text=text,
        code_class=code_class,
        operation=call.operation,
        package_id=call.package_id,
    )


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """The Date header as UTC; None when missing or malformed."""
    return _http_date(headers.get("Date", ""))


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Retry-After in seconds, from its number or its date (against the answer's own Date)."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    moment = _http_date(value)
    if moment is None:
        return None
    return max(0.0, (moment - (server_date(headers) or now)).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def same_package(asked: str, named: str) -> bool:
    """Whether an answer's package name means the one asked for (`-Y-` and `-YB-` are one)."""
    if named == asked:
        return True
    try:
        left, right = (_as_berat(DocumentName.parse(text)) for text in (asked, named))
    except ValueError:
        return False
    return left == right


def _as_berat(name: DocumentName) -> DocumentName:
    return name if name.kind.is_berat or name.kind == "DR" else name.with_kind(name.kind.berat)


def names_other_package(asked: str, text: str) -> bool:
    """Whether a text names packages, and none of them is the one asked for."""
    named = _NAME.findall(text)
    return bool(named) and not any(same_package(asked, name) for name in named)
