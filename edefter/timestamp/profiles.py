"""How an authority wants to know who asks: plainly, by HTTP Basic, or by Kamu SM's header."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from typing import Any, ClassVar

from asn1crypto import core
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Headers = dict[str, str]
Profile = Callable[[bytes], Headers]
"""Headers for one request; takes the message imprint (the hash) that it asks a stamp for."""

_ITERATIONS = 100
_KAMUSM_AGENT = "UEKAE TSS Client"


def plain() -> Profile:
    """No credential."""
    return lambda _: {"User-Agent": "edefter"}


def basic(customer: str, password: str) -> Profile:
    """HTTP Basic (RFC 7617)."""
    credential = base64.b64encode(f"{customer}:{password}".encode()).decode("ascii")
    return lambda _: {"User-Agent": "edefter", "Authorization": f"Basic {credential}"}


class _Identity(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields: ClassVar[list[tuple[str, Any]]] = [
        ("customer", core.Integer),
        ("salt", core.OctetString),
        ("iterations", core.Integer),
        ("iv", core.OctetString),
        ("ciphertext", core.OctetString),
    ]


def kamusm(customer: str, password: str) -> Profile:
    """Kamu SM's identity header (signing.md §4): the imprint, encrypted under the password.

    The padding of the ciphertext is PKCS#7, as with the Java and .NET clients.

    Args:
        customer: customer number, digits.
        password: of that customer.

    Raises:
        ValueError: the customer number is no number.
    """
    number = int(customer)

    def headers(imprint: bytes) -> Headers:
        salt, iv = os.urandom(16), os.urandom(16)
        key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS, 32)
        padder = padding.PKCS7(128).padder()
        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        ciphertext = encryptor.update(padder.update(imprint) + padder.finalize())
        identity = _Identity(
            {
                "customer": number,
                "salt": salt,
                "iterations": _ITERATIONS,
                "iv": iv,
                "ciphertext": ciphertext + encryptor.finalize(),
            }
        )
        return {"User-Agent": _KAMUSM_AGENT, "identity": identity.dump().hex()}

    return headers
