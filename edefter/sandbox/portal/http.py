"""HTTP of both listeners: TLS per connection, routing, problems, journal, and the ways to fail."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from edefter.sandbox.portal.knobs import Knobs
from edefter.sandbox.portal.receipts import ReceiptOffice
from edefter.sandbox.portal.storage import Storage
from edefter.sandbox.portal.tls import TlsDesk
from edefter.sandbox.process import record

BLOCK_BYTES = 1 << 18
MOST_JSON_BYTES = 4 * 1024 * 1024
MOST_DRAIN_BYTES = 80 * 1024 * 1024
HANDSHAKE_S = 15.0
PROBLEM_BASE = "https://edefter.invalid/problems"

STATUS = {
    "bad-credentials": 401, "token-expired": 401, "clock-skew": 401, "account-locked": 423,
    "certificate-required": 403, "certificate-unknown": 403, "firm-suspended": 403,
    "not-authorised": 403, "firm-unknown": 404, "not-found": 404, "bad-package-name": 422,
    "bad-metadata": 422, "bad-zip": 422, "member-mismatch": 422, "signature-mismatch": 422,
    "hash-mismatch": 422, "different-content": 409, "firm-owned-elsewhere": 409,
    "offset-conflict": 409, "already-complete": 409, "upload-locked": 423,
    "checksum-mismatch": 460, "upload-expired": 410, "too-large": 413, "quota-exceeded": 507,
    "rate-limited": 429, "maintenance": 503, "internal": 500, "version": 412,
}  # fmt: skip


class ProblemAnswer(Exception):
    """Ends a request with a problem."""

    def __init__(
        self, slug: str, detail: str = "", *, retry_after: float | None = None, **members: Any
    ) -> None:
        super().__init__(slug)
        self.slug, self.detail = slug, detail
        self.retry_after, self.members = retry_after, members


class CutConnection(Exception):
    """Ends a request by a connection reset, without an answer."""


@dataclass(kw_only=True)
class Desk:
    """What all requests share.

    Args:
        state: folder with knobs and journal.
        storage, office, tls, knobs: see there.
        credentials: API key and secret.
        control_url, upload_url: filled in once the ports are known.
    """

    state: Path
    storage: Storage
    office: ReceiptOffice
    tls: TlsDesk
    knobs: Knobs
    credentials: tuple[str, str]
    control_url: str = ""
    upload_url: str = ""
    verifying: dict[str, float] = field(default_factory=dict)

    def now(self) -> datetime:
        """The portal's time, UTC; knob `clock_offset_s` shifts it."""
        return datetime.now(UTC) + timedelta(seconds=float(self.knobs.get("clock_offset_s") or 0))


class TlsServer(ThreadingHTTPServer):
    """Threads, TLS handshake in the connection's own thread."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], handler: type[Handler], desk: Desk, *, upload: bool
    ) -> None:
        self.desk, self.upload = desk, upload
        super().__init__(address, handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands, then serve the connection."""
        context = self.desk.tls.context(upload=self.upload)
        tls = context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        try:
            tls.settimeout(HANDSHAKE_S)
            tls.do_handshake()
        except OSError as error:
            record(self.desk.state, channel=self._name, handshake=str(error))
            _linger(tls)
            return
        try:
            super().finish_request(tls, client_address)
        finally:
            with contextlib.suppress(OSError):
                tls.close()

    @property
    def _name(self) -> str:
        return "upload" if self.upload else "control"


def _linger(tls: ssl.SSLSocket) -> None:
    """Let the TLS alert arrive: a close with unread bytes would reset the line before it."""
    with contextlib.suppress(OSError):
        tls.shutdown(socket.SHUT_WR)
        tls.settimeout(1.0)
        while tls.recv(BLOCK_BYTES):
            pass
    tls.close()


class Handler(BaseHTTPRequestHandler):
    """Base of the two channels; a subclass names its channel and its routes.

    A route is (method, path pattern with `{name}` parts, function of the handler).
    """

    protocol_version = "HTTP/1.1"
    server_version = "edefter-sandbox-portal"
    sys_version = ""
    timeout = 120
    disable_nagle_algorithm = True
    channel: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    routes: ClassVar[list[tuple[str, str, Callable[[Any], None]]]] = []

    parameters: dict[str, str]
    query: dict[str, str]

    @property
    def desk(self) -> Desk:
        """What all requests share."""
        server = self.server
        assert isinstance(server, TlsServer)
        return server.desk

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
        """The Date header; shifted by the clock knob."""
        return format_datetime(self.desk.now(), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the journal says more."""

    def do_GET(self) -> None:
        """Serve one request."""
        self.serve()

    do_POST = do_PUT = do_HEAD = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def serve(self) -> None:
        """Find the route, run it, turn problems into answers; journal it all."""
        self.unread = int(self.headers.get("Content-Length") or 0)
        self.received = 0
        self.sent_status = 0
        self.note: dict[str, Any] = {}
        self._journaled = False
        self._begun = time.monotonic()
        parts = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        try:
            self._misbehave()
            self._route(parts.path)()
        except ProblemAnswer as problem:
            self._answer_problem(problem)
        except CutConnection:
            self._reset_connection()
        except (ConnectionError, TimeoutError, ssl.SSLError) as error:
            self.note["broken"] = str(error)
            self.close_connection = True
        finally:
            self._journal()

    def _journal(self) -> None:
        """Write the request down once: before its answer leaves, or when none does.

        Whoever got the answer finds the request in the journal.
        """
        if self._journaled:
            return
        self._journaled = True
        record(
            self.desk.state, channel=self.channel, method=self.command,
            path=urlsplit(self.path).path,
            status=self.sent_status, received_bytes=self.received,
            request_id=self.headers.get("X-Request-Id", ""),
            at=self.desk.now().isoformat(),
            duration_ms=round((time.monotonic() - self._begun) * 1000), **self.note,
        )  # fmt: skip

    # -- reading -------------------------------------------------------------------------------

    def read_block(self, most: int = BLOCK_BYTES) -> bytes:
        """Some bytes of the request's body; empty at its end.

        Raises:
            ConnectionError: the client went away before the end.
        """
        wanted = min(most, self.unread)
        if wanted <= 0:
            return b""
        block = self.rfile.read1(wanted)
        if not block:
            raise ConnectionError("the client went away")
        self.unread -= len(block)
        self.received += len(block)
        return bytes(block)

    def read_json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        if self.unread > MOST_JSON_BYTES:
            raise ProblemAnswer("too-large")
        data = b"".join(iter(self.read_block, b""))
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ProblemAnswer("bad-metadata", "a JSON object is expected")
        return value

    # -- answering -----------------------------------------------------------------------------

    def answer(
        self,
        status: int,
        body: dict[str, Any] | bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        content_type: str = "application/json",
    ) -> None:
        """Send an answer; rests of the body are read first, so that it is not lost."""
        self._drain()
        data = (
            b"" if body is None
            else body if isinstance(body, bytes)
            else json.dumps(body, ensure_ascii=False).encode("utf-8")
        )  # fmt: skip
        self.sent_status = status
        self._journal()
        self.send_response(status)
        self.send_header("X-Request-Id", self.headers.get("X-Request-Id", ""))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if data:
            self.send_header("Content-Type", content_type)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if data and self.command != "HEAD":
            self.wfile.write(data)

    def extra_headers(self) -> dict[str, str]:
        """Headers that every answer of the channel carries."""
        return {}

    def _answer_problem(self, problem: ProblemAnswer) -> None:
        status = STATUS[problem.slug]
        self.note["problem"] = problem.slug
        body = {
            "type": f"{PROBLEM_BASE}/{problem.slug}",
            "title": problem.slug,
            "status": status,
            "detail": problem.detail,
            "code": problem.slug,
            "request_id": self.headers.get("X-Request-Id", ""),
            **problem.members,
        }
        headers = self.extra_headers()
        if problem.retry_after is not None:
            body["retry_after"] = problem.retry_after
            headers["Retry-After"] = f"{problem.retry_after:g}"
        self.answer(status, body, headers, content_type="application/problem+json")

    def _drain(self) -> None:
        if self.unread > MOST_DRAIN_BYTES:
            self.close_connection = True
            return
        while self.unread:
            self.read_block()

    def _reset_connection(self) -> None:
        """Close so that the other side sees a reset."""
        self.note["cut"] = True
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    # -- routing and knobs ---------------------------------------------------------------------

    def _route(self, path: str) -> Callable[[], None]:
        if path.startswith(self.prefix):
            given = path[len(self.prefix) :].strip("/").split("/")
            for method, pattern, function in self.routes:
                parameters = _match(pattern.split("/"), given)
                if parameters is not None and method == self.command:
                    self.parameters = parameters
                    return lambda: function(self)
        raise ProblemAnswer("not-found", "no such resource")

    def _misbehave(self) -> None:
        """Knobs that act on any request of a channel (`channel` = control or upload, else both)."""
        for name in ("rate_429", "maintenance_503", "internal_500", "html_error", "problem"):
            given = self.desk.knobs.get(name)
            if isinstance(given, dict) and given.get("channel", self.channel) != self.channel:
                continue
            knob = self.desk.knobs.take(name)
            if knob is None:
                continue
            if name == "html_error":
                page = b"<html><body><h1>Blocked by policy</h1></body></html>"
                self.answer(int(knob.get("status", 502)), page, content_type="text/html")
                self.note["problem"] = "html"
                raise _Answered
            slugs = {"rate_429": "rate-limited", "maintenance_503": "maintenance"}
            slug = knob["slug"] if name == "problem" else slugs.get(name, "internal")
            raise ProblemAnswer(
                slug, str(knob.get("detail", "")), retry_after=knob.get("retry_after_s")
            )


class _Answered(ConnectionError):
    """A knob answered already; the connection is closed behind it."""


def _match(pattern: list[str], given: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(given):
        return None
    found: dict[str, str] = {}
    for wanted, part in zip(pattern, given, strict=True):
        if wanted.startswith("{"):
            found[wanted.strip("{}")] = unquote(part)
        elif wanted != part:
            return None
    return found
