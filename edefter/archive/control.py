"""The control channel (443): token, JSON calls, retries, and problems turned into typed errors."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import quote

from edefter.archive.chunks import Budget, BudgetSpent
from edefter.archive.errors import (
    ContractViolation,
    PortalFileRefused,
    PortalSetupRefused,
    PortalUnreachable,
    PortalWaiting,
)
from edefter.archive.transport import Answer, Channel, NoContact, Problem, Redactor, Trouble
from edefter.clock.port import Monotonic, WallClock
from edefter.errors import ClockRefused, EdefterError

T = TypeVar("T")
FIRST_CONTACT_TRIES = 3
REFRESH_AT = 0.8
RETRYABLE_STATUS = frozenset({429, 500, 502, 503, 504})
_CREDENTIALS = frozenset({"bad-credentials", "account-locked", "token-expired"})
_SETUP = frozenset({
    "certificate-required", "certificate-unknown", "firm-unknown", "firm-suspended",
    "not-authorised", "firm-owned-elsewhere",
})  # fmt: skip


def error_of(problem: Problem, *, firm: str, file: str = "", **facts: Any) -> EdefterError:
    """The typed error of a problem that no retry cures (portal.md §7)."""
    known = {
        "slug": problem.slug,
        "status": problem.status,
        "detail": problem.detail or "-",
        "request_id": problem.request_id,
        "firm": firm,
        "file": file,
        **facts,
    }
    if problem.slug == "clock-skew":
        return ClockRefused(
            "archive.clock_skew", server_time=str(problem.members.get("server_time", "?")), **known
        )
    if problem.slug == "different-content":
        held = str(problem.members.get("existing_sha256", "?"))
        return PortalFileRefused("archive.different_content", held_sha256=held, **known)
    if problem.slug in _CREDENTIALS:
        return PortalSetupRefused("archive.credentials_refused", **known)
    if problem.slug in _SETUP:
        return PortalSetupRefused("archive.firm_refused", **known)
    return PortalFileRefused("archive.file_refused", **known)


def persist(
    channel: Channel,
    budget: Budget,
    action: Callable[[], T],
    *,
    file: str,
    also_retry: frozenset[str] = frozenset(),
) -> T:
    """Repeat `action` through cuts and busy answers until it answers or the budget is spent.

    Args:
        file: what the wait is for (in the message).
        also_retry: slugs retried besides 429 and 5xx.

    Raises:
        PortalUnreachable: never reached (after three tries at first contact).
        PortalWaiting: the budget is spent.
        Problem: an answer that no retry cures.
    """
    while True:
        try:
            return action()
        except Trouble as trouble:
            pause_after(channel, budget, trouble, file=file)
        except Problem as problem:
            if problem.status not in RETRYABLE_STATUS and problem.slug not in also_retry:
                raise
            pause_after(channel, budget, problem, file=file)


def pause_after(channel: Channel, budget: Budget, cause: Trouble | Problem, *, file: str) -> None:
    """Wait before the next try.

    Raises:
        PortalUnreachable: never reached, and the first tries are used up.
        PortalWaiting: the budget is spent.
    """
    unreached = isinstance(cause, NoContact) and not channel.contacted
    reason = cause.reason if isinstance(cause, Trouble) else f"HTTP {cause.status} {cause.slug}"
    unreachable = PortalUnreachable(
        "archive.unreachable", host=channel.host, port=channel.port, reason=reason
    )
    if unreached and budget.attempts + 1 >= FIRST_CONTACT_TRIES:
        raise unreachable
    try:
        budget.pause(cause.retry_after_s if isinstance(cause, Problem) else None)
    except BudgetSpent:
        if isinstance(cause, NoContact):
            raise unreachable from None
        raise PortalWaiting("archive.waiting", reason=reason, file=file or "-") from None


class Control:
    """JSON calls with a bearer token.

    Args:
        channel: to the control host.
        base_url: `…/api/v1`.
        firm: VKN/TCKN.
        api_key, api_secret: give the credentials when a token is needed.
        redactor: learns the secret and the tokens.
        monotonic, wall: time as arguments.
        new_budget: makes the budget of a call that is not part of a longer one.
    """

    def __init__(
        self,
        channel: Channel,
        base_url: str,
        *,
        firm: str,
        api_key: Callable[[], str],
        api_secret: Callable[[], str],
        redactor: Redactor,
        monotonic: Monotonic,
        wall: WallClock,
        new_budget: Callable[[], Budget],
    ) -> None:
        self.channel = channel
        self._base = base_url.rstrip("/")
        self._firm = firm
        self._api_key, self._api_secret = api_key, api_secret
        self._redactor = redactor
        self._monotonic = monotonic
        self._wall = wall
        self._new_budget = new_budget
        self._lock = threading.Lock()
        self._token = ""
        self._refresh_at = 0.0

    def url(self, *parts: str) -> str:
        """An address below the base; parts are quoted."""
        return "/".join([self._base, *(quote(part, safe="") for part in parts)])

    def call(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        expect: tuple[int, ...] = (200,),
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        budget: Budget | None = None,
        file: str = "",
        sink: Callable[[bytes], object] | None = None,
        restart: Callable[[], None] | None = None,
    ) -> Answer:
        """One authorised call with retries; a stale token is renewed once.

        Args:
            sink: receives the body of the answer in pieces.
            restart: called before each try, so that `sink` can begin anew.

        Raises:
            Problem: an answer that no retry cures (the caller makes the typed error).
            PortalUnreachable, PortalWaiting, PortalSetupRefused, ContractViolation, ClockRefused.
        """
        budget = budget or self._new_budget()
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8")
        renewed = False
        while True:
            token = self._bearer(budget)
            sent = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
            if data is not None:
                sent["Content-Type"] = "application/json"
            sent.update(headers or {})

            def once(sent: dict[str, str] = sent) -> Answer:
                if restart is not None:
                    restart()
                return self.channel.call(
                    operation, method, url, expect=expect, headers=sent, body=data, sink=sink
                )

            try:
                return persist(self.channel, budget, once, file=file)
            except Problem as problem:
                if problem.slug != "token-expired" or renewed:
                    raise
                renewed = True
                self._forget(token)

    def _bearer(self, budget: Budget) -> str:
        with self._lock:
            if self._token and self._monotonic() < self._refresh_at:
                return self._token
            credentials = {"api_key": self._api_key(), "api_secret": self._api_secret()}
            self._redactor.learn(credentials["api_secret"])
            data = json.dumps(credentials).encode("utf-8")

            def ask() -> Answer:
                # The Date header lets the portal say `clock-skew` (portal.md §3).
                headers = {
                    "Content-Type": "application/json",
                    "Date": format_datetime(self._wall(), usegmt=True),
                }
                return self.channel.call(
                    "portal.token", "POST", self.url("token"),
                    expect=(200,), headers=headers, body=data,
                )  # fmt: skip

            asked_at = self._monotonic()
            try:
                answer = persist(self.channel, budget, ask, file="").json()
            except Problem as problem:
                if problem.status in (401, 423) and problem.slug != "clock-skew":
                    problem.slug = problem.slug if problem.slug in _CREDENTIALS else "refused"
                    raise PortalSetupRefused(
                        "archive.credentials_refused", slug=problem.slug,
                        status=problem.status, request_id=problem.request_id,
                    ) from None  # fmt: skip
                raise error_of(problem, firm=self._firm) from None
            token, life = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(life, int | float):
                raise ContractViolation("archive.bad_answer", what="no access_token")
            self._token = self._redactor.learn(token)
            self._refresh_at = asked_at + REFRESH_AT * float(life)
            return self._token

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""
