"""Trust anchors of one environment: where they lie, and how one is taken in."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from edefter.errors import ConfigError


def load_anchors(folder: Path) -> tuple[x509.Certificate, ...]:
    """Read the trust anchors in one folder.

    Sub-CAs may lie there too: signatures carry only the signer's own certificate, so the path is
    built from this folder.

    Args:
        folder: holds PEM files (`*.pem`, `*.crt`, one or several certificates each).

    Returns:
        Each certificate once; empty when the folder is empty or missing.

    Raises:
        ConfigError: a file there is no PEM certificate.
    """
    found: dict[bytes, x509.Certificate] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix not in (".pem", ".crt"):
            continue
        try:
            certificates = x509.load_pem_x509_certificates(path.read_bytes())
        except (ValueError, OSError) as error:
            raise ConfigError(
                "xmlsig.anchor_unreadable", file=path.name, detail=type(error).__name__
            ) from None
        for certificate in certificates:
            found.setdefault(certificate.fingerprint(SHA256()), certificate)
    return tuple(found.values())
