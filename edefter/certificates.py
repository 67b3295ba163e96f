"""Reading foreign certificates: one kind of refusal, and extensions that are never a crash.

cryptography reports some malformed certificates by errors of their own that are no ValueError, and
extensions only when one looks at any of them. A caller who reads foreign bytes easily forgets one.
"""

from __future__ import annotations

from typing import TypeVar

from cryptography import x509

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)

UNREADABLE = (
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
    ValueError,
    TypeError,
)
"""What reading a stranger's certificate, its extensions or a list of revocations raises."""


def read_der(data: bytes) -> x509.Certificate:
    """A certificate of its DER form.

    Args:
        data: anything.

    Raises:
        ValueError: it is no X.509 certificate, or of a version that RFC 5280 §4.1.2.1 does not
            know.
    """
    try:
        return x509.load_der_x509_certificate(data)
    except x509.InvalidVersion as error:
        raise ValueError(str(error)) from None


def read_pem(data: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file, at least one.

    Args:
        data: anything.

    Raises:
        ValueError: there is none, or as for `read_der`.
    """
    try:
        return x509.load_pem_x509_certificates(data)
    except x509.InvalidVersion as error:
        raise ValueError(str(error)) from None


def extension(certificate: x509.Certificate, kind: type[_Kind]) -> x509.Extension[_Kind] | None:
    """An extension; None when there is none or any of the certificate's cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return None
