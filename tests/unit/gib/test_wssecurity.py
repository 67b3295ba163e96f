"""Our WS-Security against xmlsec1 and the simulator's own check."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from edefter.gib.payload import FilePayload, OutgoingMessage
from edefter.gib.wssecurity import SOAP, WEB, WSSE, WSU, MessageSecurity, pki_path
from edefter.sandbox.gib.soap import Fault
from edefter.sandbox.gib.trust import Trust
from edefter.sandbox.gib.wss import Policy, check_message
from edefter.signature.seals.pkcs12 import Pkcs12Seal

NOW = datetime.now(UTC).replace(microsecond=123456)
VKN = "1234567808"


@pytest.fixture(scope="module", params=["rsa", "ec"])
def seal(request, pki):
    file = pki.issue_seal(VKN, "Şişe", key=request.param, label=f"wss-{request.param}")
    return Pkcs12Seal("deneme", file.path, file.password)


def zeep_like(child: str) -> etree._Element:
    return etree.fromstring(
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><n:sendDocumentFile xmlns:n="{WEB}">{child}'
        "</n:sendDocumentFile></e:Body></e:Envelope>"
    )


def signed(seal, token: str = "pkipath", payload: FilePayload | None = None, now=NOW) -> bytes:
    """A signed message, made in a thread of its own: nothing parsed before may help."""
    made: list[bytes] = []

    def work() -> None:
        security = MessageSecurity(seal, token, 60, lambda: now)
        security.payload = payload
        content = payload.mark.decode() if payload else "eski"
        child = f"<Attachment><binaryData>{content}</binaryData></Attachment>"
        message, _ = security.apply(zeep_like(child), {})
        made.append(b"".join(OutgoingMessage(etree.tostring(message), payload)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return made[0]


@pytest.mark.parametrize("token", ["pkipath", "x509v3"])
def test_xmlsec1_verifies_timestamp_and_body(seal, token, tool, tmp_path: Path):
    path = tmp_path / "message.xml"
    path.write_bytes(signed(seal, token))
    key = tmp_path / "cert.pem"
    from cryptography.hazmat.primitives.serialization import Encoding

    key.write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    command = [
        tool("xmlsec1"), "--verify", "--pubkey-cert-pem", str(key),
        "--id-attr:Id", f"{SOAP}:Body", "--id-attr:Id", f"{WSU}:Timestamp", str(path),
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    path.write_bytes(path.read_bytes().replace(b"eski", b"yeni"))
    assert subprocess.run(command, capture_output=True).returncode != 0


@pytest.mark.parametrize("token", ["pkipath", "x509v3"])
def test_the_simulator_verifies_it(seal, token, pki):
    message = etree.fromstring(signed(seal, token))
    caller = check_message(message, Trust(pki.folder), NOW, Policy())
    assert caller.tax_number == VKN


def test_a_streamed_file_is_signed_as_if_it_were_inline(seal, pki, tmp_path: Path):
    path = tmp_path / "p.zip"
    path.write_bytes(hashlib.sha256(b"x").digest() * 10_000)
    data = signed(seal, payload=FilePayload(path, path.stat().st_size))
    message = etree.fromstring(data)
    assert check_message(message, Trust(pki.folder), NOW, Policy()).tax_number == VKN
    text = next(e for e in message.iter() if e.tag == "binaryData").text
    assert base64.b64decode(text) == path.read_bytes()


def test_shape_of_the_header(seal):
    message = etree.fromstring(signed(seal))
    security = message.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security")
    assert [etree.QName(e).localname for e in security] == [
        "BinarySecurityToken", "Signature", "Timestamp",
    ]  # fmt: skip
    times = [e.text for e in security.find(f"{{{WSU}}}Timestamp")]
    late = NOW + timedelta(seconds=60)
    assert times == [f"{moment:%Y-%m-%dT%H:%M:%S}.123Z" for moment in (NOW, late)]
    lists = [e.get("PrefixList") for e in message.iter() if e.get("PrefixList")]
    assert lists == ["soap web", "wsse soap web", "web"]
    digests = {e.get("Algorithm") for e in message.iter() if e.tag.endswith("DigestMethod")}
    assert digests == {"http://www.w3.org/2001/04/xmlenc#sha256"}
    body = message.find(f"{{{SOAP}}}Body")
    assert [e.tag for e in body.iter()][1:] == [
        f"{{{WEB}}}sendDocumentFile", "Attachment", "binaryData",
    ]  # fmt: skip


def test_each_message_has_its_own_ids(seal):
    ids = [
        {e.get(f"{{{WSU}}}Id") or e.get("Id") for e in etree.fromstring(signed(seal)).iter()}
        for _ in range(2)
    ]
    assert ids[0] & ids[1] == {None}


def test_pki_path_ends_with_the_end_entity_and_has_no_root(seal, pki):
    der = pki_path(seal.certificate, (*seal.chain, pki.root))
    from cryptography.hazmat.primitives.serialization import Encoding

    parts = [c.public_bytes(Encoding.DER) for c in (pki.seal_ca, seal.certificate)]
    assert der[0] == 0x30 and der.endswith(b"".join(parts))
    assert len(der) == 4 + sum(map(len, parts))


def refused(data: bytes, pki, now=NOW, policy=None) -> str:
    with pytest.raises(Fault) as caught:
        check_message(etree.fromstring(data), Trust(pki.folder), now, policy or Policy())
    return caught.value.subcode


@pytest.mark.parametrize(
    ("seconds", "subcode"),
    [(-61, "MessageExpired"), (60, "MessageExpired"), (400, "MessageExpired")],
)
def test_the_simulator_refuses_stale_and_future_messages(seal, pki, seconds, subcode):
    assert refused(signed(seal), pki, NOW + timedelta(seconds=seconds)) == subcode


@pytest.mark.parametrize("seconds", [-59, 0, 59])
def test_the_simulator_takes_messages_within_its_tolerance(seal, pki, seconds):
    message = etree.fromstring(signed(seal))
    assert check_message(message, Trust(pki.folder), NOW + timedelta(seconds=seconds), Policy())


def test_the_simulator_refuses_changes_wrapping_and_weak_algorithms(seal, pki):
    data = signed(seal)
    assert refused(data.replace(b"eski", b"yeni"), pki) == "FailedCheck"
    assert (
        refused(data.replace(b".123Z</wsu:Expires>", b".124Z</wsu:Expires>"), pki) == "FailedCheck"
    )
    wrapped = etree.fromstring(data)
    body = wrapped.find(f"{{{SOAP}}}Body")
    fresh = etree.fromstring(f'<s:Body xmlns:s="{SOAP}"><evil/></s:Body>')
    wrapped.replace(body, fresh)
    wrapped.find(f"{{{SOAP}}}Header").append(body)
    assert refused(etree.tostring(wrapped), pki) == "FailedCheck"
    method = b"rsa-sha256" if b"rsa-sha256" in data else b"ecdsa-sha384"
    weak = data.replace(b"2001/04/xmldsig-more#" + method, b"2000/09/xmldsig#rsa-sha1")
    assert refused(weak, pki) == "UnsupportedAlgorithm"
    assert refused(data.replace(b"#X509PKIPathv1", b"#X509v9"), pki) == "UnsupportedSecurityToken"
    assert refused(data.replace(b"wsse11:TokenType", b"wsse11:Other"), pki) == "InvalidSecurity"


def test_the_simulator_refuses_a_reversed_path_and_other_certificates(pki, tmp_path: Path):
    from edefter.sandbox.pki import SandboxPki

    def message(file, reverse=False) -> bytes:
        seal = Pkcs12Seal("deneme", file.path, file.password)
        data = signed(seal)
        if reverse:
            own = pki_path(seal.certificate, seal.chain)
            ca = pki_path(seal.chain[0], ())[4:]
            end = own[4 + len(ca) :]
            data = data.replace(base64.b64encode(own), base64.b64encode(own[:4] + end + ca))
        return data

    good = pki.issue_seal(VKN, "Şişe", label="wss-good")
    assert refused(message(good, reverse=True), pki) == "FailedAuthentication"
    other = SandboxPki(tmp_path / "other").issue_seal(VKN, "Şişe")
    assert refused(message(other), pki) == "FailedAuthentication"
    twin = pki.issue_seal(VKN, "Şişe", encryption=True, label="wss-encryption")
    assert refused(message(twin), pki) == "FailedAuthentication"
    assert refused(
        signed(Pkcs12Seal("d", *_ec(pki))), pki, policy=Policy(accept_ec=False)
    ) == "UnsupportedAlgorithm"  # fmt: skip


def _ec(pki):
    file = pki.issue_seal(VKN, "Şişe", key="ec", label="wss-ec-only")
    return file.path, file.password
