"""The test PKI: every variant is wrong in the way that its name says, and in no other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from edefter.sandbox.pki import VARIANTS, SandboxPki, Variant, issue_variant
from edefter.sandbox.pki.register import revocations, set_responder_url
from edefter.xmlsig.certificate import has_sandbox_marker, may_sign, tax_number

VKN = "1234567808"


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants(pki: SandboxPki, variant: Variant) -> None:
    seal = issue_variant(pki, variant, VKN, "Şişe Çığ A.Ş.", key="ec").certificate
    now = datetime.now(UTC)
    public = seal.public_key()
    wrong = {
        "expired": seal.not_valid_after_utc < now,
        "not-yet-valid": seal.not_valid_before_utc > now,
        "wrong-vkn": tax_number(seal) != VKN,
        "encryption": not may_sign(seal),
        "sha1": seal.signature_hash_algorithm is not None
        and seal.signature_hash_algorithm.name == "sha1",
        "rsa-1024": isinstance(public, rsa.RSAPublicKey) and public.key_size < 2048,
        "unknown-root": seal.issuer == pki.seal_ca.subject and not _issued_by(seal, pki.seal_ca),
        "revoked": seal.serial_number in revocations(pki.folder),
    }
    assert {name for name, is_so in wrong.items() if is_so} == {variant}
    assert has_sandbox_marker(seal)


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    key, digest = issuer.public_key(), certificate.signature_hash_algorithm
    assert isinstance(key, ec.EllipticCurvePublicKey) and digest is not None
    try:  # `verify_directly_issued_by` refuses SHA-1 before it looks at the value
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


def test_certificates_of_the_services(pki: SandboxPki) -> None:
    tsa = x509.load_pem_x509_certificate(pki.issue_tsa()[0].read_bytes())
    usage = tsa.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical, "RFC 3161 §2.3"
    assert list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    responder = x509.load_pem_x509_certificate(pki.issue_ocsp_responder()[0].read_bytes())
    responder.verify_directly_issued_by(pki.seal_ca)
    assert (
        ExtendedKeyUsageOID.OCSP_SIGNING
        in responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    )


def test_seals_name_the_responder_once_it_runs(tmp_path: Path) -> None:
    pki = SandboxPki(tmp_path)
    with pytest.raises(x509.ExtensionNotFound):
        extensions = pki.issue_seal(VKN, "Şişe").certificate.extensions
        extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    set_responder_url(pki.folder, "http://127.0.0.1:4711")
    extensions = pki.issue_seal(VKN, "Şişe").certificate.extensions
    point = extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
    assert point.full_name is not None
    assert point.full_name[0].value == "http://127.0.0.1:4711/seal-ca.crl"
