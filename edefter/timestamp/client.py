"""Asks a time stamp authority, once.

There is no retry in here or around it: each request may cost credit. Who has no stamp after all
runs again, by a person's decision or by the next run of the month.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from asn1crypto import cms, core, tsp
from cryptography import x509
from rfc3161_client import TimestampRequestBuilder
from rfc3161_client.base import HashAlgorithm

from edefter import messages
from edefter.bounded import BadAnswer, read_bounded
from edefter.config.section import SecretRef
from edefter.config.settings import TimestampSettings
from edefter.errors import ConfigError, EdefterError, InternalError, OperatorNeeded, WaitingError
from edefter.messages import Lang
from edefter.timestamp import profiles
from edefter.timestamp.budget import Budget
from edefter.timestamp.token import TokenCheck, check_token

MAX_ANSWER_BYTES = 512 * 1024
CLOCK_TOLERANCE = timedelta(seconds=60)
"""How far an authority's time may be from the measured one: half a minute each way, and travel."""

_GRANTED = ("granted", "granted_with_mods")


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """TimeStampResp (RFC 3161 §2.4.2); asn1crypto's own forgets that a refusal has no token."""

    _fields: ClassVar[list[tuple[Any, ...]]] = [
        ("status", tsp.PKIStatusInfo),
        ("token", cms.ContentInfo, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp that was checked.

    Args:
        token: DER of the token.
        gen_time: its time, UTC.
        left: stamps left of the budget; None = not limited.
        certificates: that came with it, as evidence.
    """

    token: bytes
    gen_time: datetime
    left: int | None
    certificates: tuple[x509.Certificate, ...]


class TimestampClient:
    """One authority.

    Args:
        settings: section `timestamp`.
        secret: gives the value of a secret reference.
        budget: counts before each request.
        anchors: trust anchors for the authority's certificate.

    Raises:
        ConfigError: the section lacks what its profile needs.
    """

    def __init__(
        self,
        settings: TimestampSettings,
        *,
        secret: Callable[[SecretRef], str],
        budget: Budget,
        anchors: Sequence[x509.Certificate],
    ) -> None:
        self._settings, self._budget, self._anchors = settings, budget, anchors
        self._profile = _profile(settings, secret)

    def stamp(self, data: bytes, *, now: datetime) -> Stamp:
        """Have `data` stamped; one request, never repeated.

        Args:
            data: the bytes; only their SHA-256 is sent.
            now: measured time, zone-aware; an authority far off is not believed.

        Raises:
            OperatorNeeded: the budget is used up, the authority refused, or its token proves
                nothing.
            WaitingError: no answer.
            OSError: the count cannot be written; nothing was asked for.
        """
        request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
        left = self._budget.take()
        body = request.as_bytes()
        if self._settings.policy:
            body = _with_policy(body, self._settings.policy)
        answer = self._post(body, request.message_imprint.message)
        token = self._token(answer)
        check = check_token(token, data, anchors=self._anchors, nonce=request.nonce)
        if not check.ok or check.gen_time is None:
            raise self._unproven(check)
        if abs(check.gen_time - now) > CLOCK_TOLERANCE:
            facts = {"time": check.gen_time.isoformat(), "now": now.isoformat()}
            raise OperatorNeeded("timestamp.clock", **self._facts, **facts)
        return Stamp(token, check.gen_time, left, check.certificates)

    @property
    def _facts(self) -> dict[str, str]:
        return {"url": self._settings.url}

    def _post(self, body: bytes, imprint: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", **self._profile(imprint)}
        headers["Accept-Encoding"] = "identity"
        timeout_s = self._settings.timeout_s
        end = time.monotonic() + timeout_s
        try:
            with requests.Session() as session:
                session.trust_env = False  # neither proxy nor .netrc of the environment
                with session.post(
                    self._settings.url, data=body, headers=headers, timeout=timeout_s,
                    allow_redirects=False, stream=True,
                ) as answer:  # fmt: skip
                    status = answer.status_code
                    content = read_bounded(answer, most_bytes=MAX_ANSWER_BYTES, deadline=end)
        except requests.RequestException as error:
            detail = str(error) if isinstance(error, BadAnswer) else type(error).__name__
            raise WaitingError("timestamp.silent", **self._facts, detail=detail) from None
        if status in (401, 403):
            raise OperatorNeeded("timestamp.identity", **self._facts)
        if status >= 500 or status == 429:
            raise WaitingError("timestamp.silent", **self._facts, detail=f"HTTP {status}")
        if status != 200:
            raise OperatorNeeded("timestamp.refused", **self._facts, detail=f"HTTP {status}")
        return content

    def _token(self, answer: bytes) -> bytes:
        """The token of a full answer, or the answer where it is a bare token (Kamu SM)."""
        try:
            parsed = _Answer.load(answer, strict=True)
            status = parsed["status"]
            if status["status"].native not in _GRANTED:
                words = status["status_string"].native or [status["status"].native]
                detail = " ".join(map(str, words))[:200]
                raise OperatorNeeded("timestamp.refused", **self._facts, detail=detail)
            return bytes(parsed["token"].dump())
        except (ValueError, TypeError, KeyError):
            return answer  # what it is, the check of the token finds out

    def _unproven(self, check: TokenCheck) -> EdefterError:
        if not check.problems:
            return InternalError("timestamp.unreadable", **self._facts)

        def reason(lang: Lang) -> str:
            texts = (messages.text(item.key, lang, **item.facts) for item in check.problems)
            return " ".join(texts)

        return OperatorNeeded(
            "timestamp.unproven", **self._facts, reasons_tr=reason("tr"), reasons_en=reason("en")
        )


def _profile(settings: TimestampSettings, secret: Callable[[SecretRef], str]) -> profiles.Profile:
    password = secret(settings.password) if settings.password is not None else ""
    if settings.profile == "kamusm":
        if not settings.customer or not password:
            field = "password" if settings.customer else "customer"
            raise ConfigError("timestamp.not_configured", field=field)
        try:
            return profiles.kamusm(settings.customer, password)
        except ValueError:
            raise ConfigError("timestamp.not_configured", field="customer") from None
    if settings.customer:
        return profiles.basic(settings.customer, password)
    return profiles.plain()


def _with_policy(body: bytes, policy: str) -> bytes:
    request = tsp.TimeStampReq.load(body).copy()
    request["req_policy"] = policy
    return bytes(request.dump(force=True))
