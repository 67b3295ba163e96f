"""Certificates that the parser refuses in its own way: each reader says its sentence, none breaks.

cryptography's InvalidVersion and DuplicateExtension are no ValueErrors.
"""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edefter.archive.credentials import ClientCredentials
from edefter.archive.errors import ContractViolation
from edefter.certificates import extension, read_der, read_pem
from edefter.config.keeping import PortalSettings
from edefter.config.settings import Settings
from edefter.engine.doctor.tls import describe
from edefter.engine.trusting import certificates_in
from edefter.errors import ConfigError, DataError
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.revocation.answers import certificate_list
from edefter.signature.seals.pkcs11.holding import held_on
from edefter.signature.verify import verify_file
from edefter.trust.anchors import import_anchor, is_authority, load_anchors
from edefter.trust.answers import Answer, Refused, judge
from edefter.trust.evidence import Evidence, evidence_bytes, read_evidence
from edefter.trust.revocation import says_where
from edefter.xmlsig.certificate import may_sign
from tests.support.signed_documents import NOW, VKN, seal_of, signed_ledger

_VERSION_3 = bytes.fromhex("a003020102")


def other_version(der: bytes) -> bytes:
    """The same with a version that no standard knows."""
    assert der.count(_VERSION_3) >= 1
    return der.replace(_VERSION_3, _VERSION_3[:-1] + b"\x57", 1)


@pytest.fixture
def odd(pki: SandboxPki) -> bytes:
    return other_version(pki.root.public_bytes(Encoding.DER))


@pytest.fixture
def doubled(pki: SandboxPki) -> x509.Certificate:
    """A certificate whose first extension stands twice."""
    plain = asn1_x509.Certificate.load(pki.root.public_bytes(Encoding.DER))
    part = plain["tbs_certificate"].copy()
    part["extensions"] = [*part["extensions"], part["extensions"][0]]
    fields = {name: plain[name] for name in ("signature_algorithm", "signature_value")}
    whole = asn1_x509.Certificate({"tbs_certificate": part, **fields})
    return read_der(whole.dump(force=True))


def pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).encode()


def on_token(*ders: bytes) -> dict[str, object]:
    items = [
        {"der": base64.b64encode(der).decode(), "label": f"s{n}", "id": f"{n}"}
        for n, der in enumerate(ders)
    ]
    return {"keys": [], "certificates": items}


def test_the_parser_has_an_error_of_its_own(odd: bytes) -> None:
    """Else this file shows nothing."""
    with pytest.raises(x509.InvalidVersion):
        x509.load_der_x509_certificate(odd)
    for read, data in ((read_der, odd), (read_pem, pem(odd)), (read_der, b"0\x03\x02\x01\x05")):
        with pytest.raises(ValueError):
            read(data)


def test_anchors(odd: bytes, tmp_path: Path) -> None:
    config = Settings.model_validate({"environment": "production", "data_dir": tmp_path / "data"})
    for data in (odd, pem(odd)):
        file = tmp_path / "kok.pem"
        file.write_bytes(data)
        with pytest.raises(ConfigError, match="import_unreadable"):
            import_anchor(file, "0" * 64, config, now=NOW)
        with pytest.raises(ConfigError, match="anchor_unreadable"):
            load_anchors(tmp_path)


def test_evidence(pki: SandboxPki, odd: bytes, tmp_path: Path) -> None:
    whole = evidence_bytes(Evidence(certificates=(pki.root,), gathered_at=NOW))
    right = base64.b64encode(pki.root.public_bytes(Encoding.DER))
    assert right in whole
    path = tmp_path / "kanit.json"
    path.write_bytes(whole.replace(right, base64.b64encode(odd)))
    with pytest.raises(DataError, match="evidence_unreadable"):
        read_evidence(path)


def test_signed_document(pki: SandboxPki, tmp_path: Path) -> None:
    seal = seal_of(pki)
    path = signed_ledger(tmp_path, seal).file.path
    assert certificates_in(path)
    der = seal.certificate.public_bytes(Encoding.DER)
    data = path.read_bytes()
    right = base64.b64encode(der)
    assert right in data
    path.write_bytes(data.replace(right, base64.b64encode(other_version(der))))
    assert not verify_file(path, now=NOW).ok
    assert seal.certificate not in certificates_in(path)


def test_card(pki: SandboxPki, odd: bytes, doubled: x509.Certificate) -> None:
    own = seal_of(pki).certificate
    shown = held_on(
        on_token(odd, doubled.public_bytes(Encoding.DER), own.public_bytes(Encoding.DER)), ""
    )
    assert [held.candidate.certificate for held in shown] == [doubled, own]


def test_server(odd: bytes, doubled: x509.Certificate) -> None:
    assert describe(odd) == {}
    assert describe(doubled.public_bytes(Encoding.DER))["names"] == ""


def test_portal_client_certificate(odd: bytes, tmp_path: Path) -> None:
    held = ClientCredentials(PortalSettings(), VKN, tmp_path, lambda: datetime.now(UTC))
    with pytest.raises(ContractViolation, match="bad_answer"):
        held.accept(pem(odd).decode())
    assert not held.certificate_path.exists()


def test_list_of_revocations(pki: SandboxPki) -> None:
    whole = certificate_list(pki, "root", NOW, {})
    version_2 = b"\x02\x01\x01\x30"
    assert whole.count(version_2) >= 1
    odd = whole.replace(version_2, b"\x02\x01\x57\x30", 1)
    with pytest.raises(x509.InvalidVersion):
        x509.load_der_x509_crl(odd)
    with pytest.raises(Refused):
        judge(Answer("crl", odd), (pki.seal_ca, pki.root))


def test_an_extension_that_stands_twice_says_nothing(doubled: x509.Certificate) -> None:
    with pytest.raises(x509.DuplicateExtension):
        _ = doubled.extensions
    assert extension(doubled, x509.BasicConstraints) is None
    assert not is_authority(doubled)
    assert not may_sign(doubled)
    assert not says_where(doubled)
