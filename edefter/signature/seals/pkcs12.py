"""A seal in a PKCS#12 file (.p12, .pfx): for tests, rehearsals and HSM-less servers.

Real seals come on cards, tokens and HSMs; those backends stand behind the same port.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12

from edefter.errors import ConfigError, SealRefused
from edefter.signature.port import SignatureAlgorithm
from edefter.signature.seals.algorithm import algorithm_of, fixed_width
from edefter.signature.seals.chains import chain_among


class Pkcs12Seal:
    """A seal whose key is held in memory, read from a PKCS#12 file.

    Args:
        name: how the configuration calls it, for messages.
        path: the file.
        password: its password; never kept, never shown.

    Raises:
        ConfigError: the file is missing or cannot be read.
        SealRefused: wrong password, no PKCS#12, no private key, no certificate for the key.
    """

    def __init__(self, name: str, path: Path, password: str) -> None:
        try:
            data = path.read_bytes()
        except OSError:
            raise ConfigError("signature.seal_file_missing", seal=name, file=str(path)) from None
        try:
            held = pkcs12.load_pkcs12(data, password.encode())
        except (ValueError, x509.InvalidVersion):
            raise SealRefused("signature.seal_password", seal=name) from None
        if held.key is None:
            raise SealRefused("signature.seal_no_key", seal=name)
        self._key = held.key
        certificates = [item.certificate for item in held.additional_certs]
        if held.cert is not None:
            certificates.insert(0, held.cert.certificate)
        self._certificate = self._own(name, certificates)
        self._chain = chain_among(self._certificate, certificates)

    def _own(self, name: str, certificates: list[x509.Certificate]) -> x509.Certificate:
        """The certificate of our key; of several (renewed with the same key) the newest."""
        public = self._key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        own = [
            certificate
            for certificate in certificates
            if certificate.public_key().public_bytes(
                Encoding.DER, PublicFormat.SubjectPublicKeyInfo
            )
            == public
        ]
        if not own:
            raise SealRefused("signature.seal_no_certificate", seal=name)
        return max(own, key=lambda certificate: certificate.not_valid_before_utc)

    @property
    def certificate(self) -> x509.Certificate:
        """The signing certificate."""
        return self._certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Issuers held in the file, from the certificate's own issuer upwards, without root."""
        return self._chain

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """What the key signs with.

        Raises:
            SealRefused: RSA below 2048 bits or another kind of key.
        """
        return algorithm_of(self._certificate)

    def sign(self, data: bytes) -> bytes:
        """Sign `data`; RSA PKCS#1 v1.5 with SHA-256, or ECDSA with SHA-384 as raw r‖s.

        Raises:
            SealRefused: the key is too weak or of another kind.
        """
        if self.algorithm is SignatureAlgorithm.RSA_SHA256:
            assert isinstance(self._key, rsa.RSAPrivateKey)
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        assert isinstance(self._key, ec.EllipticCurvePrivateKey)
        return fixed_width(self._key.sign(data, ec.ECDSA(hashes.SHA384())))
