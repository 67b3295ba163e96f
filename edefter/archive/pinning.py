"""Pins of the portal's keys: a connection to another key ends before a byte is sent.

A pin is the SHA-256 of the server's public key (SubjectPublicKeyInfo, RFC 7469 section 2.4) in
base64. It holds against an authority that certifies somebody else, as inspection proxies do.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from edefter.certificates import read_der


class PinMismatch(OSError):
    """The server's key is none of the pinned ones.

    Args:
        shown: the pin of the key that it showed.
        issuer: who certified that key, as far as the certificate says.
    """

    def __init__(self, shown: str, issuer: str) -> None:
        super().__init__("the server shows another key than the pinned one")
        self.shown = shown
        self.issuer = issuer


def pin_of(certificate: x509.Certificate) -> str:
    """The pin of a certificate's key: base64 of 32 bytes."""
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode("ascii")


class PinnedAdapter(HTTPAdapter):
    """HTTPS for `requests` with pinned keys; certificates are verified as always besides.

    Args:
        pins: allowed ones.
    """

    def __init__(self, pins: Sequence[str]) -> None:
        self._pool = _pool_with(frozenset(pins))
        super().__init__()

    def init_poolmanager(self, *args: Any, **words: Any) -> None:
        """As requests does it, with pools of ours."""
        super().init_poolmanager(*args, **words)
        self.poolmanager.pool_classes_by_scheme = {"https": self._pool}

    def proxy_manager_for(self, *args: Any, **words: Any) -> Any:
        """As requests does it, with pools of ours behind the proxy."""
        manager = super().proxy_manager_for(*args, **words)
        manager.pool_classes_by_scheme = {"https": self._pool}
        return manager


def _pool_with(pins: frozenset[str]) -> type[HTTPSConnectionPool]:
    class Connection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            shown: Any = self.sock
            certificate = read_der(shown.getpeercert(binary_form=True))
            if pin_of(certificate) not in pins:
                self.close()
                raise PinMismatch(pin_of(certificate), certificate.issuer.rfc4514_string())

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool
