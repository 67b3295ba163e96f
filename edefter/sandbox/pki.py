"""Test PKI after signing.md §7, made when the sandbox starts; no private key is ever shipped.

Root → "mali mühür" sub-CA (P-384) → seals (RSA-2048 or P-384) with the subject and extension
layout of signing.md §2; a separate TLS root for the servers; a client CA for the portal's mutual
TLS; a "GİB" countersigning seal. Every certificate carries the private sandbox extension that
production refuses, and every CN says TEST.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from edefter.atomic import write_bytes
from edefter.model.environment import SANDBOX_MARKER_OID

GIB_TAX_NUMBER = "3900383669"
SEAL_PASSWORD = "sandbox"  # noqa: S105 - test seals only, printed in the documentation
SIGNING_EKU = ObjectIdentifier("2.16.792.1.2.1.1.5.7.50.1")
ENCRYPTION_EKU = ObjectIdentifier("2.16.792.1.2.1.1.5.7.50.2")
SEAL_POLICY = ObjectIdentifier("2.16.792.1.2.1.1.5.7.4.1")

KeyKind = Literal["rsa", "ec"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class SealFile:
    """A test seal: PKCS#12 file and its password."""

    path: Path
    password: str
    certificate: x509.Certificate


def _new_key(kind: KeyKind, rsa_bits: int = 2048) -> PrivateKey:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
    return ec.generate_private_key(ec.SECP384R1())


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write_private(path: Path, data: bytes) -> None:
    write_bytes(path, data)
    path.chmod(0o600)


def _name(common_name: str, serial_number: str | None = None) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "edefter sandbox TEST"),
    ]
    if serial_number is not None:
        parts = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number),
        ]
    # X.520 allows 64 characters; the library counts bytes, so cut there without halving a letter.
    short = common_name.encode()[:64].decode(errors="ignore")
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, short)])


class SandboxPki:
    """The certificates and keys of one sandbox, kept in one folder.

    Files: `root.pem` and `seal-ca.pem` (trust anchors for documents and their sub-CA),
    `tls-root.pem` (anchor of both servers), `client-ca.pem`, keys beside them.

    Args:
        folder: where everything is; made and filled when empty, else loaded.
        now: zone-aware moment that validity is counted from.
    """

    def __init__(self, folder: Path, now: datetime | None = None) -> None:
        self.folder = folder
        self._now = now or datetime.now(UTC)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "complete").exists():
            self._create()
        self.root = self._load("root")
        self.seal_ca = self._load("seal-ca")
        self.tls_root = self._load("tls-root")
        self.client_ca = self._load("client-ca")

    def _create(self) -> None:
        root_key = _new_key("ec")
        root = self._issue(_name("TEST edefter Kök"), root_key, None, root_key, ca=True, years=20)
        self._store("root", root, root_key)
        ca_key = _new_key("ec")
        ca = self._issue(
            _name("TEST Mali Mühür Sertifika Hizmet Sağlayıcısı - Sürüm 3"),
            ca_key, root, root_key, ca=True, years=15,
        )  # fmt: skip
        self._store("seal-ca", ca, ca_key)
        for name in ("tls-root", "client-ca"):
            key = _new_key("ec")
            cert = self._issue(_name(f"TEST edefter {name}"), key, None, key, ca=True, years=20)
            self._store(name, cert, key)
        write_bytes(self.folder / "complete", b"")

    def _store(self, name: str, cert: x509.Certificate, key: PrivateKey) -> None:
        write_bytes(self.folder / f"{name}.pem", cert.public_bytes(serialization.Encoding.PEM))
        _write_private(self.folder / f"{name}.key", _pem(key))

    def _load(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.folder / f"{name}.pem").read_bytes())

    def _key(self, name: str) -> PrivateKey:
        key = serialization.load_pem_private_key(
            (self.folder / f"{name}.key").read_bytes(), password=None
        )
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return key

    def _issue(
        self,
        subject: x509.Name,
        key: PrivateKey,
        issuer: x509.Certificate | None,
        issuer_key: PrivateKey,
        *,
        ca: bool = False,
        years: float = 3,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        key_usage: x509.KeyUsage | None = None,
        extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
        marked: bool = True,
    ) -> x509.Certificate:
        begin = not_before or self._now - timedelta(days=2)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.subject if issuer is not None else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(not_after or begin + timedelta(days=365.25 * years))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(key_usage or usage(ca=ca), critical=True)
        )
        if issuer is not None:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
            builder = builder.add_extension(identifier, critical=False)
        if marked:
            marker = x509.UnrecognizedExtension(
                ObjectIdentifier(SANDBOX_MARKER_OID), b"\x0c\x04TEST"
            )
            builder = builder.add_extension(marker, critical=False)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        digest = hashes.SHA384() if isinstance(issuer_key, ec.EllipticCurvePrivateKey) else None
        return builder.sign(issuer_key, digest or hashes.SHA256())

    def issue_seal(
        self,
        tax_number: str,
        title: str,
        *,
        key: KeyKind = "rsa",
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        encryption: bool = False,
        marked: bool = True,
        label: str | None = None,
    ) -> SealFile:
        """Issue a test seal (or its encryption twin) as a PKCS#12 file in the folder.

        Args:
            tax_number: goes into the subject's serialNumber.
            title: common name.
            key: `rsa` (2048) or `ec` (P-384).
            not_before, not_after: validity, zone-aware; default now − 2 days … 3 years.
            encryption: the twin that must not sign.
            marked: False leaves the sandbox marker out (to rehearse production's refusals).
            label: file name without ending; default from number and kind.
        """
        private = _new_key(key)
        eku = ENCRYPTION_EKU if encryption else SIGNING_EKU
        policy = x509.PolicyInformation(SEAL_POLICY, None)
        certificate = self._issue(
            _name(f"TEST {title}", tax_number),
            private,
            self._load("seal-ca"),
            self._key("seal-ca"),
            not_before=not_before,
            not_after=not_after,
            key_usage=usage(key_encipherment=encryption, digital_signature=not encryption),
            extensions=(
                (x509.ExtendedKeyUsage([eku]), False),
                (x509.CertificatePolicies([policy]), False),
            ),
            marked=marked,
        )
        stem = label or f"{tax_number}-{'encr' if encryption else 'sign'}-{key}"
        path = self.folder / f"{stem}.p12"
        data = pkcs12.serialize_key_and_certificates(
            f"{tax_number}{'ENCR0' if encryption else 'SIGN0'}".encode(),
            private,
            certificate,
            [self._load("seal-ca")],
            serialization.BestAvailableEncryption(SEAL_PASSWORD.encode()),
        )
        _write_private(path, data)
        return SealFile(path, SEAL_PASSWORD, certificate)

    def gib_seal(self) -> SealFile:
        """The seal that the simulated GİB countersigns with; made once."""
        path = self.folder / "gib-seal.p12"
        if path.exists():
            _, certificate, _ = pkcs12.load_key_and_certificates(
                path.read_bytes(), SEAL_PASSWORD.encode()
            )
            assert certificate is not None
            return SealFile(path, SEAL_PASSWORD, certificate)
        return self.issue_seal(GIB_TAX_NUMBER, "GELİR İDARESİ BAŞKANLIĞI", label="gib-seal")

    def issue_server(
        self,
        name: str,
        hosts: tuple[str, ...] = ("localhost", "127.0.0.1"),
        *,
        not_after: datetime | None = None,
    ) -> tuple[Path, Path]:
        """A TLS server certificate for `hosts`; returns paths of PEM certificate and key."""
        private = _new_key("ec")
        names: list[x509.GeneralName] = []
        for host in hosts:
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(host)))
            except ValueError:
                names.append(x509.DNSName(host))
        certificate = self._issue(
            _name(f"TEST {name}"), private, self._load("tls-root"), self._key("tls-root"),
            not_after=not_after,
            extensions=(
                (x509.SubjectAlternativeName(names), False),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            ),
        )  # fmt: skip
        self._store(name, certificate, private)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def issue_client(self, request: x509.CertificateSigningRequest) -> bytes:
        """Answer a PKCS#10 request with a client certificate; returns the PEM chain.

        Raises:
            ValueError: the request's own signature does not verify.
        """
        if not request.is_signature_valid:
            raise ValueError("PKCS#10 request is not signed by its own key")
        authority = self._load("client-ca")
        builder = (
            x509.CertificateBuilder()
            .subject_name(request.subject)
            .issuer_name(authority.subject)
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=2))
            .not_valid_after(self._now + timedelta(days=730))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        )
        certificate = builder.sign(self._key("client-ca"), hashes.SHA384())
        return certificate.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(
            serialization.Encoding.PEM
        )

    def export_anchors(self, folder: Path) -> None:
        """Copy the document trust anchor and its sub-CA into a folder for a configuration.

        Signatures carry the signer's certificate alone, so verifiers need the sub-CA too.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("root.pem", "seal-ca.pem"):
            write_bytes(folder / name, (self.folder / name).read_bytes())


def usage(
    *, ca: bool = False, digital_signature: bool = True, key_encipherment: bool = False
) -> x509.KeyUsage:
    """Key usage of a CA, a signing or an encryption certificate."""
    return x509.KeyUsage(
        digital_signature=digital_signature and not ca,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
