"""Small canonical ledgers with awkward text, seals, and GİB's counter-signature for tests."""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from edefter.berat.build import build_berat
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import SignedFile, StoredFile
from edefter.sandbox.pki import SandboxPki, SealFile
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file

NOW = datetime.now(UTC).replace(microsecond=0)
VKN = "1234567808"
AWKWARD = 'İğdır &amp; Şişe &lt;çığ&gt; "ı\'İ" ğüşöç €😀 satır&#xD;\n\tsonu'

_ROOT = (
    '<edefter:defter xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    ' xmlns:edefter="http://www.edefter.gov.tr"'
    ' xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.edefter.gov.tr ../xsd/edefter.xsd">'
)
_XBRL = (
    '<xbrli:xbrl xmlns:gl-bus="http://www.xbrl.org/int/gl/bus/2006-10-25"'
    ' xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25"'
    ' xmlns:gl-plt="http://www.xbrl.org/int/gl/plt/2006-10-25"'
    ' xmlns:iso4217="http://www.xbrl.org/2003/iso4217"'
    ' xmlns:iso639="http://www.xbrl.org/2005/iso639"'
    ' xmlns:link="http://www.xbrl.org/2003/linkbase"'
    ' xmlns:xbrli="http://www.xbrl.org/2003/instance"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<link:schemaRef xlink:href="../xsd/2006-10-25/plt/case-c-b/gl-plt-2006-10-25.xsd"'
    ' xlink:type="simple"></link:schemaRef>'
)
_UNITS = (
    '<xbrli:unit id="try"><xbrli:measure>iso4217:TRY</xbrli:measure></xbrli:unit>'
    '<xbrli:unit id="countable"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit>'
)
_KINDS = {
    Kind.Y: ("journal", "yevmiye.xslt", "YEV", "Yevmiye Defteri"),
    Kind.K: ("ledger", "kebir.xslt", "KEB", "Büyük Defter"),
    Kind.E: ("assets", "envanter.xslt", "ENV", "Envanter Defteri"),
}


def ledger_bytes(kind: Kind = Kind.Y, lines: list[tuple[str, str, str]] | None = None) -> bytes:
    """A canonical, unsigned ledger.

    Args:
        kind: Y, K or E.
        lines: (main account, side, amount); two make an entryHeader.
    """
    word, href, prefix, title = _KINDS[kind]
    context = f"{word}_context"
    ref = f'contextRef="{context}"'
    money = f'{ref} decimals="INF" unitRef="try"'
    details = [
        "<gl-cor:entryDetail><gl-cor:account>"
        f"<gl-cor:accountMainID {ref}>{account}</gl-cor:accountMainID>"
        f"<gl-cor:accountMainDescription {ref}>{AWKWARD}</gl-cor:accountMainDescription>"
        f"</gl-cor:account><gl-cor:amount {money}>{amount}</gl-cor:amount>"
        f"<gl-cor:debitCreditCode {ref}>{side}</gl-cor:debitCreditCode>"
        f"<gl-cor:detailComment {ref}>{AWKWARD}</gl-cor:detailComment></gl-cor:entryDetail>"
        for account, side, amount in lines or [("391", "C", "18.00"), ("100", "D", "18.00")]
    ]
    headers = "".join(
        f"<gl-cor:entryHeader>{''.join(details[i : i + 2])}</gl-cor:entryHeader>"
        for i in range(0, len(details), 2)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<?xml-stylesheet type="text/xsl" href="{href}"?>\n'
        f'{_ROOT}{_XBRL}<xbrli:context id="{context}"><xbrli:entity>'
        f'<xbrli:identifier scheme="http://www.gib.gov.tr">{VKN}</xbrli:identifier>'
        "</xbrli:entity><xbrli:period><xbrli:instant>2026-02-03</xbrli:instant></xbrli:period>"
        f"</xbrli:context>{_UNITS}<gl-cor:accountingEntries><gl-cor:documentInfo>"
        f"<gl-cor:entriesType {ref}>{word}</gl-cor:entriesType>"
        f"<gl-cor:uniqueID {ref}>{prefix}202601000001</gl-cor:uniqueID>"
        f"<gl-cor:language {ref}>iso639:tr</gl-cor:language>"
        f"<gl-bus:creator {ref}>{AWKWARD}</gl-bus:creator>"
        f"<gl-cor:entriesComment {ref}>1 Ocak 2026 - 31 Ocak 2026 arası Şişe &amp; Cam'a ait"
        f" {title}</gl-cor:entriesComment>"
        f"<gl-cor:periodCoveredStart {ref}>2026-01-01</gl-cor:periodCoveredStart>"
        f"<gl-cor:periodCoveredEnd {ref}>2026-01-31</gl-cor:periodCoveredEnd>"
        "</gl-cor:documentInfo><gl-cor:entityInformation>"
        f"<gl-bus:businessDescription {ref}>46.90.04</gl-bus:businessDescription>"
        f"</gl-cor:entityInformation>{headers}</gl-cor:accountingEntries></xbrli:xbrl>"
        "</edefter:defter>"
    ).encode()


def store(folder: Path, name: DocumentName, data: bytes) -> StoredFile:
    """Write `data` as the unsigned file of `name`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name.xml
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    return StoredFile(path=path, name=name, size_bytes=len(data), sha256=digest)


def opened(file: SealFile) -> Pkcs12Seal:
    """The seal of a sandbox seal file."""
    return Pkcs12Seal("deneme", file.path, file.password)


def seal_of(pki: SandboxPki, key: str = "rsa", tax_number: str = VKN) -> Pkcs12Seal:
    """A fresh test seal; `key` is `rsa` or `ec`."""
    return opened(
        pki.issue_seal(
            tax_number, "Iğdır Şişe, Cam + \"Öz\" Tic. A.Ş.", key=key, label=uuid.uuid4().hex  # type: ignore[arg-type]
        )
    )  # fmt: skip


def signed_ledger(
    folder: Path, seal: Pkcs12Seal, kind: Kind = Kind.Y, data: bytes | None = None
) -> SignedFile:
    """A signed ledger in `folder`."""
    name = DocumentName.parse(f"{VKN}-202601-{kind}-000000")
    source = store(folder / "unsigned", name, data or ledger_bytes(kind))
    return sign_file(source, folder, seal, signing_time=NOW, claimed_role="Tedarikçi")


def signed_berat(
    folder: Path, seal: Pkcs12Seal, ledger: SignedFile, ettn: uuid.UUID | None = None
) -> SignedFile:
    """The signed berat of a signed ledger."""
    (folder / "unsigned").mkdir(exist_ok=True)
    source = build_berat(ledger, folder / "unsigned", ettn=ettn or uuid.uuid4())
    return sign_file(source, folder, seal, signing_time=NOW)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


_DS = "http://www.w3.org/2000/09/xmldsig#"
_SHA256 = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
_UNSIGNED = (
    "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:CounterSignature>{}"
    "</xades:CounterSignature></xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
)


def countersign(
    berat: bytes,
    seal: Pkcs12Seal,
    *,
    place: str = "new",
    when: datetime = NOW,
    reference_type: str = "http://uri.etsi.org/01903#CountersignedSignature",
    method: str = "",
    tamper: bool = False,
) -> bytes:
    """Add a counter-signature as the guides describe GİB's, by a path of its own.

    Args:
        berat: a signed berat.
        place: `new` (QualifyingProperties/UnsignedProperties) or `old` (ds:Object/…).
        reference_type: Type of the reference to ds:SignatureValue.
        method: SignatureMethod to claim instead of the seal's own.
        tamper: spoil the counter-signature's value.
    """
    root = etree.fromstring(berat)
    value = root.find(f"{{{_DS}}}Signature/{{{_DS}}}SignatureValue")
    assert value is not None
    digest = _b64(hashlib.sha256(etree.tostring(value, method="c14n")).digest())
    certificate = seal.certificate.public_bytes(Encoding.DER)
    properties = (
        '<xades:QualifyingProperties Target="#gib"><xades:SignedProperties Id="gib-sp">'
        f"<xades:SignedSignatureProperties><xades:SigningTime>{when.isoformat()}"
        "</xades:SigningTime><xades:SigningCertificate><xades:Cert><xades:CertDigest>"
        f"{_SHA256}<ds:DigestValue>{_b64(hashlib.sha256(certificate).digest())}"
        "</ds:DigestValue></xades:CertDigest><xades:IssuerSerial><ds:X509IssuerName>"
        f"{seal.certificate.issuer.rfc4514_string()}</ds:X509IssuerName><ds:X509SerialNumber>"
        f"{seal.certificate.serial_number}</ds:X509SerialNumber></xades:IssuerSerial>"
        "</xades:Cert></xades:SigningCertificate></xades:SignedSignatureProperties>"
        "</xades:SignedProperties></xades:QualifyingProperties>"
    )

    def block(properties_digest: str = "", signature: str = "") -> str:
        return (
            '<ds:Signature Id="gib"><ds:SignedInfo><ds:CanonicalizationMethod'
            ' Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
            f'<ds:SignatureMethod Algorithm="{method or seal.algorithm}"/>'
            f'<ds:Reference URI="#{value.get("Id")}" Type="{reference_type}">{_SHA256}'
            f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
            '<ds:Reference URI="#gib-sp" Type="http://uri.etsi.org/01903#SignedProperties">'
            f"{_SHA256}<ds:DigestValue>{properties_digest}</ds:DigestValue></ds:Reference>"
            f"</ds:SignedInfo><ds:SignatureValue>{signature}</ds:SignatureValue><ds:KeyInfo>"
            f"<ds:X509Data><ds:X509Certificate>{_b64(certificate)}</ds:X509Certificate>"
            f"</ds:X509Data></ds:KeyInfo><ds:Object>{properties}</ds:Object></ds:Signature>"
        )

    def insert(text: str) -> bytes:
        added = _UNSIGNED.format(text).encode()
        if place == "old":
            return _before_last(berat, b"</ds:Signature>", b"<ds:Object>" + added + b"</ds:Object>")
        return _before_last(berat, b"</xades:QualifyingProperties>", added)

    def node(text: str, local: str) -> etree._Element:
        found = etree.fromstring(insert(text)).find(f".//{{*}}CounterSignature//{{*}}{local}")
        assert found is not None
        return found

    properties_digest = _b64(
        hashlib.sha256(etree.tostring(node(block(), "SignedProperties"), method="c14n")).digest()
    )
    info = node(block(properties_digest), "SignedInfo")
    data = etree.tostring(info, method="c14n", exclusive=True)
    signature = seal.sign(data + b" " if tamper else data)
    return insert(block(properties_digest, _b64(signature)))


def _before_last(data: bytes, tag: bytes, added: bytes) -> bytes:
    head, found, rest = data.rpartition(tag)
    assert found
    return head + added + found + rest
