"""The firm's client key and certificate for the upload channel.

The key is made here (P-384), readable by its owner alone, and never leaves the computer; only a
PKCS#10 request goes to the portal (portal.md §3). A certificate configured by the operator wins.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edefter.archive.errors import ContractViolation
from edefter.archive.keys import own_key
from edefter.atomic import write_bytes
from edefter.certificates import read_pem
from edefter.clock.port import WallClock
from edefter.config.keeping import PortalSettings

RENEW_BEFORE = timedelta(days=30)


class ClientCredentials:
    """Where the key and certificate of one firm are, and how to get them.

    Args:
        settings: may name an own certificate and key, or switch mutual TLS off.
        firm: VKN/TCKN, the subject of the request.
        key_folder: private folder for what is made here.
        wall: computer time, UTC.
    """

    def __init__(
        self, settings: PortalSettings, firm: str, key_folder: Path, wall: WallClock
    ) -> None:
        self._wall = wall
        self._firm = firm
        self.needed = settings.mutual_tls
        self._configured = settings.client_certificate is not None
        self.certificate_path = settings.client_certificate or key_folder / f"{firm}-client.pem"
        self.key_path = settings.client_key or key_folder / f"{firm}-client.key"

    def pair(self) -> tuple[Path, Path] | None:
        """Certificate and key for TLS; None when not needed or not there yet."""
        if not self.needed or not self.certificate_path.exists() or not self.key_path.exists():
            return None
        return self.certificate_path, self.key_path

    def wants_certificate(self) -> bool:
        """Whether a certificate must be asked for: none is held, or it ends within 30 days."""
        if not self.needed or self._configured:
            return False
        if self.pair() is None:
            return True
        return self._read_certificate().not_valid_after_utc - self._wall() < RENEW_BEFORE

    def request_pem(self) -> str:
        """A PKCS#10 request signed by the (possibly new) key.

        Raises:
            OSError: the key folder cannot be written.
        """
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._firm)])
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(name)
            .sign(self._key(), hashes.SHA384())
        )
        return request.public_bytes(serialization.Encoding.PEM).decode("ascii")

    def accept(self, chain_pem: str) -> datetime:
        """Keep the certificate chain that the portal issued; returns when it ends.

        Raises:
            ContractViolation: it is no certificate, or not for our key.
        """
        try:
            leaf = read_pem(chain_pem.encode("ascii"))[0]
        except (ValueError, IndexError):
            raise ContractViolation(
                "archive.bad_answer", what="client_certificate is no PEM certificate"
            ) from None
        if leaf.public_key() != self._key().public_key():
            raise ContractViolation(
                "archive.bad_answer", what="client_certificate is not for our key"
            )
        write_bytes(self.certificate_path, chain_pem.encode("ascii"))
        return leaf.not_valid_after_utc

    def _read_certificate(self) -> x509.Certificate:
        return read_pem(self.certificate_path.read_bytes())[0]

    def _key(self) -> ec.EllipticCurvePrivateKey:
        return own_key(self.key_path)
