"""Which certificates the simulated GİB trusts: seals under the sandbox root, for signing only."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from edefter.certificates import read_pem

_LONGEST_PATH = 5


class Untrusted(Exception):
    """A certificate is not accepted; the text is Turkish."""


class Trust:
    """Anchor and known sub-CAs of one sandbox PKI.

    Args:
        pki: folder of `SandboxPki`.
    """

    def __init__(self, pki: Path) -> None:
        self._root = read_pem((pki / "root.pem").read_bytes())[0]
        self._known = [read_pem((pki / "seal-ca.pem").read_bytes())[0]]

    def check(
        self,
        certificate: x509.Certificate,
        moment: datetime,
        others: tuple[x509.Certificate, ...] = (),
    ) -> str:
        """Check a signer's certificate and its path.

        Args:
            certificate: of the signer.
            moment: when it must be valid.
            others: issuers that came with it.

        Returns:
            The tax number in its subject.

        Raises:
            Untrusted: with the reason.
        """
        self._check_signing(certificate)
        pool = [*others, *self._known, self._root]
        current = certificate
        for _ in range(_LONGEST_PATH):
            _check_validity(current, moment)
            if _same(current, self._root):
                return tax_number(certificate)
            issuer = next((c for c in pool if _issued(current, c)), None)
            if issuer is None or _same(issuer, current):
                break
            current = issuer
        raise Untrusted("sertifika güvenilen köke bağlanmıyor")

    @staticmethod
    def _check_signing(certificate: x509.Certificate) -> None:
        try:
            usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            raise Untrusted("sertifikada anahtar kullanımı yok") from None
        if not usage.digital_signature or usage.key_encipherment or usage.key_agreement:
            raise Untrusted("imza şifreleme sertifikası ile atılmış")


def check_order(path: list[x509.Certificate]) -> None:
    """A PKIPath runs from the CA side to the end entity.

    Raises:
        Untrusted: a certificate was not issued by the one before it (for example reversed).
    """
    for issuer, issued in itertools.pairwise(path):
        if not _issued(issued, issuer):
            raise Untrusted("PKIPath sırası yanlış")


def tax_number(certificate: x509.Certificate) -> str:
    """The subject's serialNumber.

    Raises:
        Untrusted: it has none, or several.
    """
    found = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    if len(found) != 1:
        raise Untrusted("sertifikada VKN/TCKN yok")
    return str(found[0].value)


def _check_validity(certificate: x509.Certificate, moment: datetime) -> None:
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise Untrusted("sertifikanın geçerlilik süresi uymuyor")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not basic.ca:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return True


def _same(left: x509.Certificate, right: x509.Certificate) -> bool:
    return left.public_bytes(Encoding.DER) == right.public_bytes(Encoding.DER)
