# ruff: noqa: E501 - tables of mutations read better in one line each
"""What the verifier accepts from others, and every trick that it must not fall for."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from edefter.errors import DataError
from edefter.model.documents import Kind
from edefter.model.finding import Layer, Severity
from edefter.sandbox.pki import SandboxPki
from edefter.signature.verify import Verification, read_signature_value, verify_file
from tests.support.foreign_signer import (
    C14N,
    DS,
    EXCLUSIVE,
    Foreign,
    certificate_for,
)
from tests.support.signed_documents import (
    NOW,
    VKN,
    ledger_bytes,
    seal_of,
    signed_berat,
    signed_ledger,
)

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P384 = ec.generate_private_key(ec.SECP384R1())
ENVELOPED = f"{DS}enveloped-signature"
CONTENT = b"46.90.04"


def verify(folder: Path, data: bytes, **options: Any) -> Verification:
    path = folder / f"{VKN}-202601-Y-000000.xml"
    path.write_bytes(data)
    return verify_file(path, **{"now": NOW, **options})


def rules(result: Verification) -> set[str]:
    return {finding.rule for finding in result.findings}


def signed(key: Any = RSA, **options: Any) -> bytes:
    return Foreign(key, **options).sign(ledger_bytes())


def refuses(result: Verification, rule: str) -> None:
    assert not result.ok
    assert rule in rules(result), rules(result)
    for finding in result.findings:
        assert finding.layer is Layer.SIGNATURE
        assert finding.kind is Kind.Y
        assert finding.place.file.endswith(".xml")
        for text in (finding.message_tr, finding.message_en, finding.remedy_tr, finding.remedy_en):
            assert text
            assert "?" not in text


@pytest.mark.parametrize("key", ["rsa", "ec"])
@pytest.mark.parametrize("kind", [Kind.Y, Kind.K, Kind.E])
def test_own_signatures(pki: SandboxPki, tmp_path: Path, key: str, kind: Kind) -> None:
    seal = seal_of(pki, key)
    ledger = signed_ledger(tmp_path, seal, kind)
    for file in (ledger, signed_berat(tmp_path, seal, ledger)):
        result = verify_file(
            file.file.path, anchors=[pki.root, pki.seal_ca], tax_numbers=[VKN], now=NOW
        )
        assert result.ok, [finding.message_en for finding in result.findings]
        assert (result.structure, result.integrity, result.value) == (True, True, True)
        assert (result.properties, result.binding, result.key_usage) == (True, True, True)
        assert (result.time, result.chain, result.owner) == (True, True, True)
        assert result.canonical
        assert result.signature_value == file.signature_value
        assert result.signing_time == NOW
        assert result.certificate == seal.certificate


@pytest.mark.parametrize("key", [RSA, P384])
@pytest.mark.parametrize("signature_hash", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    "info_c14n", [C14N, f"{C14N}#WithComments", EXCLUSIVE, f"{EXCLUSIVE}WithComments"]
)
def test_algorithms_of_others(
    tmp_path: Path, key: Any, signature_hash: str, info_c14n: str
) -> None:
    data = signed(key, signature_hash=signature_hash, info_c14n=info_c14n, digest=signature_hash)
    result = verify(tmp_path, data)
    assert result.ok, [finding.message_en for finding in result.findings]
    assert (result.chain, result.owner) == (None, None)


@pytest.mark.parametrize(
    "transform", [C14N, f"{C14N}#WithComments", EXCLUSIVE, "http://www.w3.org/2006/12/xml-c14n11"]
)
def test_document_transforms_of_others(tmp_path: Path, transform: str) -> None:
    data = signed(document_transforms=(ENVELOPED, transform))
    assert verify(tmp_path, data).ok
    assert not verify(tmp_path, data.replace(CONTENT, b"46.90.05")).integrity


def test_bytes_that_are_not_canonical_take_the_long_way(tmp_path: Path) -> None:
    """Same document, other spelling: still valid; and raw bytes are never hashed for it."""
    data = signed()
    for old, new in (
        (b"></link:schemaRef>", b"/>"),
        (b'version="1.0" encoding="UTF-8"', b"version='1.0' encoding='UTF-8'"),
        (b"<xbrli:entity>", b"<xbrli:entity ><!-- not signed -->"),
        (b"46.90.04", b"46.90.0&#52;"),
        (b"\n<ds:Signature ", b"\r\n<ds:Signature "),
        (b"</edefter:defter>", b"</edefter:defter>\n<!-- x -->\n"),
    ):
        result = verify(tmp_path, data.replace(old, new))
        assert result.ok, (new, rules(result))
    assert verify(tmp_path, data.replace(CONTENT, b"<![CDATA[46.90.04]]>")).ok


def test_signer_who_hashed_raw_bytes_is_refused(pki: SandboxPki, tmp_path: Path) -> None:
    """The trap of design.md §2: bytes that are not canonical, hashed as they are."""
    canonical = ledger_bytes()
    raw = canonical.replace(b"></link:schemaRef>", b"/>")
    own = hashlib.sha256(canonical[canonical.index(b"<edefter") :]).digest()
    forged = hashlib.sha256(raw[raw.index(b"<?xml-stylesheet") :]).digest()
    assert own != forged

    class RawHasher(Foreign):
        def _digest(self, name: str, data: bytes) -> str:
            digest = hashlib.new(name, data).digest()
            return base64.b64encode(forged if b"accountingEntries" in data else digest).decode()

    refuses(verify(tmp_path, RawHasher(RSA).sign(raw)), "SIG-DIGEST")


FLIPS = [
    (CONTENT, b"46.90.05"),
    (b'contextRef="journal_context">iso639', b'contextRef="journal_contexu">iso639'),
    (b'href="yevmiye.xslt"', b'href="yevmiyf.xslt"'),
    (b'type="text/xsl"', b'type="text/xsm"'),
    (b"<xades:SigningTime>20", b"<xades:SigningTime>19"),
]


@pytest.mark.parametrize(("old", "new"), FLIPS)
def test_flipped_content(pki: SandboxPki, tmp_path: Path, old: bytes, new: bytes) -> None:
    data = signed_ledger(tmp_path, seal_of(pki)).file.path.read_bytes()
    assert data.count(old) == 1
    result = verify(tmp_path, data.replace(old, new))
    refuses(result, "SIG-DIGEST")
    assert result.integrity is False
    assert result.value is True, "the verdicts are separate"


def test_removed_instruction(pki: SandboxPki, tmp_path: Path) -> None:
    data = signed_ledger(tmp_path, seal_of(pki)).file.path.read_bytes()
    removed = re.sub(rb"<\?xml-stylesheet[^>]*>\n", b"", data)
    refuses(verify(tmp_path, removed), "SIG-DIGEST")


def test_flipped_signature_value(pki: SandboxPki, tmp_path: Path) -> None:
    for key in ("rsa", "ec"):
        file = signed_ledger(tmp_path, seal_of(pki, key))
        value = file.signature_value
        swapped = value[:8] + ("A" if value[8] != "A" else "B") + value[9:]
        data = file.file.path.read_bytes().replace(value.encode(), swapped.encode())
        result = verify(tmp_path, data)
        refuses(result, "SIG-VALUE")
        assert (result.value, result.integrity) == (False, True)
        cut = file.file.path.read_bytes().replace(value.encode(), value[:-8].encode())
        refuses(verify(tmp_path, cut), "SIG-VALUE")


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"signature_hash": "sha1"}, "SIG-SIGNATURE-METHOD"),
        ({"signature_method": f"{DS}hmac-sha1"}, "SIG-SIGNATURE-METHOD"),
        ({"signature_method": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"}, "SIG-METHOD-KEY"),
        ({"digest": "sha1"}, "SIG-DIGEST-METHOD"),
        ({"cert_digest": "sha1"}, "SIG-DIGEST-METHOD"),
        ({"edits": [('sha256"/><ds:Ref', 'sha256"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod><ds:Ref')]}, "SIG-STRUCTURE"),
        ({"edits": [('sha256"/><ds:DigestValue>', 'sha256"><ds:x/></ds:DigestMethod><ds:DigestValue>')]}, "SIG-STRUCTURE"),
        ({"two_references": False}, "SIG-PROPERTIES-UNSIGNED"),
        ({"properties_type": "http://example.org/other"}, "SIG-PROPERTIES-TYPE"),
        ({"document_transforms": ()}, "SIG-TRANSFORM"),
        ({"document_transforms": (C14N,)}, "SIG-TRANSFORM"),
        ({"document_transforms": (ENVELOPED, ENVELOPED)}, "SIG-TRANSFORM"),
        ({"document_transforms": (ENVELOPED, C14N, C14N)}, "SIG-TRANSFORM"),
        ({"document_transforms": (ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116")}, "SIG-TRANSFORM"),
        ({"info_children": "<ds:x/>"}, "SIG-TRANSFORM"),
        ({"edits": [(C14N, "http://www.w3.org/TR/1999/REC-xslt-19991116")]}, "SIG-TRANSFORM"),
        ({"edits": [(' URI=""', "")]}, "SIG-UNEXPECTED-REFERENCE"),
        ({"edits": [(' URI=""', ' URI="#journal_context"')]}, "SIG-UNEXPECTED-REFERENCE"),
        ({"edits": [('Target="#imza"', 'Target="#baska"')]}, "SIG-PROPERTIES-TARGET"),
        ({"edits": [("SigningCertificate>", "SigningCertificateV2>")]}, "SIG-SIGNING-CERTIFICATE-MISSING"),
        ({"edits": [("CN=TEST Öz", "CN=TEST Az")]}, "SIG-CERTIFICATE-ISSUER"),
        ({"edits": [("<ds:X509SerialNumber>", "<ds:X509SerialNumber>1")]}, "SIG-CERTIFICATE-SERIAL"),
        ({"when": (NOW + timedelta(minutes=5)).isoformat()}, "SIG-TIME-FUTURE"),
        ({"when": (NOW - timedelta(days=11)).isoformat()}, "SIG-TIME-OUTSIDE-CERTIFICATE"),
        ({"when": NOW.isoformat()[:19]}, "SIG-TIME-MISSING"),
        ({"when": "dün"}, "SIG-TIME-MISSING"),
        ({"key_value": "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"}, "SIG-KEY-VALUE"),
        ({"key_value": "<ds:KeyValue><ds:DSAKeyValue/></ds:KeyValue>"}, "SIG-KEY-VALUE"),
        ({"certificate": certificate_for(RSA, encryption=True)}, "SIG-NOT-SIGNING-CERTIFICATE"),
        ({"certificate": certificate_for(P384)}, "SIG-METHOD-KEY"),
        ({"key": rsa.generate_private_key(public_exponent=65537, key_size=1024)}, "SIG-WEAK-KEY"),
        ({"extra_reference": '<ds:Reference URI="#deger"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>'}, "SIG-UNEXPECTED-REFERENCE"),
        ({"extra_reference": '<ds:Reference URI="http://example.org/"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>'}, "SIG-UNEXPECTED-REFERENCE"),
    ],
)  # fmt: skip
def test_refused_signatures(tmp_path: Path, options: dict[str, Any], rule: str) -> None:
    result = verify(tmp_path, signed(**{"key": RSA, **options}))
    refuses(result, rule)


def test_two_main_references(tmp_path: Path) -> None:
    first = Foreign(RSA).sign(ledger_bytes()).decode()
    found = re.search(r'<ds:Reference URI="">.*?</ds:Reference>', first, flags=re.DOTALL)
    assert found is not None
    refuses(verify(tmp_path, signed(extra_reference=found[0])), "SIG-NOT-COVERED")


def test_tolerated_with_a_warning(tmp_path: Path) -> None:
    """Old Type URIs (signing.md §6) and issuer names that no parser reads."""
    for options, rule in (
        ({"properties_type": "http://uri.etsi.org/01903/v1.3.2#SignedProperties"},
         "SIG-PROPERTIES-TYPE"),
        ({"edits": [("CN=TEST Öz", "BİLİNMEYEN=TEST Öz")]}, "SIG-CERTIFICATE-ISSUER"),
    ):  # fmt: skip
        result = verify(tmp_path, signed(**options))
        assert result.ok
        assert rules(result) == {rule}
        assert {finding.severity for finding in result.findings} == {Severity.WARNING}


@pytest.mark.parametrize("options", [{"digest": "sha1"}, {"cert_digest": "sha1"}])
def test_old_digests_are_a_remark_where_asked_for(tmp_path: Path, options: dict[str, Any]) -> None:
    """SHA-1 of old seals (signing.md §6), never in the signature method; content still counts."""
    path = tmp_path / f"{VKN}-202601-Y-000000.xml"
    path.write_bytes(signed(**options))
    result = verify_file(path, now=NOW, old_digests=True)
    assert result.ok and result.integrity and result.binding
    assert rules(result) == {"SIG-OLD-DIGEST"}
    path.write_bytes(signed(**options).replace(b"46.90.04", b"46.90.05"))
    assert verify_file(path, now=NOW, old_digests=True).integrity is False
    path.write_bytes(signed(**options, signature_hash="sha1"))
    assert verify_file(path, now=NOW, old_digests=True).value is False
    path.write_bytes(signed(edits=[("xmlenc#sha256", "xmldsig-more#md5")]))
    refuses(verify_file(path, now=NOW, old_digests=True), "SIG-DIGEST-METHOD")


def test_certificate_of_another(tmp_path: Path) -> None:
    """The certificate in KeyInfo is exchanged for another one of the same key."""
    own, other = certificate_for(RSA), certificate_for(RSA, owner="9999999999")
    own_text, other_text = (
        base64.b64encode(item.public_bytes(Encoding.DER)) for item in (own, other)
    )
    result = verify(tmp_path, signed(certificate=own).replace(own_text, other_text))
    refuses(result, "SIG-CERTIFICATE-DIGEST")
    assert (result.value, result.binding) == (True, False)


SIGNATURE = re.compile(rb"\n<ds:Signature.*</ds:Signature>", flags=re.DOTALL)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        # the signed document is moved aside and another one takes its place
        (lambda d, s: d.replace(b"<xbrli:xbrl ", b"<ds:fake>" + s + b"</ds:fake><xbrli:xbrl ").replace(b"</xbrli:xbrl>" + s, b"</xbrli:xbrl>"), "SIG-NO-SIGNATURE"),
        (lambda d, s: d.replace(s, s + s), "SIG-SEVERAL-SIGNATURES"),
        (lambda d, s: d.replace(b"<gl-cor:accountingEntries>", s + b"<gl-cor:accountingEntries>"), "SIG-SEVERAL-SIGNATURES"),
        (lambda d, s: d.replace(s, b""), "SIG-NO-SIGNATURE"),
        (lambda d, s: d.replace(b"<xbrli:entity>", b'<xbrli:entity id="sp">'), "SIG-DUPLICATE-ID"),
        (lambda d, s: d.replace(b"<xbrli:entity>", b'<xbrli:entity><x xml:id="sp"/>'), "SIG-DUPLICATE-ID"),
        (lambda d, s: d.replace(b"<edefter:defter ", b'<edefter:defter xml:lang="tr" '), "SIG-XML-ATTRIBUTE"),
        (lambda d, s: d.replace(b"<edefter:defter ", b'<!DOCTYPE edefter:defter [<!ENTITY e "x">]><edefter:defter '), "SIG-DOCTYPE"),
        (lambda d, s: d[:-5], "SIG-NOT-WELL-FORMED"),
        (lambda d, s: b"", "SIG-NOT-WELL-FORMED"),
        (lambda d, s: d.replace(b"<ds:Object>", b"<ds:Object><xades:QualifyingProperties><xades:SignedProperties/></xades:QualifyingProperties>"), "SIG-STRUCTURE"),
        (lambda d, s: d.replace(b"</ds:KeyInfo>", b"</ds:KeyInfo><ds:Ek/>"), "SIG-STRUCTURE"),
        (lambda d, s: d.replace(b"<ds:Object>", b'<ds:Object><xades:x><x:y xmlns:x="http://www.xbrl.org/int/gl/cor/2006-10-25"/></xades:x>'), "SIG-UNSIGNED-CONTENT"),
        (lambda d, s: d.replace(b"<ds:Object>", b"<ds:Object><edefter:berat/>"), "SIG-UNSIGNED-CONTENT"),
        (lambda d, s: d.replace(b"<ds:X509Certificate>", b"<ds:X509Certificate>AAAA"), "SIG-CERTIFICATE-UNREADABLE"),
        (lambda d, s: d.replace(b"X509Certificate>", b"X509CRL>"), "SIG-NO-CERTIFICATE"),
        (lambda d, s: d.replace(b'Id="deger">', b'Id="deger"><!-- x -->'), "SIG-STRUCTURE"),
        (lambda d, s: re.sub(rb"<ds:SignatureValue.*</ds:SignatureValue>", b"", d, flags=re.DOTALL), "SIG-STRUCTURE"),
    ],
)  # fmt: skip
def test_wrapping_and_broken_structure(tmp_path: Path, change: Any, rule: str) -> None:
    data = signed()
    found = SIGNATURE.search(data)
    assert found is not None
    mutant = change(data, found[0])
    assert mutant != data
    refuses(verify(tmp_path, mutant), rule)


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "gizli.txt"
    secret.write_text("çok gizli")
    bombs = (
        f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><a>&e;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;">]><a x="&c;&c;"/>',
    )
    for bomb in bombs:
        result = verify(tmp_path, bomb.encode())
        assert rules(result) == {"SIG-DOCTYPE"}
        assert "çok gizli" not in str(list(result.findings))


def test_trust_and_owner(pki: SandboxPki, tmp_path: Path) -> None:
    path = signed_ledger(tmp_path, seal_of(pki)).file.path
    assert verify_file(path, now=NOW).chain is None
    result = verify_file(path, anchors=[pki.tls_root], tax_numbers=["9999999999"], now=NOW)
    refuses(result, "SIG-CHAIN-UNTRUSTED")
    refuses(result, "SIG-OWNER")
    assert (result.chain, result.owner, result.integrity) == (False, False, True)


def test_old_signature_of_an_expired_seal_stays_valid(pki: SandboxPki, tmp_path: Path) -> None:
    """The certificate had to be valid when it signed, not when we look (signing.md §2)."""
    path = signed_ledger(tmp_path, seal_of(pki)).file.path
    later = NOW + timedelta(days=4 * 365)
    assert verify_file(path, anchors=[pki.root, pki.seal_ca], now=later).ok


def test_reading_the_value_alone(pki: SandboxPki, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(signed())
    value = read_signature_value(path)
    assert len(value) == 344
    assert not set(value) & set(" \n\r\t")
    path.write_bytes(ledger_bytes())
    with pytest.raises(DataError) as caught:
        read_signature_value(path)
    assert caught.value.remedy("tr")
