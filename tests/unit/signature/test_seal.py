"""Seals from PKCS#12, and which of them may sign."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from edefter.config.section import SecretRef
from edefter.config.settings import SealSettings
from edefter.errors import ConfigError, EdefterError, ExitCode, SealRefused
from edefter.model.environment import Environment
from edefter.sandbox.pki import SandboxPki, SealFile, usage
from edefter.signature.choice import check_seal
from edefter.signature.port import Seal, SignatureAlgorithm
from edefter.signature.seals.open_seal import open_seal
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.trust.anchors import load_anchors
from tests.support.signed_documents import NOW, VKN, opened, seal_of

TITLE = "Çağrı İnşaat Şirketi"


def issue(pki: SandboxPki, **options: object) -> SealFile:
    return pki.issue_seal(VKN, TITLE, label=uuid.uuid4().hex, **options)  # type: ignore[arg-type]


def settings(file: SealFile) -> SealSettings:
    return SealSettings(path=file.path, password=SecretRef(env="PAROLA"))


def give(password: str, _: SecretRef) -> str:
    return password


def explains(error: EdefterError, *words: str) -> None:
    """The sentence holds the words, in both languages with a remedy and never the password."""
    for lang in ("tr", "en"):
        text = error.text(lang)
        assert all(word in text for word in words), text
        assert "?" not in text
        assert error.remedy(lang)
    assert "parola-gizli" not in f"{error} {error!r} {error.facts}"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [("rsa", SignatureAlgorithm.RSA_SHA256), ("ec", SignatureAlgorithm.ECDSA_SHA384)],
)
def test_signs_by_the_kind_of_its_key(
    pki: SandboxPki, tmp_path: Path, key: str, algorithm: SignatureAlgorithm
) -> None:
    file = issue(pki, key=key)
    seal: Seal = open_seal("ana", settings(file), lambda _: file.password, tmp_path)
    assert seal.algorithm is algorithm
    assert seal.certificate == file.certificate
    assert seal.chain == (pki.seal_ca,)
    value, public = seal.sign(b"veri"), seal.certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(value, b"veri", padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        assert len(value) == 96
        der = encode_dss_signature(int.from_bytes(value[:48]), int.from_bytes(value[48:]))
        public.verify(der, b"veri", ec.ECDSA(hashes.SHA384()))


def test_ecdsa_width_is_fixed(pki: SandboxPki) -> None:
    """One in 128 values begins with a zero byte in r or s: the width must not shrink."""
    seal = seal_of(pki, "ec")
    assert {len(seal.sign(b"x")) for _ in range(400)} == {96}


def test_what_cannot_be_opened_says_why(pki: SandboxPki, tmp_path: Path) -> None:
    file = issue(pki)
    cases: list[tuple[SealSettings, str, type[EdefterError], str]] = [
        (SealSettings(password=SecretRef(env="P")), "x", ConfigError, "path"),
        (SealSettings(path=file.path), "x", ConfigError, "password"),
        (settings(file), "parola-gizli", SealRefused, "ana"),
        (settings(SealFile(tmp_path / "yok.p12", "", file.certificate)), "x", ConfigError, "yok"),
    ]
    (tmp_path / "metin.p12").write_bytes(b"bu bir muhur degil")
    cases.append(
        (settings(SealFile(tmp_path / "metin.p12", "", file.certificate)), "x", SealRefused, "ana")
    )
    for setting, password, kind, word in cases:
        with pytest.raises(kind) as caught:
            open_seal("ana", setting, partial(give, password), tmp_path)
        explains(caught.value, word)
        assert caught.value.__suppress_context__ or caught.value.__cause__ is None


def bundle(
    path: Path,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None,
    own: x509.Certificate | None,
    others: list[x509.Certificate],
) -> Pkcs12Seal:
    data = pkcs12.serialize_key_and_certificates(
        b"x", key, own, others, serialization.BestAvailableEncryption(b"p")
    )
    path.write_bytes(data)
    return Pkcs12Seal("ana", path, "p")


def own_certificate(key: rsa.RSAPrivateKey, *, days: int = 0, name: str = VKN) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, name)])
    begin = NOW - timedelta(days=100) + timedelta(days=days)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(begin).not_valid_after(begin + timedelta(days=900))
        .add_extension(usage(), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip


def test_file_with_several_certificates(pki: SandboxPki, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    old, new = own_certificate(key), own_certificate(key, days=30)
    other = issue(pki).certificate
    seal = bundle(tmp_path / "a.p12", key, old, [other, new, pki.seal_ca, pki.root])
    assert seal.certificate == new, "renewed with the same key: the newest counts"
    seal = bundle(tmp_path / "b.p12", key, old, [other])
    assert (seal.certificate, seal.chain) == (old, ())


def test_file_without_key_or_certificate(pki: SandboxPki, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(SealRefused) as caught:
        bundle(tmp_path / "a.p12", None, None, [issue(pki).certificate])
    assert caught.value.key == "signature.seal_no_key"
    with pytest.raises(SealRefused) as caught:
        bundle(tmp_path / "b.p12", key, None, [issue(pki).certificate])
    assert caught.value.key == "signature.seal_no_certificate"
    explains(caught.value, "ana")


class Held:
    """A seal that only shows a certificate."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self.certificate = certificate
        self.chain: tuple[x509.Certificate, ...] = ()


def check(seal: Seal, **options: object) -> object:
    values = {"tax_numbers": [VKN], "now": NOW, "environment": Environment.SANDBOX, **options}
    return check_seal(seal, **values)  # type: ignore[arg-type]


def test_fit_seal(pki: SandboxPki) -> None:
    seal = seal_of(pki)
    fitness = check_seal(
        seal, tax_numbers=["9999999999", VKN], now=NOW,
        environment=Environment.SANDBOX, anchors=[pki.root, pki.seal_ca],
    )  # fmt: skip
    assert fitness.tax_number == VKN
    assert 1080 < fitness.days_left < 1096
    assert fitness.warnings == ()


@pytest.mark.parametrize(("days", "warned"), [(61.5, False), (60.5, True), (0.5, True)])
def test_warns_sixty_days_before_the_end(pki: SandboxPki, days: float, warned: bool) -> None:
    seal = opened(issue(pki, not_after=NOW + timedelta(days=days)))
    fitness = check(seal)
    assert [w.key for w in fitness.warnings] == ["signature.seal_expires_soon"] * warned  # type: ignore[attr-defined]


def refused(pki: SandboxPki, file: SealFile, **options: object) -> SealRefused:
    with pytest.raises(SealRefused) as caught:
        check(opened(file), **options)
    assert caught.value.exit_code is ExitCode.REFUSED
    return caught.value


def test_expired(pki: SandboxPki) -> None:
    end = datetime(2026, 1, 31, 21, 0, tzinfo=UTC)
    file = issue(pki, not_before=end - timedelta(days=9), not_after=end)
    error = refused(pki, file, now=datetime(2026, 2, 1, tzinfo=UTC))
    assert error.key == "signature.seal_expired"
    serial = f"{file.certificate.serial_number:X}"
    explains(error, "01.02.2026 00:00:00", "01.02.2026 03:00:00", serial)  # Turkish time
    assert "edefter seal list" in error.remedy("tr")


def test_not_yet_valid(pki: SandboxPki) -> None:
    error = refused(pki, issue(pki, not_before=NOW + timedelta(days=1)))
    assert error.key == "signature.seal_not_yet_valid"
    explains(error)


def test_encryption_twin(pki: SandboxPki) -> None:
    error = refused(pki, issue(pki, encryption=True))
    assert error.key == "signature.seal_not_for_signing"
    explains(error, "key_encipherment")


def test_other_owner(pki: SandboxPki) -> None:
    error = refused(pki, issue(pki), tax_numbers=["9999999999"])
    assert error.key == "signature.seal_other_owner"
    explains(error, VKN, "9999999999")


def test_environments_never_mix(pki: SandboxPki) -> None:
    for environment in (Environment.PRODUCTION, Environment.TEST):
        error = refused(pki, issue(pki), environment=environment)
        assert error.key == "signature.seal_sandbox_only"
        explains(error, environment.value)
    error = refused(pki, issue(pki, marked=False))
    assert error.key == "signature.seal_real_in_sandbox"


def test_production_needs_anchors(pki: SandboxPki) -> None:
    real = issue(pki, marked=False)
    for anchors in (None, ()):
        error = refused(pki, real, environment=Environment.PRODUCTION, anchors=anchors)
        assert error.key == "signature.seal_untrusted"
        explains(error)
    assert check(opened(real), environment=Environment.PRODUCTION, anchors=[pki.root])


def test_weak_and_strange_keys() -> None:
    weak = own_certificate(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    subject = weak.subject
    strange_key = ed25519.Ed25519PrivateKey.generate()
    curve = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .serial_number(7).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
        .add_extension(usage(), critical=True)
    )  # fmt: skip
    strange = builder.public_key(strange_key.public_key()).sign(strange_key, None)
    other_curve = builder.public_key(curve.public_key()).sign(curve, hashes.SHA256())
    for certificate, key in (
        (weak, "signature.seal_weak_key"),
        (strange, "signature.seal_key_kind"),
        (other_curve, "signature.seal_key_kind"),
    ):
        with pytest.raises(SealRefused) as caught:
            check(Held(certificate), environment=Environment.TEST)  # type: ignore[arg-type]
        assert caught.value.key == key
        explains(caught.value)


def test_anchors_are_read_from_a_folder(pki: SandboxPki, tmp_path: Path) -> None:
    assert load_anchors(tmp_path / "yok") == ()
    pki.export_anchors(tmp_path)
    (tmp_path / "ikisi.crt").write_bytes(
        (tmp_path / "root.pem").read_bytes() + (tmp_path / "seal-ca.pem").read_bytes()
    )
    (tmp_path / "OKU.txt").write_text("bu dosya sertifika değil")
    assert set(load_anchors(tmp_path)) == {pki.root, pki.seal_ca}
    (tmp_path / "bozuk.pem").write_text("-----BEGIN CERTIFICATE-----\nx")
    with pytest.raises(ConfigError) as caught:
        load_anchors(tmp_path)
    explains(caught.value, "bozuk.pem")
