"""Keys of the installation's own: P-384, made when first wanted, readable by their owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edefter.atomic import atomic_writer

_OWNER_ONLY = 0o600


def own_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key in a file; made when there is none.

    Args:
        path: PEM, PKCS#8 without a password; its folder is made when missing.

    Raises:
        ValueError: the file holds no private key.
        OSError: it cannot be read or written.
    """
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    key = ec.generate_private_key(ec.SECP384R1())
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with atomic_writer(path) as sink:
        if hasattr(os, "fchmod"):
            os.fchmod(sink.fileno(), _OWNER_ONLY)  # before a byte of the key is in it
        sink.write(data)
    return key
