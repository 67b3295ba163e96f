"""XAdES-T: the stamp in the signature, for every verifier and for GİB's counter-signature."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edefter.berat.approved import check_approved
from edefter.config.settings import TimestampSettings
from edefter.errors import InternalError
from edefter.model.documents import Kind
from edefter.model.environment import Environment
from edefter.model.files import SignedFile
from edefter.sandbox.gib.countersign import CounterSeal
from edefter.sandbox.gib.countersign import countersign as gib_countersign
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator
from edefter.signature.timestamping import add_timestamp, bytes_to_stamp
from edefter.signature.verify import verify_file
from edefter.timestamp.budget import Budget
from edefter.timestamp.client import TimestampClient
from edefter.timestamp.xades import check_stamps
from edefter.xmlsig.additions import without_additions
from edefter.xmlsig.document import open_document
from tests.support.signed_documents import countersign, seal_of, signed_berat, signed_ledger
from tests.support.verifiers import jdk_verify, xmlsec1_verify

GIB = "3900383669"


@pytest.fixture(scope="module")
def tsa(pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("tsa")
    with Simulator("edefter.sandbox.tsa", folder, "--pki", str(pki.folder)) as running:
        yield running


@pytest.fixture
def stamp(pki: SandboxPki, tsa: Simulator, tmp_path: Path):
    client = TimestampClient(
        TimestampSettings(url=tsa.facts["url"], profile="rfc3161"),
        secret=lambda _: "", budget=Budget(tmp_path / "stamps.json", 0), anchors=[pki.root],
    )  # fmt: skip

    def stamped(file: SignedFile, folder: str = "stamped") -> SignedFile:
        now = datetime.now(UTC)
        token = client.stamp(bytes_to_stamp(file), now=now).token
        (tmp_path / folder).mkdir(exist_ok=True)
        return add_timestamp(file, tmp_path / folder, token, anchors=[pki.root], now=now)

    return stamped


def times(path: Path, pki: SandboxPki):
    return check_stamps(open_document(path).signature, [pki.root])


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_every_verifier_takes_a_stamped_file(pki, stamp, tmp_path, key) -> None:
    ledger = signed_ledger(tmp_path / "signed", seal_of(pki, key), Kind.K)
    berat = signed_berat(tmp_path / "signed", seal_of(pki, key), ledger)
    for file in (ledger, berat):
        done = stamp(file)
        path = done.file.path
        assert verify_file(path, anchors=[pki.root, pki.seal_ca]).ok
        found = times(path, pki)
        assert found.gen_time is not None and not found.problems and found.count == 1
        assert without_additions(path) == without_additions(file.file.path)
        assert done.signature_value == file.signature_value
        assert done.file.size_bytes == path.stat().st_size
        assert xmlsec1_verify([path], pki.folder / "root.pem") == {path: True}
        assert jdk_verify([path]) == {path: True}


@pytest.mark.parametrize("by", ["guide", "sandbox"])
def test_gib_countersigns_a_stamped_berat(pki, stamp, tmp_path, by) -> None:
    ledger = signed_ledger(tmp_path / "signed", seal_of(pki))
    berat = stamp(signed_berat(tmp_path / "signed", seal_of(pki), ledger))
    data, now = berat.file.path.read_bytes(), datetime.now(UTC)
    if by == "sandbox":
        approved = gib_countersign(data, CounterSeal(pki.gib_seal().path), now)
    else:
        approved = countersign(data, seal_of(pki, tax_number=GIB), place="old")
    checked = check_approved(
        approved, file_name=f"GIB-{berat.file.name.xml}", sent_berat=data,
        ledger_signature_value=ledger.signature_value, anchors=[pki.root, pki.seal_ca],
        gib_tax_number=GIB, environment=Environment.SANDBOX, now=now,
    )  # fmt: skip
    assert checked.ok, [item.message_en for item in checked.findings]
    assert check_stamps(open_document(approved).signature, [pki.root]).gen_time is not None


def test_a_stamp_of_another_signature(pki, stamp, tmp_path) -> None:
    first = signed_ledger(tmp_path / "1", seal_of(pki))
    second = signed_ledger(tmp_path / "2", seal_of(pki), Kind.K)
    stamped = stamp(first).file.path.read_bytes()
    begin, end = (stamped.index(mark) for mark in (b"<xades:Encapsul", b"</xades:Encapsul"))
    token = base64.b64decode(stamped[begin:end].partition(b">")[2])
    with pytest.raises(InternalError) as caught:
        add_timestamp(second, tmp_path, token, anchors=[pki.root], now=datetime.now(UTC))
    assert "timestamp.imprint" in caught.value.text("en")
    assert not (tmp_path / second.file.name.xml).exists()


def test_a_stamp_at_another_place_proves_nothing(pki, stamp, tmp_path) -> None:
    path = stamp(signed_ledger(tmp_path / "1", seal_of(pki))).file.path
    data = path.read_bytes()
    begin, end = (
        data.index(b"<xades:SignatureTimeStamp>"),
        data.index(b"</xades:SignatureTimeStamp>"),
    )
    end += len(b"</xades:SignatureTimeStamp>")
    inside = b"</xades:UnsignedSignatureProperties>"
    path.write_bytes(data[:begin] + inside + data[begin:end] + data[end:].replace(inside, b"", 1))
    found = times(path, pki)
    assert found.gen_time is None and [item.key for item in found.problems] == ["timestamp.place"]


def test_twice_is_refused(pki, stamp, tmp_path) -> None:
    once = stamp(signed_ledger(tmp_path / "1", seal_of(pki)))
    with pytest.raises(InternalError):
        stamp(once, "again")
