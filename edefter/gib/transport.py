"""zeep's transport over one HTTPS session: TLS ≥ 1.2, fixed CA bundle, no redirects, no logging.

It also draws the line that the engine lives by: a failure before the first byte of the message
went out is `NotSent`, any later one is `SentWithoutAnswer`.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
import zeep.transports
from lxml import etree
from requests.adapters import HTTPAdapter

from edefter.bounded import BadAnswer, read_bounded
from edefter.clock.port import Monotonic
from edefter.gib.payload import FilePayload, OutgoingMessage

MAX_ANSWER_BYTES = 96 * 1024 * 1024


class NotSent(Exception):
    """Nothing of the message went out.

    Attributes:
        tls: whether the TLS handshake failed.
    """

    def __init__(self, reason: str, *, tls: bool = False) -> None:
        super().__init__(reason)
        self.tls = tls


class SentWithoutAnswer(Exception):
    """Some of the message went out and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An HTTP answer, read to its end.

    Args:
        status: HTTP status.
        headers: case-insensitive.
        content: body.
        round_trip_s: from the start of the call to the answer's headers.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    round_trip_s: float


class _TlsAdapter(HTTPAdapter):
    """TLS 1.2 or newer, also through a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_minimum_version=ssl.TLSVersion.TLSv1_2, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(
            proxy, ssl_minimum_version=ssl.TLSVersion.TLSv1_2, **kwargs
        )


class GibTransport(zeep.transports.Transport):
    """The transport of one client; not for use by several threads at once.

    Args:
        bundle: PEM file of TLS roots, passed with every call.
        proxy: proxy URL, or empty.
        connect_timeout_s: limit for TCP and TLS.
        read_timeout_s: limit for silence, and again for the whole answer once it begins.
        monotonic: monotonic seconds, for the round-trip.

    Attributes:
        payload: the file that the next message carries; set before each call.
    """

    def __init__(
        self,
        *,
        bundle: str,
        proxy: str,
        connect_timeout_s: float,
        read_timeout_s: float,
        monotonic: Monotonic,
    ) -> None:
        session = requests.Session()
        # An environment variable for the CA bundle would win over Session.verify (§14).
        session.trust_env = False
        session.mount("https://", _TlsAdapter(max_retries=0))
        super().__init__(session=session)  # type: ignore[no-untyped-call]
        session.headers["User-Agent"] = "edefter"
        if proxy:
            session.proxies = {"https": proxy}
        self._bundle = bundle
        self._timeouts_s = (connect_timeout_s, read_timeout_s)
        self._monotonic = monotonic
        self.payload: FilePayload | None = None

    def post_xml(
        self, address: str, envelope: etree._Element, headers: dict[str, str]
    ) -> RawAnswer:
        """Post one signed envelope; nothing of it is ever logged.

        Raises:
            NotSent: DNS, TCP, proxy or TLS failed.
            SentWithoutAnswer: cut or timed out afterwards, or the answer is too large.
        """
        text = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        message = OutgoingMessage(text, self.payload)
        if self.payload is not None:
            # A kept connection may have died unnoticed; an upload must not find out half-way.
            self.session.close()
        begun = self._monotonic()
        try:
            response = self.session.post(
                address,
                data=message,
                headers=headers,
                timeout=self._timeouts_s,
                verify=self._bundle,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            reason, tls = _reason(error)
            if message.started:
                raise SentWithoutAnswer(reason) from None
            raise NotSent(reason, tls=tls) from None
        round_trip_s = self._monotonic() - begun
        with response:
            try:
                content = read_bounded(
                    response,
                    most_bytes=MAX_ANSWER_BYTES,
                    deadline=time.monotonic() + self._timeouts_s[1],
                    decoded=True,
                )
            except BadAnswer as error:
                raise SentWithoutAnswer(str(error)) from None
            return RawAnswer(
                status=response.status_code,
                headers=response.headers,
                content=content,
                round_trip_s=round_trip_s,
            )


def _reason(error: BaseException) -> tuple[str, bool]:
    """A short reason without addresses or secrets, and whether TLS failed."""
    innermost: BaseException = error
    tls = False
    seen: set[int] = set()
    while id(innermost) not in seen:
        seen.add(id(innermost))
        tls = tls or isinstance(
            innermost, ssl.SSLError | urllib3.exceptions.SSLError | requests.exceptions.SSLError
        )
        reason = getattr(innermost, "reason", None)
        following = reason if isinstance(reason, BaseException) else None
        for candidate in (*innermost.args, innermost.__cause__, innermost.__context__):
            if following is None and isinstance(candidate, BaseException):
                following = candidate
        if following is None:
            break
        innermost = following
    if isinstance(innermost, ssl.SSLCertVerificationError):
        return f"SSLCertVerificationError: {innermost.verify_message}", True
    if isinstance(innermost, OSError) and innermost.strerror:
        return f"{type(innermost).__name__}: {innermost.strerror}", tls
    return type(innermost).__name__, tls
