"""What our client sends to GİB, before libxmlsec, Apache WSS4J and the sandbox's own check."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from edefter.model.files import Package
from edefter.model.period import Period
from edefter.sandbox.pki import SandboxPki
from edefter.signature.port import SignatureAlgorithm
from tests.integration.gib.support import build_month
from tests.support.signed_documents import seal_of
from tests.support.wss_messages import sent_messages
from tests.support.wss_verifiers import sandbox_verify, wss4j_verify, xmlsec_verify

Sent = dict[tuple[str, str, str], bytes]


@pytest.fixture(scope="module")
def package(pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build_month(tmp_path_factory.mktemp("wss"), seal_of(pki), period=Period(2026, 1)).yb


@pytest.fixture(scope="module")
def sent(pki: SandboxPki, package: Package, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """Each operation with each token and each key."""
    folder = tmp_path_factory.mktemp("fetched")
    return {
        (key, token, operation): message
        for key in ("rsa", "ec")
        for token in ("pkipath", "x509v3")
        for operation, message in sent_messages(
            pki, seal_of(pki, key), token, package, folder
        ).items()
    }


def written(messages: dict[str, bytes], folder: Path) -> dict[str, Path]:
    paths = {}
    for name, message in messages.items():
        paths[name] = folder / f"{name}.xml"
        paths[name].write_bytes(message)
    return paths


def test_all_accept_what_our_client_sends(sent: Sent, pki: SandboxPki, tmp_path: Path) -> None:
    assert len(sent) == 2 * 2 * 3
    paths = written({"-".join(name): message for name, message in sent.items()}, tmp_path)
    anchors = [pki.folder / "root.pem", pki.folder / "seal-ca.pem"]
    by_wss4j = wss4j_verify(list(paths.values()), anchors)
    for name, path in paths.items():
        assert xmlsec_verify(path) == "valid", name
        assert by_wss4j[path] == "valid Body Timestamp", name
        assert sandbox_verify(path.read_bytes(), pki) == "valid", name


def test_algorithm_follows_the_key(sent: Sent) -> None:
    for (key, _, _), message in sent.items():
        method = etree.fromstring(message).find(".//{*}SignatureMethod").get("Algorithm")
        assert method == {
            "rsa": SignatureAlgorithm.RSA_SHA256, "ec": SignatureAlgorithm.ECDSA_SHA384
        }[key]  # fmt: skip


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(message: bytes) -> bytes:
        assert message.count(old) >= 1, old
        return message.replace(old, new, 1)

    return change


def flipped(element: bytes) -> Callable[[bytes], bytes]:
    """Another letter in the text of the first element of that name."""

    def change(message: bytes) -> bytes:
        place = re.search(rb"<(?:\w+:)?%b[^>]*>" % element, message)
        assert place is not None
        at = place.end() + 20
        return message[:at] + (b"A" if message[at : at + 1] != b"A" else b"B") + message[at + 1 :]

    return change


def wrapped(message: bytes) -> bytes:
    """The signed Body in the header, and another Body with the same Id in its place."""
    root = etree.fromstring(message)
    body = root.find("{*}Body")
    text = etree.tostring(body)
    etree.SubElement(root.find("{*}Header"), "kept").append(body)
    forged = etree.fromstring(text)
    forged.find(".//{*}paketID").text = "1234567808-202601-KB-000000"
    root.append(forged)
    return etree.tostring(root)


def wrapped_with_another_id(message: bytes) -> bytes:
    """As before, but the forged Body is not referenced at all."""
    root = etree.fromstring(wrapped(message))
    body = root.find("{*}Body")
    body.set(next(name for name in body.attrib if name.endswith("Id")), "id-forged")
    return etree.tostring(root)


def without_reference(message: bytes) -> bytes:
    root = etree.fromstring(message)
    reference = root.findall(".//{*}Reference[@URI]")[1]
    reference.getparent().remove(reference)
    return etree.tostring(root)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "body": replaced(b"-202601-", b"-202602-"),
    "created": replaced(b":Created>2", b":Created>1"),
    "value": flipped(b"SignatureValue"),
    "digest": flipped(b"DigestValue"),
    "body-elsewhere": wrapped,
    "body-not-referenced": wrapped_with_another_id,
    "reference-removed": without_reference,
    "digest-method": replaced(b"xmlenc#sha256", b"xmlenc#sha512"),
    "prefix-list": replaced(b'PrefixList="web"', b'PrefixList=""'),
}


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_all_refuse_a_changed_message(
    sent: Sent, pki: SandboxPki, tmp_path: Path, key: str
) -> None:
    message = sent[key, "pkipath", "status"]
    paths = written({name: change(message) for name, change in CHANGES.items()}, tmp_path)
    anchors = [pki.folder / "root.pem", pki.folder / "seal-ca.pem"]
    by_wss4j = wss4j_verify(list(paths.values()), anchors)
    for name, path in paths.items():
        assert xmlsec_verify(path).startswith("invalid"), name
        assert by_wss4j[path].startswith("invalid"), (name, by_wss4j[path])
        assert sandbox_verify(path.read_bytes(), pki).startswith("invalid"), name


def test_a_foreign_token_is_refused(sent: Sent, pki: SandboxPki, tmp_path: Path) -> None:
    """The certificate of another key in place of the signer's."""
    message = etree.fromstring(sent["rsa", "x509v3", "status"])
    other = etree.fromstring(sent["ec", "x509v3", "status"])
    message.find(".//{*}BinarySecurityToken").text = other.find(".//{*}BinarySecurityToken").text
    (path,) = written({"token": etree.tostring(message)}, tmp_path).values()
    assert xmlsec_verify(path).startswith("invalid")
    anchors = [pki.folder / "root.pem", pki.folder / "seal-ca.pem"]
    assert wss4j_verify([path], anchors)[path].startswith("invalid")
    assert sandbox_verify(path.read_bytes(), pki).startswith("invalid")


def test_an_unknown_root_is_refused(sent: Sent, pki: SandboxPki, tmp_path: Path) -> None:
    """Trust is WSS4J's and the sandbox's business; libxmlsec was given the key."""
    (path,) = written({"root": sent["ec", "pkipath", "status"]}, tmp_path).values()
    verdict = wss4j_verify([path], [pki.folder / "tls-root.pem"])[path]
    assert verdict.startswith("invalid")


def test_an_old_message_is_refused(sent: Sent, pki: SandboxPki) -> None:
    later = datetime.now(UTC) + timedelta(seconds=400)
    assert sandbox_verify(sent["rsa", "pkipath", "status"], pki, later).startswith("invalid")
