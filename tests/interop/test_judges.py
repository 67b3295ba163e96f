"""xmlsec1 and the JDK judge what we sign, and agree with us about one flipped byte."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from edefter.berat.build import build_berat
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import SignedFile
from edefter.sandbox.pki import SandboxPki
from edefter.signature.sign import sign_file
from edefter.signature.verify import verify_file
from edefter.xmlsig.names import INCLUSIVE
from edefter.xmlsig.parsing import canonical_document, parse
from tests.support.conformance import valid_documents
from tests.support.signed_documents import (
    NOW,
    VKN,
    countersign,
    opened,
    seal_of,
    signed_berat,
    signed_ledger,
    store,
)
from tests.support.verifiers import jdk_verify, xmlsec1_verify


@pytest.fixture(scope="module", params=["rsa", "ec"])
def documents(
    pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict[Kind, SignedFile]:
    """Signed Y, K, YB and KB with awkward Turkish text, by RSA and by P-384."""
    folder = tmp_path_factory.mktemp(request.param)
    seal = seal_of(pki, request.param)
    found = {}
    for kind in (Kind.Y, Kind.K):
        found[kind] = signed_ledger(folder, seal, kind)
        found[kind.berat] = signed_berat(folder, seal, found[kind])
    return found


def judged(pki: SandboxPki, paths: list[Path]) -> Iterator[tuple[str, dict[Path, bool]]]:
    yield (
        "edefter",
        {path: verify_file(path, anchors=[pki.root, pki.seal_ca], now=NOW).ok for path in paths},
    )
    yield "xmlsec1", xmlsec1_verify(paths, pki.folder / "root.pem")
    yield "jdk", jdk_verify(paths)


def test_all_accept_what_we_sign(pki: SandboxPki, documents: dict[Kind, SignedFile]) -> None:
    paths = [file.file.path for file in documents.values()]
    for judge, verdicts in judged(pki, paths):
        assert verdicts == dict.fromkeys(paths, True), judge


FLIPS: dict[str, tuple[bytes, bytes]] = {
    "text": (b"46.90.04", b"46.90.05"),
    "awkward text": ("Şişe".encode(), "Şişf".encode()),
    "carriage return": (b"&#xD;", b"&#xA;"),
    "attribute": (b'contextRef="journal_context">iso639', b'contextRef="journal_contexu">iso639'),
    "instruction": (b'.xslt"?>', b'.xslu"?>'),
    "signing time": (b"<xades:SigningTime>2", b"<xades:SigningTime>1"),
    "certificate digest": (b"", b""),
    "signature value": (b"", b""),
}


def flipped(data: bytes, what: str) -> bytes:
    if what in ("certificate digest", "signature value"):
        pattern = {
            "certificate digest": rb"<xades:CertDigest>.*?<ds:DigestValue>",
            "signature value": rb'<ds:SignatureValue Id="[^"]*">',
        }[what]
        place = re.search(pattern, data)
        assert place is not None
        at = place.end() + 5
        other = b"A" if data[at : at + 1] != b"A" else b"B"
        return data[:at] + other + data[at + 1 :]
    old, new = FLIPS[what]
    return data.replace(old, new, 1)


def test_all_refuse_one_flipped_byte(
    pki: SandboxPki, documents: dict[Kind, SignedFile], tmp_path: Path
) -> None:
    paths = []
    for kind in (Kind.Y, Kind.YB):
        data = documents[kind].file.path.read_bytes()
        for what in FLIPS:
            mutant = flipped(data, what)
            differing = sum(a != b for a, b in zip(data, mutant, strict=True))
            assert differing == 1, (kind, what, differing)
            path = tmp_path / f"{kind}-{what.replace(' ', '-')}.xml"
            path.write_bytes(mutant)
            paths.append(path)
    for judge, verdicts in judged(pki, paths):
        assert verdicts == dict.fromkeys(paths, False), judge


def test_removed_instruction_is_noticed(
    pki: SandboxPki, documents: dict[Kind, SignedFile], tmp_path: Path
) -> None:
    data = documents[Kind.Y].file.path.read_bytes()
    path = tmp_path / "yok.xml"
    path.write_bytes(re.sub(rb"<\?xml-stylesheet[^?]*\?>\n", b"", data))
    for judge, verdicts in judged(pki, [path]):
        assert verdicts == {path: False}, judge


def test_countersigned_berat_still_verifies(
    pki: SandboxPki, documents: dict[Kind, SignedFile], tmp_path: Path
) -> None:
    """What GİB adds lies outside of what the taxpayer's signature covers."""
    paths = []
    for place in ("new", "old"):
        data = documents[Kind.YB].file.path.read_bytes()
        paths.append(tmp_path / f"{place}.xml")
        paths[-1].write_bytes(countersign(data, opened(pki.gib_seal()), place=place))
    for judge, verdicts in judged(pki, paths):
        assert verdicts == dict.fromkeys(paths, True), judge


def test_valid_reference_documents(pki: SandboxPki, shared: Path, tmp_path: Path) -> None:
    """Valid ledgers of the reference data, made canonical by libxml2, signed, with their berats."""
    seal = seal_of(pki)
    paths = []
    for number, (kind, data) in enumerate(valid_documents(shared, {Kind.Y, Kind.K, Kind.E}, 4)):
        tree = parse(data.replace(b">undefined<", b">D<"))  # valid, but no berat can be made
        for signature in tree.getroot().findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
            tree.getroot().remove(signature)
        canonical = b'<?xml version="1.0" encoding="UTF-8"?>\n' + canonical_document(
            tree, INCLUSIVE
        )
        folder = tmp_path / str(number)
        folder.mkdir()
        source = store(folder / "u", DocumentName.parse(f"{VKN}-202601-{kind}-000000"), canonical)
        signed = sign_file(source, folder, seal, signing_time=NOW)
        berat = build_berat(signed, folder / "u", ettn=uuid.UUID(int=number))
        paths += [
            signed.file.path,
            sign_file(berat, folder, seal, signing_time=NOW).file.path,
        ]
    assert len(paths) == 2 * 3 * 4
    for judge, verdicts in judged(pki, paths):
        assert [path.name for path, good in verdicts.items() if not good] == [], judge
