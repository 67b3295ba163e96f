"""A XAdES signer that is not ours, with every choice open: for what others and attackers write."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from edefter.sandbox.pki import usage
from tests.support.signed_documents import NOW, VKN

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # to be refused
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
DIGESTS = {
    "sha1": f"{DS}sha1", "sha256": f"{ENC}sha256",
    "sha384": f"{MORE}sha384", "sha512": f"{ENC}sha512",
}  # fmt: skip

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate_for(key: Key, *, encryption: bool = False, owner: str = VKN) -> x509.Certificate:
    """A self-made certificate with the layout of a seal."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, owner),
            x509.NameAttribute(NameOID.COMMON_NAME, "TEST Öz, Şen + İş"),
        ]
    )
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=10)).not_valid_after(NOW + timedelta(days=10))
        .add_extension(
            usage(key_encipherment=encryption, digital_signature=not encryption), critical=True
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip


@dataclass
class Foreign:
    """One foreign signature; change a field to get a variant.

    Args:
        key: signs.
        info_c14n, document_transforms: algorithm URIs.
        info_children: content of CanonicalizationMethod.
        signature_hash, digest, cert_digest: hash names.
        two_references: SignedProperties are signed.
        properties_type: Type of their reference.
        extra_reference: raw XML of another ds:Reference.
        edits: replacements in the block before it is digested.
        after: replacements in the finished document.
    """

    key: Key
    certificate: x509.Certificate | None = None
    info_c14n: str = C14N
    info_children: str = ""
    document_transforms: tuple[str, ...] = (f"{DS}enveloped-signature",)
    signature_hash: str = "sha256"
    signature_method: str = ""
    digest: str = "sha256"
    cert_digest: str = "sha256"
    when: str = NOW.isoformat()
    two_references: bool = True
    properties_type: str = "http://uri.etsi.org/01903#SignedProperties"
    extra_reference: str = ""
    key_value: str = ""
    edits: list[tuple[str, str]] = field(default_factory=list)
    after: list[tuple[bytes, bytes]] = field(default_factory=list)

    def sign(self, document: bytes) -> bytes:
        """The document with the signature before its root's end tag."""
        certificate = self.certificate or certificate_for(self.key)
        head, _, end = document.rpartition(b"</")
        end = b"</" + end

        def at_place(block: str, local: str) -> etree._Element:
            root = etree.fromstring(head + block.encode() + end)
            found = root[-1].find(f".//{{*}}{local}")
            assert found is not None, local
            return found

        exclusive = any("exc-c14n" in name for name in self.document_transforms)
        # The line break before the signature stays when the signature is taken out.
        content = etree.ElementTree(etree.fromstring(head + b"\n" + end))
        covered = etree.tostring(content, method="c14n", exclusive=exclusive)
        document_digest = self._digest(self.digest, covered)
        block = self._block(certificate, document_digest, "", "")
        properties = etree.tostring(at_place(block, "SignedProperties"), method="c14n")
        properties_digest = self._digest(self.digest, properties)
        block = self._block(certificate, document_digest, properties_digest, "")
        info = etree.tostring(
            at_place(block, "SignedInfo"), method="c14n",
            exclusive="exc-c14n" in self.info_c14n, with_comments="#With" in self.info_c14n,
        )  # fmt: skip
        value = base64.b64encode(self._value(info)).decode()
        done = head + self._block(certificate, document_digest, properties_digest, value).encode()
        done += end
        for old, new in self.after:
            assert old in done, old
            done = done.replace(old, new)
        return done

    def _digest(self, name: str, data: bytes) -> str:
        return base64.b64encode(hashlib.new(name, data).digest()).decode()

    def _value(self, data: bytes) -> bytes:
        digest = HASHES[self.signature_hash]
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), digest)
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(digest)))
        width = (self.key.curve.key_size + 7) // 8
        return r.to_bytes(width) + s.to_bytes(width)

    def _method(self) -> str:
        if self.signature_method:
            return self.signature_method
        kind = "rsa" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa"
        base = DS if (kind, self.signature_hash) == ("rsa", "sha1") else MORE
        return f"{base}{kind}-{self.signature_hash}"

    def _block(
        self, certificate: x509.Certificate, document: str, properties: str, value: str
    ) -> str:
        der = certificate.public_bytes(Encoding.DER)
        method = f'<ds:DigestMethod Algorithm="{DIGESTS[self.digest]}"/>'
        transforms = "".join(
            f'<ds:Transform Algorithm="{name}"/>' for name in self.document_transforms
        )
        reference = (
            f'<ds:Reference URI="#sp" Type="{self.properties_type}">{method}'
            f"<ds:DigestValue>{properties}</ds:DigestValue></ds:Reference>"
        )
        block = (
            '\n<ds:Signature Id="imza">\n <ds:SignedInfo>'
            f'<ds:CanonicalizationMethod Algorithm="{self.info_c14n}">{self.info_children}'
            f'</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{self._method()}"/>'
            f'<ds:Reference URI=""><ds:Transforms>{transforms}</ds:Transforms>{method}'
            f"<ds:DigestValue>{document}</ds:DigestValue></ds:Reference>\n"
            f"{reference if self.two_references else ''}{self.extra_reference}</ds:SignedInfo>"
            f'<ds:SignatureValue Id="deger">\n{value}\n</ds:SignatureValue><ds:KeyInfo>'
            f"{self.key_value}<ds:X509Data><ds:X509Certificate>"
            f"{base64.b64encode(der).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            '<ds:Object><xades:QualifyingProperties Target="#imza"><xades:SignedProperties Id="sp">'
            f"<xades:SignedSignatureProperties><xades:SigningTime>{self.when}"
            "</xades:SigningTime><xades:SigningCertificate><xades:Cert><xades:CertDigest>"
            f'<ds:DigestMethod Algorithm="{DIGESTS[self.cert_digest]}"/><ds:DigestValue>'
            f"{self._digest(self.cert_digest, der)}</ds:DigestValue></xades:CertDigest>"
            "<xades:IssuerSerial><ds:X509IssuerName>CN=TEST Öz\\, Şen \\+ İş, SERIALNUMBER="
            f"{VKN}, C=TR</ds:X509IssuerName><ds:X509SerialNumber>{certificate.serial_number}"
            "</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>"
            "</xades:SignedSignatureProperties></xades:SignedProperties>"
            "</xades:QualifyingProperties></ds:Object></ds:Signature>"
        )
        for old, new in self.edits:
            assert old in block, old
            block = block.replace(old, new)
        return block
