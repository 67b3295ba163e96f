"""The port where seals come in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from edefter.telling import Remark


class SignatureAlgorithm(StrEnum):
    """Algorithms that we sign with, by their XML-DSig URI; never SHA-1."""

    RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    ECDSA_SHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"


class Seal(Protocol):
    """A seal: its certificate and the one cryptographic act.

    A seal may block, be slow and fail; nothing else in the product knows where its key is.
    """

    @property
    def certificate(self) -> x509.Certificate:
        """The signing certificate."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Issuers from the certificate's own issuer upwards, without the root; may be empty."""

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """What the key signs with: RSA → rsa-sha256, P-384 → ecdsa-sha384.

        Raises:
            SealRefused: RSA below 2048 bits or another kind of key.
        """

    def sign(self, data: bytes) -> bytes:
        """Sign `data` (hashing it itself).

        Returns:
            The XML-DSig signature value: RSA PKCS#1 v1.5 bytes, or raw r‖s of fixed width.

        Raises:
            SealRefused: the key cannot be used (wrong PIN, locked, removed); not retryable.
            WaitingError: the seal did not answer in time.
        """


@dataclass(frozen=True, slots=True)
class Candidate:
    """One certificate that a seal could sign with.

    Args:
        certificate: on the token.
        label: its label there, may be empty.
        has_key: whether its private key is there too.
        chain: its issuers as far as they lie beside it, without the root.
    """

    certificate: x509.Certificate
    label: str = ""
    has_key: bool = True
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate's DER form."""
        return self.certificate.fingerprint(SHA256())


@runtime_checkable
class SealWithChoice(Protocol):
    """A seal that holds several certificates, such as a card: signing and encryption, renewals.

    Methods alone: `isinstance` reads properties, and reading them may open the token.
    """

    def candidates(self) -> tuple[Candidate, ...]:
        """All of them.

        Raises:
            SealRefused, WaitingError, ConfigError: the token cannot be used.
        """

    def remarks(self) -> tuple[Remark, ...]:
        """What is worth knowing of the token itself."""

    def choose(self, candidate: Candidate) -> None:
        """Sign with this one from now on."""


@runtime_checkable
class SealWithPin(Protocol):
    """A seal that wants a PIN and remembers wrong ones."""

    def unlock(self) -> bool:
        """Forget wrong PINs, because a person says so; whether there were any.

        Raises:
            SealRefused, WaitingError, ConfigError: the token cannot be asked who it is.
        """
