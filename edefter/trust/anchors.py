"""Trust anchors of one environment: where they lie, and how one is taken in.

An anchor decides whom we believe, so none is fetched and none is shipped for production: the
operator gives the file and, from another source, its fingerprint.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edefter.atomic import write_bytes
from edefter.certificates import extension, read_der, read_pem
from edefter.config.checks import CERTIFICATE_ENDINGS, anchor_folders
from edefter.config.settings import Settings
from edefter.errors import ConfigError
from edefter.model.environment import Environment
from edefter.xmlsig.algorithms import MINIMUM_RSA_BITS
from edefter.xmlsig.certificate import (
    common_name,
    fingerprint,
    fits_environment,
    key_usage,
    serial_text,
)

_MOST_BYTES = 64 * 1024


def anchors_of(settings: Settings) -> tuple[x509.Certificate, ...]:
    """The trust anchors in force.

    Raises:
        ConfigError: a file in one of the folders is no PEM certificate.
    """
    found: dict[str, x509.Certificate] = {}
    for folder in anchor_folders(settings):
        for certificate in load_anchors(folder):
            found.setdefault(fingerprint(certificate), certificate)
    return tuple(found.values())


def load_anchors(folder: Path) -> tuple[x509.Certificate, ...]:
    """Read the trust anchors in one folder.

    Sub-CAs may lie there too: signatures carry only the signer's own certificate, so the path is
    built from this folder.

    Args:
        folder: holds PEM files (`*.pem`, `*.crt`, `*.cer`, one or several certificates each).

    Returns:
        Each certificate once; empty when the folder is empty or missing.

    Raises:
        ConfigError: a file there is no PEM certificate.
    """
    found: dict[bytes, x509.Certificate] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix.lower() not in CERTIFICATE_ENDINGS:
            continue
        try:
            certificates = read_pem(path.read_bytes())
        except (ValueError, OSError) as error:
            raise ConfigError(
                "xmlsig.anchor_unreadable", file=path.name, detail=type(error).__name__
            ) from None
        for certificate in certificates:
            found.setdefault(certificate.fingerprint(SHA256()), certificate)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Imported:
    """An anchor that was taken in.

    Args:
        certificate: the anchor.
        path: its file.
        new: False when it lay there already.
    """

    certificate: x509.Certificate
    path: Path
    new: bool


def import_anchor(
    file: Path, sha256: str, settings: Settings, *, now: datetime, expired: bool = False
) -> Imported:
    """Take in one root or sub-CA whose fingerprint the operator knows from elsewhere.

    Args:
        file: PEM or DER, exactly one certificate.
        sha256: fingerprint of the DER form, 64 hex digits; colons and blanks are passed over.
        settings: say the environment and the folder.
        now: zone-aware.
        expired: take it though it has expired, for old documents.

    Raises:
        ConfigError: no certificate, another fingerprint, no CA, not valid now, weak, or of another
            world (sandbox marker); or the folder cannot be written. Nothing is written then.
    """
    certificate = _read_one(file)
    wanted = re.sub(r"[\s:]", "", sha256).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise ConfigError("trust.import_fingerprint_form")
    found = fingerprint(certificate)
    if not hmac.compare_digest(found, wanted):
        raise ConfigError("trust.import_other_fingerprint", file=file.name, found=found)
    _refuse_unfit(certificate, settings.environment, now, expired=expired)
    path = anchor_folders(settings)[-1] / _file_name(certificate)
    if path.is_file() and any(fingerprint(c) == found for c in load_anchors(path.parent)):
        return Imported(certificate, path, new=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, certificate.public_bytes(Encoding.PEM))
    except OSError as error:
        raise ConfigError(
            "trust.import_not_written", folder=str(path.parent), detail=error.strerror or "-"
        ) from None
    return Imported(certificate, path, new=True)


def _read_one(file: Path) -> x509.Certificate:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ValueError("too large")
        data = file.read_bytes()
        if b"-----BEGIN" in data:
            certificates = read_pem(data)
            if len(certificates) != 1:
                raise ValueError(f"{len(certificates)} certificates")
            return certificates[0]
        return read_der(data)
    except OSError as error:
        raise ConfigError(
            "trust.import_unreadable", file=file.name, detail=error.strerror or "-"
        ) from None
    except ValueError as error:
        raise ConfigError(
            "trust.import_unreadable", file=file.name, detail=str(error)[:100]
        ) from None


def _refuse_unfit(
    certificate: x509.Certificate, environment: Environment, now: datetime, *, expired: bool
) -> None:
    facts: dict[str, Any] = {"subject": common_name(certificate)}
    if not fits_environment(certificate, environment):
        sandbox = environment is Environment.SANDBOX
        key = "trust.import_real_in_sandbox" if sandbox else "trust.import_sandbox_only"
        raise ConfigError(key, environment=environment.value, **facts)
    if not is_authority(certificate):
        raise ConfigError("trust.import_no_ca", **facts)
    weakness = _weakness(certificate)
    if weakness:
        raise ConfigError("trust.import_weak", detail=weakness, **facts)
    if now < certificate.not_valid_before_utc:
        raise ConfigError(
            "trust.import_not_yet_valid",
            not_before=certificate.not_valid_before_utc.isoformat(), **facts,
        )  # fmt: skip
    if now > certificate.not_valid_after_utc and not expired:
        raise ConfigError(
            "trust.import_expired", not_after=certificate.not_valid_after_utc.isoformat(), **facts
        )


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate may issue others, by its own words."""
    basic = extension(certificate, x509.BasicConstraints)
    usage = key_usage(certificate)
    return basic is not None and basic.value.ca and (usage is None or usage.key_cert_sign)


def _weakness(certificate: x509.Certificate) -> str:
    """Why nobody should lean on it; a root's own signature is not leant on."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        weak = f"RSA-{key.key_size}" if key.key_size < MINIMUM_RSA_BITS else ""
    elif isinstance(key, ec.EllipticCurvePublicKey):
        weak = f"EC-{key.curve.key_size}" if key.curve.key_size < 256 else ""
    else:
        return type(key).__name__
    self_issued = certificate.subject == certificate.issuer
    if not weak and self_issued:
        try:
            certificate.verify_directly_issued_by(certificate)
        except InvalidSignature:
            return "signature"
        except (ValueError, TypeError):
            return ""
    elif not weak and isinstance(certificate.signature_hash_algorithm, hashes.SHA1 | hashes.MD5):
        return certificate.signature_hash_algorithm.name
    return weak


def _file_name(certificate: x509.Certificate) -> str:
    """Readable, plain ASCII, and different for different certificates."""
    letters = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")
    words = re.sub(r"[^A-Za-z0-9]+", "-", common_name(certificate).translate(letters)).strip("-")
    return f"{words[:48].lower() or serial_text(certificate)}-{fingerprint(certificate)[:16]}.pem"
