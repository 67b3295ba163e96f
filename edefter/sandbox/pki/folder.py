"""A folder of certificates and keys, and issuing by the CAs in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from edefter.atomic import write_bytes
from edefter.certificates import read_pem
from edefter.sandbox.pki.certificates import (
    Extension,
    KeyKind,
    PrivateKey,
    build,
    key_pem,
    new_key,
    subject_name,
)
from edefter.sandbox.pki.register import Revoked, add_revocation


def write_private(path: Path, data: bytes) -> None:
    """Write a file that its owner alone may read."""
    write_bytes(path, data)
    path.chmod(0o600)


class CaFolder:
    """CAs and what they issued, each as `<name>.pem` with `<name>.key`.

    Args:
        folder: where they are; made when missing.
        now: zone-aware moment that validity is counted from.
    """

    def __init__(self, folder: Path, now: datetime | None = None) -> None:
        self.folder = folder
        self.now = now or datetime.now(UTC)
        folder.mkdir(parents=True, exist_ok=True)

    def store(self, name: str, cert: x509.Certificate, key: PrivateKey) -> None:
        """Keep a certificate with its key."""
        write_bytes(self.folder / f"{name}.pem", cert.public_bytes(serialization.Encoding.PEM))
        write_private(self.folder / f"{name}.key", key_pem(key))

    def certificate(self, name: str) -> x509.Certificate:
        """The certificate of a file stem, e.g. `seal-ca`."""
        return read_pem((self.folder / f"{name}.pem").read_bytes())[0]

    def key(self, name: str) -> PrivateKey:
        """The private key of a file stem, for simulators that sign as that CA or server."""
        key = serialization.load_pem_private_key(
            (self.folder / f"{name}.key").read_bytes(), password=None
        )
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return key

    def issue(
        self,
        subject: x509.Name,
        key: PrivateKey,
        issuer: str | None,
        *,
        years: float = 3,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        **options: Any,
    ) -> x509.Certificate:
        """A certificate by the CA of that file stem; None = self-signed."""
        begin = not_before or self.now - timedelta(days=2)
        return build(
            subject,
            key,
            self.certificate(issuer) if issuer else None,
            self.key(issuer) if issuer else key,
            not_before=begin,
            not_after=not_after or begin + timedelta(days=365.25 * years),
            **options,
        )

    def revoke(
        self, certificate: x509.Certificate, at: datetime | None = None, reason: str = "unspecified"
    ) -> None:
        """Revoke a certificate; the responder tells it from its next answer on.

        Args:
            certificate: of a CA of this PKI.
            at: since when; default now.
            reason: as RFC 5280 §5.3.1 names it.
        """
        add_revocation(
            self.folder, certificate.serial_number, Revoked(at or datetime.now(UTC), reason)
        )

    def issue_helper(
        self, name: str, issuer: str, extensions: tuple[Extension, ...], *, key: KeyKind,
        not_before: datetime | None = None, not_after: datetime | None = None,
    ) -> tuple[Path, Path]:  # fmt: skip
        """A certificate of a server or service; PEM files of it and its key."""
        private = new_key(key)
        certificate = self.issue(
            subject_name(f"TEST {name}"), private, issuer,
            not_before=not_before, not_after=not_after, extensions=extensions,
        )  # fmt: skip
        self.store(name, certificate, private)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"
