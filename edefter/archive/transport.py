"""One HTTPS channel to the portal: verified TLS, no redirects, and failures as a few kinds.

`call` returns an answer with an expected status or raises exactly one of the internal kinds below
(retryable or not is decided above) or a final, typed error. Nothing of an `Authorization` header
or of a secret ever reaches a message: server texts pass through the redactor.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from urllib3.exceptions import NameResolutionError, NewConnectionError

from edefter.archive.errors import ContractViolation, PortalSetupRefused, PortalUnreachable
from edefter.archive.pinning import PinMismatch, PinnedAdapter
from edefter.bounded import BadAnswer, TooLarge, read_bounded
from edefter.clock.port import Monotonic
from edefter.config.keeping import PortalSettings
from edefter.observe.events import event

MOST_ANSWER_BYTES = 32 * 1024 * 1024
KEPT_ERROR_BYTES = 2048
_DETAIL_LETTERS = 200
_READ_BLOCK = 1 << 18
LEAST_BYTES_A_S = 1024
"""A download that comes slower than this on average is given up and tried again."""

OnServerDate = Callable[[str, Any, float], None]
"""Receives (`portal <host>`, the Date header as UTC, the round trip in seconds)."""


class Trouble(Exception):
    """A failure that another try may cure; `reason` is English and free of secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoContact(Trouble):
    """The other side was not reached; nothing was sent."""


class Cut(Trouble):
    """The connection broke or fell silent after it stood; what arrived is unknown."""


class Problem(Exception):
    """An answer that says no (RFC 9457 or a page of somebody in between).

    Args:
        status: HTTP status.
        slug: last part of the problem type; from the status when the body is no problem.
        detail: redacted server text.
        retry_after_s: what the server asks for; None = nothing.
        request_id: ours.
        members: all members of the problem.
    """

    def __init__(
        self,
        *,
        status: int,
        slug: str,
        detail: str,
        retry_after_s: float | None,
        request_id: str,
        members: dict[str, Any],
    ) -> None:
        super().__init__(f"HTTP {status} {slug}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.members = members


_SLUGS = {
    401: "token-expired", 403: "not-authorised", 404: "not-found", 409: "offset-conflict",
    410: "upload-expired", 413: "too-large", 423: "upload-locked", 429: "rate-limited",
    460: "checksum-mismatch", 500: "internal", 502: "maintenance", 503: "maintenance",
    504: "maintenance", 507: "quota-exceeded",
}  # fmt: skip


_CERTIFICATE_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "DECRYPT_ERROR", "ACCESS_DENIED")
"""TLS alerts by which a server refuses our certificate; decrypt_error when its own authority was
renewed under the same name."""


class Redactor:
    """Replaces known secrets in texts that others wrote."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def learn(self, secret: str) -> str:
        """Remember a secret; returns it."""
        if len(secret) >= 4:
            self._secrets.add(secret)
        return secret

    def clean(self, text: str) -> str:
        """`text` without any known secret, one line, of a readable length."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return " ".join(text.split())[:_DETAIL_LETTERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An expected answer, body included."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    request_id: str

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            ContractViolation: it is something else.
        """
        try:
            value = json.loads(self.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ContractViolation("archive.bad_answer", what="no JSON object")
        return value


class Channel:
    """Calls to one host and port.

    Args:
        base_url: decides host and port; calls elsewhere are refused.
        settings: bundle, pins, time limits.
        proxy: URL of an HTTP proxy; empty = none.
        client_certificate: PEM certificate and key, asked for with every new connection; may
            give None.
        user_agent: sent with every request.
        redactor: knows the secrets.
        monotonic, on_server_date, before_call: see `portal.PortalClient`.
    """

    def __init__(
        self,
        base_url: str,
        settings: PortalSettings,
        *,
        proxy: str,
        client_certificate: Callable[[], tuple[Path, Path] | None],
        user_agent: str,
        redactor: Redactor,
        monotonic: Monotonic,
        on_server_date: OnServerDate,
        before_call: Callable[[str], None],
    ) -> None:
        parts = urlsplit(base_url)
        self.origin = origin(base_url)
        self.host = parts.hostname or ""
        self.port = parts.port or 443
        self.contacted = False
        self._settings = settings
        self._proxy = proxy
        self._client_certificate = client_certificate
        self._user_agent = user_agent
        self._redactor = redactor
        self._monotonic = monotonic
        self._on_server_date = on_server_date
        self._before_call = before_call
        self._local = threading.local()

    def call(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        expect: tuple[int, ...],
        headers: dict[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
        long_send: bool = False,
        sink: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Make one request.

        Args:
            operation: name for guards and logs, e.g. `portal.declare`.
            expect: statuses that are answers; others become problems.
            body: bytes, or an iterable of bytes with a length.
            long_send: the body is large: sending may stall up to `progress_timeout_s`.
            sink: receives the body of an expected answer in pieces instead of `Answer.body`.

        Raises:
            NoContact, Cut, Problem: see there.
            PortalUnreachable: TLS or proxy refuse for good.
            PortalSetupRefused: the client certificate was refused in the handshake.
            ContractViolation: a redirect, an endless answer, or an address of another host.
        """
        if origin(url) != self.origin:
            raise ContractViolation("archive.bad_location", location=_bare(url))
        self._before_call(operation)
        request_id = str(uuid.uuid4())
        # urllib3 bounds sending by the connect time limit; a chunk may stall longer than that.
        limits = self._settings
        first = limits.progress_timeout_s if long_send else limits.connect_timeout_s
        begun = self._monotonic()
        try:
            with self._session().request(
                method, url, data=body, stream=True, allow_redirects=False,
                headers={"X-Request-Id": request_id, **(headers or {})},
                timeout=(first, limits.progress_timeout_s),
                verify=str(limits.ca_bundle) if limits.ca_bundle else True,
                cert=self._certificate_pair(),
            ) as response:  # fmt: skip
                self.contacted = True
                self._tell_date(response, self._monotonic() - begun)
                status = response.status_code
                wanted = sink if status in expect else None
                content = _read(response, wanted, limits.progress_timeout_s)
        except requests.RequestException as error:
            raise self._translate(error) from None
        event(
            "archive.call", "Portal call", operation=operation, status=status,
            request_id=request_id, duration_s=round(self._monotonic() - begun, 3),
        )  # fmt: skip
        if status in expect:
            answer_headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(
                status=status, headers=answer_headers, body=content, request_id=request_id
            )
        if 300 <= status < 400:
            raise ContractViolation(
                "archive.redirect", host=self.host, port=self.port, status=status
            )
        raise self._problem(response, content, request_id)

    def reset(self) -> None:
        """Drop open connections, so that the next call shows the current client certificate."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is not None:
            session.close()
            self._local.session = None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # else CA and proxy variables would override the settings
            session.headers["User-Agent"] = self._user_agent
            if self._proxy:
                session.proxies = {"https": self._proxy}
            if self._settings.pins:
                session.mount("https://", PinnedAdapter(self._settings.pins))
            self._local.session = session
        return session

    def _certificate_pair(self) -> tuple[str, str] | None:
        pair = self._client_certificate()
        return None if pair is None else (str(pair[0]), str(pair[1]))

    def _tell_date(self, response: requests.Response, round_trip_s: float) -> None:
        try:
            moment = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        if moment.tzinfo is not None:
            self._on_server_date(f"portal {self.host}", moment.astimezone(UTC), round_trip_s)

    def _problem(self, response: requests.Response, content: bytes, request_id: str) -> Problem:
        status = response.status_code
        try:
            members = json.loads(content)
        except ValueError:
            members = None
        if isinstance(members, dict) and "type" in members:
            slug = str(members["type"]).rstrip("/").rpartition("/")[2]
            text = str(members.get("detail") or members.get("title") or "")
        else:  # a page of a proxy or of the web server
            members = {}
            slug = _SLUGS.get(status, "internal" if status >= 500 else "unknown")
            text = content[:KEPT_ERROR_BYTES].decode("utf-8", errors="replace")
        wait = response.headers.get("Retry-After", members.get("retry_after"))
        try:
            retry_after_s = None if wait is None else max(0.0, float(wait))
        except (TypeError, ValueError):
            retry_after_s = None
        return Problem(
            status=status,
            slug=slug,
            detail=self._redactor.clean(text),
            retry_after_s=retry_after_s,
            request_id=request_id,
            members=members,
        )

    def _translate(self, error: requests.RequestException) -> Exception:
        """The kind of a failure below HTTP."""
        chain = list(_chain(error))
        place = {"host": self.host, "port": self.port}
        reason = self._redactor.clean(_reason(chain))
        if isinstance(error, requests.exceptions.ProxyError):
            return PortalUnreachable("archive.proxy_refused", **place, reason=reason)
        other = next((item for item in chain if isinstance(item, PinMismatch)), None)
        if other is not None:
            facts = {**place, "shown": other.shown, "issuer": other.issuer}
            return PortalUnreachable("archive.pin_mismatch", **facts)
        final = self._translate_tls(chain)
        if final is not None:
            return final
        if isinstance(error, requests.ConnectTimeout):
            return NoContact("connection timed out (dropped by a firewall?)")
        if any(isinstance(item, NewConnectionError | NameResolutionError) for item in chain):
            return NoContact(reason)
        if isinstance(error, BadAnswer):
            return Cut(str(error))
        if isinstance(error, requests.Timeout):
            return Cut(f"no progress for {self._settings.progress_timeout_s:g} s")
        return Cut(reason)

    def _translate_tls(self, chain: list[BaseException]) -> Exception | None:
        """The final errors of a TLS handshake; None = it was none of them."""
        place = {"host": self.host, "port": self.port}
        tls = next((item for item in chain if isinstance(item, ssl.SSLError)), None)
        said = (tls.reason if tls is not None else "") or ""
        if isinstance(tls, ssl.SSLCertVerificationError):
            reason = tls.verify_message or "certificate verify failed"
            return PortalUnreachable("archive.tls_untrusted", **place, reason=reason)
        if "ALERT" in said and any(word in said for word in _CERTIFICATE_ALERTS):
            return PortalSetupRefused("archive.client_certificate_refused", **place, reason=said)
        if "PROTOCOL_VERSION" in said or "UNSUPPORTED_PROTOCOL" in said:
            return PortalUnreachable("archive.tls_version", **place)
        return None


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL.

    Raises:
        ContractViolation: not an https URL with a host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise ContractViolation("archive.bad_location", location=_bare(url)) from None
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ContractViolation("archive.bad_location", location=_bare(url))
    return parts.scheme, parts.hostname.lower(), port


def _bare(url: str) -> str:
    """A URL for a message: no user part, no query, readable length."""
    return url.partition("?")[0].rpartition("@")[2][:_DETAIL_LETTERS]


def _read(
    response: requests.Response, sink: Callable[[bytes], object] | None, within_s: float
) -> bytes:
    """The body of an answer, which a server must not let drip for ever.

    Args:
        response: asked for with `stream=True`.
        sink: takes the body in pieces; it may take as long as it moves on at all.
        within_s: seconds for a body without a sink, and the least patience for one with.

    Raises:
        ContractViolation: an answer without end.
        BadAnswer: cut, or too slow.
    """
    if sink is None:
        try:
            return read_bounded(
                response, most_bytes=MOST_ANSWER_BYTES, deadline=time.monotonic() + within_s,
                decoded=True,
            )  # fmt: skip
        except TooLarge:
            raise ContractViolation("archive.bad_answer", what="answer without end") from None
    begun, taken = time.monotonic(), 0
    try:
        while block := response.raw.read1(_READ_BLOCK, decode_content=True):
            sink(block)
            taken += len(block)
            if time.monotonic() - begun > within_s + taken / LEAST_BYTES_A_S:
                raise BadAnswer("answer too slow")
    except urllib3.exceptions.HTTPError as error:
        raise BadAnswer(f"cut: {type(error).__name__}") from None
    return b""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception with all that caused it, wherever the libraries keep it."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        item = waiting.pop(0)
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        linked = [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
        waiting.extend(link for link in linked if isinstance(link, BaseException))


def _reason(chain: list[BaseException]) -> str:
    """The most telling text: that of the operating system if there is one."""
    for item in chain:
        if isinstance(item, OSError) and item.strerror and not isinstance(item, ssl.SSLError):
            return item.strerror
    for item in chain:
        if isinstance(item, NameResolutionError):
            return "name not found (DNS)"
    return type(chain[-1]).__name__
