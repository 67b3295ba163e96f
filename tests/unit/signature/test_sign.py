"""Signing by splice: the profile, and refusing what it cannot sign rightly."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from edefter.errors import InternalError, SealRefused
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import SignedFile
from edefter.sandbox.pki import SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import prove, sign_file
from edefter.signature.verify import read_signature_value, verify_file
from tests.support.signed_documents import (
    NOW,
    VKN,
    ledger_bytes,
    seal_of,
    signed_berat,
    signed_ledger,
    store,
)

NAMES = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
    "ds11": "http://www.w3.org/2009/xmldsig11#",
}
NAME = DocumentName.parse(f"{VKN}-202601-Y-000000")


@pytest.fixture(scope="module", params=["rsa", "ec"])
def seal(pki: SandboxPki, request: pytest.FixtureRequest) -> Pkcs12Seal:
    return seal_of(pki, request.param)


def texts(path: Path, expression: str) -> list[str]:
    found = etree.parse(str(path)).xpath(expression, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(item if isinstance(item, str) else getattr(item, "text", item)) for item in found]


def test_profile(seal: Pkcs12Seal, tmp_path: Path) -> None:
    """Every line of the table in signing.md §1."""
    moment = NOW.replace(microsecond=999)
    source = store(tmp_path / "u", NAME, ledger_bytes())
    path = sign_file(
        source, tmp_path, seal, signing_time=moment, claimed_role="Tedarikçi & <İş>"
    ).file.path
    root = etree.parse(str(path)).getroot()
    signature = root[-1]
    assert [etree.QName(node).localname for node in root] == ["xbrl", "Signature"]
    assert [etree.QName(node).localname for node in signature] == [
        "SignedInfo", "SignatureValue", "KeyInfo", "Object",
    ]  # fmt: skip
    info = "/*/ds:Signature/ds:SignedInfo"
    assert texts(path, f"{info}/ds:CanonicalizationMethod/@Algorithm") == [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
    ]
    assert texts(path, f"{info}/ds:SignatureMethod/@Algorithm") == [seal.algorithm]
    assert texts(path, f"{info}/ds:Reference/@URI")[0] == ""
    assert texts(path, f"{info}/ds:Reference[@URI='']/ds:Transforms/ds:Transform/@Algorithm") == [
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    ]
    assert texts(path, f"{info}/ds:Reference[2]/ds:Transforms") == []
    assert texts(path, f"{info}/ds:Reference/@Type") == [
        "http://uri.etsi.org/01903#SignedProperties"
    ]
    assert set(texts(path, "//ds:DigestMethod/@Algorithm")) == {
        "http://www.w3.org/2001/04/xmlenc#sha256"
    }
    signature_id = texts(path, "/*/ds:Signature/@Id")[0]
    assert texts(path, "//xades:QualifyingProperties/@Target") == [f"#{signature_id}"]
    assert texts(path, f"{info}/ds:Reference[2]/@URI") == [
        "#" + texts(path, "//xades:SignedProperties/@Id")[0]
    ]
    assert texts(path, "/*/ds:Signature/ds:SignatureValue/@Id")
    assert all(value[0].isalpha() for value in texts(path, "//ds:Signature//@Id"))
    signed = "//xades:SignedProperties/xades:SignedSignatureProperties"
    assert [etree.QName(n).localname for n in root.find(".//{*}SignedSignatureProperties")] == [  # type: ignore[union-attr]
        "SigningTime", "SigningCertificate", "SignerRole",
    ]  # fmt: skip
    written = texts(path, f"{signed}/xades:SigningTime")[0]
    assert written.endswith("+03:00")
    assert datetime.fromisoformat(written) == moment.replace(microsecond=0)
    assert texts(path, "//xades:ClaimedRole") == ["Tedarikçi & <İş>"]
    assert texts(path, "//xades:IssuerSerial/ds:X509SerialNumber") == [
        str(seal.certificate.serial_number)
    ]
    assert texts(path, "//xades:IssuerSerial/ds:X509IssuerName")[0].startswith("CN=TEST Mali")
    assert "2.5.4.5=#130a31323334353637383038" in texts(path, "//ds:X509SubjectName")[0]
    assert len(texts(path, "//ds:KeyInfo/ds:X509Data/ds:X509Certificate")) == 1
    assert texts(path, "//ds:RSAKeyValue/ds:Modulus") + texts(path, "//ds11:PublicKey")
    prefixes = {node.prefix for node in signature.iter(etree.Element)}
    assert prefixes <= {"ds", "xades", None}


def test_record_fits_the_file(seal: Pkcs12Seal, tmp_path: Path) -> None:
    ledger = signed_ledger(tmp_path, seal)
    berat = signed_berat(tmp_path, seal, ledger)
    for signed in (ledger, berat):
        data = signed.file.path.read_bytes()
        assert signed.file.path == tmp_path / signed.file.name.xml
        assert signed.file.size_bytes == len(data)
        assert signed.file.sha256 == hashlib.sha256(data).hexdigest()
        assert signed.signature_value == read_signature_value(signed.file.path)
        assert signed.signing_time == NOW
    root = etree.parse(str(berat.file.path)).getroot()
    assert [etree.QName(node).localname for node in root] == [
        "xbrl", "SignatureValue", "Signature",
    ]  # fmt: skip


def test_content_bytes_stay_as_they_were(seal: Pkcs12Seal, tmp_path: Path) -> None:
    source = ledger_bytes()
    signed = signed_ledger(tmp_path, seal, data=source).file.path.read_bytes()
    end = b"</edefter:defter>"
    assert signed.startswith(source.removesuffix(end))
    assert signed.endswith(b"</ds:Signature>" + end)


def refused(folder: Path, seal: Pkcs12Seal, data: bytes) -> InternalError:
    source = store(folder / "u", NAME, data)
    with pytest.raises(InternalError) as caught:
        sign_file(source, folder, seal, signing_time=NOW)
    assert [path.name for path in folder.iterdir()] == ["u"], "nothing may be left behind"
    for lang in ("tr", "en"):
        assert NAME.xml in caught.value.text(lang)
        assert caught.value.remedy(lang)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<?xml version="1.0" encoding="UTF-8"?>\n', b""),
        (b"?>\n<edefter", b"?><edefter"),
        (b"?>\n<?xml-s", b"?>\n\n<?xml-s"),
        (b"<gl-cor:documentInfo>", b"<!-- not -->\n<gl-cor:documentInfo>"),
        (b"></link:schemaRef>", b"/>"),
        (b'decimals="INF" unitRef="try"', b'unitRef="try" decimals="INF"'),
        (b"</xbrli:unit>", b""),
        (b"&amp;", b"&"),
        (b' xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"', b""),
        (b'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', b'xmlns:ds="urn:other"'),
        (b"</edefter:defter>", b"</edefter:defter><!-- x -->"),
        (b"</edefter:defter>", b""),
    ],
)  # fmt: skip
def test_what_is_not_canonical_is_refused(
    pki: SandboxPki, tmp_path: Path, old: bytes, new: bytes
) -> None:
    mutant = ledger_bytes().replace(old, new, 1)
    assert mutant != ledger_bytes()
    assert refused(tmp_path, seal_of(pki, "ec"), mutant).key == "signature.not_signable"


def test_signed_file_is_not_signed_again(seal: Pkcs12Seal, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    signed = signed_ledger(tmp_path / "a", seal)
    error = refused(tmp_path / "b", seal, signed.file.path.read_bytes())
    assert error.key == "signature.own_output_invalid"


class WrongKey(Pkcs12Seal):
    """A seal whose key does not belong to its certificate: a mixed-up card."""

    def sign(self, data: bytes) -> bytes:
        return super().sign(data + b"x")


class Locked(Pkcs12Seal):
    """A card that refuses."""

    def sign(self, data: bytes) -> bytes:
        raise SealRefused("signature.seal_password", seal="kart")


def test_wrong_signature_is_never_released(pki: SandboxPki, tmp_path: Path) -> None:
    file = pki.issue_seal(VKN, "Şaşkın Kart A.Ş.", label="wrong-key")
    error = refused(tmp_path, WrongKey("x", file.path, file.password), ledger_bytes())
    assert error.key == "signature.own_output_invalid"


# signed now, proven by the caller ---------------------------------------------------------------
def unproven(folder: Path, seal: Pkcs12Seal, data: bytes) -> SignedFile:
    source = store(folder / "unsigned", NAME, data)
    return sign_file(source, folder, seal, signing_time=NOW, proven=False)


def test_a_later_proof_finds_what_an_early_one_finds(pki: SandboxPki, tmp_path: Path) -> None:
    good = unproven(tmp_path, seal_of(pki), ledger_bytes())
    prove(good)
    assert verify_file(good.file.path, now=NOW).ok
    odd = ledger_bytes().replace(
        b'decimals="INF" unitRef="try"', b'unitRef="try" decimals="INF"', 1
    )
    (tmp_path / "odd").mkdir()
    signed = unproven(tmp_path / "odd", seal_of(pki), odd)
    with pytest.raises(InternalError) as caught:
        prove(signed)
    assert caught.value.key == "signature.not_signable"


def test_a_wrong_key_is_seen_at_once(pki: SandboxPki, tmp_path: Path) -> None:
    file = pki.issue_seal(VKN, "Şaşkın Kart A.Ş.", label="wrong-key-2")
    with pytest.raises(InternalError) as caught:
        unproven(tmp_path, WrongKey("x", file.path, file.password), ledger_bytes())
    assert caught.value.key == "signature.own_output_invalid"
    assert not (tmp_path / NAME.xml).exists()


def test_refusing_seal_leaves_nothing(pki: SandboxPki, tmp_path: Path) -> None:
    file = pki.issue_seal(VKN, "Kilitli Kart A.Ş.", label="locked")
    source = store(tmp_path / "u", NAME, ledger_bytes())
    with pytest.raises(SealRefused):
        sign_file(source, tmp_path, Locked("x", file.path, file.password), signing_time=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["u"]


def test_naive_time_is_refused(pki: SandboxPki, tmp_path: Path) -> None:
    source = store(tmp_path / "u", NAME, ledger_bytes())
    with pytest.raises(ValueError, match="zone"):
        sign_file(source, tmp_path, seal_of(pki), signing_time=datetime(2026, 1, 1))  # noqa: DTZ001


def test_memory_does_not_grow_with_the_ledger(pki: SandboxPki, tmp_path: Path) -> None:
    """A 40 MB ledger is signed and verified within 30 MB more than a tiny one needs."""
    big = ledger_bytes(Kind.Y, [("391", "C", "18.00"), ("100", "D", "18.00")] * 30_000)
    assert len(big) > 40_000_000
    seal_file = pki.issue_seal(VKN, "Büyük Defter A.Ş.", label="memory")
    script = (
        "import sys, re; from pathlib import Path; from datetime import datetime, UTC\n"
        "from edefter.model.documents import DocumentName\n"
        "from edefter.model.files import StoredFile\n"
        "from edefter.signature.seals.pkcs12 import Pkcs12Seal\n"
        "from edefter.signature.sign import prove, sign_file\n"
        "from edefter.signature.verify import verify_file\n"
        "path, p12, out = map(Path, sys.argv[1:])\n"
        "name = DocumentName.parse(path.name)\n"
        "source = StoredFile(path=path, name=name, size_bytes=0, sha256='')\n"
        "seal = Pkcs12Seal('x', p12, 'sandbox')\n"
        "signed = sign_file(source, out, seal, signing_time=datetime.now(UTC))\n"
        "assert verify_file(signed.file.path).ok\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
    )  # fmt: skip
    peaks_kb = []
    for data in (ledger_bytes(), big):
        source = store(tmp_path / "u", NAME, data)
        answer = subprocess.run(
            [sys.executable, "-c", script, str(source.path), str(seal_file.path), str(tmp_path)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        peaks_kb.append(int(answer.stdout))
    assert peaks_kb[1] - peaks_kb[0] < 30_000


def test_bytes_of_the_whole_source_are_covered(seal: Pkcs12Seal, tmp_path: Path) -> None:
    """The digest of the reference is the hash of the source from the instruction on."""
    source = ledger_bytes()
    signed = signed_ledger(tmp_path, seal, data=source)
    expected = hashlib.sha256(source[source.index(b"<?xml-stylesheet") :]).digest()
    digests = texts(signed.file.path, "//ds:Reference[@URI='']/ds:DigestValue")
    assert [base64.b64decode(text) for text in digests] == [expected]
    assert verify_file(signed.file.path, now=NOW).canonical
