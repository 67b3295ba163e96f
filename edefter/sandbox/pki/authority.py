"""Test PKI after signing.md §7, made when the sandbox starts; no private key is ever shipped.

Root → "mali mühür" sub-CA (P-384) → seals (RSA-2048 or P-384) with the subject and extension
layout of signing.md §2; OCSP responder and time stamp certificates; a separate TLS root for the
servers; a client CA for the portal's mutual TLS; a "GİB" countersigning seal. Every certificate
carries the private sandbox extension that production refuses, and every CN says TEST.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from edefter.atomic import write_bytes
from edefter.sandbox.pki.certificates import (
    ENCRYPTION_EKU,
    SEAL_POLICY,
    SIGNING_EKU,
    Extension,
    KeyKind,
    new_key,
    signed_with_sha1,
    subject_name,
    usage,
    where_to_ask,
)
from edefter.sandbox.pki.folder import CaFolder, write_private
from edefter.sandbox.pki.register import responder_url

GIB_TAX_NUMBER = "3900383669"
SEAL_PASSWORD = "sandbox"  # noqa: S105 - test seals only, printed in the documentation


@dataclass(frozen=True, slots=True)
class SealFile:
    """A test seal: PKCS#12 file and its password."""

    path: Path
    password: str
    certificate: x509.Certificate


class SandboxPki(CaFolder):
    """The certificates and keys of one sandbox, kept in one folder.

    Files: `root.pem` and `seal-ca.pem` (trust anchors for documents and their sub-CA),
    `tls-root.pem` (anchor of both servers), `client-ca.pem`, keys beside them.

    Args:
        folder: where everything is; made and filled when empty, else loaded.
        now: zone-aware moment that validity is counted from.
        root_years, ca_years: life of the root and of the sub-CA when they are made.
    """

    def __init__(
        self,
        folder: Path,
        now: datetime | None = None,
        *,
        root_years: float = 20,
        ca_years: float = 15,
    ) -> None:
        super().__init__(folder, now)
        if not (folder / "complete").exists():
            self._create(root_years, ca_years)
        self.root = self.certificate("root")
        self.seal_ca = self.certificate("seal-ca")
        self.tls_root = self.certificate("tls-root")
        self.client_ca = self.certificate("client-ca")

    def _create(self, root_years: float, ca_years: float) -> None:
        for name, title, issuer, years in (
            ("root", "Kök", None, root_years),
            ("seal-ca", "Mali Mühür Sertifika Hizmet Sağlayıcısı - Sürüm 3", "root", ca_years),
            ("tls-root", "tls-root", None, 20),
            ("client-ca", "client-ca", None, 20),
        ):
            key = new_key("ec")
            common_name = f"TEST {title}" if issuer else f"TEST edefter {title}"
            cert = self.issue(subject_name(common_name), key, issuer, ca=True, years=years)
            self.store(name, cert, key)
        write_bytes(self.folder / "complete", b"")

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
        rsa_bits: int = 2048,
        sha1: bool = False,
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
            rsa_bits: 1024 for the weak variant.
            sha1: the CA signs with SHA-1.
        """
        private = new_key(key, rsa_bits)
        eku = ENCRYPTION_EKU if encryption else SIGNING_EKU
        policy = x509.PolicyInformation(SEAL_POLICY, None)
        certificate = self.issue(
            subject_name(f"TEST {title}", tax_number),
            private,
            "seal-ca",
            not_before=not_before,
            not_after=not_after,
            key_usage=usage(key_encipherment=encryption, digital_signature=not encryption),
            extensions=(
                (x509.ExtendedKeyUsage([eku]), False),
                (x509.CertificatePolicies([policy]), False),
                *where_to_ask(responder_url(self.folder), "seal-ca"),
            ),
            marked=marked,
        )
        if sha1:
            issuer_key = self.key("seal-ca")
            assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
            certificate = signed_with_sha1(certificate, issuer_key)
        stem = label or f"{tax_number}-{'encr' if encryption else 'sign'}-{key}"
        path = self.folder / f"{stem}.p12"
        data = pkcs12.serialize_key_and_certificates(
            f"{tax_number}{'ENCR0' if encryption else 'SIGN0'}".encode(),
            private,
            certificate,
            [self.certificate("seal-ca")],
            serialization.BestAvailableEncryption(SEAL_PASSWORD.encode()),
        )
        write_private(path, data)
        return SealFile(path, SEAL_PASSWORD, certificate)

    def issue_tsa(
        self,
        name: str = "tsa",
        *,
        key: KeyKind = "rsa",
        critical: bool = True,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> tuple[Path, Path]:
        """A time stamp certificate below the root (RFC 3161 §2.3); PEM files of it and its key.

        Args:
            name: file stem; another one makes another certificate.
            key: RSA-2048 or P-384.
            critical: whether the extended key usage is critical, as it has to be.
            not_before, not_after: validity, zone-aware; default now − 2 days … 3 years.
        """
        return self.issue_helper(
            name, "root", ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical),),
            key=key, not_before=not_before, not_after=not_after,
        )  # fmt: skip

    def issue_ocsp_responder(
        self,
        issuer: str = "seal-ca",
        *,
        eku: bool = True,
        name: str | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> tuple[Path, Path]:
        """A delegated OCSP responder (RFC 6960 §4.2.2.2); PEM files of it and its key.

        Args:
            issuer: file stem of the CA that it answers for.
            eku: with id-kp-OCSPSigning; without it, nobody may believe it.
            name: file stem; default `ocsp-<issuer>`.
            not_before, not_after: validity, zone-aware; default now − 2 days … 3 years.
        """
        extensions: tuple[Extension, ...] = ((x509.OCSPNoCheck(), False),)
        if eku:
            extensions += ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),)
        return self.issue_helper(
            name or f"ocsp-{issuer}", issuer, extensions,
            key="ec", not_before=not_before, not_after=not_after,
        )  # fmt: skip

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
        names: list[x509.GeneralName] = []
        for host in hosts:
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(host)))
            except ValueError:
                names.append(x509.DNSName(host))
        extensions: tuple[Extension, ...] = (
            (x509.SubjectAlternativeName(names), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        )
        return self.issue_helper(name, "tls-root", extensions, key="ec", not_after=not_after)

    def issue_client(self, request: x509.CertificateSigningRequest) -> bytes:
        """Answer a PKCS#10 request with a client certificate; returns the PEM chain.

        Raises:
            ValueError: the request's own signature does not verify.
        """
        if not request.is_signature_valid:
            raise ValueError("PKCS#10 request is not signed by its own key")
        authority = self.certificate("client-ca")
        builder = (
            x509.CertificateBuilder()
            .subject_name(request.subject)
            .issuer_name(authority.subject)
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - timedelta(days=2))
            .not_valid_after(self.now + timedelta(days=730))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        )
        certificate = builder.sign(self.key("client-ca"), hashes.SHA384())
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
