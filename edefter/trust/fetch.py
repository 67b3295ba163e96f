"""Asking a responder over plain HTTP: only hosts of the allow list, bounded in time and size.

Addresses come out of certificates, and those come out of strangers' documents. So nothing but the
allow list decides where a request goes, redirects are not followed, and no proxy of the environment
is used. Plain HTTP is the rule here (RFC 5280 §8): what comes back is signed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

import requests

from edefter.bounded import BadAnswer, read_bounded

OCSP_BYTES = 64 * 1024
CRL_BYTES = 32 * 1024 * 1024
_SILENT_S = 300.0
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotAllowed(Exception):
    """The address is not on the allow list; `host` says which it names."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(host)


class Unreachable(Exception):
    """No usable answer came; the text says why, without the address."""


def require_allowed(url: str, hosts: Iterable[str]) -> None:
    """Refuse an address that is not on the allow list.

    Args:
        url: from a certificate.
        hosts: `host` allows the usual ports, `host:port` that port.

    Raises:
        NotAllowed: another host, port or scheme, or the URL carries a user or is malformed.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        raise NotAllowed(url[:100]) from None
    usual = _DEFAULT_PORTS.get(parts.scheme)
    named = f"{host}:{port or usual}"
    allowed = {item.strip().rstrip(".").lower() for item in hosts}
    fits = named in allowed or (host in allowed and port in (None, usual))
    if not host or usual is None or parts.username is not None or not fits:
        raise NotAllowed(host if port in (None, usual) else named)


class Fetcher:
    """Asks, within limits.

    A host that kept silent is not asked again for five minutes: an office with hundreds of
    companies must not wait for each of their seals when a firewall is in the way.

    Args:
        hosts: allow list.
        timeout_s: for the whole answer, more than 0.
        proxy: URL of an HTTP proxy, or empty.
    """

    def __init__(self, hosts: Iterable[str], *, timeout_s: float, proxy: str = "") -> None:
        self._hosts = tuple(hosts)
        self._timeout_s = timeout_s
        self._silent_since: dict[str, float] = {}
        self._session = requests.Session()
        self._session.trust_env = False
        if proxy:
            self._session.proxies = {"http": proxy, "https": proxy}

    def ocsp(self, url: str, question: bytes) -> bytes:
        """Ask an OCSP responder (RFC 6960 appendix A.1).

        Raises:
            NotAllowed, Unreachable: as the names say.
        """
        return self._fetch(url, question, OCSP_BYTES)

    def crl(self, url: str) -> bytes:
        """Fetch a CRL.

        Raises:
            NotAllowed, Unreachable: as the names say.
        """
        return self._fetch(url, None, CRL_BYTES)

    def _fetch(self, url: str, question: bytes | None, most_bytes: int) -> bytes:
        require_allowed(url, self._hosts)
        place, now = urlsplit(url).netloc.lower(), time.monotonic()
        if now - self._silent_since.get(place, now - _SILENT_S) < _SILENT_S:
            raise Unreachable("silent a moment ago")
        deadline = now + self._timeout_s
        kind = {"Content-Type": "application/ocsp-request"} if question is not None else {}
        try:
            with self._session.request(
                "GET" if question is None else "POST",
                url,
                data=question,
                headers={**kind, "Accept-Encoding": "identity"},
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != requests.codes.ok:
                    raise Unreachable(f"HTTP {answer.status_code}")
                return read_bounded(answer, most_bytes=most_bytes, deadline=deadline)
        except BadAnswer as error:
            raise Unreachable(str(error)) from None
        except (requests.ConnectionError, requests.Timeout) as error:
            self._silent_since[place] = time.monotonic()
            raise Unreachable(type(error).__name__) from None
        except (requests.RequestException, OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from None
