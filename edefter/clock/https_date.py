"""Reads a server's clock from the Date header of a bare HTTPS answer.

Needed in lenient mode alone: before the first call to GİB there is no Date header yet, and the
call itself waits for the clock. The question carries no identity and no content.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDate:
    """One Date header.

    Args:
        source: `gib` or `portal`.
        host: who said so.
        date: zone-aware UTC, whole seconds.
        round_trip_s: of the question.
    """

    source: str
    host: str
    date: datetime
    round_trip_s: float


def parse_http_date(text: str | None) -> datetime | None:
    """An HTTP Date header as zone-aware UTC, or None when there is none to be read (RFC 9110)."""
    try:
        value = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsDateProbe:
    """Asks one HTTPS server for its time.

    Args:
        source: `gib` or `portal`.
        url: https URL; redirects are not followed.
        ca_bundle: PEM file of roots; None = the bundle of `requests`.
        proxy: proxy URL, or empty.
        timeout_s: for connection and answer each.
    """

    source: str
    url: str
    ca_bundle: Path | None = None
    proxy: str = ""
    timeout_s: float = 5.0

    def __call__(self) -> ServerDate | None:
        """The server's date; None when it cannot be had (no answer, bad TLS, no header)."""
        start = time.monotonic()
        try:
            with requests.Session() as session:
                session.trust_env = False  # else CA and proxy variables would override settings
                answer = session.head(
                    self.url,
                    timeout=self.timeout_s,
                    verify=str(self.ca_bundle) if self.ca_bundle else True,
                    proxies={"https": self.proxy} if self.proxy else None,
                    allow_redirects=False,
                )
        except (requests.RequestException, OSError):
            return None
        round_trip_s = time.monotonic() - start
        date = parse_http_date(answer.headers.get("Date"))
        if date is None:
            return None
        host = urlsplit(self.url).hostname or ""
        return ServerDate(source=self.source, host=host, date=date, round_trip_s=round_trip_s)
